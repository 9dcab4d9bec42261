"""What the dividend's pages read from their forms."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from virtue.dividends.models import Pot
from virtue.quantities import parse_fen

FILL_IN = InputRequired(_l("请填这一项。"))
_COUNT = NumberRange(0, 100_000, _l("请填 0 到 100000 的整数。"))


class PotForm(FlaskForm):
    """A new pot."""

    year = SelectField(_l("哪一年的"), [FILL_IN], coerce=int)
    name = StringField(_l("名称"), [FILL_IN, Length(max=40, message=_l("太长了。"))])
    kind = RadioField(
        _l("钱从哪里来"),
        choices=[
            ("county", _l("县里：本金 × 年利率，再按各村的份数分到村")),
            ("village", _l("村集体：收入 × 比例")),
            ("other", _l("别的，直接填金额")),
        ],
        default="village",
    )
    amount = StringField(_l("本金、收入或金额（元）"), [FILL_IN])
    percent = StringField(_l("年利率或比例（%），直接填金额的不填"))
    key_part = IntegerField(_l("本村占几份（县里的填）"), [Optional(), NumberRange(1, 100_000)], default=1)
    key_total = IntegerField(_l("全县共几份（县里的填）"), [Optional(), NumberRange(1, 100_000)], default=1)
    basis = RadioField(
        _l("怎么分到户"),
        choices=[
            ("score", _l("按得分：基础分 + 得分 − 扣分，不低于 0")),
            ("shares", _l("按文明股")),
            ("both", _l("两样都用，按比重")),
        ],
        default="score",
    )
    shares_weight = IntegerField(_l("文明股的比重（两样都用时）"), [Optional(), _COUNT], default=1)
    score_weight = IntegerField(_l("得分的比重（两样都用时）"), [Optional(), _COUNT], default=1)
    base = IntegerField(_l("基础分"), [FILL_IN, NumberRange(0, 1000, _l("请填 0 到 1000 的整数。"))], default=100)

    def validate_amount(self, amount: StringField) -> None:
        """An amount of money."""
        if read_money(amount.data) is None:
            raise ValidationError(_("请填金额，比如 165130.00。"))

    def validate_percent(self, percent: StringField) -> None:
        """A percentage with at most two decimals, where one is needed."""
        if self.kind.data != "other" and not 0 < (parse_fen(percent.data) or 0) <= 10_000:
            raise ValidationError(_("请填百分数，比如 10 或 12.5。"))


class VoteForm(FlaskForm):
    """What the meeting decided."""

    on = DateField(_l("哪天开的会"), [InputRequired(_l("请填日期。"))])
    assembly = RadioField(
        _l("什么会"),
        choices=[
            ("representatives", _l("村民代表会议（到会要三分之二）")),
            ("villagers", _l("村民会议（到会要过半数）")),
        ],
        default="representatives",
    )
    entitled = IntegerField(_l("应到人数"), [FILL_IN, _COUNT])
    present = IntegerField(_l("到会人数"), [FILL_IN, _COUNT])
    in_favour = IntegerField(_l("赞成人数"), [FILL_IN, _COUNT])
    minutes = TextAreaField(_l("会议记录"), [FILL_IN, Length(max=2000, message=_l("太长了。"))])


def filled(pot: Pot) -> dict[str, Any]:
    """What the form says of a pot that was drafted."""
    facts = pot.source
    amount = facts.get("capital_fen", facts.get("income_fen", pot.fen))
    rate = facts.get("rate", facts.get("percent"))
    return {
        "year": pot.year, "name": pot.name, "kind": pot.kind, "amount": f"{amount // 100}.{amount % 100:02d}",
        "percent": "" if rate is None else f"{rate / 100:g}", "key_part": facts.get("key_part", 1),
        "key_total": facts.get("key_total", 1), "basis": pot.basis, "shares_weight": pot.shares_weight,
        "score_weight": pot.score_weight, "base": pot.base,
    }  # fmt: skip


def read_money(text: str | None) -> int | None:
    """Yuan as fen, also where they are written with commas and run to millions; None for anything else."""
    plain = (text or "").replace(",", "").replace("，", "").strip()
    whole, _point, rest = plain.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 10) or len(rest) > 2 or (rest and not rest.isdigit()):
        return None
    return int(whole) * 100 + int((rest or "0").ljust(2, "0"))
