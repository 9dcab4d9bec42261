"""``flask virtue verify``: a village at work holds every law, and each law names what breaks it."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import databases
from tests.ledger import fortnight
from virtue import clock, schema
from virtue.core.invariants import Run
from virtue.extensions import db
from virtue.office.verify import INVARIANTS

BY_NAME = {invariant.name: invariant for invariant in INVARIANTS}
FIRST_PURSE = "(SELECT id FROM account WHERE kind = 'purse' AND balance > 0 ORDER BY id LIMIT 1)"

# For each law: what somebody with the database in hand could write, tables freed of their constraints first.
SHEET = (
    "INSERT INTO public_sheet (id, village_id, quarter, version, collective_fen, proof_id, proof_hash, figures, "
    "drafted_by_id, drafted_at, signed_by_id, signed_at, seal_seq, seal) SELECT 1, {village}, 202510, 1, 100, "
    "min(remark_id), 'f', '{{\"lines\": [], \"bought_fen\": 1, \"donated_fen\": 0}}', {keeper}, '2026-01-01 00:00:00', "
    "{reviewer}, '2026-01-02 00:00:00', 3, 'f' FROM audit"
)
"""A signed public sheet with a wrong figure, a wrong seal and a proof that isn't what its hash was made of."""

PLANTS: dict[str, tuple[str, str]] = {
    "core.remark": ("remark", "UPDATE remark SET text = '改过' WHERE id = (SELECT max(remark_id) FROM audit)"),
    "core.audit_remark": ("remark", "DELETE FROM remark WHERE id = (SELECT max(remark_id) FROM audit)"),
    "cards.once": ("card", "UPDATE card SET code_hmac = (SELECT min(code_hmac) FROM card)"),
    "cards.one": ("card", "UPDATE card SET household_id = {household}"),
    "cards.ended": ("household", "UPDATE household SET state = 'ended' WHERE id = {household}"),
    "cards.village": ("card", "UPDATE card SET village_id = {other}"),
    "people.head": ("member", "UPDATE member SET name = '别人' WHERE household_id = {household}"),
    "ledger.unit": ("transfer", "UPDATE transfer SET unit = 'home' WHERE unit = 'civility'"),
    "ledger.village": ("transfer", "UPDATE transfer SET village_id = {other}"),
    "ledger.household": ("household", "UPDATE household SET village_id = {other} WHERE id = {household}"),
    "ledger.way": (
        "entry",
        "UPDATE entry SET household_id = (SELECT max(id) FROM household) WHERE kind = 'deed' AND household_id = {household}",
    ),
    "ledger.below_zero": (
        "transfer",
        "UPDATE transfer SET balance_after = -1 WHERE id = (SELECT min(id) FROM transfer)",
    ),
    "ledger.balance_after": ("transfer", "UPDATE transfer SET balance_after = balance_after + 1"),
    "ledger.balance": ("account", f"UPDATE account SET balance = balance + 7 WHERE id = {FIRST_PURSE}"),
    "ledger.drained": (
        "transfer",
        "UPDATE transfer SET points = 900 WHERE source_id IN (SELECT id FROM account WHERE kind = 'till')",
    ),
    "ledger.once": (
        "entry",
        "UPDATE entry SET subject_id = (SELECT min(subject_id) FROM entry WHERE kind = 'deed') WHERE kind = 'deed'",
    ),
    "ledger.sequence": ("entry", "UPDATE entry SET seq = seq + 1 WHERE seq > 3"),
    "ledger.time": ("entry", "UPDATE entry SET recorded_at = '2026-01-01 00:00:00' WHERE seq = 3"),
    "ledger.closed_month": (
        "closed_month",
        ("INSERT INTO closed_month (id, village_id, month, first_by_id, first_at, second_by_id, second_at) "
        "VALUES (1, {village}, 202603, 1, '2026-03-01 00:00:00', 2, '2026-03-01 00:00:00')"),
    ),
    "ledger.reversal": ("transfer", ("UPDATE transfer SET points = points + 1 WHERE id = (SELECT min(t.id) FROM "
                        "transfer t JOIN entry e ON e.id = t.entry_id WHERE e.kind = 'reversal')")),
    "ledger.ended": (
        "household",
        "UPDATE household SET state = 'ended', ended_on = '2020-01-01' WHERE id = {household}",
    ),
    "seals.link": ("entry", "UPDATE entry SET by_id = 99 WHERE seq = 2"),
    "seals.end": ("transfer entry deed store_order store_return", "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)"),
    "seals.chain": ("chain", "DELETE FROM chain"),
    "seals.checkpoint": ("checkpoint", "UPDATE checkpoint SET seal = 'f'"),
    "store.stock": ("batch", "UPDATE batch SET quantity = quantity + 1"),
    "store.movement": ("movement", "UPDATE movement SET before = before + 1, after = after + 1 WHERE kind = 'sold'"),
    "store.sold": ("movement", "UPDATE movement SET quantity = quantity - 1 WHERE order_id = {order}"),
    "store.stray": ("movement", "UPDATE movement SET item_id = (SELECT max(id) FROM item) WHERE order_id = {order}"),
    "store.total": ("store_order", "UPDATE store_order SET pieces = pieces + 1 WHERE id = {order}"),
    "store.paid": ("store_order", "UPDATE store_order SET civility_points = civility_points + 1 WHERE id = {order}"),
    "store.returned": ("entry", "UPDATE entry SET household_id = {household} WHERE kind = 'return'"),
    "store.orderless": ("entry", "UPDATE entry SET subject_id = 999 WHERE kind = 'order' AND subject_id = {order}"),
    "store.price": (
        "price",
        ("INSERT INTO price (id, item_id, unit, points, from_on, set_at) SELECT 999, item_id, unit, 1, '2026-03-01', "
        "'2026-03-01 00:00:00' FROM order_line WHERE order_id = {order}"),
    ),
    "store.kin": (
        "recusal",
        ("INSERT INTO recusal (id, village_id, user_id, household_id, relation, declared_at) "
        "SELECT 9, {village}, {keeper}, {household}, '兄弟', '2026-03-01 00:00:00'"),
    ),
    "store.village": ("item", "UPDATE item SET village_id = {other}"),
    "store.transfer": ("stock_transfer", "UPDATE stock_transfer SET quantity = quantity + 1"),
    "store.delivery": ("delivery_line", "UPDATE delivery_line SET quantity = quantity + 1"),
    "store.counted": ("stocktake_good", "UPDATE stocktake_good SET difference = -2 WHERE difference = -1"),
    "store.count_book": ("stocktake_count", "UPDATE stocktake_count SET book = book + 1, quantity = quantity + 1"),
    "store.count_two": (
        "stocktake_seat",
        "UPDATE stocktake_seat SET handed_in_at = NULL WHERE place = 2",
    ),
    "store.count_remark": ("remark", "UPDATE remark SET text = '改过' WHERE id IN (SELECT remark_id FROM stocktake)"),
    "store.barcode": (
        "item_barcode",
        "UPDATE item_barcode SET code = (SELECT barcode FROM item WHERE id = item_barcode.item_id)",
    ),
    "store.remark": ("remark", "UPDATE remark SET text = '改过' WHERE id = (SELECT max(remark_id) FROM movement)"),
    "store.return_remark": ("remark", "UPDATE remark SET text = '改过' WHERE id IN (SELECT remark_id FROM store_return)"),
    "store.close": ("store_close", "UPDATE store_close SET after_order_id = after_order_id + 1"),
    "store.close_sums": ("store_order", "UPDATE store_order SET home_points = home_points + 1 WHERE id = {order}"),
    "store.close_remark": ("remark", "UPDATE remark SET text = '改过' WHERE id IN (SELECT remark_id FROM store_close)"),
    "store.sheet": ("", SHEET),
    "store.sheet_seal": ("", SHEET),
    "store.sheet_remark": ("", SHEET),
    "store.year_sums": (
        "year_close",
        ("INSERT INTO year_close (id, village_id, year, state, announced_on, announced_by_id, lapses_on, households, points) "
        "VALUES (1, {village}, 2025, 'closed', '2025-12-01', 1, '2026-03-01', 1, 5)"),
    ),
    "store.year_day": ("entry", "UPDATE entry SET kind = 'lapse', subject_id = 10000000000 + household_id WHERE seq = 1"),
    "store.year_notice": (
        "year_close",
        ("INSERT INTO year_close (id, village_id, year, state, announced_on, announced_by_id, lapses_on) "
        "VALUES (1, {village}, 2025, 'announced', '2026-01-01', 1, '2026-03-01')"),
    ),
    "store.year_carry": (
        "year_carry",
        ("INSERT INTO year_carry (id, close_id, kind, subject_id, remark_id, remark_hash, by_id, at) "
        "SELECT 1, 1, 'deeds', 1, max(remark_id), 'f', 1, '2026-03-01 00:00:00' FROM audit"),
    ),
    "store.paper": ("paper_slip", "UPDATE paper_slip SET household_id = {household} WHERE state = 'entered'"),
    "store.paper_owed": ("paper_slip", "UPDATE paper_slip SET order_id = (SELECT min(id) FROM store_order) WHERE state = 'entered'"),
    "store.held": ("reservation_line", "UPDATE reservation_line SET points = points + 1"),
    "store.reservation_paid": ("reservation", "UPDATE reservation SET civility_points = civility_points + 1"),
    "store.reservation_goods": ("movement", "UPDATE movement SET quantity = quantity - 1 WHERE kind = 'reserved'"),
    "store.reservation_stray": ("movement", "UPDATE movement SET batch_id = batch_id + 1 WHERE kind = 'released'"),
    "store.reservation_total": ("reservation", "UPDATE reservation SET pieces = pieces + 1"),
    "store.reservation_order": (
        "store_order",
        "UPDATE store_order SET civility_points = 9 WHERE id IN (SELECT order_id FROM reservation)",
    ),
    "store.reservation_best_before": ("batch", "UPDATE batch SET best_before = '2026-03-01'"),
    "store.reservation_remark": (
        "remark",
        "UPDATE remark SET text = '改过' WHERE id IN (SELECT remark_id FROM reservation)",
    ),
    "awarding.entry": ("deed", "UPDATE deed SET settled_points = 19 WHERE settled_points = 20"),
    "awarding.deed": ("deed", "UPDATE deed SET state = 'frozen' WHERE settled_points = 20"),
    "awarding.reversed": ("deed", "UPDATE deed SET state = 'reversed' WHERE settled_points = 20"),
    "awarding.reason": ("deed_step", "UPDATE deed_step SET remark_hash = NULL WHERE action = 'reverse'"),
    "awarding.step": ("deed_step", "UPDATE deed_step SET from_state = 'lead' WHERE action = 'publish'"),
    "awarding.state": ("deed", "UPDATE deed SET state = 'frozen' WHERE settled_points = 20"),
    "awarding.own": ("deed", "UPDATE deed SET proposed_by_id = {reviewer} WHERE rule_code = 'J16'"),
    "awarding.kin": (
        "app_user",
        ("UPDATE app_user SET member_id = (SELECT min(id) FROM member WHERE household_id = {household}) "
        "WHERE id = {reviewer}"),
    ),
    "awarding.role": ("role_grant", "DELETE FROM role_grant WHERE user_id = {reviewer}"),
    "awarding.notice": ("notice", "UPDATE notice SET ends_on = '2030-01-01'"),
    "awarding.at_once": ("deed", "UPDATE deed SET route = 'review' WHERE way = 'event'"),
    "awarding.heard": ("deduction", "UPDATE deduction SET rebuttal_until = '2026-03-30'"),
    "awarding.closed_month": (
        "closed_month",
        ("INSERT INTO closed_month (id, village_id, month, first_by_id, first_at, second_by_id, second_at) "
        "VALUES (1, {village}, 202603, 1, '2026-03-05 00:00:00', 2, '2026-03-05 00:00:00')"),
    ),
    "awarding.draw": (
        "spot_draw",
        ("INSERT INTO spot_draw (id, village_id, month, seed, seal_seq, pool, wanted, drawn_at, shown_until) "
        "VALUES (1, {village}, 202602, '0', 1, 5, 3, '2026-03-01 00:00:00', '2026-03-31')"),
    ),
    "awarding.remark": (
        "remark",
        "UPDATE remark SET text = '改过' WHERE id = (SELECT max(remark_id) FROM deed_step WHERE action = 'reject')",
    ),
    "dividends.sum": ("dividend_line", "UPDATE dividend_line SET fen = fen + 1 WHERE place = 1"),
    "dividends.paid": ("payout", "UPDATE payout SET fen = fen + 1"),
    "dividends.seal": ("dividend_line", "UPDATE dividend_line SET months = 11 WHERE place = 1"),
    "scores.tally": ("tally", "UPDATE tally SET earned = earned + 1 WHERE unit = 'civility'"),
    "scores.grid": ("grid_tally", "UPDATE grid_tally SET deeds = deeds + 1 WHERE rule_code = 'W01'"),
}  # fmt: skip


