"""Broken rules of the close of a year."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class YearElsewhere(BrokenRule):
    """Somebody else was quicker, or the step doesn't fit."""

    sentence = _l("年结已经走到下一步了，请看最新的情况。")
    status = 409


class YearCarries(BrokenRule):
    """The village's setting lets points carry over."""

    sentence = _l("本村设置的是年底积分结转，不作废。要作废，先在“设置”里改。")
    status = 409


class YearNotOpen(BrokenRule):
    """Too early, too late, or another year still runs."""

    sentence = _l("现在不能公布这一年：当年的从10月起可以公布，上一年的要先办完。")


class YearDayTooSoon(BrokenRule):
    """Sixty days after the announcement, and after the year's end."""

    sentence = _l("作废日期最早是%(first)s（公布60天以后，而且过了年底），最晚是%(last)s。")


class YearNotDue(BrokenRule):
    """The announced day hasn't come."""

    sentence = _l("公布的日子是%(day)s，到那天才能签字入账。")
    status = 409


class YearNotSettled(BrokenRule):
    """Something of the year is still open and wasn't carried."""

    sentence = _l("还有没办完的事，先办完，或者写明原因转到下年。")
    status = 409


class YearFiguresMoved(BrokenRule):
    """What was confirmed isn't what would lapse now."""

    sentence = _l("刚才看的数变了：现在是%(households)s户，%(points)s分。请看清楚再签。")
    status = 409


class YearNothingToCarry(BrokenRule):
    """Nothing of this kind is open."""

    sentence = _l("这一类没有要转到下年的。")
    status = 409


class YearReasonMissing(BrokenRule):
    """Carried by name means with a reason."""

    sentence = _l("请写明为什么转到下年。")
