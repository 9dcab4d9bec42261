"""The top lists of a quarter: beside totals such that a lone widow can win something. Tallies only, never deeds.

Ties: the smaller ledger sequence of the household's last change (first to get there), then the household code. Nobody who
opted out, left or ended stands in a list, frozen or not; a list shows the top alone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select

from virtue import clock
from virtue.extensions import db
from virtue.honours import star_facts
from virtue.honours import star_quarters as quarters
from virtue.honours.board_queries import standing_freeze
from virtue.people import public_queries as people
from virtue.people.models import Member
from virtue.people.public_queries import Face
from virtue.people.queries import NAME_ON_BOARD
from virtue.scores import queries as scores

NAMES = ("civility", "home", "improved", "per_able", "newcomers", "helpers")
KEPT = 30
"""As many rows of a list are frozen: whoever leaves it makes room for the next."""
SMALL = 5
"""Points of a deed, on average, up to which it is a small one."""
NEW_MONTHS = 12
"""A newcomer earned nothing in so many months before the quarter."""


@dataclass(frozen=True)
class Listed:
    """One household in a list. ``figure``: points, or deeds; of ``per_able`` tenths of a point."""

    household_id: int
    figure: int
    last_seq: int


@dataclass(frozen=True)
class Place:
    """One row of a list as everybody sees it."""

    number: int
    name: str
    tail: str | None
    figure: int

    @property
    def is_long(self) -> bool:
        """A name that needs smaller type, so that nothing is cut off."""
        return len(self.name) > 8


@dataclass(frozen=True)
class TopLists:
    """The lists asked for, of one quarter."""

    quarter: int
    frozen_on: date | None
    until: date | None
    """The last day on which they stand still; None: they run."""
    lists: dict[str, tuple[Place, ...]]


def top_lists(
    village_id: int, day: date, names: Iterable[str] = NAMES, *, rows: int, unlisted: Collection[int] | None = None
) -> TopLists:
    """The lists of the quarter as everybody may see them: frozen ones, else those of now. ``unlisted``: if read already."""
    frozen = standing_freeze(village_id, "top", day)
    wanted = tuple(names)
    unlisted = people.unlisted(village_id) if unlisted is None else unlisted
    if frozen is None:
        quarter, found = quarters.of(day), compute(village_id, day, wanted, without=unlisted, rows=rows)
    else:
        quarter = quarters.find(frozen.period) or quarters.of(day)
        kept = frozen.content["lists"]
        found = {name: _without([Listed(*row) for row in kept.get(name, [])], unlisted)[:rows] for name in wanted}
    faces = people.faces({row.household_id for rows in found.values() for row in rows}, NAME_ON_BOARD)
    return TopLists(
        quarter, clock.day_of(frozen.frozen_at) if frozen else None, frozen.until if frozen else None,
        {name: _places(found[name], faces) for name in wanted},
    )  # fmt: skip


def compute(
    village_id: int, day: date, names: Collection[str], *, without: Collection[int], rows: int
) -> dict[str, list[Listed]]:
    """The lists of the day's quarter from the tallies, each cut to ``rows``."""
    quarter = quarters.of(day)
    sums = scores.by_unit(village_id, quarters.months(quarter))
    civility = {row.household_id: _listed(row) for row in sums["civility"]}
    makers = {
        "civility": civility.values,
        "home": lambda: map(_listed, sums["home"]),
        "improved": lambda: _improved(village_id, quarter, civility),
        "per_able": lambda: _per_able(village_id, day, civility),
        "newcomers": lambda: _newcomers(village_id, quarter, civility),
        "helpers": lambda: _helpers(sums["home"]),
    }
    return {name: _best(_without(makers[name](), without), rows) for name in names}


def _listed(row: Any) -> Listed:
    """A row of the tallies; a sum comes as a decimal from PostgreSQL."""
    return Listed(row.household_id, int(row.score), int(row.last_seq))


def _improved(village_id: int, quarter: int, civility: dict[int, Listed]) -> list[Listed]:
    """More than in the quarter before, among those who stood in it; whoever is new has a list of their own."""
    before = scores.sums_by_household(village_id, quarters.months(quarters.before(quarter)), "civility")
    return [
        Listed(row.household_id, row.figure - before[row.household_id].net, row.last_seq)
        for row in civility.values()
        if row.household_id in before
    ]


def _per_able(village_id: int, day: date, civility: dict[int, Listed]) -> list[Listed]:
    """Points for each adult able to work, in tenths, rounded down; a household without any counts as one."""
    able = able_counts(village_id, day)
    return [
        Listed(row.household_id, row.figure * 10 // max(1, able.get(row.household_id, 0)), row.last_seq)
        for row in civility.values()
    ]


def _newcomers(village_id: int, quarter: int, civility: dict[int, Listed]) -> list[Listed]:
    """Who earned nothing in the year before the quarter; no list while the whole village is new."""
    known = scores.with_tally(village_id, clock.months_back(clock.previous_month(quarter), NEW_MONTHS))
    return [row for row in civility.values() if row.household_id not in known] if known else []


def _helpers(home: Iterable[Any]) -> list[Listed]:
    """Quiet helpers: the most deeds in home points, small ones on average."""
    return [
        Listed(row.household_id, int(row.deeds), int(row.last_seq))
        for row in home
        if row.deeds > 0 and row.score <= row.deeds * SMALL
    ]


def able_counts(village_id: int, day: date) -> dict[int, int]:
    """By household, how many are between 18 and 59 on a day; whose birth year isn't known counts as able."""
    latest, earliest = (day.year * 12 + day.month - age * 12 for age in (star_facts.ABLE_FROM, star_facts.ABLE_TO))
    born = Member.birth_year * 12 + func.coalesce(Member.birth_month, 12)
    rows = db.session.execute(
        select(Member.household_id, func.count())
        .where(
            Member.village_id == village_id, Member.gone_on.is_(None),
            or_(Member.birth_year.is_(None), and_(born <= latest, born > earliest)),
        )
        .group_by(Member.household_id)
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


def _without(rows: Iterable[Listed], unlisted: Collection[int]) -> list[Listed]:
    return [row for row in rows if row.household_id not in unlisted and row.figure > 0]


def _best(rows: list[Listed], count: int) -> list[Listed]:
    """The first ``count``: by figure, then who got there first, then household code."""
    rows.sort(key=lambda row: (-row.figure, row.last_seq))
    if len(rows) > count:
        last = rows[count - 1]
        # Whoever is even with the last one must be there when the household code decides.
        rows = [row for row in rows if (-row.figure, row.last_seq) <= (-last.figure, last.last_seq)]
    if len({(row.figure, row.last_seq) for row in rows}) < len(rows):
        codes = people.codes_of([row.household_id for row in rows])
        rows.sort(key=lambda row: (-row.figure, row.last_seq, codes[row.household_id]))
    return rows[:count]


def _places(rows: Iterable[Listed], faces: dict[int, Face]) -> tuple[Place, ...]:
    shown = [(faces[row.household_id], row.figure) for row in rows if row.household_id in faces]
    return tuple(Place(number, face.name, face.tail, figure) for number, (face, figure) in enumerate(shown, 1))
