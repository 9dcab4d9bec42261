"""The quarter's public sheet: what movements add up to, signed by a supervisor, frozen, corrected by a new version."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import count_queries, unchanged
from tests.store.conftest import make_shop
from virtue import clock, schema
from virtue.core import keys
from virtue.core.invariants import Run
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger.models import Entry
from virtue.store import (
    budget_queries,
    budget_services,
    delivery_services,
    public_queries,
    public_services,
    services,
    stock_services,
)
from virtue.store.delivery_services import Line, Paper
from virtue.store.donor_services import NewDonor
from virtue.store.models import Movement
from virtue.store.public_invariants import INVARIANTS
from virtue.store.public_models import PublicSheet
from virtue.store.public_services import (
    CorrectionUnexplained,
    Money,
    ProofMissing,
    SheetChanged,
    SheetSigner,
    SheetTooEarly,
)

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
APRIL = datetime(2026, 4, 12, 4, 0, tzinfo=UTC)
FIRST, SECOND = 202601, 202604
MONEY = Money(120_050, "村集体账第12号凭证，村民代表会议同意")
DRAFT = "/reports/quarter/draft"


@pytest.fixture
def shop(app):
    """A shop whose first quarter had every kind of coming and going; the clock stands in April."""
    with clock.set_to(NOON):
        made = make_shop()
        receive(made, made.salt, 7, "bought")
        receive(made, made.salt, 4, "donated")
        kept, gone = sell(made, 3), sell(made, 2)
        services.give_back(made.village.id, gone, key=keys.new(), by=made.keeper.id)
        batch = db.session.scalar(sa.select(Movement.batch_id).where(Movement.order_id == kept))
        stock_services.write_off(
            made.village.id, batch, 1, reason="broken", why="受潮", key=keys.new(), by=made.keeper.id
        )
    made.admin, made.supervisor = factories.village_admin(made.village), factories.supervisor(made.village)
    db.session.commit()
    with clock.set_to(APRIL):
        yield made


def receive(shop, item, quantity, source):
    paper = Paper(source, new_donor=None if source == "bought" else NewDonor("", "anonymous"))
    lines = [Line(item.id, quantity, 500)]
    delivery_services.enter(shop.village.id, shop.store.id, paper, lines, key=keys.new(), by=shop.keeper.id)


def sell(shop, quantity):
    return shop.redeem(shop.piece(shop.salt, quantity)).result["order_id"]


def draft(shop, quarter=FIRST, money=MONEY, key=None):
    made = public_services.draft(shop.village.id, quarter, money, key=key or keys.new(), by=shop.admin.id)
    return db.session.get(PublicSheet, made.result["sheet_id"])


def seen(sheet):
    return public_queries.fingerprint(sheet, public_queries.figures(sheet.village_id, sheet.quarter))


def sign(shop, sheet, by=None, shown=None, key=None):
    by = by or shop.supervisor
    return public_services.sign(shop.village.id, sheet.id, shown or seen(sheet), key=key or keys.new(), by=by.id)


def salt_of(figures):
    (line,) = [line for line in figures["lines"] if line["name"] == "食用盐 400g"]
    return {name: value for name, value in line.items() if name not in {"item", "name", "measure"}}


def broken():
    return {law.name for law in INVARIANTS if list(law.rows(Run()))}


def test_the_figures_are_what_the_movements_add_up_to(shop):
    first, second = (public_queries.figures(shop.village.id, quarter) for quarter in (FIRST, SECOND))
    told = salt_of(first)
    lying = db.session.scalar(sa.select(sa.func.sum(Movement.quantity)).where(Movement.item_id == shop.salt.id))
    assert told == {
        "opening": 0, "bought": told["bought"], "donated": 4, "given": 3, "lost": 1, "other": told["other"], "left": lying
    }  # fmt: skip
    assert (told["bought"] + told["other"], lying) == (107, 107)
    assert first["donated_fen"] == 4 * 500
    assert salt_of(second) == {
        "opening": 107, "bought": 0, "donated": 0, "given": 0, "lost": 0, "other": 0, "left": 107
    }  # fmt: skip
    assert (second["bought_fen"], second["donated_fen"]) == (0, 0)


def test_a_signed_sheet_stays_whatever_comes_later(shop):
    sheet = draft(shop)
    assert (sheet.version, sheet.figures, public_queries.signed(shop.village.id)) == (1, None, [])
    figures = public_queries.figures(shop.village.id, FIRST)
    sign(shop, sheet)
    db.session.expire_all()
    last = db.session.execute(sa.select(Entry.seq, Entry.seal).order_by(Entry.seq.desc()).limit(1)).one()
    assert (sheet.figures, sheet.seal_seq, sheet.seal) == (figures, *last)
    assert (sheet.signed_by_id, sheet.signed_at) == (shop.supervisor.id, APRIL)
    sell(shop, 5)
    shop.salt.name = "别的名字"
    db.session.commit()
    assert sheet.figures == figures
    assert [one.id for one in public_queries.signed(shop.village.id)] == [sheet.id]
    assert broken() == set()


def test_a_correction_is_a_new_version_with_its_reason(app, shop):
    first = draft(shop)
    sign(shop, first)
    with unchanged(app), pytest.raises(CorrectionUnexplained):
        draft(shop)
    second = draft(shop, money=Money(90_000, MONEY.proof, "集体的钱写多了"))
    assert second.version == 2
    assert [one.id for one in public_queries.signed(shop.village.id)] == [first.id]
    sign(shop, second)
    assert [one.id for one in public_queries.signed(shop.village.id)] == [second.id]
    assert [one.collective_fen for one in public_queries.versions(shop.village.id, FIRST)] == [90_000, 120_050]


def test_a_draft_is_written_anew_in_place_and_once_per_key(shop):
    key = keys.new()
    sheet = draft(shop, key=key)
    assert draft(shop, key=key).id == sheet.id
    assert draft(shop, money=Money(0)).id == sheet.id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PublicSheet)) == 1
    assert (sheet.collective_fen, sheet.proof_id) == (0, None)


@pytest.mark.parametrize(
    ("quarter", "money", "error"),
    [
        (SECOND, Money(0), SheetTooEarly),
        (FIRST, Money(1), ProofMissing),
        (FIRST, Money(1, "  "), ProofMissing),
    ],
    ids=["not-over", "no-proof", "blank-proof"],
)
def test_a_refused_draft_changes_nothing(app, shop, quarter, money, error):
    with unchanged(app), pytest.raises(error):
        draft(shop, quarter, money)


@pytest.mark.parametrize(
    "roles",
    [("supervisor", "committee"), ("supervisor", "keeper"), ("supervisor", "village_admin"), ("committee",), ()],
    ids=["committee-too", "keeper-too", "clerk-too", "committee", "nobody"],
)
def test_only_a_supervisor_who_is_nothing_else_signs(app, shop, roles):
    sheet, by = draft(shop), factories.staff_of(shop.village, *roles)
    db.session.commit()
    with unchanged(app), pytest.raises(SheetSigner):
        sign(shop, sheet, by)


def test_neither_a_supervisor_of_elsewhere_nor_twice(app, shop):
    sheet, stranger = draft(shop), factories.supervisor(factories.VillageFactory())
    db.session.commit()
    with unchanged(app), pytest.raises(SheetSigner):
        sign(shop, sheet, stranger)
    key, shown = keys.new(), seen(sheet)
    sign(shop, sheet, shown=shown, key=key)
    with unchanged(app):
        sign(shop, sheet, shown=shown, key=key)
    with unchanged(app), pytest.raises(NotFoundHere):
        sign(shop, sheet)


@pytest.mark.parametrize("what", ["money", "proof", "goods", "forged"])
def test_what_changed_since_it_was_looked_at_is_not_signed(app, shop, what):
    sheet = draft(shop)
    shown = seen(sheet)
    if what == "money":
        draft(shop, money=Money(MONEY.fen + 1, MONEY.proof))
    elif what == "proof":
        draft(shop, money=Money(MONEY.fen, "别的凭证"))
    elif what == "goods":
        with clock.set_to(NOON + timedelta(days=1)):
            receive(shop, shop.salt, 1, "donated")
    else:
        shown = "0" * 64
    with unchanged(app), pytest.raises(SheetChanged):
        sign(shop, sheet, shown=shown)


@pytest.mark.parametrize(
    ("plant", "law"),
    [
        ('UPDATE public_sheet SET figures = \'{{"lines": [], "bought_fen": 0, "donated_fen": 0}}\'', "store.sheet"),
        ("UPDATE public_sheet SET quarter = {second}", "store.sheet"),
        ("UPDATE batch SET cost_fen = cost_fen + 1", "store.sheet"),
        ("UPDATE public_sheet SET seal = 'f'", "store.sheet_seal"),
        ("UPDATE public_sheet SET seal_seq = 9999", "store.sheet_seal"),
        ("UPDATE remark SET text = '改过' WHERE id = (SELECT proof_id FROM public_sheet)", "store.sheet_remark"),
        ("UPDATE remark SET text = '改过' WHERE id = (SELECT reason_id FROM public_sheet)", "store.sheet_remark"),
    ],
    ids=["figures", "quarter", "cost", "seal", "entry", "proof", "reason"],
)
def test_a_planted_violation_is_found(shop, plant, law):
    sign(shop, draft(shop, money=Money(MONEY.fen, MONEY.proof, "说明")))
    assert broken() == set()
    schema.drop(db.session.connection())
    db.session.execute(
        sa.text(plant.replace("{{", "{").replace("}}", "}").replace("{second}", str(SECOND)).replace(":", "\\:"))
    )
    assert broken() == {law}
    db.session.rollback()


def test_a_movement_slipped_in_behind_the_signature_is_found(shop):
    sign(shop, draft(shop))
    with clock.set_to(NOON + timedelta(days=1)):
        receive(shop, shop.salt, 1, "bought")
    assert broken() == {"store.sheet"}


# ---- pages


def test_from_the_desk_to_the_public_page(visitor, shop):
    clerk, supervisor = visitor().sign_in(shop.admin), visitor().sign_in(shop.supervisor)
    desk = clerk("/reports/quarter")
    form = desk.select_one("form[action$='/draft']")
    assert clerk.submit(form, 422, money="x").words(".field-error")
    refused = clerk.submit(form, 422, money="5", proof="")
    assert "凭证" in refused.words(".form-error")
    assert refused.select_one("#money")["value"] == "5"
    clerk.submit(refused.select_one("form[action$='/draft']"), 303, money="1200.50", proof=MONEY.proof)
    slug = shop.village.slug
    assert "还没有公开过" in visitor()(f"/v/{slug}/store-sheets").words(".empty")
    visitor()(f"/v/{slug}/store-sheets/{FIRST}", 404)
    assert clerk(f"/reports/quarter?quarter={FIRST}").select("form[action$='/sign']") == []
    shown = supervisor(f"/reports/quarter?quarter={FIRST}")
    clerk.submit(clerk(f"/reports/quarter?quarter={FIRST}").select_one("form[action$='/draft']"), 303, money="1200.51")
    again = supervisor.submit(shown.select_one("form[action$='/sign']"), 409)
    assert "再看一遍" in again.words(".form-error")
    supervisor.submit(again.select_one("form[action$='/sign']"), 303)
    public = visitor()(f"/v/{slug}/store-sheets")
    assert (
        public.rows("#sheet")
        == visitor()(f"/v/{slug}/store-sheets/{FIRST}/print").rows("#sheet")
        == desk.rows("#sheet")
    )
    (salt,) = [row for row in public.rows("#sheet") if row[0].startswith("食用盐")]
    told = salt_of(public_queries.figures(shop.village.id, FIRST))
    assert salt[1:] == [
        f"{told[name]:,}" for name in ("opening", "bought", "donated", "given", "lost", "other", "left")
    ]
    assert {"¥1,200.51", MONEY.proof, shop.supervisor.name} <= set_of_parts(public)


def set_of_parts(page):
    words = page.words("main")
    return {part for part in ("¥1,200.51", MONEY.proof, words) if part in words} | {
        name for (name,) in db.session.execute(sa.text("SELECT name FROM app_user")) if name in words
    }


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("supervisor", {"sign"}),
        ("village_admin", {"draft"}),
        ("committee", set()),
        ("keeper", set()),
        ("reviewer", None),
    ],
    ids=["supervisor", "clerk", "committee", "keeper", "reviewer"],
)
def test_who_may_draft_and_sign(app, page, shop, role, may):
    sheet = draft(shop)
    number = sheet.id
    page.sign_in(factories.CAST[role](shop.village))
    page("/reports/quarter", 403 if may is None else 200)
    with unchanged(app):
        page.post(DRAFT, {"quarter": FIRST, "money": "x"}, 422 if "draft" in (may or ()) else 403)
        page.post(
            f"/reports/quarter/{number}/sign", {"shown": "x", "key": keys.new()}, 409 if "sign" in (may or ()) else 403
        )


def test_another_villages_sheet_is_not_there(visitor, shop):
    sheet, other = draft(shop), factories.VillageFactory()
    number, slug, shown = sheet.id, other.slug, seen(sheet)
    stranger = visitor().sign_in(factories.supervisor(other))
    stranger.post(f"/reports/quarter/{number}/sign", {"shown": shown, "key": keys.new()}, 404)
    assert public_queries.signed(shop.village.id) == []
    sign(shop, db.session.get(PublicSheet, number))
    visitor()(f"/v/{slug}/store-sheets/{FIRST}", 404)
    assert "这个季度没有货" in stranger("/reports/quarter").words("#sheet")


def test_the_public_page_costs_the_same_with_many_quarters(app, visitor, shop):
    sign(shop, draft(shop))
    address = f"/v/{shop.village.slug}/store-sheets/{FIRST}"
    visitor()(address)
    with count_queries(app) as few:
        visitor()(address)
    for quarter in (202510, 202507, 202504):
        sign(shop, draft(shop, quarter))
    with count_queries(app) as many:
        visitor()(address)
    assert len(many) == len(few)


def test_the_database_keeps_a_signed_sheet_and_lets_a_draft_be_mended(shop):
    sign(shop, draft(shop))
    draft(shop, money=Money(5, "第13号凭证", "漏了一笔"))
    like = "(id, village_id, quarter, version, collective_fen, drafted_by_id, drafted_at)"
    values = "SELECT id, village_id, quarter, version, 0, drafted_by_id, drafted_at FROM public_sheet WHERE version = 1"
    attempts = [
        "UPDATE public_sheet SET figures = NULL WHERE version = 1",
        "DELETE FROM public_sheet WHERE version = 1",
    ]
    attempts += (
        [f"INSERT OR REPLACE INTO public_sheet {like} {values}", "UPDATE public_sheet SET signed_at = NULL"]
        if db.engine.dialect.name == "sqlite"
        else ["TRUNCATE public_sheet", "UPDATE public_sheet SET signed_at = NULL"]
    )
    # What this test has read would keep TRUNCATE waiting.
    db.session.rollback()
    for statement in attempts:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert [one.figures is None for one in public_queries.versions(shop.village.id, FIRST)] == [True, False]
    draft(shop, money=Money(7, "第14号凭证", "又改"))
    assert public_queries.versions(shop.village.id, FIRST)[0].collective_fen == 7


def test_the_collectives_money_is_compared_with_what_was_entered(page, shop):
    draft(shop)
    shown = page.sign_in(shop.admin)(f"/reports/quarter?quarter={FIRST}").words(".facts")
    assert "村集体出资 ¥0.00 差¥1,200.50 核对" in shown
    with clock.set_to(NOON + timedelta(days=2)):
        budget_services.enter_money(
            shop.village.id, 120_050, "collective", clock.today(), "第12号", key=keys.new(), by=shop.admin.id
        )
        budget_services.enter_money(
            shop.village.id, 9_900, "granted", clock.today(), "", key=keys.new(), by=shop.admin.id
        )
    assert "差¥1,200.50" in page(f"/reports/quarter?quarter={FIRST}").words(".facts")
    money = budget_queries.unsigned(shop.village.id)[0]
    budget_services.sign_money(shop.village.id, money.id, key=keys.new(), by=shop.supervisor.id)
    assert "村集体出资 ¥1,200.50 一致" in page(f"/reports/quarter?quarter={FIRST}").words(".facts")
