"""What the honour's form reads."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from virtue.errors import BrokenRule

FILL_IN = InputRequired(_l("请填这一项。"))
LONG = Length(max=400, message=_l("太长了。"))

FIELD_OF = {
    "UnknownTitle": "title", "GivenAbove": "title", "SeatsTaken": "title", "AlreadyHonoured": "title",
    "DocumentNumberNeeded": "document", "BadHonourYear": "given_on", "HonourEndsTooSoon": "ends_on",
    "NotInTheHousehold": "person", "NotOfAge": "person",
}  # fmt: skip
"""At which field a refusal stands; the household's and the card's stand at the household."""


class HonourForm(FlaskForm):
    """An honour as it stands on its document."""

    title = SelectField(_l("荣誉称号"), [FILL_IN], coerce=int)
    household = StringField(_l("哪一户"), [FILL_IN, LONG])
    person = StringField(_l("给家里哪一位"), [Optional(), LONG])
    year = IntegerField(_l("年度"), [InputRequired(_l("请填四位数的年份。"))])
    document = StringField(_l("文件编号"), [FILL_IN, LONG])
    given_on = DateField(_l("授予日期"), [InputRequired(_l("请填日期。"))])
    ends_on = DateField(_l("展示到哪一天"), [Optional()])


def put(form: FlaskForm, error: BrokenRule) -> None:
    """Let a refusal stand at the field it is about."""
    field = form[FIELD_OF.get(error.code, "household")]
    field.errors = [*field.errors, str(error)]
