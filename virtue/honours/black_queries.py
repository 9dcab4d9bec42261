"""The black board as everybody may see it, computed anew at every reading; and what the desk works through. Reads only.

``Posted`` has no field for a household. An entry is there while the board is on, two have decided it, its day hasn't passed,
its place stands on the list, and the deduction it came from (if any) still stands; else it is nowhere.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from virtue.awarding.models import Deed
from virtue.core import settings
from virtue.core.models import Remark
from virtue.extensions import db
from virtue.honours.black_models import BlackEntry, BlackState, PublicPlace
from virtue.honours.black_states import OPEN
from virtue.honours.black_texts import names_somebody
from virtue.people import public_queries as people
from virtue.people.models import Household
from virtue.places.models import Grid

SETTING = "black_board"
_SOURCE_STANDS = or_(
    BlackEntry.deed_id.is_(None), and_(Deed.state == "settled", Deed.publish == "place_only")
)  # fmt: skip
_PROBLEM, _TO_DO = aliased(Remark), aliased(Remark)


@dataclass(frozen=True)
class Posted:
    """One line of the board: where, what, what to do, and the last day."""

    id: int
    grid: str
    place: str
    """Empty: somewhere in the grid."""
    problem: str
    to_do: str
    until: date


def is_on(village_id: int) -> bool:
    """Whether the village has turned the black board on."""
    return bool(settings.value(SETTING, village_id))


def posted(village_id: int, day: date) -> list[Posted]:
    """What stands on the black board on a day, by grid and place; nothing while it is off."""
    if not is_on(village_id):
        return []
    rows = db.session.execute(
        _standing(village_id, day)
        .join(Grid, Grid.id == BlackEntry.grid_id)
        .join(_PROBLEM, _PROBLEM.id == BlackEntry.problem_id)
        .join(_TO_DO, _TO_DO.id == BlackEntry.to_do_id)
        .with_only_columns(
            BlackEntry.id, Grid.name, PublicPlace.name.label("place"), _PROBLEM.text.label("problem"),
            _TO_DO.text.label("to_do"), BlackEntry.ends_on,
        )
        .order_by(Grid.number, PublicPlace.name, BlackEntry.id)
    ).all()  # fmt: skip
    found = [Posted(row.id, row.name, row.place or "", row.problem or "", row.to_do or "", row.ends_on) for row in rows]
    # Somebody of that name may have come to the village since it was written.
    names = {name for name, _one in people.names_within(village_id, "\n".join(f"{p.problem}{p.to_do}" for p in found))}
    return [
        one for one in found
        if one.problem and one.to_do and not names_somebody(one.problem, names) and not names_somebody(one.to_do, names)
    ]  # fmt: skip


def fingerprint(board: list[Posted]) -> str:
    """Of what is shown, so that a screen that has it needn't draw it again, and one that has more must."""
    return hashlib.sha256(repr(board).encode()).hexdigest()[:16]


def _standing(village_id: int, day: date) -> Select[Any]:
    return (
        select(BlackEntry)
        .outerjoin(PublicPlace, PublicPlace.id == BlackEntry.place_id)
        .outerjoin(Deed, Deed.id == BlackEntry.deed_id)
        .where(
            BlackEntry.village_id == village_id, BlackEntry.state == BlackState.POSTED, BlackEntry.ends_on >= day,
            or_(BlackEntry.place_id.is_(None), PublicPlace.ended_on.is_(None)), _SOURCE_STANDS,
        )
    )  # fmt: skip


def not_standing(village_id: int, day: date) -> list[BlackEntry]:
    """Posted entries that are shown nowhere any more and only wait for their row to say so."""
    standing = _standing(village_id, day).with_only_columns(BlackEntry.id)
    query = select(BlackEntry).where(
        BlackEntry.village_id == village_id, BlackEntry.state == BlackState.POSTED, BlackEntry.id.not_in(standing)
    )
    return list(db.session.scalars(query.order_by(BlackEntry.id)))


def entries(village_id: int, *, is_open: bool = True) -> Select[BlackEntry]:
    """The desk's list: what is still in hand, or what is over; newest first."""
    states = [str(state) for state in OPEN]
    condition = BlackEntry.state.in_(states) if is_open else BlackEntry.state.not_in(states)
    return select(BlackEntry).where(BlackEntry.village_id == village_id, condition).order_by(BlackEntry.id.desc())


def find_entry(village_id: int, entry_id: int) -> BlackEntry | None:
    """An entry of this village."""
    return db.session.scalar(select(BlackEntry).where(BlackEntry.id == entry_id, BlackEntry.village_id == village_id))


def places(village_id: int) -> list[PublicPlace]:
    """The list of public places, by grid and name."""
    return list(
        db.session.scalars(
            select(PublicPlace)
            .join(Grid, Grid.id == PublicPlace.grid_id)
            .where(PublicPlace.village_id == village_id, PublicPlace.ended_on.is_(None))
            .order_by(Grid.number, PublicPlace.name)
        )
    )


def place_names(place_ids: set[int | None]) -> dict[int, str]:
    """The names of these places, also of those no longer on the list."""
    rows = db.session.execute(select(PublicPlace.id, PublicPlace.name).where(PublicPlace.id.in_(place_ids - {None})))
    return {row.id: row.name for row in rows}


def households_in(grid_id: int) -> int:
    """How many households of a grid take part."""
    query = select(func.count()).where(
        Household.grid_id == grid_id, Household.state == "active", Household.left_on.is_(None)
    )
    return db.session.scalar(query) or 0


def sources(village_id: int) -> Select[Deed]:
    """Settled deductions of rules for places that no entry came from yet, newest first."""
    used = select(BlackEntry.deed_id).where(BlackEntry.village_id == village_id, BlackEntry.deed_id.is_not(None))
    return (
        select(Deed)
        .where(
            Deed.village_id == village_id, Deed.state == "settled", Deed.publish == "place_only",
            Deed.route == "deduction", Deed.id.not_in(used),
        )
        .order_by(Deed.id.desc())
    )  # fmt: skip
