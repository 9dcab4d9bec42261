"""What the daily close refuses."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule
from virtue.formatting import fen


class DayAlreadyClosed(BrokenRule):
    """The day, or a later one, was closed. Params: day (words)."""

    sentence = _l("%(day)s已经日结过了，不能再结。以后的兑换算到下一次日结。")
    status = 409


class DayNotCome(BrokenRule):
    """A day to come has nothing to close."""

    sentence = _l("还没到这一天，不能日结。")


class NothingToClose(BrokenRule):
    """No order and no return since the last close."""

    sentence = _l("这一天没有兑换，也没有撤单，不用日结。")


class CashUnexplained(BrokenRule):
    """What was counted differs from what was recorded, and nobody says why. Params: due, counted (fen)."""

    def __str__(self) -> str:
        words = {name: fen(self.params[name]) for name in ("due", "counted")}
        return gettext("现金应有%(due)s，点出%(counted)s，对不上。请写明原因。", **words)


class GoodsUnexplained(BrokenRule):
    """The same of a good. Params: name, recorded, counted."""

    sentence = _l("%(name)s应有%(recorded)s件，点出%(counted)s件，对不上。请写明原因。")


class CloserSigns(BrokenRule):
    """The second signature comes from a second person."""

    sentence = _l("日结是您做的，要由另一个人签字。")


class CloseSigned(BrokenRule):
    """Somebody has signed already."""

    sentence = _l("这一次日结已经有人签过字了。")
    status = 409
