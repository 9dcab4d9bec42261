"""What the dividend refuses, in the words the person reads."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class NothingToDivide(BrokenRule):
    """The amount isn't above zero."""

    sentence = _l("分红资金要大于 0。请核对金额、利率或比例。")


class NobodyToPay(BrokenRule):
    """No household has a basis (shares or score above zero)."""

    sentence = _l("没有一户够得上这笔分红：这一年没有文明股，或者得分都是 0。请核对年度和分配办法。")


class PartWithoutBasis(BrokenRule):
    """With two bases, each part needs somebody. Params: part (shares or score)."""

    sentence = _l("按文明股分的那一部分，或者按得分分的那一部分，没有一户够得上。请改成只用一种办法。")


class PotNameTaken(BrokenRule):
    """One name a year. Params: name, year."""

    sentence = _l("%(year)s年已经有一笔叫“%(name)s”的分红。要更正已经定下的，请另起一个名字。")


class BadPot(BrokenRule):
    """A name, an amount, a basis with weights and a base that make sense."""

    sentence = _l(
        "分红资金没有填对：名称 1 到 40 个字，金额大于 0，基础分 0 到 1000，两种办法都用时两个比重都要大于 0。"
    )


class YearNotOver(BrokenRule):
    """A trial sheet is drawn once the year is over: until then the scores move. Params: year."""

    sentence = _l("%(year)s年还没有过完，得分还会变。过完年再算试算表。")


class BadYear(BrokenRule):
    """This year or one of the five before it."""

    sentence = _l("年度不对：只能是今年和前五年。")


class PotElsewhere(BrokenRule):
    """The pot's state doesn't allow this step."""

    sentence = _l("这笔分红现在不在这一步。请刷新页面看看。")
    status = 409


class BadMonths(BrokenRule):
    """Months are 0 to 12, with a reason."""

    sentence = _l("月数要填 0 到 12，并写明缘由，2 到 200 个字。")


class SheetStillOpen(BrokenRule):
    """The sheet is open through its last day. Params: until (ISO)."""

    sentence = _l("试算表公开到%(until)s，过了这一天再表决。")


class ObjectionsOpen(BrokenRule):
    """No objection may be open. Params: open."""

    sentence = _l("还有 %(open)s 件异议没有答复，办完再往下走。")


class NoQuorum(BrokenRule):
    """Too few were present. Params: present, entitled."""

    sentence = _l(
        "到会 %(present)s 人，应到 %(entitled)s 人，没有达到法定人数：村民会议要过半数，村民代表会议要三分之二。"
    )


class NotCarried(BrokenRule):
    """More than half of those present must be for it. Params: in_favour, present."""

    sentence = _l("到会 %(present)s 人，赞成 %(in_favour)s 人，没有过半数，没有通过。请退回草稿再商量。")


class BadPotVote(BrokenRule):
    """Numbers and day of a vote that can't be; minutes are needed."""

    sentence = _l("表决没有填对：会议在试算表公开期满以后、不晚于今天；到会不超过应到，赞成不超过到会；要写会议记录。")


class SecondPersonInDividend(BrokenRule):
    """Draft, check, signature and payment are different people's."""

    sentence = _l("起草、审核、签字、发放要由不同的人办，这一步请另一个人来办。")


class SheetDiffers(BrokenRule):
    """What stands in the sheet isn't what its inputs give: nobody signs that."""

    sentence = _l("试算表和它的依据对不上，不能签字。请找管理员查看“核对”。")


class AlreadyPaid(BrokenRule):
    """A line is paid once."""

    sentence = _l("这一户已经发过了，不能再发。")
    status = 409


class NothingDue(BrokenRule):
    """A line of 0 fen isn't paid."""

    sentence = _l("这一户分得 0 元，不用发。")


class BadPayment(BrokenRule):
    """How and when it was paid."""

    sentence = _l("发放没有填对：方式选银行、签字或按手印，日期在签字以后、不晚于今天。")


class NoSuchSheetLine(BrokenRule):
    """No line of this number on an open sheet."""

    sentence = _l("没有找到这一行。请对着试算表，看看行号。")


class SheetObjectionOver(BrokenRule):
    """An objection to the trial sheet is answered by somebody who didn't draft it."""

    sentence = _l("试算表是您起草的，异议要由另一个人答复。")
