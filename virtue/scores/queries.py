"""What the score lane can be asked. Boards, stars and dividends read tallies, never deeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, select

from virtue.extensions import db
from virtue.scores.models import NO_DIMENSION, GridTally, Tally, Veto


@dataclass(frozen=True)
class Score:
    """Earned less deducted in a period (本季得分); spending never lowers it."""

    earned: int = 0
    deducted: int = 0

    @property
    def net(self) -> int:
        """What counts; may be below zero."""
        return self.earned - self.deducted


def scores_of(household_id: int, village_id: int, months: Iterable[int]) -> dict[str, Score]:
    """A household's scores in these months by unit."""
    rows = db.session.execute(
        select(Tally.unit, func.sum(Tally.earned), func.sum(Tally.deducted))
        .where(Tally.month.in_(list(months)), Tally.village_id == village_id, Tally.household_id == household_id)
        .group_by(Tally.unit)
    )
    found = {"home": Score(), "civility": Score()}
    found.update({unit: Score(int(earned), int(deducted)) for unit, earned, deducted in rows})
    return found


def sums_by_household(village_id: int, months: Iterable[int], unit: str) -> dict[int, Score]:
    """By household, what it earned and lost in these months in a unit; only who has a tally stands in it."""
    rows = db.session.execute(
        select(Tally.household_id, func.sum(Tally.earned), func.sum(Tally.deducted))
        .where(Tally.month.in_(list(months)), Tally.village_id == village_id, Tally.unit == unit)
        .group_by(Tally.household_id)
    )
    return {household_id: Score(int(earned), int(deducted)) for household_id, earned, deducted in rows}


def by_unit(village_id: int, months: Iterable[int]) -> dict[str, list[Any]]:
    """By unit, all households of these months: household_id, unit, score (may be below zero), deeds, last_seq."""
    rows = db.session.execute(
        select(
            Tally.household_id, Tally.unit, (func.sum(Tally.earned) - func.sum(Tally.deducted)).label("score"),
            func.sum(Tally.deeds).label("deeds"), func.max(Tally.last_seq).label("last_seq"),
        )
        .where(Tally.month.in_(list(months)), Tally.village_id == village_id)
        .group_by(Tally.household_id, Tally.unit)
    )  # fmt: skip
    found: dict[str, list[Any]] = {"home": [], "civility": []}
    for row in rows:
        found[row.unit].append(row)
    return found


@dataclass(frozen=True)
class VillageMonth:
    """What a village earned in a month: points by unit, how many deeds counted, how many households earned something."""

    home: int
    civility: int
    deeds: int
    households: int


def village_month(village_id: int, month: int) -> VillageMonth:
    """The sums of a village's month; what was deducted isn't in them."""
    rows = db.session.execute(
        select(
            Tally.household_id, func.sum(case((Tally.unit == "home", Tally.earned), else_=0)),
            func.sum(case((Tally.unit == "civility", Tally.earned), else_=0)), func.sum(Tally.deeds),
        )
        .where(Tally.month == month, Tally.village_id == village_id)
        .group_by(Tally.household_id)
    ).all()  # fmt: skip
    return VillageMonth(
        sum(int(row[1]) for row in rows), sum(int(row[2]) for row in rows), sum(int(row[3]) for row in rows),
        sum(row[1] + row[2] > 0 for row in rows),
    )  # fmt: skip


def with_tally(village_id: int, months: Iterable[int]) -> set[int]:
    """The households that have a tally in these months, whatever it says."""
    rows = select(Tally.household_id).where(Tally.month.in_(list(months)), Tally.village_id == village_id).distinct()
    return set(db.session.scalars(rows))


def kept(sign: int = 1) -> Select[*tuple[Any, ...]]:
    """Inside a query: all tally rows, their sums times ``sign``, to be held against the deeds."""
    return select(
        Tally.village_id, Tally.month, Tally.household_id, Tally.dimension, Tally.unit, (Tally.earned * sign).label("earned"),
        (Tally.deducted * sign).label("deducted"), (Tally.deeds * sign).label("deeds"),
    )  # fmt: skip


def kept_grids(sign: int = 1) -> Select[*tuple[Any, ...]]:
    """The same of the grids' tallies."""
    return select(GridTally.month, GridTally.grid_id, GridTally.rule_code, (GridTally.deeds * sign).label("deeds"))


def by_dimension(village_id: int, months: Iterable[int], household_id: int | None = None) -> list[Any]:
    """Each household's figures in each dimension in these months; one grouping question, whatever the history.

    Rows: household_id, dimension, home and civility earned, civility deducted.
    """
    home, civility = Tally.unit == "home", Tally.unit == "civility"
    query = (
        select(
            Tally.household_id, Tally.dimension, func.sum(case((home, Tally.earned), else_=0)).label("home"),
            func.sum(case((civility, Tally.earned), else_=0)).label("civility"),
            func.sum(case((civility, Tally.deducted), else_=0)).label("deducted"),
        )
        .where(Tally.month.in_(list(months)), Tally.village_id == village_id, Tally.dimension != NO_DIMENSION)
        .group_by(Tally.household_id, Tally.dimension)
    )  # fmt: skip
    if household_id is not None:
        query = query.where(Tally.household_id == household_id)
    return list(db.session.execute(query))


def vetoes_between(village_id: int, first: date, last: date, household_id: int | None = None) -> list[Veto]:
    """The vetoes that stood on any day from ``first`` to ``last``. One that was lifted by a reversal was wrong from the start."""
    query = select(Veto).where(
        Veto.village_id == village_id, Veto.until_on >= first, Veto.from_on <= last, Veto.ended_on.is_(None)
    )
    if household_id is not None:
        query = query.where(Veto.household_id == household_id)
    return list(db.session.scalars(query.order_by(Veto.id)))


def vetoes(village_id: int) -> Select[Veto]:
    """All vetoes of a village: those that end last first."""
    return select(Veto).where(Veto.village_id == village_id).order_by(Veto.until_on.desc(), Veto.id.desc())


def deeds_by_village(month: int) -> dict[int, tuple[int, int]]:
    """By village, how many deeds a month counts, and of how many households; what was reversed is out of both."""
    rows = db.session.execute(
        select(Tally.village_id, func.sum(Tally.deeds), func.count(Tally.household_id.distinct()))
        .where(Tally.month == month, Tally.deeds > 0)
        .group_by(Tally.village_id)
    )
    return {village_id: (int(deeds), households) for village_id, deeds, households in rows}