def loosen(table: str) -> None:
    """Free a table of its triggers and constraints, as somebody who holds the database can, until the rollback."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        columns = connection.exec_driver_sql(f"SELECT name, type FROM pragma_table_info('{table}')").all()
        shape = ", ".join(f'"{name}" {kind}' for name, kind in columns)
        connection.exec_driver_sql(f"CREATE TABLE freed ({shape})")
        connection.exec_driver_sql(f"INSERT INTO freed SELECT * FROM {table}")
        connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql(f"ALTER TABLE freed RENAME TO {table}")
        return
    connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    found = sa.text("SELECT conname FROM pg_constraint WHERE conrelid = CAST(:name AS regclass) AND contype != 'n'")
    for name in connection.execute(found, {"name": table}).scalars().all():
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}" CASCADE')


@pytest.fixture
def unbound(app):
    """On SQLite: connections that don't ask where a foreign key leads, as any tool that opens the file has."""
    with databases.pragma("foreign_keys=OFF"):
        yield app


def faults(name: str, run: Run | None = None) -> list[str]:
    invariant = BY_NAME[name]
    return [str(invariant.fault) % dict(row) for row in invariant.rows(run or Run())]


def test_a_fortnight_at_work_holds_every_law(app, cli):
    it = fortnight.live()
    told = json.loads(cli("virtue", "verify", "--json").stdout)
    assert told == {"ok": True, "laws": len(INVARIANTS), "entries": told["entries"], "broken": []}
    assert told["entries"] == db.session.scalar(sa.text("SELECT max(seq) FROM entry"))
    lines = cli("virtue", "verify").stdout.splitlines()
    assert [line[0] for line in lines] == ["✓"] * len(INVARIANTS)
    assert it.orders


