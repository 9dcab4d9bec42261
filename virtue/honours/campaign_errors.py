"""What campaigns and votes refuse, in the words the person reads."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class CampaignMovedOn(BrokenRule):
    """The campaign stands somewhere else by now."""

    sentence = _l("评选已经走到别的一步，现在不能这样办。请刷新页面看看。")
    status = 409


class BadCampaignDays(BrokenRule):
    """Nominations end today or later, voting after that, within four months; the wall after that."""

    sentence = _l("日期不对：推荐截止不早于今天，投票截止在推荐截止以后、四个月以内，展示到的那天还要更晚。")


class BadCampaignSeats(BrokenRule):
    """Params: left."""

    sentence = _l("名额不对：这个称号今年还剩 %(left)s 个名额，一张票可选的人数不能超过名额。")


class CampaignTextNeeded(BrokenRule):
    """A name and criteria everybody can read."""

    sentence = _l("请填名称（2 到 40 个字）和评选条件（10 到 500 个字）。")


class CampaignWayUnknown(BrokenRule):
    """By vote or by judges; ties by score or by lot."""

    sentence = _l("请选怎么评、票数相同怎么办。")


class CampaignJudgesNeeded(BrokenRule):
    """At least three judges, each from the review group."""

    sentence = _l("评委至少三位，从评议小组里选。")


class NominationsOver(BrokenRule):
    """The last day for nominations is over."""

    sentence = _l("推荐已经截止。")


class NominationsRunning(BrokenRule):
    """Voting begins when the days for nominations are over."""

    sentence = _l("推荐还没有截止，截止以后再开始。")


class NominatedAlready(BrokenRule):
    """One a household."""

    sentence = _l("这一户已经在候选人里了，一户推荐一个。")


class NominationConsentNeeded(BrokenRule):
    """Nobody is nominated without having agreed."""

    sentence = _l("先问过本人：同意参加评选、姓名写上选票，才能推荐。")


class NominationStoryNeeded(BrokenRule):
    """Why, in a few sentences."""

    sentence = _l("请写事迹，5 到 200 个字，不写电话、证件号。")


class SecondPersonChecks(BrokenRule):
    """Who nominated doesn't check."""

    sentence = _l("推荐的人不能自己审核，请另一个人来审核。")


class NomineeChecked(BrokenRule):
    """The nominee was checked, or isn't there any more."""

    sentence = _l("这一位已经审核过，或者已经退出。请刷新页面看看。")
    status = 409


class NomineesUnchecked(BrokenRule):
    """Params: count."""

    sentence = _l("还有 %(count)s 位没有审核，审核完再开始。")


class NoNominees(BrokenRule):
    """Nobody to choose from."""

    sentence = _l("还没有审核通过的候选人。")


class NotOnVoterList(BrokenRule):
    """The list was drawn up when voting began."""

    sentence = _l("这一户不在选民册上：选民册是投票开始那天定的。")


class VotedAlready(BrokenRule):
    """One household, one ballot, whichever way."""

    sentence = _l("这一户已经投过票了，一户一票。")
    status = 409


class VotingOver(BrokenRule):
    """The last day for voting is over."""

    sentence = _l("投票已经截止。")


class VotingRunning(BrokenRule):
    """The box is closed when the days for voting are over."""

    sentence = _l("投票还没有截止，截止以后再关箱。")


class BadChoice(BrokenRule):
    """Params: picks."""

    sentence = _l("请选 1 到 %(picks)s 位候选人。")


class PaperUnknown(BrokenRule):
    """No paper with that number was printed, or it was read by two already."""

    sentence = _l("没有这个编号的选票，或者它已经由两个人录过了。")


class SecondPersonReads(BrokenRule):
    """Two people read a paper."""

    sentence = _l("这张选票您录过了，请另一个人再录一遍。")


class MorePapersThanGiven(BrokenRule):
    """More papers come out of the box than were given out."""

    sentence = _l("录入的选票比发出去的多了。请先核对发票的登记，再接着录。")


class TooManyPapers(BrokenRule):
    """Params: most."""

    sentence = _l("选票最多印 %(most)s 张，一户一张。")


class PapersHalfRead(BrokenRule):
    """Params: count."""

    sentence = _l("还有 %(count)s 张纸选票只录了一遍，录完再关箱。")


class NotACampaignJudge(BrokenRule):
    """Only who was named when the campaign opened."""

    sentence = _l("您不是这次评选的评委。")


class BadJudgeScore(BrokenRule):
    """Between 0 and 100."""

    sentence = _l("请打 0 到 100 的整数分。")


class ScoresMissing(BrokenRule):
    """Params: count."""

    sentence = _l("还有 %(count)s 位候选人打分的评委不到两位，打完再关。")


class SecondPersonCounts(BrokenRule):
    """Who closed the box doesn't count."""

    sentence = _l("关箱的人不能自己计票，请另一个人来计票。")


class NoticeStillOpen(BrokenRule):
    """Honours follow when the notice is over and no objection waits."""

    sentence = _l("公示还没有满，或者还有异议没有答复，现在不能录入荣誉。")


class NoSuchWinner(BrokenRule):
    """The line of the notice doesn't exist."""

    sentence = _l("公示上没有这一行。")


class AnsweredByOpener(BrokenRule):
    """An objection is answered by somebody who neither opened, closed nor counted."""

    sentence = _l("开评选、关箱或计票的人不能答复异议，请另一个人来答复。")
