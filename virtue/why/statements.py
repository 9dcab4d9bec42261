"""A household's statement for a month or a year: what lay there, what came, what went, what is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.why import histories
from virtue.why.histories import Line

UNITS = ("home", "civility")


@dataclass(frozen=True)
class Part:
    """One unit of a statement: what lay there at first, what came, what went, what is left."""

    unit: str
    first: int
    came: int
    went: int
    left: int


@dataclass(frozen=True)
class Statement:
    """The months it covers, their lines from the oldest, and each unit's sums."""

    months: tuple[int, ...]
    known: tuple[int, ...]
    """All months that can be asked for, the newest first."""
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]

    @property
    def is_year(self) -> bool:
        """Over several months."""
        return len(self.months) > 1

    @property
    def years(self) -> list[int]:
        """All years that can be asked for, the newest first."""
        return sorted({month // 100 for month in self.known}, reverse=True)


def statement(household_id: int, *, year: int | None, month: int | None) -> Statement:
    """The statement of a year, or of a month (202611); of the present month for anything odd."""
    known = ledger.all_months()
    months = _months(known, year, month)
    lines = histories.lines(household_id, months)[::-1]
    before = [one for one in known if one < min(months)]
    parts = tuple(_part(household_id, unit, before, lines) for unit in UNITS)
    return Statement(tuple(months), tuple(known), tuple(lines), parts)


def _months(known: Sequence[int], year: int | None, month: int | None) -> list[int]:
    if year in {number // 100 for number in known}:
        return [number for number in sorted(known) if number // 100 == year]
    return [month if month is not None and month in known else known[0]]


def _part(household_id: int, unit: str, before: Sequence[int], lines: Sequence[Line]) -> Part:
    # Only what moved the purse: what was noted as owed changed nothing that could be spent.
    changes = [line.change for line in lines if line.unit == unit and line.left is not None]
    last = db.session.execute(ledger.movements(household_id, unit, "purse", before).limit(1)).first()
    first = int(last.balance_after) if last is not None else 0
    return Part(
        unit, first, sum(n for n in changes if n > 0), sum(n for n in changes if n < 0), first + sum(changes)
    )  # fmt: skip
