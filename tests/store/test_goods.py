"""Goods and prices: written as rows, checked against cost and market, imported from a file."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

import virtue
from tests import factories
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.core.models import Audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.store import errors, goods_services, queries
from virtue.store.ean import is_ean13, own_code
from virtue.store.goods_file import read_goods
from virtue.store.goods_services import ItemFields
from virtue.store.import_services import import_goods
from virtue.store.models import Batch, Item, Movement, Price
from virtue.transactions import atomic

GOODS = Path(virtue.__file__).parent / "demo" / "data" / "goods.csv"
HEAD = "barcode,name,category,unit,price_home,price_civility,cost_yuan,market_yuan,per_household_limit,limit_period,low_stock,opening_stock\n"
SOAP = "2100000000036,香皂 125g,日化,块,4,4,3.20,4.30,,,20,120\n"


@pytest.fixture
def village(app):
    return factories.VillageFactory()


@pytest.fixture
def clerk(village):
    return factories.village_admin(village)


def fields(**changes):
    return ItemFields(
        **{"name": "毛巾", "category": "家居", "measure": "条", "cost_fen": 750, "market_fen": 960, **changes}
    )


def price(item_id, unit="home"):
    store = queries.find_store(db.session.get(Item, item_id).village_id)
    good = {row.id: row for row in queries.goods_for_till(store, clock.today())}[item_id]
    return getattr(good, unit)


@pytest.mark.parametrize(
    ("code", "good"),
    [
        ("2100000000036", True),
        ("2100000000037", False),
        ("210000000003", False),
        ("６900000000000", False),
        ("", False),
    ],
)
def test_ean_has_thirteen_digits_and_a_check_digit(code, good):
    assert is_ean13(code) is good


def test_own_codes_are_barcodes():
    assert [own_code(n) for n in (1, 3)] == ["2100000000012", "2100000000036"]


def test_add_item_sets_prices_from_today(app, village, clerk):
    factories.StoreFactory(village_id=village.id)
    item_id = goods_services.add_item(village.id, fields(), {"home": 8, "civility": None}, by=clerk.id)
    assert (price(item_id), price(item_id, "civility")) == (8, None)
    assert db.session.get(Item, item_id).barcode == own_code(1)
    assert set(db.session.scalars(sa.select(Audit.action))) == {"store.add_item", "store.set_price"}


@pytest.mark.parametrize(
    ("changes", "prices", "error"),
    [
        ({}, {"home": 9}, errors.PriceNeedsReason),
        ({}, {"home": 10}, errors.PriceAboveMarket),
        ({"barcode": "2100000000037"}, {"home": 8}, errors.BadBarcode),
        ({"limit_quantity": 2}, {"home": 8}, errors.BadLimit),
        ({"limit_period": "month"}, {"home": 8}, errors.BadLimit),
    ],
)
def test_a_bad_good_is_refused(app, village, clerk, changes, prices, error):
    with unchanged(app), pytest.raises(error):
        goods_services.add_item(village.id, fields(**changes), prices, by=clerk.id)


def test_a_barcode_stands_once_in_a_village(app, village, clerk):
    goods_services.add_item(village.id, fields(barcode="2100000000036"), {"home": 8}, by=clerk.id)
    with unchanged(app), pytest.raises(errors.BarcodeTaken):
        goods_services.add_item(village.id, fields(barcode="2100000000036"), {"home": 8}, by=clerk.id)
    elsewhere = factories.VillageFactory()
    goods_services.add_item(elsewhere.id, fields(barcode="2100000000036"), {"home": 8}, by=clerk.id)


def test_a_price_above_the_cost_needs_a_recorded_decision(app, village, clerk):
    factories.StoreFactory(village_id=village.id)
    item_id = goods_services.add_item(village.id, fields(), {"home": 9}, by=clerk.id, why="村民代表会2026年11月1日决定")
    assert price(item_id) == 9
    trail = db.session.scalars(sa.select(Audit).where(Audit.action == "store.set_price")).one()
    assert trail.remark_id is not None


def test_set_price_writes_history_and_future(app, village, clerk):
    factories.StoreFactory(village_id=village.id)
    item_id = goods_services.add_item(village.id, fields(), {"home": 8}, by=clerk.id)
    later = clock.today() + timedelta(days=3)
    goods_services.set_price(village.id, item_id, "home", 7, later, by=clerk.id)
    assert price(item_id) == 8
    with clock.set_to(clock.now() + timedelta(days=3)):
        assert price(item_id) == 7
    assert [row.points for row in queries.find_price_history(item_id)] == [7, 8]


def begin_ledger(village):
    with atomic():
        ledger.lock(village.id)


def test_the_same_price_again_writes_nothing(app, village, clerk):
    item_id = goods_services.add_item(village.id, fields(), {"home": 8}, by=clerk.id)
    begin_ledger(village)
    with unchanged(app):
        assert goods_services.set_price(village.id, item_id, "home", 8, clock.today(), by=clerk.id) is None


def test_a_price_waits_for_the_till(app, village, clerk):
    """Else a sale that has read the old price could be written down after the new one."""
    item_id = goods_services.add_item(village.id, fields(), {"home": 7}, by=clerk.id)
    begin_ledger(village)
    village_id, by = village.id, clerk.id
    with count_queries(app) as seen:
        goods_services.set_price(village_id, item_id, "home", 8, clock.today(), by=by, why="议定")
    assert "chain" in seen[0]
    assert db.session.scalars(sa.select(Price.points).order_by(Price.id)).all() == [7, 8]


def test_a_price_never_begins_in_the_past(app, village, clerk):
    item_id = goods_services.add_item(village.id, fields(), {"home": 8}, by=clerk.id)
    begin_ledger(village)
    with unchanged(app), pytest.raises(errors.PriceInThePast):
        goods_services.set_price(village.id, item_id, "home", 7, clock.today() - timedelta(days=1), by=clerk.id)


def test_edit_item_names_what_changed(app, village, clerk):
    item_id = goods_services.add_item(village.id, fields(), {"home": 8}, by=clerk.id)
    assert goods_services.edit_item(village.id, item_id, fields(name="大毛巾", low_stock=5), by=clerk.id) == [
        "name",
        "low_stock",
    ]
    with unchanged(app):
        assert goods_services.edit_item(village.id, item_id, fields(name="大毛巾", low_stock=5), by=clerk.id) == []


def test_goods_of_another_village_dont_exist(app, village, clerk):
    item_id = goods_services.add_item(village.id, fields(), {"home": 8}, by=clerk.id)
    elsewhere = factories.VillageFactory()
    with unchanged(app), pytest.raises(NotFoundHere):
        goods_services.edit_item(elsewhere.id, item_id, fields(name="x"), by=clerk.id)
    with unchanged(app), pytest.raises(NotFoundHere):
        goods_services.set_price(elsewhere.id, item_id, "home", 1, clock.today(), by=clerk.id)


def test_the_demos_goods_come_in_with_their_stock(app, village, clerk):
    report = import_goods(village.id, GOODS.read_bytes(), by=clerk.id)
    assert (report.new, report.changed, report.unchanged, report.problems) == (36, 0, 0, [])
    store = queries.find_store(village.id)
    goods = queries.goods_for_till(store, clock.today())
    assert len(goods) == 36
    first = goods[0]
    assert (first.name, first.home, first.civility, first.left, first.category) == ("牙刷（两支装）", 6, 6, 60, "日化")
    detergent = next(row for row in goods if row.name == "洗衣液 2kg")
    assert (detergent.limit_quantity, detergent.limit_period) == (2, "month")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Movement)) == 36
    assert db.session.scalars(sa.select(Batch.source).distinct()).all() == ["opening"]


def test_the_same_file_again_changes_nothing(app, village, clerk):
    import_goods(village.id, GOODS.read_bytes(), by=clerk.id)
    with unchanged(app):
        report = import_goods(village.id, GOODS.read_bytes(), by=clerk.id)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 36)


def test_importing_again_is_an_update(app, village, clerk):
    import_goods(village.id, (HEAD + SOAP).encode(), by=clerk.id)
    changed = SOAP.replace("4,4,3.20", "3,4,3.20").replace("20,120", "15,900")
    report = import_goods(village.id, (HEAD + changed).encode("gb18030"), by=clerk.id)
    assert (report.new, report.changed) == (0, 1)
    good = queries.goods_for_till(queries.find_store(village.id), clock.today())[0]
    assert (good.home, good.civility, good.low_stock, good.left) == (3, 4, 15, 120)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Price)) == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2100000000037,香皂,日化,块,4,4,3.20,4.30,,,20,120", "第 2 行 barcode：条码不是 13 位，或校验码不对"),
        (",,日化,块,4,4,3.20,4.30,,,20,120", "第 2 行 name：没有填"),
        (",香皂,日化,块,1e3,4,3.20,4.30,,,20,120", "第 2 行 price_home：要填整数"),
        (",香皂,日化,块,-4,4,3.20,4.30,,,20,120", "第 2 行 price_home：要填整数"),
        (",香皂,日化,块,4,4,便宜,4.30,,,20,120", "第 2 行 cost_yuan：要填金额（元），最多两位小数"),
        (",香皂,日化,块,4,4,3.20,4.30,2,,20,120", "第 2 行：限购要数量和周期都填，或者都不填"),
        (",香皂,日化,块,4,4,3.20,4.30,2,week,20,120", "第 2 行 limit_period：要填 month、quarter 或 year"),
        (",香皂,日化,块,,,3.20,4.30,,,20,120", "第 2 行：两种积分至少要有一个价格"),
        (",香皂,日化,块,5,4,3.20,4.30,,,20,120", "第 2 行 price：价格不能高于市场价：市场价是4.30元，最多4分。"),
        (",香皂,日化,块,4,4,2.20,4.30,,,20,120", "第 2 行 price：按进价是3分；定得更高要写明是谁、什么时候决定的。"),
        (SOAP + SOAP, "第 3 行 barcode：和第 2 行重复"),
    ],
)
def test_errors_are_told_by_row_and_nothing_is_written(app, village, clerk, line, words):
    with unchanged(app), app.test_request_context():
        report = import_goods(village.id, (HEAD + line).encode(), by=clerk.id)
    assert report.problems == [words]


@pytest.mark.parametrize("data", [b"\0\1\2", b"", b"\xff\xff\xff", b"name\nx\n", b"x" * 3_000_000])
def test_what_is_no_list_of_goods_is_refused_with_a_sentence(app, data):
    with app.test_request_context():
        assert len(read_goods(data).problems) == 1


def test_full_width_digits_are_read(app):
    with app.test_request_context():
        file = read_goods((HEAD + "２１０００００００００３６,香皂,日化,块,４,4,３.２0,,,,,１2").encode())
    assert file.problems == []
    assert (file.rows[0].fields.barcode, file.rows[0].fields.cost_fen, file.rows[0].opening_stock) == (
        "2100000000036",
        320,
        12,
    )


def test_the_command_imports(app, cli, village, clerk):
    result = cli("virtue", "import-goods", GOODS, "--village", village.name)
    assert result.output == "新增 36 种，更新 0 种，不变 0 种。\n"
    assert "没有这个村" in cli("virtue", "import-goods", GOODS, "--village", "桃花源", code=1).output


def test_the_command_tells_errors_by_row(app, cli, village, clerk, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text(HEAD + ",,日化,块,4,4,3.20,4.30,,,20,120", encoding="utf-8")
    with unchanged(app):
        output = cli("virtue", "import-goods", bad, "--village", village.slug, code=1).output
    assert "第 2 行 name：没有填" in output
