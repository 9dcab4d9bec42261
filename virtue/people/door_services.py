"""Issuing door codes: one per household, derived, kept only as an HMAC."""

from sqlalchemy import insert, select

from virtue import clock
from virtue.core import audit
from virtue.extensions import db
from virtue.people import codes, door_queries, queries
from virtue.people.models import DoorCode
from virtue.places.models import Village
from virtue.transactions import atomic

_DOOR = DoorCode.__table__


class _Made:
    """A door code that is being made, as ``codes.derive_door`` wants it."""

    def __init__(self, household_id: int) -> None:
        self.household_id = household_id
        self.version = 1
        self.key_number = codes.KEY_NUMBER


def issue_door_codes(village_id: int, grid_id: int | None = None, *, by: int) -> int:
    """Give each household of a grid (or the village) that takes part and has none a door code; gives how many."""
    with atomic():
        db.session.execute(select(Village.id).where(Village.id == village_id).with_for_update(key_share=True))
        return issue_in(village_id, grid_id, by=by)


def issue_in(village_id: int, grid_id: int | None = None, *, by: int) -> int:
    """The same inside a write that has begun."""
    rows = []
    for household_id in door_queries.households_without(village_id, grid_id):
        door, digits = _free(household_id)
        rows.append({
            "village_id": village_id, "household_id": household_id, "version": door.version,
            "key_number": door.key_number, "code_hmac": codes.door_hmac(digits), "issued_at": clock.now(),
        })  # fmt: skip
    if rows:
        db.session.execute(insert(_DOOR), rows)
        audit.record("people.issue_door_codes", village_id=village_id, by=by, grid=grid_id, count=len(rows))
    return len(rows)


def _free(household_id: int) -> tuple[_Made, str]:
    """A door code whose digits are on no card and no other door: in ten to the nineteenth never met, and yet."""
    door = _Made(household_id)
    while True:
        digits = codes.derive_door(door)
        if not queries.is_door_code(digits) and not queries.taken_hmacs(codes.hmacs(digits)):
            return door, digits
        door.version += 1
