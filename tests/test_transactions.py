"""One way to write: all of a block or nothing of it, whoever nests or catches what."""

# ruff: noqa: PT012 - a write is a block, and it is the block that must raise

import contextvars
import sqlite3

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from tests import factories
from virtue import transactions
from virtue.core.models import Remark
from virtue.errors import Busy
from virtue.extensions import db
from virtue.transactions import after_commit, atomic, in_atomic, savepoint


class Broken(Exception):
    pass


def write(text: str) -> None:
    db.session.execute(sa.insert(Remark.__table__), {"text": text, "salt": "", "written_at": factories.clock.now()})


def written() -> list[str]:
    """What is committed, as somebody else sees it."""
    engine = db.engine

    def read() -> list[str]:
        with engine.connect() as connection:
            return list(connection.execute(sa.text("SELECT text FROM remark ORDER BY id")).scalars())

    return contextvars.Context().run(read)


def test_a_block_is_committed_at_its_end(app):
    with atomic():
        assert in_atomic()
        write("一")
        assert written() == []
    assert not in_atomic()
    assert written() == ["一"]


@pytest.mark.parametrize("error", [Broken, KeyboardInterrupt, SystemExit])
def test_whatever_is_raised_nothing_of_it_happened(app, error):
    with pytest.raises(error), atomic():
        write("一")
        raise error
    assert written() == []
    assert not in_atomic()


def test_nested_blocks_join(app):
    with atomic():
        with atomic():
            write("内")
        assert written() == []
        write("外")
    assert written() == ["内", "外"]


def test_what_leaves_a_nested_block_takes_all_with_it(app):
    with pytest.raises(Broken), atomic():
        write("外")
        with atomic():
            write("内")
            raise Broken
    assert written() == []


def test_half_a_piece_of_work_is_never_committed(app):
    """A caught exception would leave what the nested block had done: the whole is refused."""
    with pytest.raises(RuntimeError, match="without a savepoint"), atomic():
        try:
            with atomic():
                write("一半")
                raise Broken
        except Broken:
            pass
    assert written() == []


def test_a_savepoint_lets_a_part_fail_alone(app):
    with atomic():
        write("前")
        with pytest.raises(Broken), savepoint(), atomic():
            write("不要")
            raise Broken
        write("后")
    assert written() == ["前", "后"]


def test_a_caught_exception_inside_a_savepoint_is_refused_there(app):
    with atomic():
        write("前")
        with pytest.raises(RuntimeError, match="without a savepoint"), savepoint():
            try:
                with atomic():
                    write("一半")
                    raise Broken
            except Broken:
                pass
    assert written() == ["前"]


def test_followers_are_called_after_the_commit_in_their_order(app):
    seen = []
    with atomic():
        after_commit(lambda: seen.append(("一", written())))
        with savepoint():
            after_commit(lambda: seen.append(("二", in_atomic())))
        write("写")
        assert seen == []
    assert seen == [("一", ["写"]), ("二", False)]


def test_followers_of_what_failed_are_never_called(app):
    seen = []
    with pytest.raises(Broken), atomic():
        after_commit(lambda: seen.append("不要"))
        raise Broken
    with atomic():
        with pytest.raises(Broken), savepoint():
            after_commit(lambda: seen.append("也不要"))
            raise Broken
        after_commit(lambda: seen.append("要"))
    assert seen == ["要"]


def test_a_follower_may_write(app):
    with atomic():
        after_commit(later)
    assert written() == ["后来"]


def later() -> None:
    with atomic():
        write("后来")


@pytest.mark.parametrize("what", [lambda: after_commit(print), lambda: savepoint().__enter__()])
def test_parts_of_a_write_stand_in_a_write_only(app, what):
    with pytest.raises(RuntimeError, match="outside atomic"):
        what()


def test_what_was_read_before_is_read_again(app):
    """The read before a write ends with it: an object of it shows what others have committed meanwhile."""
    village = factories.VillageFactory(phone="1")
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE village SET phone = '2'"))
    with atomic():
        assert village.phone == "2"


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_write_begins_immediate_and_a_read_deferred(app):
    begun = []

    def note(_connection, _cursor, statement, *_rest):
        begun.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    db.session.rollback()
    db.session.execute(sa.text("SELECT 1"))
    with atomic():
        write("一")
    sa.event.remove(db.engine, "before_cursor_execute", note)
    assert [statement for statement in begun if statement.startswith("BEGIN")] == ["BEGIN DEFERRED", "BEGIN IMMEDIATE"]


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_write_is_on_disk_before_it_is_answered(app):
    pragmas = {
        name: db.session.execute(sa.text(f"PRAGMA {name}")).scalar()
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("database", ["sqlite"])
def test_another_programs_lock_is_busy_and_nothing_happened(app, monkeypatch):
    """A tool that opened the file and holds its lock is no error of ours: wait, then say busy."""
    db.session.remove()
    db.engine.dispose()
    monkeypatch.setattr(transactions, "PRAGMAS", (*transactions.PRAGMAS, "PRAGMA busy_timeout=50"))
    other = sqlite3.connect(db.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy), atomic():
        write("一")
    other.execute("ROLLBACK")
    other.close()
    assert written() == []
    with atomic():
        write("二")
    assert written() == ["二"]


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_row_held_elsewhere_is_busy_in_time(app):
    village_id = factories.VillageFactory().id
    with db.engine.connect() as other:
        other.execute(sa.text("SELECT 1 FROM village FOR UPDATE"))
        with pytest.raises(Busy), atomic():
            db.session.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            write("一")
            db.session.execute(sa.text("UPDATE village SET phone = '1' WHERE id = :id"), {"id": village_id})
    assert written() == []


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_lock_is_waited_for_five_seconds_at_most(app):
    with atomic():
        assert db.session.scalar(sa.text("SHOW lock_timeout")) == "5s"
    assert db.session.scalar(sa.text("SHOW lock_timeout")) == "0"


@pytest.mark.parametrize(
    ("error", "busy"),
    [("database is locked", True), ("database table is locked: entry", True), ("disk I/O error", False)],
)
@pytest.mark.parametrize("database", ["sqlite"])
def test_locked_is_busy_and_broken_is_not(app, error, busy):
    assert transactions.is_busy(OperationalError("", {}, sqlite3.OperationalError(error))) is busy


@pytest.mark.parametrize("database", ["postgresql"])
def test_what_the_server_has_prepared_outlives_a_rollback(app):
    """The driver would forget it with each rollback of its own, and every read ends with one."""
    prepared = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT 41%'")
    for _ in range(8):
        db.session.execute(sa.text("SELECT 41"))
        db.session.rollback()
    assert db.session.scalar(prepared) == 1


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_failed_statement_is_rolled_back_and_the_next_one_runs(app):
    village = factories.VillageFactory(phone="1")
    for _ in range(2):
        with pytest.raises(DBAPIError):
            db.session.execute(sa.text("SELECT 1/0"))
        db.session.rollback()
        with pytest.raises(DBAPIError), atomic():
            db.session.execute(sa.text("UPDATE village SET phone = '2'"))
            db.session.execute(sa.text("SELECT 1/0"))
        assert village.phone == "1"


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_connection_that_was_cut_is_replaced(app):
    db.session.execute(sa.text("SELECT 1"))
    with db.engine.connect() as other:
        other.execute(sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ))  # fmt: skip
    with pytest.raises(DBAPIError):
        db.session.execute(sa.text("SELECT 1"))
    db.session.rollback()
    assert db.session.scalar(sa.text("SELECT 1")) == 1
