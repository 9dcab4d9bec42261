"""What the office's own pages read: the audit trail, participation by grid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from virtue import clock
from virtue.awarding import queries as awarding
from virtue.awarding.models import Deed, DeedState
from virtue.core import remarks
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.people.models import Household
from virtue.places.models import Grid
from virtue.scores.models import Tally
from virtue.staff import queries as staff


@dataclass(frozen=True)
class AuditFilter:
    """What to show of the trail; empty shows all of the last days."""

    user_id: int | None = None
    household_id: int | None = None
    group: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Trace:
    """One row of the trail with the names it needs, looked up beside it."""

    row: Audit
    who: str
    household: Household | None
    why: str


def audit_rows(village_id: int, wanted: AuditFilter) -> Select[Audit]:
    """The trail of a village, newest first, as a query to be paged."""
    query = select(Audit).where(Audit.village_id == village_id).order_by(Audit.recorded_at.desc(), Audit.id.desc())
    if wanted.first is not None:
        query = query.where(Audit.recorded_at >= clock.start_of(wanted.first))
    if wanted.last is not None:
        query = query.where(Audit.recorded_at < clock.start_of(wanted.last + timedelta(days=1)))
    if wanted.user_id is not None:
        query = query.where(Audit.by_id == wanted.user_id)
    if wanted.household_id is not None:
        query = query.where(Audit.household_id == wanted.household_id)
    if wanted.group:
        query = query.where(Audit.action.startswith(f"{wanted.group}.", autoescape=True))
    if wanted.action:
        query = query.where(Audit.action == wanted.action)
    return query


def traces(rows: Sequence[Audit]) -> list[Trace]:
    """Rows of the trail with their people and households, in three questions whatever their number."""
    names = staff.names_of({row.by_id for row in rows})
    wanted = {row.household_id for row in rows if row.household_id is not None}
    households: dict[int, Household] = {}
    if wanted:
        found = db.session.scalars(select(Household).where(Household.id.in_(wanted))).unique()
        households = {household.id: household for household in found}
    words = remarks.texts([row.remark_id for row in rows])
    return [
        Trace(
            row,
            names.get(row.by_id or 0, ""),
            households.get(row.household_id or 0),
            words.get(row.remark_id or 0, ""),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class GridShare:
    """How many of a grid's households that take part have a score in a period."""

    name: str
    households: int
    taking_part: int

    @property
    def percent(self) -> int:
        """Of a hundred, rounded down; 0 where nobody lives."""
        return self.taking_part * 100 // self.households if self.households else 0


def participation(village_id: int, months: Iterable[int]) -> list[GridShare]:
    """By grid, in the grids' order: households that scored in these months, of those that take part."""
    scored = (
        select(Tally.household_id)
        .where(Tally.month.in_(list(months)), Tally.village_id == village_id, Tally.earned > 0)
        .distinct()
        .subquery()
    )
    rows: Sequence[Any] = db.session.execute(
        select(Grid.name, func.count(Household.id), func.count(scored.c.household_id))
        .join(Household, Household.grid_id == Grid.id)
        .outerjoin(scored, scored.c.household_id == Household.id)
        .where(Grid.village_id == village_id, Household.state == "active", Household.left_on.is_(None))
        .group_by(Grid.id, Grid.name, Grid.number)
        .order_by(Grid.number)
    ).all()
    return [GridShare(name, households, taking_part) for name, households, taking_part in rows]


def sent_back_to(village_id: int, user_id: int) -> int:
    """How many of a member's proposals were sent back and wait for what is missing."""
    query = select(func.count()).where(
        Deed.village_id == village_id, Deed.state == str(DeedState.SENT_BACK), Deed.proposed_by_id == user_id
    )
    return db.session.scalar(query) or 0


def review_waiting(village_id: int, user_id: int) -> tuple[int, datetime | None]:
    """How many deeds a reviewer may decide, and since when the oldest waits."""
    queue = awarding.review_queue(village_id, user_id)
    count = db.session.scalar(select(func.count()).select_from(queue.order_by(None).subquery())) or 0
    first: Any = db.session.scalar(queue.limit(1)) if count else None
    return count, first.proposed_at if first is not None else None
