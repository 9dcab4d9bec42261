"""What may be wrong with a card, a household code or a PIN."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule
from virtue.people.states import CARD_STATES, CARD_STEP_NAMES


class UnknownCard(BrokenRule):
    """No card of this village: unknown and foreign alike."""

    sentence = _l("不是本村的卡。")


class MisreadCard(UnknownCard):
    """Not a card's code at all: a digit too few, or the check digit is off."""

    sentence = _l("卡号不对。请再扫一次，或对着卡逐位核对20个数字。")


class DoorCodeNotCard(BrokenRule):
    """The code of a household's door plate: for rounds and awards, never for the till or the passbook."""

    sentence = _l("这是门牌码，不是积分卡。请扫本户的积分卡。")


class UnknownDoorCode(BrokenRule):
    """No door plate has this code."""

    sentence = _l("没有这个门牌码。")
    status = 404


class ReplacedCard(BrokenRule):
    """A newer card was issued in this one's place."""

    sentence = _l("这张卡已换新卡，请用新卡。")


class LostCard(BrokenRule):
    """Reported lost."""

    sentence = _l("这张卡已挂失，不能用。卡找到了请到村委会解除挂失。")


class EndedCard(BrokenRule):
    """Taken out of use for good."""

    sentence = _l("这张卡已注销，不能用。")


class UnknownHousehold(BrokenRule):
    """No household of this village has this code."""

    sentence = _l("没有找到这一户。请扫积分卡，或输入完整的户号。")


class SeveralHouseholds(BrokenRule):
    """A tail alone that several households share."""

    sentence = _l("尾号是%(tail)s的不止一户。请扫积分卡，或输入卡上的编号（例如3-0147）或完整的户号。")


class WrongCardState(BrokenRule):
    """A step that this card's state doesn't allow."""

    sentence = _l("这张卡现在是“%(state)s”，不能%(step)s。")

    def __str__(self) -> str:
        state, step = CARD_STATES[self.params["state"]], CARD_STEP_NAMES[self.params["step"]]
        return str(self.sentence) % {"state": state, "step": step}


class HouseholdEnded(BrokenRule):
    """Nothing more is done for an ended household."""

    sentence = _l("这一户已经销户，不能再办这一步。")


class HouseholdHasOpenThings(BrokenRule):
    """What must be settled before a household can end."""

    sentence = _l("这一户还不能销户，先办完：%(things)s。")


class CodeTaken(BrokenRule):
    """Two households with one code."""

    sentence = _l("户号%(code)s已经有一户了。")


class HeadMustStay(BrokenRule):
    """A household without a householder."""

    sentence = _l("户主不能直接移出，请先把另一位成员改为户主。")


class WrongPin(BrokenRule):
    """Not this household's PIN."""

    sentence = _l("密码不对。忘了可以到村委会重置。")


class BadPin(BrokenRule):
    """Not 4 to 6 digits."""

    sentence = _l("密码要4到6位数字。")


class WeakPin(BrokenRule):
    """Among the first that anybody would try."""

    sentence = _l("这个密码太容易被猜到（连号、重复或卡上的尾号），请换一个。")


class SlipPinAgain(BrokenRule):
    """The printed PIN chosen as one's own."""

    sentence = _l("不能再用密码条上印的密码，请换一个自己的。")


class OwnRecusal(BrokenRule):
    """Ending the own recusal."""

    sentence = _l("自己的回避登记不能由自己解除，请别的管理人员办理。")


class AlreadyRecused(BrokenRule):
    """The same household declared twice."""

    sentence = _l("已经登记过对这一户回避。")


class NoPhoneName(BrokenRule):
    """A phone that nobody could tell apart in the list."""

    sentence = _l("请给这台手机起个名字，20个字以内，例如“儿子的手机”。")


class TooManyPhones(BrokenRule):
    """More phones than a family has."""

    sentence = _l("已经记住了%(most)s台手机。请先停用一台不用的。")


class WrongPhoneCode(BrokenRule):
    """No code in force: mistyped, used, or too late."""

    sentence = _l("连接码不对，或者已经用过、过了10分钟。请让家里人再生成一个。")
