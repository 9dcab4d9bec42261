"""The seven ledgers: each adds up to the rows it is made of, on page, paper and in the workbook, for whom it is meant."""

import io
import re
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import databases, factories
from tests.ledger import fortnight
from tests.pages import count_queries
from tests.store.conftest import make_shop
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger.models import EntryKind
from virtue.people.models import Look
from virtue.reports import point_ledgers, store_ledgers
from virtue.reports.ledgers import Window
from virtue.reports.seven import OTHERS, SEVEN, STORE
from virtue.store import delivery_services, goods_services, services, stock_book, stock_services
from virtue.store.delivery_services import Line, Paper
from virtue.store.donor_services import NewDonor
from virtue.store.models import Movement

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
MARCH, APRIL = 202603, 202604
ALL = Window(size=None)


def url(name, ending=""):
    return f"/reports/{'store' if name in STORE else 'ledgers'}/{name}{ending}"


@pytest.fixture
def shop(app):
    with clock.set_to(NOON):
        yield make_shop()


def sell(shop, item, quantity=1, unit="home"):
    return shop.redeem(shop.piece(item, quantity, unit)).result["order_id"]


def receive(shop, item, quantity, source="bought"):
    paper = Paper(source, new_donor=None if source == "bought" else NewDonor("", "anonymous"))
    lines = [Line(item.id, quantity, 500)]
    delivery_services.enter(shop.village.id, shop.store.id, paper, lines, key=keys.new(), by=shop.keeper.id)


def by_name(sheet):
    """Lines of the stock ledger by good: opening, the columns by name, closing."""
    return {row[1]: (row[3], dict(zip(stock_book.COLUMNS, row[4:-1], strict=True)), row[-1]) for row in sheet.rows}


def test_the_stock_ledger_goes_from_opening_to_closing_by_what_moved(shop):
    receive(shop, shop.salt, 7)
    receive(shop, shop.salt, 4, "donated")
    kept, gone = sell(shop, shop.salt, 3), sell(shop, shop.salt, 2)
    services.give_back(shop.village.id, gone, key=keys.new(), by=shop.keeper.id)
    batch = db.session.scalar(sa.select(Movement.batch_id).where(Movement.order_id == kept))
    stock_services.write_off(shop.village.id, batch, 1, reason="broken", why="受潮", key=keys.new(), by=shop.keeper.id)
    with clock.set_to(NOON + timedelta(days=30)):
        sell(shop, shop.salt, 5)
        march, april = (by_name(store_ledgers.stock(shop.village.id, month, ALL)) for month in (MARCH, APRIL))
    opening, moved, closing = march["食用盐 400g"]
    assert (opening, closing) == (0, 107)
    first = moved["opened"] + moved["bought"] + moved["donated"]
    assert (first, moved["donated"], moved["out"], moved["back"], moved["lost"]) == (111, 4, -5, 2, -1)
    assert april["食用盐 400g"][0] == 107
    assert (april["食用盐 400g"][1]["out"], april["食用盐 400g"][2]) == (-5, shop.left(shop.salt) == 102 and 102)


def test_every_kind_of_movement_and_entry_has_its_column():
    check = next(rule for rule in Movement.__table__.constraints if str(rule.name).endswith("kind"))
    kinds = set(re.findall(r"'(\w+)'", str(check.sqltext)))
    assert kinds - {"received"} <= set(stock_book.OF_KIND)
    assert set(EntryKind) - {EntryKind.DEED} == set(point_ledgers.OF_KIND)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(st.tuples(st.sampled_from(["sell", "receive", "back", "next"]), st.integers(1, 3)), max_size=12))
def test_whatever_happens_months_join_and_add_up(database, shared, worker, tmp_path_factory, acts):
    """A month opens with what the one before closed with; movements and orders are all in exactly one month."""
    with databases.fresh(database, shared, worker) as address, databases.lent_app(
        address, tmp_path_factory.mktemp("world")
    ) as app, app.app_context():  # fmt: skip
        at, orders = NOON, []
        with clock.set_to(at):
            shop = make_shop()
        for act, n in acts:
            at += timedelta(days=31) if act == "next" else timedelta(minutes=1)
            with clock.set_to(at):
                if act == "sell" and shop.balance()[0] >= 3 * n and shop.left(shop.salt) >= n:
                    orders.append(sell(shop, shop.salt, n))
                elif act == "receive":
                    receive(shop, shop.salt, n)
                elif act == "back" and orders:
                    by = factories.village_admin(shop.village)
                    services.give_back(shop.village.id, orders.pop(), key=keys.new(), by=by.id, why="坏的")
        with clock.set_to(at):
            _check_months(shop, clock.month_of(clock.today()))
        db.session.remove()


