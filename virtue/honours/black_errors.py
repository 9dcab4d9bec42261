"""What the black board refuses, in the words the person reads."""

from datetime import date

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule
from virtue.formatting import day


class BlackBoardOff(BrokenRule):
    """The village hasn't turned it on."""

    sentence = _l("本村没有开黑榜。要用，先由文书在设置里打开。")


class BlackMovedOn(BrokenRule):
    """The entry stands somewhere else by now."""

    sentence = _l("这一件已经办过这一步了。请刷新页面看看。")
    status = 409


class UnknownPlace(BrokenRule):
    """The place isn't on the list of public places, and it is no grid of the village."""

    sentence = _l("请从公共地点里选一处，或者选一个网格。")


class GridTooSmall(BrokenRule):
    """A grid of a few households would point at one of them. Params: least."""

    sentence = _l("这个网格不到 %(least)s 户，只写网格就等于点名。请选一处公共地点。")


class BlackTextMissing(BrokenRule):
    """Every entry says what is wrong and what to do. Params: most."""

    sentence = _l("问题和整改要求都要写，各 2 到 %(most)s 个字。")


class BlackTextNames(BrokenRule):
    """The board tells of things and places, never of people. Params: text."""

    sentence = _l("“%(text)s”里有人名、哪一家或一长串号码。黑榜只说事，不点名，请改写。")


class NotForBlackBoard(BrokenRule):
    """Only a settled deduction of a rule that is published by place may be the source."""

    sentence = _l("这一项不能上黑榜：只有按地点公布、已经入账的扣分才行。")


class BadRepairDay(BrokenRule):
    """There must be time to put it right. Params: least (ISO)."""

    sentence = _l("整改的最后一天，最早是%(least)s。")

    def __str__(self) -> str:
        return str(self.sentence) % {"least": day(date.fromisoformat(self.params["least"]))}


class RepairDaysRunning(BrokenRule):
    """It may still be put right. Params: until (ISO)."""

    sentence = _l("整改期到%(until)s才满，期满没改好，才能决定上榜。")

    def __str__(self) -> str:
        return str(self.sentence) % {"until": day(date.fromisoformat(self.params["until"]))}


class HandInEntry(BrokenRule):
    """Whoever reported it, told of it or decided it before doesn't decide it."""

    sentence = _l("这一件您经手过，要由别人来定。")


class PlaceTaken(BrokenRule):
    """A place of that name stands on the list."""

    sentence = _l("公共地点里已经有“%(name)s”。")


class BadPlaceName(BrokenRule):
    """Empty, too long, or the name of somebody's spot."""

    sentence = _l("地点写 2 到 20 个字，写大家都用的地方，不写哪一家、不写门牌。")


class PlaceNotShared(BrokenRule):
    """Nobody vouched that it isn't one household's spot."""

    sentence = _l("请先勾上：这里大家都用，不是哪一家自用的地方。")
