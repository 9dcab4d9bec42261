"""The cookie that remembers a scanned card for half an hour: its id and version, signed; never its digits.

The first visit trades the code in the address for this cookie and a clean address. It opens a view, never an act.
"""

from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import current_app
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from virtue import clock
from virtue.people.codes import CardLike

NAME = "card"
LIFETIME = timedelta(minutes=30)


class ClockSigner(TimestampSigner):
    """Signs with the house's clock, so that tests can let time pass."""

    def get_timestamp(self) -> int:
        """The present second."""
        return int(clock.now().timestamp())


def serializer(salt: str) -> URLSafeTimedSerializer:
    """Signs small values for cookies; each use has a salt of its own, so that none can stand in for another."""
    return _serializer(current_app.config["SECRET_KEY"], salt)


@lru_cache(maxsize=64)
def _serializer(secret: str, salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=f"virtue/{salt}", signer=ClockSigner)


def options() -> dict[str, Any]:
    """How such a cookie is set: not for scripts, only over https where there is https, gone after its time."""
    return {
        "max_age": int(LIFETIME.total_seconds()),
        "httponly": True,
        "samesite": "Lax",
        "secure": bool(current_app.config["SESSION_COOKIE_SECURE"]),
        "path": "/",
    }


def make(card: CardLike) -> str:
    """The cookie's value for a card."""
    return str(serializer(NAME).dumps([card.id, card.version]))


def read(value: str | None) -> tuple[int, int] | None:
    """The card's id and version; None for no cookie, a changed one, or one whose time is over.

    Whether the card is still in force is asked anew each time (``queries.find_card_in_force``).
    """
    if not value:
        return None
    try:
        card_id, version = serializer(NAME).loads(value, max_age=int(LIFETIME.total_seconds()))
    except (BadData, TypeError, ValueError):
        return None
    return int(card_id), int(version)