def _check_months(shop, last):
    month, closing, moved, redeemed, back, points = MARCH, 0, 0, 0, 0, 0
    while month <= last:
        opened, kinds, closed = by_name(store_ledgers.stock(shop.village.id, month, ALL))["食用盐 400g"]
        assert (opened, opened + sum(kinds.values())) == (closing, closed)
        closing, moved = closed, moved + sum(kinds.values())
        total, returned = store_ledgers.redemptions(shop.village.id, month, ALL).foot
        redeemed, back = redeemed + total[5], back + returned[5]
        for row in point_ledgers.points(shop.village.id, month, ALL).foot:
            points += row[-2] if row[1] == "家美积分" else 0
        month = clock.next_month(month)
    assert closing == moved == shop.left(shop.salt)
    assert 128 - redeemed - back == points == shop.balance()[0]


def test_the_redemption_ledger_has_each_order_masked_and_its_sums(shop):
    shop.redeem(shop.piece(shop.soap), shop.piece(shop.salt, 2, "civility"))
    gone = sell(shop, shop.salt)
    services.give_back(shop.village.id, gone, key=keys.new(), by=shop.keeper.id)
    sheet = store_ledgers.redemptions(shop.village.id, MARCH, ALL)
    assert [row[1:] for row in sheet.rows] == [
        ["3月10日", "王*智家（尾号0147）", "洗衣液 2kg×1、食用盐 400g×2", 3, 22, 10, "¥0.00", "何管理员", ""],
        ["3月10日", "王*智家（尾号0147）", "食用盐 400g×1", 1, 3, 0, "¥0.00", "何管理员", "3月10日撤单"],
    ]
    assert [row[4:7] for row in sheet.foot] == [[4, 25, 10], [-1, -3, 0]]


def test_the_price_list_is_the_last_days_and_says_what_changed(shop):
    with clock.set_to(NOON + timedelta(days=5)):
        goods_services.set_price(
            shop.village.id, shop.salt.id, "home", 4, clock.today(), by=shop.keeper.id, why="村委会定"
        )
    with clock.set_to(NOON + timedelta(days=40)):
        goods_services.set_price(shop.village.id, shop.salt.id, "home", None, clock.today(), by=shop.keeper.id)
        march, april = (
            {row[1]: row for row in store_ledgers.prices(shop.village.id, month, ALL).rows} for month in (MARCH, APRIL)
        )
    assert march["食用盐 400g"][5:7] == [4, 5]
    assert march["食用盐 400g"][8].endswith("3月15日 家美积分 3分改为4分（何管理员定）")
    assert april["食用盐 400g"][5:] == ["", 5, "", "4月19日 家美积分 4分改为不再用它换（何管理员定）"]


def test_points_and_scores_add_up_to_transfers_and_tallies(app):
    it = fortnight.live()
    with clock.set_to(it.end):
        sheet = point_ledgers.points(it.village.id, MARCH, ALL)
        scored = point_ledgers.scores(it.village.id, MARCH, ALL)
    for unit, name in (("home", "家美积分"), ("civility", "文明积分")):
        balance = db.session.scalar(
            sa.text("SELECT sum(balance) FROM account WHERE household_id IS NOT NULL AND unit = :unit"), {"unit": unit}
        )
        (foot,) = [row for row in sheet.foot if row[1] == name]
        assert foot[-2] == balance == sum(row[-2] for row in sheet.rows if row[1] == name)
        tally = db.session.execute(
            sa.text("SELECT sum(earned), sum(deducted) FROM tally WHERE unit = :unit"), {"unit": unit}
        ).one()
        (foot,) = [row for row in scored.foot if row[1] == name]
        assert (foot[-3], -foot[-2]) == tuple(tally)
        assert foot[-1] == sum(cell for cell in foot[2:-3] if cell != "")


def test_minutes_and_posting_say_who_decided_and_what_hung(app, page):
    it = fortnight.live()
    with clock.set_to(it.end):
        page.sign_in(db.session.get(factories.User, it.staff["supervisor"]))
        minutes = page(f"{url('minutes')}?month={MARCH}").rows("#ledger")
        posting = page(f"{url('posting')}?month={MARCH}").rows("#ledger")
    assert ["3月2日", "村民表决第1版积分细则", "1", "村民会议", "到场80人，其中妇女30人，同意70人"] in minutes
    assert [row[:3] for row in minutes if row[1] == "评议通过"] == [["3月2日", "评议通过", "3"]]
    assert {"冲正入账的", "报损", "日结签字", "评议扣分", "评议不通过"} <= {row[1] for row in minutes}
    assert [row[0] for row in posting if "号公示" in row[0]] == ["第1号公示", "第3号公示", "第2号公示"]


