"""What households, screens and public pages may ask about deeds. Reads only."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from virtue import clock
from virtue.awarding.models import Amendment, Deed, DeedState, Event, Rule, Rulebook
from virtue.awarding.states import OPEN
from virtue.extensions import db
from virtue.ledger.models import Entry
from virtue.notices.models import Notice


@dataclass(frozen=True)
class Line:
    """A line of a public notice, before anything of the household is added."""

    number: int
    household_id: int
    grid_id: int
    rule_name: str
    rule_name_en: str | None
    unit: str
    points: int
    state: str
    publish: str

    @property
    def is_deduction(self) -> bool:
        """Whether it takes points; then it stands beside no household."""
        return self.points < 0


def notice_lines(notice_id: int) -> list[Line]:
    """The lines of a notice in their order."""
    rows = db.session.execute(
        select(
            Deed.notice_line, Deed.household_id, Deed.grid_id, Deed.rule_name, Deed.rule_name_en, Deed.unit,
            func.coalesce(Deed.settled_points, Deed.points), Deed.state, Deed.publish,
        )
        .where(Deed.notice_id == notice_id)
        .order_by(Deed.notice_line)
    )  # fmt: skip
    return [Line(*row) for row in rows]  # type: ignore[arg-type]  # on a notice, so numbered


def under_way(village_id: int, household_id: int) -> list[Deed]:
    """A household's deeds that aren't settled yet, newest first, each with its notice (``notice_of``)."""
    return list(
        db.session.scalars(
            select(Deed)
            .where(
                Deed.village_id == village_id,
                Deed.state.in_([str(state) for state in OPEN]),
                Deed.household_id == household_id,
            )
            .order_by(Deed.id.desc())
        )
    )


def notices_of(deeds: Iterable[Deed]) -> dict[int, Notice]:
    """The notices these deeds stand on, by id."""
    wanted = {deed.notice_id for deed in deeds if deed.notice_id is not None}
    if not wanted:
        return {}
    return {notice.id: notice for notice in db.session.scalars(select(Notice).where(Notice.id.in_(wanted)))}


def deeds_by_id(deed_ids: Collection[int]) -> dict[int, Deed]:
    """Deeds by id, with their rules and what a deduction has beyond."""
    if not deed_ids:
        return {}
    query = select(Deed).where(Deed.id.in_(deed_ids)).options(joinedload(Deed.rule), joinedload(Deed.deduction))
    return {deed.id: deed for deed in db.session.scalars(query)}


def scoring_deeds(household_id: int, unit: str, months: Collection[int], dimension: str | None = None) -> list[Any]:
    """What counts in a household's score of these months: settled deeds, and those whose reversal counts in them.

    ``dimension``: only what counts for one star.

    Rows: id, entry_id, settled_points, counts_in, reversed_in (None while it isn't reversed).
    """
    # A deed counts in its own month or a later one, never before: from the first month on, by the index.
    first, happened = db.session.scalar(select(func.min(Deed.month))), [max(months)]
    while first is not None and happened[-1] > first:
        happened.append(clock.previous_month(happened[-1]))
    query = select(Deed.id, Deed.entry_id, Deed.settled_points, Deed.counts_in, Deed.reversed_in).where(
        Deed.month.in_(happened), Deed.household_id == household_id, Deed.unit == unit, Deed.scores.is_(True),
        or_(Deed.counts_in.in_(months), Deed.reversed_in.in_(months)),
    )  # fmt: skip
    if dimension is not None:
        query = query.where(Deed.dimension == dimension)
    return list(db.session.execute(query))


def good_deeds(household_ids: Collection[int], month: int) -> list[Any]:
    """What these households were given points for in a month, the most points first; never a deduction.

    Rows: household_id, rule_name, rule_name_en, points, unit.
    """
    return list(
        db.session.execute(
            select(
                Deed.household_id, Deed.rule_name, Deed.rule_name_en, Deed.settled_points.label("points"), Deed.unit
            )
            .join(Entry, Entry.id == Deed.entry_id)
            .where(
                Entry.month == month, Entry.household_id.in_(list(household_ids)), Deed.state == str(DeedState.SETTLED),
                Deed.settled_points > 0,
            )
            .order_by(Deed.settled_points.desc(), Deed.id)
        )
    )  # fmt: skip


def event_names(event_ids: Collection[int]) -> dict[int, str]:
    """The names of these events by id."""
    if not event_ids:
        return {}
    rows = db.session.execute(select(Event.id, Event.name).where(Event.id.in_(event_ids)))
    return {row.id: row.name for row in rows}


def amended_from(deed_ids: Collection[int]) -> dict[int, int]:
    """For deeds that an upheld objection made anew, the points that stood there before."""
    if not deed_ids:
        return {}
    rows = db.session.execute(
        select(Amendment.deed_id, func.coalesce(Deed.settled_points, Deed.points).label("points"))
        .join(Deed, Deed.id == Amendment.from_id)
        .where(Amendment.deed_id.in_(deed_ids))
    )
    return {row.deed_id: row.points for row in rows}


def deductions_of(village_id: int, household_id: int, months: Collection[int]) -> list[Deed]:
    """A household's deductions that happened in these months, newest first, with what belongs to them."""
    return list(
        db.session.scalars(
            select(Deed)
            .join(Rule, Rule.id == Deed.rule_id)
            .outerjoin(Deed.deduction)
            .where(
                Deed.month.in_(months), Deed.household_id == household_id, Deed.village_id == village_id,
                Deed.route == "deduction",
            )
            .order_by(Deed.id.desc())
            .options(contains_eager(Deed.rule), contains_eager(Deed.deduction))
        )
    )  # fmt: skip


def booked_on(notice: Notice) -> date:
    """The day on which what stands on a notice is booked, if nobody objects."""
    return notice.ends_on + timedelta(days=1)


def is_due(notice: Notice, today: date) -> bool:
    """Whether a notice is over and only waits for the day's run (到期，待入账)."""
    return notice.ends_on < today and notice.settled_at is None and notice.kind == "deeds"


FROZEN = str(DeedState.FROZEN)

STANDING = {"on_notice", "frozen", "settled"}
"""States of a deed whose line is still shown."""


def find_rule(village_id: int, rule_id: int) -> Rule | None:
    """A rule of any of a village's books."""
    return db.session.scalar(
        select(Rule).join(Rule.rulebook).where(Rule.id == rule_id, Rulebook.village_id == village_id)
    )


def rules_of(rulebook_id: int) -> list[Rule]:
    """The rules of a book in its order."""
    return list(db.session.scalars(select(Rule).where(Rule.rulebook_id == rulebook_id).order_by(Rule.position)))
