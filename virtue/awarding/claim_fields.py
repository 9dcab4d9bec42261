"""The fields of a claim, the same in the passbook and at the desk."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from virtue.awarding.claims import Claim
from virtue.quantities import parse_id, parse_whole


class ClaimForm(FlaskForm):
    """What a household says it did, by itself or at the desk. The photo is read beside it, so that it is kept whatever else is wrong."""

    rule = StringField(_l("哪一项"))
    happened_on = DateField(_l("哪一天"), [InputRequired(_l("日期不对，请按 年-月-日 填。"))])
    quantity = StringField(_l("数量（只有按数量算的才填）"), default="1")
    words = TextAreaField(_l("做了什么，写一句"), [Length(max=200, message=_l("太长了。"))])
    home_consent = BooleanField(_l("户主同意进屋看、在屋里拍照（进屋看的才要勾）"))

    def validate_rule(self, field: StringField) -> None:
        """One was picked."""
        if parse_id(field.data) is None:
            raise ValidationError(_("请选一项。"))

    def validate_quantity(self, field: StringField) -> None:
        """A whole number."""
        if parse_whole(field.data or "1") is None:
            raise ValidationError(_("数量要填 1 到 999 的整数。"))

    @property
    def claim(self) -> Claim:
        """What a valid form says."""
        return Claim(
            parse_id(self.rule.data) or 0, self.happened_on.data, self.words.data or "",  # type: ignore[arg-type]
            parse_whole(self.quantity.data or "1") or 1, self.home_consent.data,
        )  # fmt: skip
