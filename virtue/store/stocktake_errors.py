"""What a stocktake refuses."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class TakeAlreadyOpen(BrokenRule):
    """One count of a store at a time."""

    sentence = _l("这家店有一次盘点还没有办完，先办完那一次。")


class NothingToCount(BrokenRule):
    """No goods in this store, or in this category."""

    sentence = _l("没有要盘的商品。")


class TakeOver(BrokenRule):
    """The stocktake is past this step."""

    sentence = _l("这次盘点已经过了这一步。请刷新页面看看到哪里了。")
    status = 409


class StillCounting(BrokenRule):
    """Differences are seen only once both have handed in."""

    sentence = _l("两个人还没有都点完，点完了才看得到差数。")
    status = 409


class CountersFull(BrokenRule):
    """Two count, no more."""

    sentence = _l("已经有两个人在点这一次了。")


class NotACounter(BrokenRule):
    """Only who joined counts."""

    sentence = _l("您没有参加这次盘点。先点“我来点”。")


class HandedIn(BrokenRule):
    """After handing in, nothing of one's own count is changed."""

    sentence = _l("您已经交了，不能再改。有差的等两个人都交了再复点。")


class BadCount(BrokenRule):
    """A whole number, zero for none."""

    sentence = _l("要填0到%(most)s的整数；一件也没有就填0。")


class BadCountTime(BrokenRule):
    """On paper a count is of today, after the stocktake began and not in the future."""

    sentence = _l("点数的时间要在这次盘点开始以后、现在以前，写成时和分，例如 09:30。")


class StillMissing(BrokenRule):
    """A good without a number could be forgotten; none is a number too."""

    sentence = _l("还有%(count)s种没有点。一件也没有的填0，再交。")


class NothingToRecount(BrokenRule):
    """Both counted what the books said."""

    sentence = _l("这一种两个人点的都对得上，不用复点。")


class OneRecounts(BrokenRule):
    """One writes the recount down, the other gives the reasons."""

    sentence = _l("复点由一个人记、另一个人核对：已经有人在记了，您在旁边看着，等他记完再核对。")


class RecountMissing(BrokenRule):
    """Whatever differed is counted again before it is booked."""

    sentence = _l("还有%(count)s种没有复点。")


class OtherCounterBooks(BrokenRule):
    """Whoever wrote down the recount doesn't book it."""

    sentence = _l("复点是您记的，要由另一个盘点人核对、入账。")


class ReasonForEach(BrokenRule):
    """Each difference is booked with its reason."""

    sentence = _l("%(name)s差%(difference)s，请选一个原因。")


class CounterMayNotSign(BrokenRule):
    """Who counted doesn't sign for it."""

    sentence = _l("您参加了这次盘点，要由村监会的另一个人签。")


class CountNoLongerFits(BrokenRule):
    """Less lies in the books by now than is missing: the count was wrong."""

    sentence = _l("%(name)s账上现在只有%(left)s件，少不了%(missing)s件。请退回去重新复点。")
