"""The comparison board (评比栏): grids beside each other, by month, quarter or year; from tallies alone.

The best three of each measure are ranked; all grids stand with their own figures in the order of their numbers, never
ranked, so that no list shows the lowest. Places only: no household can be read from it.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from virtue import clock
from virtue.awarding.models import Rule, Rulebook
from virtue.extensions import db
from virtue.formatting import is_chinese, month_name, quarter_name
from virtue.honours.board_queries import standing_freeze
from virtue.people.models import Household
from virtue.places.models import Grid
from virtue.scores.models import GridTally, Tally

KINDS = ("month", "quarter", "year")
MEASURES = ("civility", "home", "courtyards", "participation")
BEST = 3
LEAST_HOUSEHOLDS = 5
"""A smaller grid isn't compared: its figure would be one household's."""


@dataclass(frozen=True)
class GridFigures:
    """A grid's figures in a period. Points for each household in tenths; courtyards passed and participation in percent."""

    grid_id: int
    civility: int
    home: int
    courtyards: int
    participation: int


@dataclass(frozen=True)
class Best:
    """A grid among the best of a measure."""

    number: int
    name: str
    figure: int


@dataclass(frozen=True)
class Comparison:
    """The board of a period as everybody may see it."""

    kind: str
    period: str
    frozen_on: date | None
    until: date | None
    best: dict[str, tuple[Best, ...]]
    grids: tuple[tuple[str, GridFigures], ...]
    """Name and figures, in the order of their numbers."""


def period_of(kind: str, day: date) -> tuple[str, list[int]]:
    """A running period's key, and its months up to now: 2026-11, 2026-q4, 2026."""
    last = clock.month_of(day)
    if kind == "month":
        return f"{day:%Y-%m}", [last]
    if kind == "quarter":
        months = [month for month in clock.months_of_quarter(day) if month <= last]
        return f"{day.year}-q{(day.month - 1) // 3 + 1}", months
    return f"{day.year}", [day.year * 100 + month for month in range(1, day.month + 1)]


def period_name(period: str) -> str:
    """A key in words: 2026年11月, 2026年第四季度, 2026年."""
    year, _dash, part = period.partition("-")
    if not part:
        return f"{year}年" if is_chinese() else year
    if part.startswith("q"):
        return quarter_name(date(int(year), int(part[1:]) * 3, 1))
    return month_name(int(year) * 100 + int(part))


def comparison(village_id: int, day: date, kind: str) -> Comparison:
    """The board of a kind of period: as it was frozen, else as of now."""
    frozen = standing_freeze(village_id, "comparison", day)
    names = {
        row.id: row.name
        for row in db.session.execute(
            select(Grid.id, Grid.name).where(Grid.village_id == village_id).order_by(Grid.number)
        )
    }
    if frozen is None:
        period, months = period_of(kind, day)
        found = figures(village_id, months)
    else:
        kept = frozen.content[kind]
        period, found = kept["period"], [GridFigures(*row) for row in kept["grids"]]
    by_grid = {row.grid_id: row for row in found}
    return Comparison(
        kind, period, clock.day_of(frozen.frozen_at) if frozen else None, frozen.until if frozen else None,
        {measure: _best(found, measure, names) for measure in MEASURES},
        tuple((name, by_grid[grid_id]) for grid_id, name in names.items() if grid_id in by_grid),
    )  # fmt: skip


def to_freeze(village_id: int, day: date) -> dict[str, Any]:
    """All three periods as they are now, by ids and figures alone."""
    content = {}
    for kind in KINDS:
        period, months = period_of(kind, day)
        content[kind] = {"period": period, "grids": [list(astuple(row)) for row in figures(village_id, months)]}
    return content


def figures(village_id: int, months: list[int]) -> list[GridFigures]:
    """Every grid that is large enough, in the order of their numbers; three statements, whatever the history."""
    households = _households(village_id)
    scores, passed = _scores(village_id, months), _passed(village_id, months)
    found = []
    for grid_id, count in households.items():
        civility, home, with_points = scores.get(grid_id, (0, 0, 0))
        visits = count * len(months)
        found.append(
            GridFigures(
                grid_id, max(0, civility) * 10 // count, home * 10 // count,
                min(100, passed.get(grid_id, 0) * 100 // visits), min(100, with_points * 100 // count),
            )
        )  # fmt: skip
    return found


_TAKES_PART = (Household.state == "active", Household.left_on.is_(None))


def _households(village_id: int) -> dict[int, int]:
    """How many households of each grid take part, by grid number; small grids left out."""
    rows = db.session.execute(
        select(Grid.id, func.count())
        .join(Household, Household.grid_id == Grid.id)
        .where(Grid.village_id == village_id, *_TAKES_PART)
        .group_by(Grid.id, Grid.number)
        .having(func.count() >= LEAST_HOUSEHOLDS)
        .order_by(Grid.number)
    )
    return {row[0]: row[1] for row in rows}


def _scores(village_id: int, months: Iterable[int]) -> dict[int, tuple[int, int, int]]:
    """By grid: civility and home score, and how many households have any, of those that take part."""
    net = Tally.earned - Tally.deducted
    rows = db.session.execute(
        select(
            Household.grid_id, func.sum(case((Tally.unit == "civility", net), else_=0)),
            func.sum(case((Tally.unit == "home", net), else_=0)),
            func.count(case((Tally.earned > 0, Household.id)).distinct()),
        )
        .join(Household, Household.id == Tally.household_id)
        .where(Tally.month.in_(list(months)), Tally.village_id == village_id, *_TAKES_PART)
        .group_by(Household.grid_id)
    )  # fmt: skip
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in rows}


def _passed(village_id: int, months: Iterable[int]) -> dict[int, int]:
    """By grid: households that passed the courtyard's round, each month counted anew."""
    rounds = (
        select(Rule.code)
        .join(Rulebook, Rulebook.id == Rule.rulebook_id)
        .where(
            Rulebook.village_id == village_id, Rule.subject.in_(("environment", "环境")), Rule.entry.contains("round")
        )
    )
    rows = db.session.execute(
        select(GridTally.grid_id, func.sum(GridTally.households))
        .join(Grid, Grid.id == GridTally.grid_id)
        .where(GridTally.month.in_(list(months)), Grid.village_id == village_id, GridTally.rule_code.in_(rounds))
        .group_by(GridTally.grid_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def _best(found: list[GridFigures], measure: str, names: dict[int, str]) -> tuple[Best, ...]:
    """The best, even ones with the same number; at most half of the grids, so that nobody's low place is told."""
    rows = [row for row in found if getattr(row, measure) > 0 and row.grid_id in names]
    rows.sort(key=lambda row: -getattr(row, measure))
    shown = rows[: min(BEST, len(found) // 2)]
    values = [getattr(row, measure) for row in rows]
    return tuple(
        Best(values.index(getattr(row, measure)) + 1, names[row.grid_id], getattr(row, measure)) for row in shown
    )
