"""Whom a member is adding points for: a household found by its card, or by a code and a name check.

It travels in the page as a signed word bound to the member, so that nobody awards to a household that wasn't found.
"""

from dataclasses import dataclass

from itsdangerous import BadData

from virtue.people.card_cookie import LIFETIME, serializer

_SALT = "award"


@dataclass(frozen=True)
class Chosen:
    """A household; ``is_checked``: its card was shown, or its name was checked."""

    household_id: int
    is_checked: bool = True


def make(chosen: Chosen, *, by: int) -> str:
    """The word for the page."""
    return str(serializer(_SALT).dumps([chosen.household_id, int(chosen.is_checked), by]))


def read(word: str | None, *, by: int) -> Chosen | None:
    """What a word says; None for none, a changed one, another member's, or one older than half an hour."""
    if not word:
        return None
    try:
        household_id, is_checked, owner = serializer(_SALT).loads(word, max_age=int(LIFETIME.total_seconds()))
    except (BadData, TypeError, ValueError):
        return None
    return Chosen(household_id, bool(is_checked)) if owner == by else None
