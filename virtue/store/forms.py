"""What the store's forms carry, read field by field; typed words are kept for the next page."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from virtue.people import codes
from virtue.quantities import MOST_PIECES, parse_fen, parse_whole
from virtue.store.ean import is_ean13
from virtue.store.stock_services import MOST_RECEIVED, OWN_USE

MOST_POINTS = 99_999


class Whole:
    """A whole number in a range, full-width digits allowed; ``form.field.number`` is the value."""

    def __init__(self, most: int, least: int = 1) -> None:
        self.most, self.least = most, least

    def __call__(self, form: Form, field: Any) -> None:
        field.number = parse_whole(field.data, most=self.most, least=self.least)
        if field.number is None:
            raise ValidationError(
                gettext("要填%(least)s到%(most)s的整数。", least=self.least, most=self.most)
            )  # fmt: skip


class Yuan:
    """An amount of money; ``form.field.fen`` is the value."""

    def __call__(self, form: Form, field: Any) -> None:
        field.fen = parse_fen(field.data)
        if field.fen is None:
            raise ValidationError(gettext("要填金额（元），最多两位小数。"))


def number_of(field: Any) -> int | None:
    """The number a ``Whole`` field holds; None when it was left empty."""
    return getattr(field, "number", None) if field.data and field.data.strip() else None


FILL_IN = InputRequired(_l("这里要填。"))
PERIODS = [("", _l("不限购")), ("month", _l("每月")), ("quarter", _l("每季度")), ("year", _l("每年"))]
WRITE_OFF_REASONS = [
    ("broken", _l("破损")), ("expired", _l("过期")), ("lost", _l("丢失")), (OWN_USE, _l("自用")),
]  # fmt: skip


class ItemForm(FlaskForm):
    """A good: what it is, what it costs, its limit."""

    name = StringField(_l("名称"), [FILL_IN, Length(max=40, message=_l("最多40个字。"))])
    category = StringField(_l("类别"), [FILL_IN, Length(max=20, message=_l("最多20个字。"))])
    measure = StringField(_l("单位"), [FILL_IN, Length(max=10, message=_l("最多10个字。"))])
    cost = StringField(_l("进价（元）"), [FILL_IN, Yuan()])
    market = StringField(_l("市场价（元）"), [Optional(), Yuan()])
    limit_quantity = StringField(_l("每户限购数量"), [Optional(), Whole(MOST_PIECES)])
    limit_period = SelectField(_l("限购周期"), choices=PERIODS)
    low_stock = StringField(_l("低于多少件提醒"), [Optional(), Whole(MOST_RECEIVED, 0)])
    needs_best_before = BooleanField(_l("会过期，入库要填保质期"))
    is_active = BooleanField(_l("可以兑换"), default=True)

    def validate_limit_period(self, field: SelectField) -> None:
        """A limit needs both its number and its period."""
        if bool(field.data) != bool((self.limit_quantity.data or "").strip()):
            raise ValidationError(gettext("限购要数量和周期都填，或者都不填。"))


class NewItemForm(ItemForm):
    """A new good with its barcode, which stays, and its first prices."""

    barcode = StringField(_l("条码"), [Optional()])
    price_home = StringField(_l("家美积分价"), [Optional(), Whole(MOST_POINTS)])
    price_civility = StringField(_l("文明积分价"), [Optional(), Whole(MOST_POINTS)])
    why = TextAreaField(_l("定价高于进价时写明谁决定的"), [Optional(), Length(max=200, message=_l("太长了。"))])

    def validate_barcode(self, field: StringField) -> None:
        """13 digits with a check digit."""
        field.data = codes.clean(field.data)
        if not is_ean13(field.data):
            raise ValidationError(gettext("条码不对：要13个数字，最后一位是校验码。请再扫一次。"))

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """And at least one of the two prices."""
        valid = bool(super().validate_on_submit(extra_validators))
        if self.is_submitted() and not (self.price_home.data or self.price_civility.data):
            self.price_home.errors = (*self.price_home.errors, gettext("两种积分至少要有一个价格。"))
            return False
        return valid


class PriceForm(FlaskForm):
    """A price from a day on; no points: from that day the good isn't given in this unit."""

    unit = SelectField(_l("积分"), choices=[("home", _l("家美积分")), ("civility", _l("文明积分"))])
    points = StringField(_l("价格（分）"), [Optional(), Whole(MOST_POINTS)])
    from_on = DateField(_l("从哪天起"), [InputRequired(_l("这里要填。"))])
    why = TextAreaField(_l("定价高于进价时写明谁决定的"), [Optional(), Length(max=200, message=_l("太长了。"))])


class PiecesForm(FlaskForm):
    """Some pieces of a batch."""

    key = HiddenField()
    quantity = StringField(_l("数量"), [FILL_IN, Whole(MOST_RECEIVED)])


class WriteOffForm(PiecesForm):
    """Broken, expired or lost pieces. Own use stands among the reasons, and is refused with a sentence."""

    reason = SelectField(_l("什么原因"), choices=WRITE_OFF_REASONS)
    why = StringField(_l("说明"), [FILL_IN, Length(max=100, message=_l("太长了。"))])
