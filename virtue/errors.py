"""Broken rules: what a service raises when product law says no.

A subclass's name is its code; its sentence is what the person reads. Parameters are plain
numbers and strings, so that a refusal can be kept beside an idempotency key and be given
again word for word.
"""

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l


class BrokenRule(Exception):
    """A rule of the house that was broken. ``sentence`` says what is wrong and what to do."""

    sentence: Any = _l("这一步现在不能做。")
    status: ClassVar[int] = 422
    registry: ClassVar[dict[str, type["BrokenRule"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        BrokenRule.registry[cls.__name__] = cls

    def __init__(self, **params: Any) -> None:
        super().__init__(type(self).__name__)
        self.params = params

    @property
    def code(self) -> str:
        """The error's name, as kept beside a refused key."""
        return type(self).__name__

    def __str__(self) -> str:
        text = str(self.sentence)
        return text % self.params if self.params else text

    @classmethod
    def from_record(cls, code: str, params: dict[str, Any]) -> "BrokenRule":
        """The refusal that was kept as ``code`` and ``params``."""
        return cls.registry.get(code, BrokenRule)(**params)


class KeyReused(BrokenRule):
    """The same idempotency key came with other contents."""

    sentence = _l("这张表单已经用过，内容却变了。请重新打开页面再做一次。")
    status = 409


class BadKey(BrokenRule):
    """The idempotency key isn't one that a form of ours carries."""

    sentence = _l("表单不完整。请重新打开页面再做一次。")
    status = 400


class Busy(BrokenRule):
    """The write queue did not come to us in time; nothing was done, the same key may be sent again."""

    sentence = _l("现在办理的人多，这一笔还没有办。请再按一次，不会重复。")
    status = 503


class OwnKin(BrokenRule):
    """Someone tried to act for the own household or for declared kin (product.md, section 3)."""

    sentence = _l("这是您自己家或您申报过的亲属家，要由别人办理。")


class NotFoundHere(BrokenRule):
    """A thing that does not exist in this village; foreign and unknown alike."""

    sentence = _l("没有找到。")
    status = 404
