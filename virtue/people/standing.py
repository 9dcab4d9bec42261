"""What the till and other busy counters ask of a household, in one statement each: no ORM, no joins to walk."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, or_, select

from virtue.extensions import db
from virtue.formatting import mask_name
from virtue.people.models import Card, Household, Member, Recusal
from virtue.places.models import Grid
from virtue.prepared import Prepared
from virtue.staff.models import User

_HOUSEHOLD, _CARD, _GRID = Household.__table__, Card.__table__, Grid.__table__
_MEMBER, _RECUSAL, _USER = Member.__table__, Recusal.__table__, User.__table__

# The own household, or one with a recusal in force: what ``queries.is_kin`` asks.
_IS_KIN = or_(
    exists(
        select(_MEMBER.c.id)
        .join(_USER, _USER.c.member_id == _MEMBER.c.id)
        .where(_USER.c.id == bindparam("user_id"), _MEMBER.c.household_id == _HOUSEHOLD.c.id)
    ),
    exists(
        select(_RECUSAL.c.id).where(
            _RECUSAL.c.user_id == bindparam("user_id"),
            _RECUSAL.c.household_id == _HOUSEHOLD.c.id,
            _RECUSAL.c.ended_at.is_(None),
        )
    ),
)
STANDING = (
    select(_HOUSEHOLD.c.state, _CARD.c.state.label("card_state"), _IS_KIN.label("is_kin"))
    .select_from(
        _HOUSEHOLD.outerjoin(
            _CARD, (_CARD.c.household_id == _HOUSEHOLD.c.id) & (_CARD.c.id == bindparam("card_id"))
        )
    )
    .where(_HOUSEHOLD.c.id == bindparam("household_id"), _HOUSEHOLD.c.village_id == bindparam("village_id"))
)  # fmt: skip
"""State, card_state and is_kin of ``:household_id`` of ``:village_id`` as ``:user_id`` meets it with ``:card_id``; counters
add columns of their own. ``card_state`` is NULL when the household has no such card; no row: no such household."""

_STANDING = Prepared(STANDING)
_ANY_FACE = (
    select(
        _HOUSEHOLD.c.id, _HOUSEHOLD.c.head_name, _HOUSEHOLD.c.tail, _HOUSEHOLD.c.members_count, _HOUSEHOLD.c.state,
        _GRID.c.name.label("grid_name"),
    )
    .join(_GRID, _GRID.c.id == _HOUSEHOLD.c.grid_id)
    .where(_HOUSEHOLD.c.village_id == bindparam("village_id"))
)  # fmt: skip
FACE = _ANY_FACE.where(_HOUSEHOLD.c.id == bindparam("household_id"))
"""What ``face_of`` reads, of ``:household_id`` of ``:village_id``; pages add columns of their own."""

_FACE = Prepared(FACE)
_FACES = _ANY_FACE.where(_HOUSEHOLD.c.id.in_(bindparam("household_ids", expanding=True)))


@dataclass(frozen=True)
class Face:
    """As much of a household as the keeper may see: masked name, tail, grid, number of members."""

    id: int
    name: str
    """王*智, without 家."""
    tail: str
    members: int
    grid: str
    is_ended: bool


def standing(village_id: int, household_id: int, card_id: int | None, *, by: int) -> Any:
    """The row of ``STANDING`` for a household of this village, as user ``by`` meets it; None: no such."""
    values = {"village_id": village_id, "household_id": household_id, "card_id": card_id, "user_id": by}
    return _STANDING.first(values)


def find_face(village_id: int, household_id: int) -> Face | None:
    """What the keeper sees of a household of this village."""
    row = _FACE.first({"village_id": village_id, "household_id": household_id})
    return None if row is None else face_of(row)


def head_name(village_id: int, household_id: int) -> str | None:
    """The householder's whole name; the caller records the look first."""
    return db.session.scalar(
        select(Household.head_name).where(Household.id == household_id, Household.village_id == village_id)
    )


def faces(village_id: int, household_ids: set[int]) -> dict[int, Face]:
    """The faces of several households in one statement, by id; for lists."""
    if not household_ids:
        return {}
    rows = db.session.execute(_FACES, {"household_ids": sorted(household_ids), "village_id": village_id})
    return {row.id: face_of(row) for row in rows}


def face_of(row: Any) -> Face:
    """The face that a row of ``FACE`` shows."""
    return Face(row.id, mask_name(row.head_name), row.tail, row.members_count, row.grid_name, row.state == "ended")