@pytest.mark.parametrize("name", list(SEVEN))
def test_page_paper_and_workbook_say_the_same(app, page, name):
    it = fortnight.live()
    with clock.set_to(it.end):
        page.sign_in(db.session.get(factories.User, it.staff["village_admin"]))
        shown = page(f"{url(name)}?month={MARCH}").rows("#ledger")
        paper = page(f"{url(name, '/print')}?month={MARCH}")
        file = page.raw("GET", f"{url(name, '.xlsx')}?month={MARCH}")
    assert paper.rows("#ledger") == shown != []
    assert len(paper.select(".signatures span")) == len(SEVEN[name].signers) + 1
    cells = list(openpyxl.load_workbook(io.BytesIO(file.data)).active.values)
    lines = [[plain(cell) for cell in row] for row in cells]
    for row in shown:
        assert row in lines, row
    assert all(cell is None or isinstance(cell, str | int) for row in cells for cell in row)


def plain(cell):
    """A cell of a workbook as the page shows it."""
    return f"{cell:,}".replace("-", "−") if isinstance(cell, int) else cell or ""


def test_texts_in_a_workbook_are_no_formulas(page, shop):
    shop.salt.name = "=1+1"
    db.session.commit()
    page.sign_in(shop.keeper)
    file = page.raw("GET", f"{url('stock', '.xlsx')}?month={MARCH}")
    cells = [
        cell for row in openpyxl.load_workbook(io.BytesIO(file.data)).active for cell in row if cell.value == "=1+1"
    ]
    assert [cell.data_type for cell in cells] == ["s"]


def test_an_export_with_private_figures_is_a_look_and_a_masked_page_is_none(page, shop):
    page.sign_in(factories.supervisor(shop.village))
    page(url("points"))
    assert db.session.scalars(sa.select(Look.what)).all() == []
    page.raw("GET", url("points", ".xlsx"))
    assert [(look.household_id, look.what) for look in db.session.scalars(sa.select(Look))] == [
        (shop.household.id, "export")
    ]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("keeper", set(STORE)),
        ("committee", set(SEVEN)),
        ("supervisor", set(SEVEN)),
        ("village_admin", set(SEVEN)),
        ("reviewer", set()),
    ],
)
def test_who_may_read_which(page, shop, role, may):
    page.sign_in(factories.CAST[role](shop.village))
    for name in SEVEN:
        for ending in ("", "/print"):
            page(url(name, ending), 200 if name in may else 403)
    if may:
        assert len(page("/reports").select("#ledgers > li")) == len(may)
    assert set(STORE) | set(OTHERS) == set(SEVEN)


def test_another_village_and_an_odd_month_show_nothing_of_this_one(visitor, shop):
    sell(shop, shop.salt)
    stranger = visitor().sign_in(factories.supervisor(factories.VillageFactory()))
    for name in set(SEVEN) - {"minutes"}:
        assert "这个月没有" in stranger(f"{url(name)}?month=x").words(".empty")
        assert "这个月没有" in stranger(f"{url(name, '/print')}?month=999999").words(".sheet")


@pytest.mark.parametrize("name", list(SEVEN))
def test_a_month_costs_the_same_with_years_behind_it(app, visitor, shop, name):
    """The same number of statements with one order and with years of them behind it: the indexes are led by time."""
    supervisor, costs = factories.supervisor(shop.village), []
    for years in (0, 3):
        for number in range(years * 12):
            with clock.set_to(NOON + timedelta(days=31 * number)):
                sell(shop, shop.salt)
        with clock.set_to(NOON + timedelta(days=31 * years * 12)):
            sell(shop, shop.salt)
            page = visitor().sign_in(supervisor)
            page(url(name))
            with count_queries(app) as queries:
                page(url(name))
                page(url(name, "/print"))
            costs.append(len(queries))
    assert costs[0] == costs[1]


def test_a_long_month_has_pages_and_the_sums_are_the_whole_months(page, shop):
    for _ in range(32):
        sell(shop, shop.salt)
    page.sign_in(shop.keeper)
    first, second = page(url("redemptions")), page(f"{url('redemptions')}?page=2")
    assert (len(first.rows("#ledger")), len(second.rows("#ledger"))) == (30, 2)
    assert first.words("#ledger tfoot") == second.words("#ledger tfoot")
    assert len(page(url("redemptions", "/print")).rows("#ledger")) == 32
