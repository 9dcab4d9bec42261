"""What boards refuse when they are to stand still, in the words the person reads."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class BadFreezeEnd(BrokenRule):
    """A board stands still until a day soon. Params: days."""

    sentence = _l("榜停到哪一天，要在今天起的%(days)s天以内。")


class FrozenAlready(BrokenRule):
    """It stands still already."""

    sentence = _l("这块榜已经停住了。要改日子，先让它继续，再重新停。")
    status = 409


class NotFrozen(BrokenRule):
    """It runs."""

    sentence = _l("这块榜没有停，正按现在的得分排。")
    status = 409
