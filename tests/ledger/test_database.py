"""What the database itself refuses, told by raw SQL past every line of the application."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.ledger import books, fortnight
from virtue import schema
from virtue.extensions import db

COLUMNS = {
    "entry": "seal", "transfer": "points", "movement": "kind", "audit": "action", "deed_step": "action",
    "checkpoint": "seal", "fund_money": "source", "fund_signature": "at",
}  # fmt: skip

# A dividend's sheets and payments, and what stood behind an order, are tried where they are made:
# tests/dividends/test_pots.py, tests/store/test_proof.py.
ELSEWHERE = {"dividend_line", "payout", "order_proof"}


def raw(statement: str) -> int:
    """Run one statement in a transaction of its own; gives how many rows it touched."""
    with db.engine.begin() as connection:
        return connection.exec_driver_sql(statement).rowcount


def contents(table: str) -> list:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY id")]


def on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def test_every_append_only_table_is_tried_here():
    assert set(COLUMNS) | ELSEWHERE == set(schema.APPEND_ONLY)


def test_a_written_row_can_neither_be_changed_nor_deleted(app):
    fortnight.live()
    for table, column in COLUMNS.items():
        before = contents(table)
        assert before, f"{table} is empty: nothing was tried"
        attempts = [
            f"UPDATE {table} SET {column} = {column}",
            f"UPDATE {table} SET id = id + 1000 WHERE id = (SELECT max(id) FROM {table})",
            f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})",
            f"DELETE FROM {table}",
        ]
        if on_sqlite():
            attempts += [
                f"REPLACE INTO {table} SELECT * FROM {table}",
                f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = (SELECT min(id) FROM {table})",
                f"UPDATE OR REPLACE {table} SET id = (SELECT min(id) FROM {table})",
                f"INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT DO UPDATE SET {column} = {column}",
            ]
        else:
            attempts += [
                f"TRUNCATE {table}",
                f"TRUNCATE {table} CASCADE",
                f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET {column} = {table}.{column}",
            ]
        for statement in attempts:
            with pytest.raises(DBAPIError, match="append-only|cannot truncate a table referenced"):
                raw(statement)
        assert contents(table) == before


@pytest.mark.parametrize(
    "taken",
    [
        "kind = 'reversal', id = 7, seq = 99",
        "kind = 'deed', id = 7, seq = 99",
        "kind = 'order', id = 7, subject_id = 99",
    ],
)
@pytest.mark.parametrize("database", ["sqlite"])
def test_replace_finds_no_way_past_by_another_unique_column(app, taken):
    """REPLACE deletes whatever row stands in the way of any UNIQUE, and no DELETE trigger hears of it."""
    fortnight.live()
    before = contents("entry")
    columns = [column.name for column in db.metadata.tables["entry"].c]
    new = dict(part.split(" = ") for part in taken.split(", "))
    like = "SELECT " + ", ".join(new.get(name, name) for name in columns)
    with pytest.raises(DBAPIError, match="append-only"):
        raw(f"INSERT OR REPLACE INTO entry {like} FROM entry WHERE kind = {new['kind']} AND seq > 0 LIMIT 1")
    assert contents("entry") == before


@pytest.mark.parametrize("database", ["sqlite"])
def test_replace_cannot_take_a_reversal_away(app):
    """Another id, sequence and subject, but the same ``reverses_id``."""
    fortnight.live()
    before = contents("entry")
    columns = [column.name for column in db.metadata.tables["entry"].c]
    new = {"id": "7", "seq": "99", "subject_id": "99"}
    like = "SELECT " + ", ".join(new.get(name, name) for name in columns)
    with pytest.raises(DBAPIError, match="append-only"):
        raw(f"INSERT OR REPLACE INTO entry {like} FROM entry WHERE kind = 'reversal'")
    assert contents("entry") == before


@pytest.mark.parametrize("database", ["postgresql"])
def test_the_refusal_is_told_by_its_sqlstate(app):
    fortnight.live()
    with pytest.raises(IntegrityError) as refused:
        raw("DELETE FROM entry")
    assert refused.value.orig.sqlstate == "23001"


PURSE = "(SELECT min(id) FROM account WHERE kind = 'purse')"
FUND = "(SELECT min(id) FROM account WHERE kind = 'fund')"
CHECKS = {
    "a purse below zero": f"UPDATE account SET balance = -1 WHERE id = {PURSE}",
    "owed above zero": f"UPDATE account SET kind = 'owed', balance = 1 WHERE id = {PURSE}",
    "an unknown unit": f"UPDATE account SET unit = 'gold' WHERE id = {PURSE}",
    "a purse of nobody": f"UPDATE account SET household_id = NULL WHERE id = {PURSE}",
    "a fund of a household": f"UPDATE account SET household_id = 1 WHERE id = {FUND}",
    "two purses of one unit": "INSERT INTO account (id, village_id, household_id, unit, kind, balance) "
    f"SELECT 999, village_id, household_id, unit, kind, 0 FROM account WHERE id = {PURSE}",
    "two funds of one unit": "INSERT INTO account (id, village_id, household_id, unit, kind, balance) "
    f"SELECT 999, village_id, NULL, unit, kind, 0 FROM account WHERE id = {FUND}",
    "a transfer of nothing": "INSERT INTO transfer (id, entry_id, village_id, unit, source_id, destination_id, points) "
    f"SELECT 999, id, village_id, 'home', {PURSE}, {FUND}, 0 FROM entry LIMIT 1",
    "a transfer of less than nothing": "INSERT INTO transfer (id, entry_id, village_id, unit, source_id, "
    f"destination_id, points) SELECT 999, id, village_id, 'home', {PURSE}, {FUND}, -5 FROM entry LIMIT 1",
    "a transfer to itself": "INSERT INTO transfer (id, entry_id, village_id, unit, source_id, destination_id, points) "
    f"SELECT 999, id, village_id, 'home', {PURSE}, {PURSE}, 1 FROM entry LIMIT 1",
    "a transfer of no entry": "INSERT INTO transfer (id, entry_id, village_id, unit, source_id, destination_id, points) "
    f"SELECT 999, 1, village_id, 'home', {PURSE}, {FUND}, 1 FROM entry LIMIT 1",
    "a batch below zero": "UPDATE batch SET quantity = -1",
    "a month closed by one": "INSERT INTO closed_month (id, village_id, month, first_by_id, first_at, second_by_id, "
    "second_at) SELECT 1, village_id, 202603, by_id, recorded_at, by_id, recorded_at FROM entry WHERE kind = 'order' "
    "LIMIT 1",
    "a deed settled without entry": "UPDATE deed SET entry_id = NULL WHERE state = 'settled'",
    "a reversal of nothing": "INSERT INTO entry (id, village_id, seq, kind, subject_id, household_id, day, month, "
    "recorded_at, words, seal) SELECT 7, village_id, 99, 'reversal', 99, household_id, day, month, recorded_at, "
    "words, seal FROM entry LIMIT 1",
    "a second entry of one thing": "INSERT INTO entry (id, village_id, seq, kind, subject_id, household_id, day, "
    "month, recorded_at, words, seal) SELECT 7, village_id, 99, kind, subject_id, household_id, day, month, "
    "recorded_at, words, seal FROM entry LIMIT 1",
    "stock out of nothing": "INSERT INTO movement (id, village_id, batch_id, item_id, kind, quantity, before, after, "
    "by_id, recorded_at) SELECT 999, village_id, batch_id, item_id, 'sold', -1, 0, -1, by_id, recorded_at "
    "FROM movement LIMIT 1",
    "a movement that doesn't add up": "INSERT INTO movement (id, village_id, batch_id, item_id, kind, quantity, "
    "before, after, by_id, recorded_at) SELECT 999, village_id, batch_id, item_id, 'sold', -1, 5, 5, by_id, "
    "recorded_at FROM movement LIMIT 1",
}


def test_the_database_refuses_what_can_never_be(app):
    fortnight.live()
    tables = ("account", "entry", "transfer", "batch", "movement", "deed", "closed_month")
    before = {table: contents(table) for table in tables}
    for what, statement in CHECKS.items():
        with pytest.raises(IntegrityError):
            raw(statement)
        assert {table: contents(table) for table in tables} == before, what


def test_a_changed_balance_is_noticed_before_it_is_overwritten(app, monkeypatch):
    """The second wall under the lock: the UPDATE asks for the balance that was read."""
    from virtue.ledger import services
    from virtue.transactions import atomic

    village, (household,) = books.open_village(households=1)
    books.give(household, village.village_id, home=5)
    real = services._write

    def slip_in(*arguments):
        db.session.execute(sa.text("UPDATE account SET balance = balance + 1 WHERE kind = 'purse'"))
        real(*arguments)

    monkeypatch.setattr(services, "_write", slip_in)
    before = books.everything(village.village_id)
    posting = services.Posting(services.EntryKind.ORDER, 1, household, (services.Move("home", 2, services.Flow.SPEND),))
    with pytest.raises(RuntimeError, match="balance changed"), atomic():
        services.post(village.village_id, [posting], by=None)
    assert books.everything(village.village_id) == before
