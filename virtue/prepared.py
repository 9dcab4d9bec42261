"""Core statements made ready once and run on the driver's cursor, for the few paths on which every till waits.

Around each statement SQLAlchemy spends ten times what SQLite needs for the statement itself. A ``Prepared`` is written
as Core, so that both databases understand it, is compiled at its first use, and from then on costs little more than
the driver. It runs inside the session's transaction; errors are SQLAlchemy's. Pages and forms stay with the ORM.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Insert, Table, bindparam, insert
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError

from virtue import transactions

Values = Mapping[str, Any]

listeners: list[Callable[[str], None]] = []
"""Told of each statement; tests count them."""

_PARAMETER = re.compile(r"%\((\w+)\)s(?:::(TIMESTAMP WITH TIME ZONE|[A-Z]+))?")


class Prepared:
    """A statement, ready for either database; a mapping by the database's name where theirs differ."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._ready: dict[str, _Ready] = {}

    def all(self, values: Values) -> list[Any]:
        """All rows, as named tuples."""
        connection = transactions.connection()
        ready = self._for(connection.dialect)
        return ready.read(ready.execute(connection, values).fetchall())

    def first(self, values: Values) -> Any:
        """The first row, or None; the statement gives no more than one."""
        found = self.all(values)
        return found[0] if found else None

    def scalar(self, values: Values) -> Any:
        """The first row's only column, or None."""
        found = self.all(values)
        return found[0][0] if found else None

    def run(self, values: Values) -> int:
        """Run it; gives how many rows it touched."""
        connection = transactions.connection()
        return int(self._for(connection.dialect).execute(connection, values).rowcount)

    def run_many(self, rows: Sequence[Values]) -> int:
        """Run it once for each row of values, as few times as the database lets us; gives how many rows it touched."""
        if not rows:
            return 0
        if len(rows) == 1:
            return self.run(rows[0])
        connection = transactions.connection()
        return self._for(connection.dialect).execute_many(connection, rows)

    def _for(self, dialect: Dialect) -> "_Ready":
        ready = self._ready.get(dialect.name)
        if ready is None:
            is_one = not isinstance(self.statement, Mapping)
            ready = _Ready(self.statement if is_one else self.statement[dialect.name], dialect)
            self._ready[dialect.name] = ready
        return ready


def values_of(table: Table, *left_out: str) -> dict[str, Any]:
    """A parameter for every column but those left out: a row must name them all, so that no default is forgotten."""
    return {column.name: bindparam(column.name) for column in table.c if column.name not in left_out}


def into(table: Table, *left_out: str, returning: str | None = None) -> Prepared:
    """An insert of every column but those left out."""
    statement: Insert = insert(table).values(values_of(table, *left_out))
    return Prepared(statement.returning(table.c[returning]) if returning else statement.inline())


class _Ready:
    """A statement compiled for one database, with what turns values into the driver's and rows into ours."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        self.dialect = dialect
        self.compiled = statement.compile(dialect=dialect)
        self.defaults = {name: value for name, value in self.compiled.params.items() if value is not None}
        parameters = {name: parameter for parameter, name in self.compiled.bind_names.items()}
        made = {
            name: parameter.type.dialect_impl(dialect).bind_processor(dialect) for name, parameter in parameters.items()
        }
        self.lists = [name for name, parameter in parameters.items() if parameter.expanding]
        self.binders = {name: bind for name, bind in made.items() if bind is not None and name not in self.lists}
        self.texts: dict[tuple[int, ...], tuple[str, list[str] | None]] = {}
        self.many = _set_based(str(self.compiled)) if dialect.name == "postgresql" else ""
        columns = list(getattr(statement, "exported_columns", ()))
        names = [str(column.key) for column in columns]
        self.row = namedtuple("Row", names, rename=True) if columns else None  # type: ignore[misc]  # noqa: PYI024
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self.readers = [(place, read) for place, read in enumerate(readers) if read is not None]

    def read(self, rows: list[Any]) -> list[Any]:
        """The driver's rows as named tuples, values as Python knows them."""
        make = self.row._make  # type: ignore[union-attr]
        if not self.readers:
            return [make(row) for row in rows]
        found = []
        for row in rows:
            values = list(row)
            for place, read in self.readers:
                values[place] = read(values[place])
            found.append(make(values))
        return found

    def execute(self, connection: Connection, values: Values) -> Any:
        """Send it once; gives the cursor."""
        bound = {**self.defaults, **values}
        for name, bind in self.binders.items():
            bound[name] = bind(bound[name])
        lengths = tuple([len(bound[name]) for name in self.lists]) if self.lists else ()
        text, names = self.texts.get(lengths) or self._expanded(lengths)
        for name in self.lists:
            bound.update({f"{name}_{place}": value for place, value in enumerate(bound.pop(name), 1)})
        return self._send(connection, text, bound if names is None else [bound[name] for name in names])

    def execute_many(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Send it for many rows: as lists of columns where the database takes those, else row by row inside the driver."""
        bound = [{**self.defaults, **row} for row in rows]
        for name, bind in self.binders.items():
            for row in bound:
                row[name] = bind(row[name])
        if self.many:
            columns = {name: [row[name] for row in bound] for name in bound[0]}
            return int(self._send(connection, self.many, columns).rowcount)
        text, names = self.texts.get(()) or self._expanded(())
        values = bound if names is None else [[row[name] for name in names] for row in bound]
        return int(self._send(connection, text, values, is_many=True).rowcount)

    def _expanded(self, lengths: tuple[int, ...]) -> tuple[str, list[str] | None]:
        """The text for lists of these lengths, and the order of its values where they go by place."""
        lists = dict(zip(self.lists, ([None] * length for length in lengths), strict=True))
        state = self.compiled.construct_expanded_state({**self.compiled.params, **lists})
        made = self.texts[lengths] = (state.statement, state.positiontup)
        return made

    def _send(self, connection: Connection, text: str, values: Any, *, is_many: bool = False) -> Any:
        for listen in listeners:
            listen(text)
        # One cursor for the connection's life: making one costs PostgreSQL's driver as much as a small statement.
        cursor = connection.info.get("cursor")
        if cursor is None:
            cursor = connection.info["cursor"] = connection.connection.cursor()
        try:
            if is_many:
                cursor.executemany(text, values)
            else:
                cursor.execute(text, values)
        except self.dialect.loaded_dbapi.Error as error:
            if self.dialect.is_disconnect(error, connection.connection, cursor):
                connection.invalidate(error)
            raise DBAPIError.instance(
                text, None, error, self.dialect.loaded_dbapi.Error, dialect=self.dialect
            ) from error
        return cursor


def _set_based(text: str) -> str:
    """A PostgreSQL insert or update of one row, rewritten to take a list for each value: one round trip for all rows.

    The casts that SQLAlchemy writes behind each value say of what type its list is. Empty for any other statement.
    """
    casts = dict(_PARAMETER.findall(text))
    if not casts or not all(casts.values()) or " RETURNING " in text:
        return ""
    lists = ", ".join(f"%({name})s::{cast}[]" for name, cast in casts.items())
    rows = f"unnest({lists}) AS given ({', '.join(casts)})"
    by_name = _PARAMETER.sub(lambda found: f"given.{found[1]}", text)
    if text.startswith("INSERT "):
        return re.sub(r"VALUES \(([^)]*)\)", rf"SELECT \1 FROM {rows}", by_name, count=1)  # noqa: S608 - our own text
    head, where, condition = by_name.partition("WHERE ")
    return f"{head}FROM {rows} {where}{condition}" if text.startswith("UPDATE ") and where else ""
