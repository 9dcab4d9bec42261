"""What may be wrong with a card, a household code or a PIN."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class UnknownCard(BrokenRule):
    """No card of this village: unknown and foreign alike."""

    sentence = _l("不是本村的卡。")


class MisreadCard(UnknownCard):
    """Not a card's code at all: a digit too few, or the check digit is off."""

    sentence = _l("卡号不对。请再扫一次，或对着卡逐位核对20个数字。")


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
