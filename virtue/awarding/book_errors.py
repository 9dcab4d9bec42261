"""What is refused on a rulebook's way into force, in the words the person reads."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from virtue.awarding.rule_refusals import RuleRefused
from virtue.errors import BrokenRule
from virtue.formatting import day_long


class WrongBookState(BrokenRule):
    """The book has moved on, or isn't there yet."""

    sentence = _l("这一版细则现在不能这样办，可能已经有人办过了。请刷新页面看看。")
    status = 409


class NotADraft(BrokenRule):
    """Only a draft is edited: what villagers saw, voted or live by stays as it is."""

    sentence = _l("只有草案能改。征求意见以后要改，先退回草案；已经生效的，请另起草一版。")
    status = 409


class BadRule(BrokenRule):
    """A rule that can't stand so. Params: problems. ``errors``: the same by column, for the form."""

    sentence = _l("这一项细则有错：%(problems)s")

    def __init__(self, errors: dict[str, list[str]] | None = None, **params: Any) -> None:
        self.errors = errors or {}
        problems = params.get("problems") or "；".join(text for texts in self.errors.values() for text in texts)
        super().__init__(problems=problems)


class EmptyBook(BrokenRule):
    """A book needs at least one rule that scores."""

    sentence = _l("草案里还没有一项记分的细则。")


class KeptForBooks(RuleRefused):
    """The opening balances' rules are bookkeeping: without them they can't be entered."""

    sentence = _l("“%(rule)s”是记期初余额用的，要留着。")


class BadCommentDay(BrokenRule):
    """Comments are open till a day from today to two months on."""

    sentence = _l("征求意见的最后一天要在今天到两个月以内。")


class CommentsStillOpen(BrokenRule):
    """The township gets a draft after everybody had the announced time. Params: until (ISO)."""

    sentence = _l("征求意见到%(until)s为止，过了这一天再送审。")

    def __str__(self) -> str:
        return str(self.sentence) % {"until": day_long(date.fromisoformat(self.params["until"]))}


class CommentsClosed(BrokenRule):
    """No draft is open for comments, or its time is over."""

    sentence = _l("现在没有在征求意见的细则草案，或者已经过了最后一天。")


class NoWords(BrokenRule):
    """A comment without words, or one taken down without saying whose."""

    sentence = _l("请写下是谁提的、提了什么。")


class OwnCheck(BrokenRule):
    """The township's word comes from the township, and not from who sent the book."""

    sentence = _l("要由镇里审核：送审的人、本村的工作人员不能自己审核。")


class TownshipChecks(BrokenRule):
    """A paper is entered only where nobody of the township works in the system."""

    sentence = _l("镇里有人在系统里，请等镇里审核，不用填纸质批复。")


class PaperNeeded(BrokenRule):
    """The township's paper: a number, and a day that isn't in the future."""

    sentence = _l("请填镇里批复的文号和日期，日期不能晚于今天。")


class VoteNotCarried(BrokenRule):
    """Not more than half of those present were in favour."""

    sentence = _l("赞成的没有过半（到会%(present)s人，赞成%(favour)s人），这一版没有通过。请退回修改，或者撤回。")


class BadVote(BrokenRule):
    """The vote's figures or day can't be."""

    sentence = _l("表决记录不对：日期不能晚于今天，也不能早于镇里审核那天；赞成人数、到会妇女都不能多于到会人数。")


class FilingNumberNeeded(BrokenRule):
    """Filed means a number."""

    sentence = _l("请填备案文号。")


class BadStartDay(BrokenRule):
    """A book comes into force today or within a year; never backwards."""

    sentence = _l("生效日期要在今天到一年以内，不能倒填。")


class AlreadyScheduled(BrokenRule):
    """One book at a time: another one is due to start. Params: version, from_on (ISO)."""

    sentence = _l("第%(version)s版定在%(from_on)s生效，同时只能有一版。请另选日期，或先取消那一版。")

    def __str__(self) -> str:
        from_on = day_long(date.fromisoformat(self.params["from_on"]))
        return str(self.sentence) % {**self.params, "from_on": from_on}


class InForceAlready(BrokenRule):
    """What is in force can't be called off: the next version replaces it."""

    sentence = _l("这一版已经生效，不能取消。要改，请另起草一版。")


class AdoptedTooEarly(BrokenRule):
    """A book entered with its papers would lie behind the one in force. Params: version, from_on (ISO)."""

    sentence = _l("第%(version)s版从%(from_on)s起已经生效，新一版不能从更早的日子算起。")

    def __str__(self) -> str:
        from_on = day_long(date.fromisoformat(self.params["from_on"]))
        return str(self.sentence) % {**self.params, "from_on": from_on}
