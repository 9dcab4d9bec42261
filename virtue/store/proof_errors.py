"""What the till refuses when a basket is too big for the keeper alone."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class ProofNeeded(BrokenRule):
    """The basket reaches the village's amount, and neither the PIN nor a second person came with it."""

    sentence = _l("满%(points)s分的兑换，要这一户输密码，或请另一位工作人员在场确认。")


class WrongSecond(BrokenRule):
    """No member of this village's staff signs in with this name and password."""

    sentence = _l("用户名或密码不对，或者这个账号还没有换过初始密码。")


class SecondIsKeeper(BrokenRule):
    """The second person is another than the keeper."""

    sentence = _l("经手的管理员自己不算。请另一位工作人员来输。")


class SecondIsKin(BrokenRule):
    """Nobody stands up for the own household or declared kin."""

    sentence = _l("这个人是这一户的家人或申报过的亲属。请换一位工作人员。")
