"""What the ledger refuses."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class NotEnoughPoints(BrokenRule):
    """The purse holds less than was to be spent. Params: unit, balance, points."""

    def __str__(self) -> str:
        if self.params.get("unit") == "home":
            return gettext("家美积分不够：还有 %(balance)s 分，要 %(points)s 分。", **self.params)
        return gettext("文明积分不够：还有 %(balance)s 分，要 %(points)s 分。", **self.params)


class AlreadyReversed(BrokenRule):
    """A reversal stands; there is only one."""

    sentence = _l("这一笔已经冲正过，不能再冲正。")


class NotReversible(BrokenRule):
    """Only deeds are reversed; goods come back by a return."""

    sentence = _l("这一笔不能冲正。")


class MonthClosed(BrokenRule):
    """The month was closed by two people."""

    sentence = _l("%(month)s 已经结账，不能再改。")


class MonthNotOver(BrokenRule):
    """A month is closed after its end."""

    sentence = _l("这个月还没有过完，月底之后再结账。")


class SecondPersonNeeded(BrokenRule):
    """The same person signed first."""

    sentence = _l("您已经签过第一遍，要另一个人签第二遍。")
