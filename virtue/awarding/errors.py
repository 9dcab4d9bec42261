"""What awarding refuses, in the words the person reads."""

from datetime import date

from flask_babel import lazy_gettext as _l

from virtue.awarding.rule_refusals import RuleRefused
from virtue.errors import BrokenRule
from virtue.formatting import day, day_long


class UnknownRule(BrokenRule):
    """The rule isn't in the rulebook in force here."""

    sentence = _l("积分细则里没有这一项，或者已经换了新细则。请重新选一项。")


class WayNotAllowed(RuleRefused):
    """The rule can't be entered in this way."""

    sentence = _l("“%(rule)s”不能这样加，请按细则写的办法办。")


class NotTakingPart(BrokenRule):
    """暂不参加, or ended: not scored."""

    sentence = _l("这一户暂不参加积分，不记分。已有的积分照样能用。")


class NotYourGrid(BrokenRule):
    """A committee member of one grid met a household of another."""

    sentence = _l("这一户不在您负责的网格，请找那个网格的网格员。")


class BadDay(BrokenRule):
    """The day it happened is in the future or more than 31 days ago."""

    sentence = _l("日期不对：不能晚于今天，也不能早于 31 天前。")


class DayInClosedMonth(BrokenRule):
    """The month of that day is closed."""

    sentence = _l("那个月已经结账，不能再补记。")


class WrongQuantity(BrokenRule):
    """Not a whole number from 1 to 999, or a quantity for a rule without one."""

    sentence = _l("数量要填 1 到 999 的整数。")


class BadLevel(BrokenRule):
    """The chosen level isn't one of the rule's."""

    sentence = _l("这一项没有这个档次，请重新选。")


class CapReached(RuleRefused):
    """Nothing is left under the rule's cap. Params: rule, rule_en, from_day (the next possible day, ISO)."""

    sentence = _l("“%(rule)s”已经加满，%(from_day)s起可再加。")

    def __str__(self) -> str:
        again = day_long(date.fromisoformat(self.params["from_day"]))
        return str(self.sentence) % {**self.words(), "from_day": again}


class CapReachedForever(RuleRefused):
    """A cap for ever is reached."""

    sentence = _l("“%(rule)s”每户只能得这么多，已经加满。")


class PhotoNeeded(RuleRefused):
    """The rule's evidence is a photo."""

    sentence = _l("“%(rule)s”要有照片，请拍一张。")


class HomeConsentNeeded(RuleRefused):
    """What is seen inside a home needs the householder's tick."""

    sentence = _l("“%(rule)s”要进屋看。请先问户主，户主同意了，再勾选“户主同意”。")


class ClaimNeedsWords(BrokenRule):
    """A claim says in a sentence what was done."""

    sentence = _l("请写一句做了什么，至少两个字。")


class TooManyClaims(BrokenRule):
    """So many claims of one household wait already."""

    sentence = _l("您家已有 %(most)s 项申报在等评议。等有了结果，再报新的。")


class EventNotOpen(BrokenRule):
    """The event is closed, over, or not of today."""

    sentence = _l("这场活动没有开着（已经结束，或不是今天的）。请另选活动，或不选活动直接申报。")


class AlreadyInEvent(RuleRefused):
    """The household was scanned for this rule in this event."""

    sentence = _l("这一户在这场活动里已经记过“%(rule)s”。")


class EventAlreadyClosed(BrokenRule):
    """An event is closed once."""

    sentence = _l("这场活动已经结束。")


class SecondPersonCloses(BrokenRule):
    """Who opened an event, or scanned in it, doesn't close it."""

    sentence = _l("活动要由另一个人来结束：您开了这场活动，或在里面扫过卡。")


class WrongState(BrokenRule):
    """The deed has moved on; what was to be done isn't possible any more."""

    sentence = _l("这件事已经有人办过了，现在不能这样办。请刷新页面看看。")
    status = 409


class OwnProposal(BrokenRule):
    """Who proposed a deed doesn't decide it."""

    sentence = _l("您自己申报的事项，要由别人评议。")


class AlreadySigned(BrokenRule):
    """The second approval must come from somebody else."""

    sentence = _l("您已经同意过，还要另一位评议员同意。")


class ReasonNeeded(BrokenRule):
    """A refusal, a sending back, a reversal needs a reason."""

    sentence = _l("请写明理由，本户会看到。")


class OutOfRange(BrokenRule):
    """A reviewer amends points within what the rule allows and the caps leave. Params: allowed ("1–8", "10/5")."""

    sentence = _l("分数只能改成 %(allowed)s，不能和现在一样。")


