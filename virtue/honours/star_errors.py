"""What the stars refuse, in the words the person reads."""

from datetime import date

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule
from virtue.formatting import day, month_name


class StarsMovedOn(BrokenRule):
    """The rating or the removal stands somewhere else by now."""

    sentence = _l("这一步已经有人办过了，现在不能这样办。请刷新页面看看。")
    status = 409


class QuarterNotOver(BrokenRule):
    """A quarter is rated when it is over."""

    sentence = _l("这个季度还没有结束，结束以后再评。")


class QuarterTooOld(BrokenRule):
    """A later quarter was rated already, or it is more than a year ago."""

    sentence = _l("只能评最近一年的季度，已经评了后面的，前面的就不能再评。")


class NobodyToRate(BrokenRule):
    """No household takes part."""

    sentence = _l("还没有参加的农户，没有可评的。")


class MonthStillOpen(BrokenRule):
    """Stars go on notice when the quarter's months are closed: from then on their figures stand. Params: month."""

    sentence = _l("%(month)s还没有月结，得分还会变。请先由两个人月结，再公示星级。")

    def __str__(self) -> str:
        return str(self.sentence) % {"month": month_name(self.params["month"])}


class WordStillMissing(BrokenRule):
    """A star that the review group gives was given to nobody. Params: star."""

    sentence = _l("“%(star)s”由评议小组评，还没有评给任何一户。请先评，再公示。")


class UnknownStar(BrokenRule):
    """The scheme of that quarter has no such star."""

    sentence = _l("这一季没有这颗星，请重新选。")


class NothingChanges(BrokenRule):
    """The star is already as it was to be."""

    sentence = _l("这颗星本来就是这样，没有改动。")


class RemovalNeeded(BrokenRule):
    """A proposed star isn't simply struck out: taking it away is told, answered, decided by two."""

    sentence = _l("这颗星是按得分提名的，不能直接去掉。要摘星，请走“摘星”：告知本户、听申辩、两位评议员决定、公示。")


class NotTheGroupsStar(BrokenRule):
    """Only a star that the review group gives can be given to many at once."""

    sentence = _l("这颗星按得分评，不能成批评给；要改，请到那一户的页面写明理由。")


class NobodyChosen(BrokenRule):
    """No household was ticked, or only own kin's."""

    sentence = _l("没有可评的户：请至少选一户；自己家和亲属家要由别人评。")


class RemovalOpen(BrokenRule):
    """This star is being taken away already."""

    sentence = _l("这颗星正在办摘星，请看下面的进展。")
    status = 409


class NotHeld(BrokenRule):
    """Nobody loses a star that isn't held, or of a quarter that a later one has replaced."""

    sentence = _l("这一户现在没有这颗星，没有可摘的。")


class StarNotTold(BrokenRule):
    """The household must be told first."""

    sentence = _l("还没有告知本户，不能决定。")


class StarAnswerStillRunning(BrokenRule):
    """The household may still answer. Params: until (ISO)."""

    sentence = _l("陈述申辩期到%(until)s才满，期满后再决定。")

    def __str__(self) -> str:
        return str(self.sentence) % {"until": day(date.fromisoformat(self.params["until"]))}


class StarAnswerOver(BrokenRule):
    """The answer came after its days."""

    sentence = _l("陈述申辩期已过。上了公示，还可以提异议。")


class OwnRemoval(BrokenRule):
    """Who proposed to take a star away doesn't decide it."""

    sentence = _l("摘星是您提的，要由另外两位评议员决定。")


class SignedRemoval(BrokenRule):
    """The second word must come from somebody else."""

    sentence = _l("您已经同意过，还要另一位评议员同意。")


class NoRemovalToPublish(BrokenRule):
    """No decided removal waits for a notice."""

    sentence = _l("现在没有已经决定、等公示的摘星。")


class BadScheme(BrokenRule):
    """A star without name or subject, two with the same, or none at all."""

    sentence = _l("每颗星要有名称和评星项目，都不能重复；至少一颗，最多十二颗。")


class UnknownSubject(BrokenRule):
    """A star stands on the subjects that rules have. Params: subject."""

    sentence = _l("积分细则里没有“%(subject)s”这一项，这颗星就没有得分可看。请从列出的评星项目里选。")


class SchemeTooEarly(BrokenRule):
    """A new version holds from a quarter that hasn't been rated yet."""

    sentence = _l("新的办法只能从还没有评过的季度起用，最早本季度，最晚一年以后。")


class ListedTooHigh(BrokenRule):
    """The public list begins at a number of stars that there is."""

    sentence = _l("公开榜从几颗星起，要填 1 到总星数之间的数。")