def test_each_law_names_what_breaks_it(unbound):
    it = fortnight.live()
    values = {
        "village": it.village.id, "other": it.other.id, "household": it.households[0], "order": it.orders["kept"],
        "keeper": it.staff["keeper"], "reviewer": it.staff["reviewer"],
    }  # fmt: skip
    assert set(PLANTS) | {"seals.known"} == set(BY_NAME)
    silent = []
    with clock.set_to(it.end):
        for name, (tables, plant) in PLANTS.items():
            db.session.rollback()
            for table in tables.split():
                loosen(table)
            assert faults(name) == [], name
            db.session.connection().exec_driver_sql(plant.format(**values).replace("%", "%%"))
            if not all(faults(name)) or not faults(name):
                silent.append(name)
    db.session.rollback()
    assert silent == []
    assert [name for name in BY_NAME if faults(name)] == []


def alter_behind_the_triggers(*statements: str) -> None:
    """Drop the triggers, change rows, put the triggers back: as if nothing had been."""
    db.session.rollback()
    with db.engine.begin() as connection:
        schema.drop(connection)
        for statement in statements:
            connection.exec_driver_sql(statement)
        schema.install(connection)


def test_a_row_altered_behind_the_triggers_is_named(app, cli):
    it = fortnight.live()
    cli("virtue", "verify")
    alter_behind_the_triggers("UPDATE transfer SET points = points + 1 WHERE id = 2")
    seq = db.session.scalar(sa.text("SELECT seq FROM entry JOIN transfer ON entry_id = entry.id WHERE transfer.id = 2"))
    done = cli("virtue", "verify", code=1)
    assert f"村 {it.village.id} 流水 {seq}：封印对不上，这一笔被改过。" in done.stdout
    told = json.loads(cli("virtue", "verify", "--json", code=1).stdout)
    broken = {law["name"] for law in told["broken"]}
    assert told["ok"] is False
    assert {"seals.link", "ledger.balance", "ledger.balance_after", "awarding.entry"} <= broken
    assert "seals.end" not in broken


