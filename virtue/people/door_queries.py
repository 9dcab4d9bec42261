"""Door codes: whose plate it is, and what a sheet of them shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from virtue.extensions import db
from virtue.people import codes, qr
from virtue.people.errors import UnknownDoorCode
from virtue.people.models import DoorCode, Household
from virtue.people.queries import Found
from virtue.people.queries import household_by_input as household_by_card_or_code
from virtue.places.models import Grid

shown_at_doors: list[Callable[[Household], Any]] = []
"""What a door shows everybody beside its number: the room of the stars adds itself; None: 未参评."""


@dataclass(frozen=True)
class Plate:
    """A door code as printed. No name: it hangs where everybody passes."""

    household_id: int
    number: str
    digits: str
    code: qr.Qr


def household_by_door_code(text: str, *, village_id: int | None = None) -> Household:
    """Whose door plate this is, in one village or in any. Raises ``UnknownDoorCode``; takes what ``codes.clean`` takes."""
    found = find_door(text)
    if found is None or (village_id is not None and found.village_id != village_id):
        raise UnknownDoorCode
    return found.household


def find_door(text: str) -> DoorCode | None:
    """The door code of a household that hasn't ended."""
    digits = codes.clean(text)
    if not codes.is_card_code(digits):
        return None
    found = db.session.scalar(
        select(DoorCode).where(DoorCode.code_hmac.in_(codes.door_hmacs(digits))).options(joinedload(DoorCode.household))
    )
    return None if found is None or found.household.state == "ended" else found


@dataclass(frozen=True)
class Named:
    """A household that was named for an award, and whether by something shown: its card or its door plate."""

    household: Household
    is_shown: bool


def household_by_input(village_id: int, text: str) -> Named:
    """What was meant in the field 扫积分卡或门牌码，或输户号: as ``queries.household_by_input``, and door codes too."""
    door = find_door(text)
    if door is not None and door.village_id == village_id:
        return Named(door.household, is_shown=True)
    found: Found = household_by_card_or_code(village_id, text)
    return Named(found.household, is_shown=found.card is not None)


def plates(village_id: int, grid_id: int, base_url: str, household_id: int | None = None) -> list[Plate]:
    """A grid's door codes (or one household's) in the order of the households' codes, as they are printed."""
    doors = [door for door in _doors(village_id, grid_id) if household_id in {None, door.household_id}]
    digits = [codes.derive_door(door) for door in doors]
    addresses = [qr.door_address(base_url, code) for code in digits]
    mask = qr.best_mask(addresses[0]) if addresses else None
    return [
        Plate(
            door.household_id, f"{door.household.grid.number}-{door.household.tail}", codes.grouped(code),
            qr.drawn(address, mask),
        )
        for door, code, address in zip(doors, digits, addresses, strict=True)
    ]  # fmt: skip


def _doors(village_id: int, grid_id: int) -> Sequence[DoorCode]:
    query = (
        select(DoorCode)
        .join(DoorCode.household)
        .join(Household.grid)
        .options(contains_eager(DoorCode.household).contains_eager(Household.grid))
        .where(DoorCode.village_id == village_id, Household.grid_id == grid_id, Household.state == "active")
        .order_by(Household.code)
    )
    return db.session.scalars(query).all()


def households_without(village_id: int, grid_id: int | None = None) -> list[int]:
    """The households that take part and have no door code, by code."""
    query = select(Household.id).where(
        Household.village_id == village_id, Household.state == "active", Household.left_on.is_(None),
        Household.id.not_in(select(DoorCode.household_id).where(DoorCode.village_id == village_id)),
    )  # fmt: skip
    if grid_id is not None:
        query = query.where(Household.grid_id == grid_id)
    return list(db.session.scalars(query.order_by(Household.code)))


def doors_by_grid(village_id: int) -> list[tuple[Grid, int, int]]:
    """Each grid with its households that take part, and how many of them have a door code."""
    rows = db.session.execute(
        select(Household.grid_id, func.count(), func.count(DoorCode.id))
        .outerjoin(DoorCode, DoorCode.household_id == Household.id)
        .where(Household.village_id == village_id, Household.state == "active", Household.left_on.is_(None))
        .group_by(Household.grid_id)
    )
    counts = {grid_id: (households, doors) for grid_id, households, doors in rows}
    grids = db.session.scalars(select(Grid).where(Grid.village_id == village_id).order_by(Grid.number))
    return [(grid, *counts.get(grid.id, (0, 0))) for grid in grids]
