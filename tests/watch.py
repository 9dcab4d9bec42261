"""What a piece of work did to the database: ``unchanged`` and ``count_queries``."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from virtue import prepared
from virtue.extensions import db

# Keys and audit tell of a refusal too; sessions, throttles and looks are about who came, not what was done; a day's first
# write notes that what was due is settled.
ASIDE = frozenset({"request_key", "audit", "job", "job_run", "throttle", "staff_session", "look"})
# What definitions.md lets a GET write.
GET_MAY = {"look": None, "throttle": None, "staff_session": frozenset({"seen_at"}), "screen": frozenset({"seen_at"})}

EMPTY = "0 rows"


def digest(app: Flask, aside: frozenset[str] = ASIDE) -> dict[str, str]:
    """Each table's contents as a hash, read on a connection of its own: what isn't committed isn't there."""
    with app.app_context(), db.engine.connect() as connection:
        filled = _filled(connection)
        return {
            table.name: _contents(connection, table) if table.name in filled else EMPTY
            for table in db.metadata.sorted_tables
            if table.name not in aside
        }


def reading_digest(app: Flask) -> dict[str, str]:
    """As ``digest``, of everything but what a GET may write."""
    with app.app_context(), db.engine.connect() as connection:
        filled = _filled(connection)
        return {
            table.name: _contents(connection, table, GET_MAY.get(table.name) or frozenset())
            if table.name in filled
            else EMPTY
            for table in db.metadata.sorted_tables
            if GET_MAY.get(table.name, ()) is not None
        }


def _filled(connection: sa.Connection) -> set[str]:
    """The tables that hold a row, asked for at once: most hold none."""
    return {name for name, holds in connection.execute(_holding()) if holds}


@cache
def _holding() -> sa.CompoundSelect:
    tables = db.metadata.sorted_tables
    return sa.union_all(
        *(sa.select(sa.literal(table.name), sa.exists(sa.select(1).select_from(table))) for table in tables)
    )


def _contents(connection: sa.Connection, table: sa.Table, without: frozenset[str] = frozenset()) -> str:
    rows = connection.execute(_everything(table, without)).all()
    lines = sorted(repr(tuple(row)) for row in rows)
    return f"{len(lines)} rows {hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"


@cache
def _everything(table: sa.Table, without: frozenset[str]) -> sa.Select:
    # As the driver gives it: a row that was damaged on purpose must be readable too.
    columns = [sa.type_coerce(c, sa.String) if _is_odd(c) else c for c in table.c if c.name not in without]
    return sa.select(*columns)


def _is_odd(column: sa.Column) -> bool:
    return isinstance(column.type, sa.Enum)


@contextmanager
def unchanged(app: Flask, aside: frozenset[str] = ASIDE) -> Iterator[None]:
    """What happens in the block leaves every table as it was, but for keys, audit, jobs, throttles, sessions, looks."""
    db.session.commit()
    before = digest(app, aside)
    yield
    db.session.rollback()
    after = digest(app, aside)
    changed = [f"{name}: {before[name]} -> {after[name]}" for name in before if before[name] != after[name]]
    assert not changed, "changed: " + "; ".join(changed)


class Queries(list[str]):
    """The statements that ran, without BEGIN, savepoints and pragmas."""


@contextmanager
def count_queries(app: Flask) -> Iterator[Queries]:
    """Collects the statements sent to the app's database in the block: ``len(queries)``."""
    queries = Queries()

    def note(statement: str) -> None:
        if not statement.lstrip().upper().startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ", "ROLLBACK")):
            queries.append(statement)

    with app.app_context():
        engine = db.engine

    def note_core(_connection, _cursor, statement, *_rest) -> None:
        note(statement)

    event.listen(engine, "before_cursor_execute", note_core)
    prepared.listeners.append(note)
    try:
        yield queries
    finally:
        event.remove(engine, "before_cursor_execute", note_core)
        prepared.listeners.remove(note)
