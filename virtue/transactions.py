"""The one way to write: ``atomic()`` holds the only commit.

A request reads in a DEFERRED transaction. ``atomic()`` ends that read, queues for the write lock
(SQLite) and begins again for writing, so whatever a service acts on must be loaded anew inside.
Nested calls join; any exception rolls everything back; work that must follow a success is given to
``after_commit``.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from virtue import write_queue
from virtue.errors import Busy
from virtue.extensions import db


@dataclass
class _Write:
    """The open write transaction: what follows its commit, and whether a part of it failed and was left lying there."""

    followers: list[Callable[[], None]] = field(default_factory=list)
    connection: Connection | None = None
    is_broken: bool = False

    def refuse_broken(self) -> None:
        """Don't keep half a piece of work."""
        if self.is_broken:
            raise RuntimeError("an exception of a nested atomic() was caught without a savepoint")


_writing: ContextVar[_Write | None] = ContextVar("virtue_writing", default=None)

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-20000",
)

BEGIN = {
    "sqlite": ("BEGIN DEFERRED", "BEGIN IMMEDIATE"),
    "postgresql": ("BEGIN", "BEGIN; SET LOCAL lock_timeout = '5s'"),
}
"""How a transaction begins that reads, and one that writes; each is one message to the database."""

# lock_not_available, serialization_failure, deadlock_detected: nothing was done, the same key may come again.
BUSY_STATES = {"55P03", "40001", "40P01"}


@contextmanager
def atomic() -> Iterator[None]:
    """Run the block as one write transaction; commit at its end, or nothing of it happened.

    Nested, it joins. An exception that leaves a nested one must reach the outermost, or a ``savepoint`` around it:
    whoever catches it in between would commit half a deed, so that is refused. Raises ``Busy`` when the write lock
    isn't to be had in time.
    """
    outer = _writing.get()
    if outer is not None:
        try:
            yield
        except BaseException:
            outer.is_broken = True
            raise
        return
    db.session.rollback()
    # Also what an earlier write of this request left unexpired: others may have changed it since.
    db.session.expire_all()
    write = _Write()
    with ExitStack() as stack:
        if is_sqlite():
            stack.enter_context(write_queue.turn(lock_path()))
        token = _writing.set(write)
        try:
            write.connection = db.session.connection()
            yield
            write.refuse_broken()
            db.session.commit()
        except OperationalError as error:
            db.session.rollback()
            if is_busy(error):
                raise Busy from error
            raise
        except BaseException:
            db.session.rollback()
            raise
        finally:
            _writing.reset(token)
    for follow in write.followers:
        follow()


@contextmanager
def savepoint() -> Iterator[None]:
    """A part of a write that may fail alone: on an exception only this part is rolled back, and what was to follow it."""
    write = _writing.get()
    if write is None:
        raise RuntimeError("savepoint outside atomic()")
    write.refuse_broken()
    followers = len(write.followers)
    try:
        with db.session.begin_nested():
            yield
            write.refuse_broken()
    except BaseException:
        write.is_broken = False
        del write.followers[followers:]
        raise


def connection() -> Connection:
    """The connection of the transaction that is open here, for statements that pass the session by."""
    write = _writing.get()
    return write.connection if write is not None and write.connection is not None else db.session.connection()


def in_atomic() -> bool:
    """Whether a write transaction is open here."""
    return _writing.get() is not None


def after_commit(follow: Callable[[], None]) -> None:
    """Call ``follow`` once the surrounding write is committed; never when it is rolled back."""
    write = _writing.get()
    if write is None:
        raise RuntimeError("after_commit outside atomic()")
    write.followers.append(follow)


def is_sqlite() -> bool:
    """Whether the app runs on the embedded database."""
    return db.engine.dialect.name == "sqlite"


def lock_path() -> Path:
    """The lock file beside the SQLite database."""
    database = db.engine.url.database
    if not database or database == ":memory:":
        return Path(current_app.config["VIRTUE_DATA_DIR"]) / "memory.lock"
    return Path(database + ".lock")


def is_busy(error: DBAPIError) -> bool:
    """Whether the database said "later", as opposed to "wrong"."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in BUSY_STATES
    return "locked" in str(error.orig)


def prepare_engine(engine: Engine) -> None:
    """Make the driver begin its transactions when and how we say; called once per engine."""
    is_lite = engine.dialect.name == "sqlite"
    reading, writing = BEGIN["sqlite" if is_lite else "postgresql"]
    if not is_lite:
        engine.dialect.do_rollback = _roll_back  # type: ignore[method-assign, assignment]

    @event.listens_for(engine, "connect")
    def on_connect(raw: Any, _record: Any) -> None:
        if not is_lite:
            raw.autocommit = True
            return
        # The driver must not open transactions by itself: it would begin them DEFERRED, and late.
        raw.isolation_level = None
        cursor = raw.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(reading if _writing.get() is None else writing)


def _roll_back(raw: Any) -> None:
    """Roll a PostgreSQL connection back without its driver seeing it.

    Every read ends with a rollback, and at each that the driver sends it forgets all statements that the server has
    prepared, since tables may have gone with it. Ours don't, so the server need not plan everything anew.
    """
    if raw.pgconn.transaction_status == TransactionStatus.IDLE:
        return
    result = raw.pgconn.exec_(b"ROLLBACK")
    # A connection that was cut has nothing to roll back any more, and its transaction is gone with it.
    if result.status != ExecStatus.COMMAND_OK and raw.pgconn.status == ConnStatus.OK:
        raw.rollback()