class NotByThePiece(BrokenRule):
    """A rule by quantity gives whole multiples. Params: each, most."""

    sentence = _l("这一项按数量计分：要是 %(each)s 的倍数，最多 %(most)s 分，不能和现在一样。")


class NothingToPublish(BrokenRule):
    """No approved deed waits for a notice."""

    sentence = _l("现在没有评议通过、等待公示的事项。")


class NoticeStillRunning(BrokenRule):
    """A notice is settled after its last day."""

    sentence = _l("公示还没有到期。")


class TooLateToTakeBack(BrokenRule):
    """Ten minutes are over, or it isn't the awarder's own."""

    sentence = _l("只能在 %(minutes)s 分钟内撤回自己刚加的。现在要改，请文书按“冲正”办理。")


class AlreadySpent(BrokenRule):
    """The points of a taken-back award were spent."""

    sentence = _l("这些积分已经花掉，不能撤回。")


class SecondPersonReverses(BrokenRule):
    """Who proposed or decided a deed doesn't reverse it."""

    sentence = _l("这件事您申报或评议过，冲正要由另一个人办理。")


class NotTold(BrokenRule):
    """A deduction that wasn't told can't be decided."""

    sentence = _l("还没有送达本户，不能评议。")


class RebuttalStillRunning(BrokenRule):
    """The household may still answer. Params: until (ISO)."""

    sentence = _l("陈述申辩期到%(until)s才满，期满后再评议。")

    def __str__(self) -> str:
        return str(self.sentence) % {"until": day(date.fromisoformat(self.params["until"]))}


class RebuttalOver(BrokenRule):
    """The answer came after the window."""

    sentence = _l("陈述申辩期已过。对结果还可以提异议。")


class AbsentByPhone(BrokenRule):
    """An absent household is told by phone, or opens its passbook."""

    sentence = _l("外出的户用电话告知，或放进积分存折由本户打开；当面、送单只给在家的户。")


class RepairStillRunning(BrokenRule):
    """The household may still put it right. Params: until (ISO)."""

    sentence = _l("限期整改到%(until)s，到期还没改好才评议。")

    def __str__(self) -> str:
        return str(self.sentence) % {"until": day(date.fromisoformat(self.params["until"]))}


class RepairUnchecked(BrokenRule):
    """It is said to be put right; somebody checks first."""

    sentence = _l("本户说已经改好，先复查，再评议。")


class RepairOver(BrokenRule):
    """There was no repair date, or it is over."""

    sentence = _l("没有限期整改，或者期限已过。要撤销请写明理由。")


class AnotherChecks(BrokenRule):
    """Who noted the repair doesn't check it."""

    sentence = _l("记下改好的人不能自己复查，请另一个人复查。")


class EnoughReviewers(BrokenRule):
    """Two reviewers are free: nobody is drawn, nothing is handed over."""

    sentence = _l("有两位评议员能评议，不用抽签，也不用交到镇里。")


class NobodyToDraw(BrokenRule):
    """No village representative is left who may decide this."""

    sentence = _l("没有可抽的村民代表。请先在“人员”里登记村民代表，或交到镇里。")


class NotDrawn(BrokenRule):
    """Only who was drawn, or the township it was handed to, signs in the reviewers' stead."""

    sentence = _l("这一件没有抽到您，也没有交到镇里。")


class WitnessesNeeded(BrokenRule):
    """A refusal to take the slip needs two witnesses, one from the supervision committee."""

    sentence = _l("拒收要有两名见证人在场，其中一名是村监会成员，都不能是送达人。")


class DocumentNeeded(BrokenRule):
    """The rule asks for a document; its number is noted, its content isn't stored."""

    sentence = _l("这一项要填文书编号。")


class AnotherVerifies(BrokenRule):
    """Who reported a deduction doesn't verify it."""

    sentence = _l("报告的人不能自己核实，请另一个人核实。")


class NotARulebook(BrokenRule):
    """The file can't be read as a rulebook. Params: problems (text by row)."""

    sentence = _l("细则文件有错，没有导入：%(problems)s")


class NoRulebook(BrokenRule):
    """No rulebook is in force yet."""

    sentence = _l("村里还没有生效的积分细则。请先到“开始”页导入细则。")


class BadAdoption(BrokenRule):
    """The papers of an adopted book don't add up."""

    sentence = _l("通过细则的记录不对：日期不能晚于今天，赞成人数不能多于到会人数且要过半，到会妇女不能多于到会人数。")
