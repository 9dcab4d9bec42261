"""What numbered slips refuse."""

from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule
from virtue.formatting import day, instant


class UnknownSlip(BrokenRule):
    """No slip of this village has the number: misread, another village's, or never printed."""

    sentence = _l("本村没有印过这个编号的纸条。请对着纸条逐位再输一次，最后一位是校验码；别的村的纸条不能在这里录。")


class SlipAlreadyEntered(BrokenRule):
    """A number counts once. Params: number (as printed), order, at."""

    status = 409

    def __str__(self) -> str:
        at = instant(datetime.fromisoformat(self.params["at"]))
        return gettext(
            "第%(number)s号纸条已经录过了：%(at)s，是第%(order)s号兑换单。一个编号只录一次，这次没有再记。",
            number=self.params["number"], order=self.params["order"], at=at,
        )  # fmt: skip


class SlipIsVoid(BrokenRule):
    """The slip was voided. Params: number, at."""

    status = 409

    def __str__(self) -> str:
        at = instant(datetime.fromisoformat(self.params["at"]))
        return gettext("第%(number)s号纸条作废了（%(at)s），不能录入。", number=self.params["number"], at=at)


class SlipDayWrong(BrokenRule):
    """A day to come, or too long ago. Params: days."""

    sentence = _l("日期要写纸条上的那一天：不能是以后的日子，也不能早于%(days)s天前。")


class SlipDayBeforePrinting(BrokenRule):
    """The slip was printed after the day that was typed. Params: printed_on (ISO)."""

    def __str__(self) -> str:
        printed_on = day(datetime.fromisoformat(self.params["printed_on"]).date())
        return gettext("这张纸条是%(day)s才印的，日期不会更早。请看清纸条上的日期。", day=printed_on)


class SlipMonthClosed(BrokenRule):
    """The day lies in a month that two people closed."""

    sentence = _l("那一天所在的月份已经结账，不能再录。请把纸条交给村监会处理。")


class SlipLimitReached(BrokenRule):
    """More than a household may take on paper on one day. Params: most, used, points, unit."""

    def __str__(self) -> str:
        return gettext(
            "停电断网时，一户一天最多换%(most)s分：这一户那天已录%(used)s分，这张是%(points)s分，超过了，不能录。"
            "请把多的货收回来，或改到来电以后换。",
            **self.params,
        )


class SlipNotInStock(BrokenRule):
    """More was handed over than the books hold: the count comes first. Params: name, measure, left, quantity."""

    sentence = _l(
        "账上%(name)s只有%(left)s%(measure)s，纸条上给出了%(quantity)s%(measure)s。先盘点这种商品，改正库存，再录这张纸条。"
    )
