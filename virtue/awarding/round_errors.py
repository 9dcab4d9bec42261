"""What rounds and sheets refuse, in the words the person reads."""

from datetime import datetime

from flask_babel import lazy_gettext as _l

from virtue.awarding.rule_refusals import RuleRefused
from virtue.errors import BrokenRule
from virtue.formatting import instant


class NoRoundRule(RuleRefused):
    """The rule isn't one that rounds are held under."""

    sentence = _l("“%(rule)s”不是月评的细则，请另选一项。")


class BadRoundDay(BrokenRule):
    """A round is planned at most two weeks ahead, and its day isn't more than 31 days ago."""

    sentence = _l("日期不对：最早 31 天前，最晚两周以后。")


class RoundNotYet(BrokenRule):
    """The round's day is still to come."""

    sentence = _l("还没到这次月评的日子。")


class RoundAlreadyOpen(BrokenRule):
    """The same grid and rule have a round open."""

    sentence = _l("这个网格的这一项月评正开着，先把那一次评完或取消。")


class JudgesNeeded(BrokenRule):
    """Each judge on a phone: at least two are named when it is opened."""

    sentence = _l("每人一部手机评，至少要选两位评议人。")


class NotAJudge(BrokenRule):
    """Only who was named judges, and in recorder mode only the recorder taps."""

    sentence = _l("您不是这次月评的评议人。")


class MayNotJudge(BrokenRule):
    """A judge holds a role in the village that judges."""

    sentence = _l("评议人要是本村在任的妇联执委、网格员、评议小组成员或文书。")


class NotInThisGrid(BrokenRule):
    """The household isn't in the round's grid (any more)."""

    sentence = _l("这一户不在这次月评的网格里。")


class ConsentNeeded(BrokenRule):
    """A level for what is inside a home needs the householder's yes."""

    sentence = _l("这一项要进屋看，先当面问过户主，勾选“户主同意入户”再评；不同意就点“不愿被评”。")


class AlreadyHandedIn(BrokenRule):
    """After signing nothing is changed any more."""

    sentence = _l("已经签字交了，不能再改。")


class RoundOver(BrokenRule):
    """The round is closed, decided or cancelled."""

    sentence = _l("这次月评已经收了，不能再这样办。")
    status = 409


class RoundStillOpen(BrokenRule):
    """What comes after closing can't be done before."""

    sentence = _l("这次月评还没有收，先收了再办。")
    status = 409


class NothingMarked(BrokenRule):
    """There is nothing to sign."""

    sentence = _l("还没有评过一户，没有可签的。")


class CosignerIsRecorder(BrokenRule):
    """Co-signers are others than the recorder."""

    sentence = _l("共同评议人要是记录人以外的人。")


class WrongSignature(BrokenRule):
    """The co-signer's password is wrong."""

    sentence = _l("签字人的密码不对，请本人再输一次。")


class TooFewJudges(BrokenRule):
    """Params: signed, needed."""

    sentence = _l("签了字的评议人现在有 %(signed)s 位，要有 %(needed)s 位才能收。")


class SecondPersonClosesRound(BrokenRule):
    """While judges are missing, the opener doesn't close alone."""

    sentence = _l("还有评议人没交。要提前收，请另一个人来办。")


class RoundRuleChanged(BrokenRule):
    """The rulebook in force has other levels, or the rule not at all."""

    sentence = _l("积分细则换了新版，这一项的档次变了。请取消这次月评，按新细则重开一次。")


class RoundTakesBackNothing(BrokenRule):
    """What several judged together isn't taken back by one of them."""

    sentence = _l("这是几位评议人一起评的，不能一个人撤回。要改，请评议小组退回或不同意。")


class UnknownSheet(BrokenRule):
    """No sheet of this village has this number; a digit was misread."""

    sentence = _l("没有这个编号的纸表。请对着纸表逐位再输一次，最后一位是校验码。")


class WrongSheet(BrokenRule):
    """The sheet was printed for something else."""

    sentence = _l("这张纸表不是为这次月评印的。")


class SheetAlreadyEntered(BrokenRule):
    """Each number books once, ever. Params: number, at (ISO), by_id."""

    sentence = _l("第%(number)s号纸表已经在%(at)s录入过。一张纸表只录一次。")
    status = 409

    def __str__(self) -> str:
        return str(self.sentence) % {**self.params, "at": instant(datetime.fromisoformat(self.params["at"]))}


class SheetIsVoid(BrokenRule):
    """A voided sheet isn't entered. Params: number, at (ISO), by_id."""

    sentence = _l("第%(number)s号纸表已经在%(at)s作废，不能录入。")
    status = 409

    def __str__(self) -> str:
        return str(self.sentence) % {**self.params, "at": instant(datetime.fromisoformat(self.params["at"]))}


class SheetLinesRefused(BrokenRule):
    """Some lines can't be entered. Params: lines {line: [code, params]}."""

    sentence = _l("有几行不能录，请看行里的说明：改好再交，或者勾选“不能录的行先不录”。")

    def __str__(self) -> str:
        return str(self.sentence)


class CardNeeded(BrokenRule):
    """Card after card: what is typed otherwise goes through the award page's name check."""

    sentence = _l("请扫积分卡或门牌码。没带卡的，到“扫卡加分”按户号加。")


class EmptySheet(BrokenRule):
    """Nothing was typed."""

    sentence = _l("一行也没有填。纸表没有用上就作废它。")
