"""What the awarding pages read from their forms: plain fields, each with its own error."""

from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from virtue.quantities import parse_id, parse_whole

FILL_IN = InputRequired(_l("这里要填。"))
BAD_DATE = _l("日期不对，请按 年-月-日 填。")


@dataclass
class Addition:
    """The award form as typed, and what is wrong with it, by field."""

    rule: str = ""
    rule_id: int = 0
    level: int | None = None
    quantity_text: str = "1"
    quantity: int = 1
    day_text: str = ""
    day: date | None = None
    words: str = ""
    home_consent: bool = False
    errors: dict[str, str] = field(default_factory=dict)


def read_addition(form: MultiDict[str, str], default_day: date) -> Addition:
    """Read rule (and level), quantity, day, words and tick; errors at their field, nothing typed is lost."""
    typed = Addition(
        rule=form.get("rule", ""), quantity_text=form.get("quantity") or "1", day_text=form.get("day") or "",
        words=(form.get("words") or "")[:200], home_consent=form.get("home_consent") == "1",
    )  # fmt: skip
    rule, _colon, level = typed.rule.partition(":")
    rule_id, level_number = parse_whole(rule, most=9_999_999), parse_whole(level, most=1000)
    if rule_id is None or (level and level_number is None):
        typed.errors["rule"] = _("请选一项细则。")
    else:
        typed.rule_id, typed.level = rule_id, level_number
    quantity = parse_whole(typed.quantity_text)
    if quantity is None:
        typed.errors["quantity"] = _("数量要填 1 到 999 的整数。")
    else:
        typed.quantity = quantity
    typed.day = default_day
    if typed.day_text:
        try:
            typed.day = date.fromisoformat(typed.day_text)
        except ValueError:
            typed.errors["day"] = str(BAD_DATE)
    return typed


class EventForm(FlaskForm):
    """A new event."""

    name = StringField(_l("活动名称"), [FILL_IN, Length(max=40, message=_l("太长了。"))])
    place = StringField(_l("地点"), [FILL_IN, Length(max=40, message=_l("太长了。"))])
    day = DateField(_l("哪一天"), [InputRequired(BAD_DATE)])
    rule_code = SelectField(_l("先用哪一项细则"), [Optional()], validate_choice=False)


def _number(value: object) -> int:
    """What an option sends; 0, which is nobody's number, for what no option of ours does."""
    return parse_id(value) or 0


class LeadForm(FlaskForm):
    """A lead of a deduction."""

    code = StringField(_l("农户（卡号、户号或 3-0147）"), [FILL_IN])
    rule = SelectField(_l("细则"), coerce=_number, validate_choice=False)
    happened_on = DateField(_l("哪一天"), [InputRequired(BAD_DATE)])
    quantity = StringField(_l("数量"), default="1")
    words = TextAreaField(_l("看到了什么"), [FILL_IN, Length(max=200, message=_l("太长了。"))])
    document_number = StringField(_l("文书编号"), [Optional(), Length(max=60)])
    repair_until = DateField(_l("限期整改到"), [Optional()])

    def validate_quantity(self, quantity: StringField) -> None:
        """A whole number."""
        if parse_whole(quantity.data) is None:
            raise ValidationError(_("数量要填 1 到 999 的整数。"))


class TellForm(FlaskForm):
    """A delivery."""

    how = SelectField(
        _l("怎样送达"),
        choices=[
            ("in_person", _l("当面告知")),
            ("slip", _l("送达通知单")),
            ("phone", _l("电话告知")),
            ("refused", _l("拒收，两人见证，留下通知单")),
        ],
    )
    is_absent = BooleanField(_l("本户外出，按 15 天算申辩期"))
    witness_1 = SelectField(_l("见证人"), [Optional()], coerce=_number, validate_choice=False)
    witness_2 = SelectField(_l("见证人（村监会）"), [Optional()], coerce=_number, validate_choice=False)


class BookForm(FlaskForm):
    """A rulebook that is put into force."""

    file = FileField(_l("细则文件（CSV 或 Excel）"))
    name = StringField(_l("名称"), [FILL_IN, Length(max=60)], default="积分细则")
    in_force_from = DateField(_l("生效日期"), [InputRequired(BAD_DATE)])
    is_trial = BooleanField(_l("试运行：只记分，不能兑换"))
    adopted_on = DateField(_l("通过日期"), [Optional()])
    present = IntegerField(_l("到会人数"), [Optional(), NumberRange(min=1)])
    in_favour = IntegerField(_l("赞成人数"), [Optional(), NumberRange(min=0)])
    women_present = IntegerField(_l("到会妇女人数"), [Optional(), NumberRange(min=0)])
    filing_number = StringField(_l("备案文号"), [Optional(), Length(max=60)])
