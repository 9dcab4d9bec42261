"""What the red board refuses, in the words the person reads."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class NothingPicked(BrokenRule):
    """Nothing was ticked."""

    sentence = _l("还没有勾选。请勾上要上榜的，再按“上榜”。")


class BadBoardEnd(BrokenRule):
    """Whatever stands on a board ends, and not in years. Params: days."""

    sentence = _l("下榜的日子要在今天以后、%(days)s天以内。")


class NotForTheBoard(BrokenRule):
    """The deed isn't a settled one of a rule for the red board (any more), or its household stands on no board."""

    sentence = _l("有一项现在不能上榜：还没入账、已冲正，或者这一户不愿上榜。请刷新页面再选。")
    status = 409


class HonourNotConsented(BrokenRule):
    """An honour is shown with consent for the name, or not at all."""

    sentence = _l("有一项荣誉现在不能上榜：还没有核对，已经到期，或者本人没有同意署名。请刷新页面再选。")
    status = 409


class AlreadyOnBoard(BrokenRule):
    """It stands there already."""

    sentence = _l("有一项已经在榜上了。请刷新页面看看。")
    status = 409


class StoryTooLong(BrokenRule):
    """Params: most."""

    sentence = _l("一句话事迹最多 %(most)s 个字。")


class StorySaysTooMuch(BrokenRule):
    """A story names nobody but a householder who agreed, and holds no number that could be somebody's. Params: story."""

    sentence = _l("“%(story)s”里写了人名或一长串号码。请改成不写名字、不写号码的一句话。")


class PickEnded(BrokenRule):
    """It was taken down already, or its day has come."""

    sentence = _l("这一条已经下榜了。请刷新页面看看。")
    status = 409
