"""Households found at the till by a name, pinyin initials, or part of a household code.

A short list of masked faces, as in any list: a look at it isn't a private look. Who is chosen from it has shown no card.
"""

from dataclasses import dataclass

from virtue.extensions import db
from virtue.people import queries as people
from virtue.people import standing
from virtue.people.errors import SeveralHouseholds, UnknownHousehold
from virtue.people.models import Household
from virtue.people.standing import Face

MOST = 8
"""So many are shown; with more the keeper is asked for more letters."""

SEARCHED = (UnknownHousehold, SeveralHouseholds)
"""What ``people.household_by_input`` says of words that may be a name; a card that is refused is no name."""


@dataclass(frozen=True)
class Matches:
    """Who may be meant, by household code."""

    faces: list[Face]
    is_more: bool


def matches(village_id: int, typed: str) -> Matches | None:
    """The village's households that a typed word may mean, the first few; None for none, or for nothing typed."""
    if not people.plain(typed):
        return None
    query = people.search_households(village_id, typed).with_only_columns(Household.id).limit(MOST + 1)
    found = list(db.session.scalars(query))
    faces = standing.faces(village_id, set(found[:MOST]))
    return Matches([faces[number] for number in found[:MOST]], len(found) > MOST) if found else None
