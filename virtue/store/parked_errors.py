"""What the till says about baskets put aside."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class ParkedTaken(BrokenRule):
    """Another till took the basket up first."""

    sentence = _l("这一篮已经有人接着办了。")
    status = 409


class ParkedOver(BrokenRule):
    """Its hour is over."""

    sentence = _l("暂存满一小时，这一篮已经清掉了。请重新选商品。")
    status = 409


class TooManyParked(BrokenRule):
    """A store keeps only so many."""

    sentence = _l("已经暂存了%(most)s篮，请先接着办几篮。")
