"""What drawn lots refuse, in the words the person reads."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class MonthNotSealed(BrokenRule):
    """The month isn't over: its last day has no seal yet."""

    sentence = _l("这个月还没有过完，最后一天的封印还没有，不能抽。")


class NothingToDraw(BrokenRule):
    """Nothing of the month can be checked on site."""

    sentence = _l("那个月没有可以抽查的事项。")


class SpotNoteNeeded(BrokenRule):
    """Something wrong was found, or an earlier result is corrected: both say why."""

    sentence = _l("查得不符，或者更正以前的结果，都要写明看到了什么。")


class HandInDeed(BrokenRule):
    """Whoever proposed or decided the deed doesn't check it."""

    sentence = _l("这一项您经手过，要由别的村监会成员去核。")
