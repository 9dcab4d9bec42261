"""What must hold in the rows whatever happened: each law is a query that gives the rows that break it.

Every package lists its own in ``invariants.py``; ``flask virtue verify`` (office) runs them all, on one snapshot.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, FromClause, Select, func, select

from virtue.core import remarks
from virtue.core.models import Audit, Remark
from virtue.extensions import db
from virtue.transactions import is_sqlite

Row = Mapping[Any, Any]
Query = Select[*tuple[Any, ...]]
CHUNK = 2000


def _tell_nobody(_done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass
class Run:
    """One run of the invariants: where seals may begin, what was verified on the way, whom to tell of the progress."""

    known: dict[int, tuple[int, str]] = field(default_factory=dict)
    """By village the sequence and seal that an earlier run had verified."""
    resumes: bool = False
    """Begin behind what is known, instead of at the first entry."""
    verified: dict[int, tuple[int, str]] = field(default_factory=dict)
    """By village the last link that held in this run."""
    tell: Callable[[int, int], None] = _tell_nobody


@dataclass(frozen=True)
class Invariant:
    """A law of the rows. ``fault`` tells one row that breaks it, with the row's columns as parameters."""

    name: str
    law: Any
    fault: Any
    rows: Callable[[Run], Iterable[Row]]


def of_query(name: str, law: Any, fault: Any, query: Callable[[], Query]) -> Invariant:
    """An invariant whose faulty rows one query gives; it is built when it is asked for."""
    return Invariant(name, law, fault, lambda _run: stream(query()))


def stream(query: Query) -> Iterator[Row]:
    """A query's rows as they come: history doesn't have to fit into memory."""
    result = db.session.execute(query.execution_options(yield_per=CHUNK))
    try:
        yield from result.mappings()
    finally:
        result.close()


def day_in_shanghai(instant: Any) -> ColumnElement[Any]:
    """The calendar day of an instant, inside a query."""
    if is_sqlite():
        return func.date(instant, "+8 hours")
    return func.date(func.timezone("Asia/Shanghai", instant))


def altered_remarks(table: FromClause) -> Iterator[Row]:
    """Rows of a permanent table whose remark no longer is what their salted hash was made of; forgotten ones aside."""
    remark = Remark.__table__
    rows = stream(
        select(table.c.id, table.c.remark_id, table.c.remark_hash, remark.c.text, remark.c.salt)
        .join(remark, remark.c.id == table.c.remark_id)
        .where(remark.c.text.is_not(None))
        .order_by(table.c.id)
    )
    return (row for row in rows if remarks.fingerprint(row["text"], row["salt"]) != row["remark_hash"])


ALTERED = _l("%(id)s 号记录的说明（%(remark_id)s 号）被改过。")

INVARIANTS: tuple[Invariant, ...] = (
    Invariant("core.remark", _l("操作记录里的说明没有被改过"), ALTERED, lambda _run: altered_remarks(Audit.__table__)),
    of_query(
        "core.audit_remark",
        _l("操作记录的说明还在（可以忘掉文字，不能去掉这一行）"),
        _l("%(id)s 号操作记录的说明（%(remark_id)s 号）不见了。"),
        lambda: (
            select(Audit.id, Audit.remark_id)
            .outerjoin(Remark, Remark.id == Audit.remark_id)
            .where(Audit.remark_id.is_not(None), Remark.id.is_(None))
            .order_by(Audit.id)
        ),
    ),
)
