"""Whom the till serves: a household that was found by its card, or by its code and a name check.

It travels in the page as a signed word bound to the keeper, so that the page can be reloaded, two tills can stand in
one browser, and nobody serves a household that wasn't found.
"""

from dataclasses import dataclass

from itsdangerous import BadData

from virtue.people.card_cookie import LIFETIME, serializer

_SALT = "till"


@dataclass(frozen=True)
class Served:
    """A household at the till, and by which card; ``is_checked``: the name was checked where no card was shown."""

    household_id: int
    card_id: int | None
    is_checked: bool = True
    store_id: int | None = None
    """At which store; two tabs may stand at two of them. None: the village's first."""


def make(served: Served, *, by: int) -> str:
    """The word for the page."""
    return str(
        serializer(_SALT).dumps([served.household_id, served.card_id, int(served.is_checked), served.store_id, by])
    )


def read(word: str | None, *, by: int) -> Served | None:
    """What a word says; None for none, a changed one, another keeper's, or one older than half an hour."""
    if not word:
        return None
    try:
        household_id, card_id, is_checked, store_id, owner = serializer(_SALT).loads(
            word, max_age=int(LIFETIME.total_seconds())
        )
    except (BadData, TypeError, ValueError):
        return None
    return Served(household_id, card_id, bool(is_checked), store_id) if owner == by else None
