"""What an objection is refused for, in the words the person reads."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class NoticeOver(BrokenRule):
    """Objections are open through the notice's last day."""

    sentence = _l("这一号公示已经结束，不能再提异议。发现记错了，请村监会按“冲正”办理。")


class LineGone(BrokenRule):
    """The line was withdrawn or corrected already."""

    sentence = _l("这一行已经撤下或更正，不用再提异议。")


class NoSuchLine(BrokenRule):
    """No open notice of this village has such a line, or not one this person may see."""

    sentence = _l("没有找到这一行。请对着公示，看看号数和行数。")


class WordsNeeded(BrokenRule):
    """An objection says what is wrong."""

    sentence = _l("请写几句哪里不对，2 到 500 个字。")


class OneNameOnly(BrokenRule):
    """Either a household or somebody from outside, or nobody (an unsigned paper)."""

    sentence = _l("农户和外村人只填一样；没有署名的纸条，两样都不填。")


class BadReceivedDay(BrokenRule):
    """A paper can't have come before the notice or after today."""

    sentence = _l("收到的日期不对：要在公示发布以后，不能晚于今天。")


class AlreadyAnswered(BrokenRule):
    """An objection is settled once."""

    sentence = _l("这件异议已经办结。请刷新页面看看。")
    status = 409


class NotTheSettler(BrokenRule):
    """Only the supervision committee, or who was named, settles an objection."""

    sentence = _l("这件异议由村监会或指定的人处理。")


class DecidedTheLine(BrokenRule):
    """Who proposed, verified or decided a line doesn't settle its objection."""

    sentence = _l("这一行您申报、核实或评议过，异议要由另一个人处理。")


class OwnObjection(BrokenRule):
    """Nobody settles an objection of the own household or kin."""

    sentence = _l("这件异议和您家或您的亲属有关，要由另一个人处理。")


class ReasonNamesSomebody(BrokenRule):
    """The reason is read by both sides: it names no villager, whoever objected. Params: names."""

    sentence = _l("理由双方都会看到，不写别的村民的姓名。这里写了“%(names)s”，请改一改，比如写“有人”。")


class ReasonHasNumber(BrokenRule):
    """The reason is read by both sides: no ID number, telephone number or bank card's."""

    sentence = _l("理由双方都会看到，不能写证件号、电话。请改一改。")


class TooManyOpen(BrokenRule):
    """One passbook has that many objections open. Params: most."""

    sentence = _l("您家还有 %(most)s 件异议在办，等答复以后再提。")