def test_only_the_altered_row_is_named_and_not_those_that_follow(app):
    fortnight.live()
    alter_behind_the_triggers("UPDATE entry SET words = '[]' WHERE seq = 2")
    assert len(faults("seals.link")) == 1


def test_a_month_that_was_moved_is_named(app):
    """The month column leads the index and isn't sealed itself: it must still be the day's."""
    fortnight.live()
    alter_behind_the_triggers("UPDATE entry SET month = 202602 WHERE seq = 2")
    assert len(faults("seals.link")) == 1


def test_resuming_begins_where_the_last_run_ended(app, cli):
    it = fortnight.live()
    cli("virtue", "verify")
    noted = _note(app)
    last = db.session.execute(sa.text("SELECT seq, seal FROM chain")).one()
    assert noted == {str(it.village.id): [last.seq, last.seal]}
    alter_behind_the_triggers("UPDATE entry SET by_id = 99 WHERE seq = 2")
    cli("virtue", "verify", "--resume")
    cli("virtue", "verify", code=1)


def test_a_cut_and_resealed_history_is_seen_from_outside(unbound, app, cli):
    """The newest entry is deleted and the chain's end put back: all seals hold, but the note knows better."""
    fortnight.live()
    cli("virtue", "verify")
    last, before = db.session.execute(sa.text("SELECT id, seq, seal FROM entry ORDER BY id DESC LIMIT 2")).all()
    run = Run(known={int(key): tuple(value) for key, value in _note(app).items()})
    db.session.rollback()
    for table in ("transfer", "deed", "entry", "veto"):
        loosen(table)
    connection = db.session.connection()
    connection.exec_driver_sql(f"DELETE FROM transfer WHERE entry_id = {last.id}")
    connection.exec_driver_sql(f"DELETE FROM entry WHERE id = {last.id}")
    connection.exec_driver_sql(f"UPDATE chain SET seq = {before.seq}, seal = '{before.seal}'")
    assert faults("seals.link") == faults("seals.end") == []
    assert len(faults("seals.known", run)) == 1
    db.session.rollback()


def test_a_note_is_kept_only_of_what_held(app, cli):
    fortnight.live()
    alter_behind_the_triggers("UPDATE entry SET by_id = 99 WHERE seq = 2")
    cli("virtue", "verify", code=1)
    assert _note(app) == {}


def test_after_a_meant_restore_the_note_is_made_anew(app, cli, tmp_path):
    fortnight.live()
    cli("virtue", "verify")
    (tmp_path / "data" / "verified.json").write_text(json.dumps({"1": [1, "f" * 64], "2": [1, "f" * 64]}))
    assert "上次核对时的封印不在了" in cli("virtue", "verify", code=1).stdout
    cli("virtue", "verify", "--anew")
    cli("virtue", "verify")


def test_an_empty_installation_holds(app, cli):
    assert json.loads(cli("virtue", "verify", "--json").stdout)["ok"] is True


def _note(app) -> dict:
    path = Path(app.config["VIRTUE_DATA_DIR"]) / "verified.json"
    return json.loads(path.read_text()) if path.exists() else {}
