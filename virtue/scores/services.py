"""The score lane's only writer: tallies change with a deed's settling or reversal, in its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from virtue.prepared import Prepared
from virtue.scores.models import GridTally, Tally


@dataclass(frozen=True)
class Change:
    """What a deed adds to (or, negative, a reversal takes from) one tally row. ``seq``: of its ledger entry."""

    month: int
    household_id: int
    dimension: str
    unit: str
    earned: int
    deducted: int
    deeds: int
    seq: int


@dataclass(frozen=True)
class GridChange:
    """What a deed adds to the grid's tally of its rule; ``households`` is 1 for the household's first this month."""

    month: int
    grid_id: int
    rule_code: str
    households: int
    deeds: int


def _upsert(model: Any, sums: tuple[str, ...], latest: tuple[str, ...] = ()) -> Prepared:
    """An insert that adds to the row that already stands, for both databases."""
    table = model.__table__
    statements = {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        statement = dialect.insert(table).values({column.name: bindparam(column.name) for column in table.c})
        changes = {column: table.c[column] + statement.excluded[column] for column in sums}
        changes |= {column: statement.excluded[column] for column in latest}
        statements[name] = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)
    return Prepared(statements)


_ADD = _upsert(Tally, ("earned", "deducted", "deeds"), ("last_seq",))
_ADD_GRID = _upsert(GridTally, ("households", "deeds"))


def add(village_id: int, changes: Sequence[Change]) -> None:
    """Add deeds to the households' tallies; the caller holds the village's lock. Rows come in ledger order."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for c in changes:
        key = {
            "month": c.month, "village_id": village_id, "household_id": c.household_id, "dimension": c.dimension,
            "unit": c.unit,
        }  # fmt: skip
        row = rows.setdefault(tuple(key.values()), {**key, "earned": 0, "deducted": 0, "deeds": 0})
        _count(row, earned=c.earned, deducted=c.deducted, deeds=c.deeds)
        row["last_seq"] = c.seq
    _ADD.run_many(list(rows.values()))


def add_grids(changes: Sequence[GridChange]) -> None:
    """Add deeds to the grids' tallies."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for c in changes:
        key = {"month": c.month, "grid_id": c.grid_id, "rule_code": c.rule_code}
        row = rows.setdefault(tuple(key.values()), {**key, "households": 0, "deeds": 0})
        _count(row, households=c.households, deeds=c.deeds)
    _ADD_GRID.run_many(list(rows.values()))


def _count(row: dict[str, Any], **more: int) -> None:
    """Add to a row of a batch: a statement may meet each row of the table once only."""
    for name, number in more.items():
        row[name] += number
