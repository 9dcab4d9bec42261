"""What titles and honours refuse, in the words the person reads."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class HonourDone(BrokenRule):
    """The honour is confirmed, dropped or revoked already."""

    sentence = _l("这项荣誉已经办过这一步。请刷新页面看看。")
    status = 409


class TitlesAlreadyThere(BrokenRule):
    """The county's list was taken over before."""

    sentence = _l("县里的荣誉称号已经都在了。")


class UnknownTitle(BrokenRule):
    """The title isn't one of this village's, or isn't given any more."""

    sentence = _l("没有这个荣誉称号，或者已经不再评了。请另选一个。")


class GivenAbove(BrokenRule):
    """A township's or county's title is entered and confirmed above the village. Params: title."""

    sentence = _l("“%(title)s”是镇里或县里评的，由镇管理员录入和核对。")


class BadHonourYear(BrokenRule):
    """An honour is entered for this year or one of the two before it, and was given in or after that year."""

    sentence = _l("年度不对：只能录今年和前两年的，授予日期不能早于那一年，也不能晚于今天。")


class HonourEndsTooSoon(BrokenRule):
    """The end comes after the day it was given."""

    sentence = _l("展示到哪一天，要在授予日期以后。")


class DocumentNumberNeeded(BrokenRule):
    """An honour rests on a numbered document."""

    sentence = _l("请填文件编号，1 到 60 个字。")


class NotOfAge(BrokenRule):
    """Nobody under 18 is named."""

    sentence = _l("未满 18 岁的不署个人的名字；不知道出生年份的也不署。可以按全家录入。")


class NotInTheHousehold(BrokenRule):
    """The person isn't a member of the household (any more)."""

    sentence = _l("这个人不在这一户里。")


class AlreadyHonoured(BrokenRule):
    """One title, one household, one year: once."""

    sentence = _l("这一户今年已经录过这个称号。")


class SeatsTaken(BrokenRule):
    """Params: title, year, seats."""

    sentence = _l("“%(title)s”%(year)s年的 %(seats)s 个名额已经满了。")


class SecondPersonConfirmsHonour(BrokenRule):
    """Who entered it doesn't confirm it."""

    sentence = _l("录入的人不能自己核对，请另一个人来核对。")


class NoSuchPurpose(BrokenRule):
    """Consent is given for the name, or for a portrait where the title has one."""

    sentence = _l("这个称号不能按这种方式展示。")
