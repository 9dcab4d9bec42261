"""Goods on pages: the list, adding, correcting, pricing, receiving, writing off, importing."""

import io
from datetime import timedelta

import pytest

from tests import factories
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.core import keys
from virtue.store import queries, stock_queries


@pytest.fixture
def clerk(page, shop):
    return page.sign_in(factories.village_admin(shop.village))


def item_url(item):
    return f"/store/goods/{item.id}"


def test_the_list_shows_stock_and_both_prices(page, shop):
    listed = page.sign_in(shop.keeper)("/store/goods")
    rows = {row[0]: row[1:6] for row in listed.rows("table")}
    assert rows["菜籽油 5L"] == ["粮油", "18", "5", "5 桶", "每月 2 桶"]
    assert listed.select("a[href='/store/goods/new']") == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=洗衣", ["洗衣液 2kg"]), ("q=%25", []), ("category=粮油", ["食用盐 400g", "菜籽油 5L"]), ("state=low", []),
        ("state=out", []), ("state=off", []), ("q=690", ["洗衣液 2kg", "食用盐 400g", "菜籽油 5L"]),
    ],
)  # fmt: skip
def test_the_list_is_searched_and_filtered(page, shop, query, names):
    listed = page.sign_in(shop.keeper)(f"/store/goods?{query}")
    assert sorted(row[0] for row in listed.rows("table")) == sorted(names)


def test_the_list_costs_the_same_for_1_and_30(app, page, shop):
    page.sign_in(shop.keeper)("/store/goods")
    with count_queries(app) as few:
        page("/store/goods")
    for _ in range(30):
        factories.stocked(shop.village, 3, by=shop.keeper)
    with count_queries(app) as many:
        page("/store/goods")
    assert len(many) == len(few)


NEW = {
    "name": "毛巾",
    "category": "家居",
    "measure": "条",
    "cost": "7.50",
    "market": "9.60",
    "price_home": "８",
    "limit_period": "",
    "is_active": "y",
}


def test_add_a_good_then_receive_it(clerk, shop):
    added = clerk.submit(clerk("/store/goods/new").select_one("main form"), 303, **NEW)
    item = clerk(added.location)
    assert item.words("h1") == "毛巾"
    assert "8 家美积分" in item.words("main")
    receive = clerk(item.select_one("a[href^='/store/receive']")["href"])
    until = clock.today() + timedelta(days=100)
    fields = {"quantity-1": "40", "source": "bought", "supplier": "镇批发部", "until-1": until.isoformat()}
    received = clerk(clerk.submit(receive.select_one("form[enctype]"), 303, **fields).location)
    assert "已入库40件" in received.words("#messages")
    good = next(row for row in queries.goods_for_till(shop.store, clock.today()) if row.name == "毛巾")
    assert (good.left, good.home, good.civility) == (40, 8, None)


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("name", "", "这里要填。"),
        ("cost", "贵", "要填金额（元），最多两位小数。"),
        ("cost", "-1", "要填金额（元），最多两位小数。"),
        ("barcode", "123", "条码不对：要13个数字，最后一位是校验码。请再扫一次。"),
        ("limit_quantity", "2", "限购要数量和周期都填，或者都不填。"),
        ("price_home", "1e3", "要填1到99999的整数。"),
        ("price_home", "0", "要填1到99999的整数。"),
        ("price_home", "", "两种积分至少要有一个价格。"),
    ],
)
def test_a_bad_field_is_told_at_the_field(app, clerk, shop, field, text, words):
    with unchanged(app):
        back = clerk.post("/store/goods/new", {**NEW, field: text}, 422)
    assert words in [error.get_text(strip=True) for error in back.select(".field-error span")]
    assert back.select_one("[name=category]")["value"] == "家居"


def test_the_law_of_prices_is_told_on_top(app, clerk, shop):
    with unchanged(app):
        assert "要写明" in clerk.post("/store/goods/new", {**NEW, "price_home": "9"}, 422).words(".form-error")
        assert "市场价" in clerk.post("/store/goods/new", {**NEW, "price_home": "10"}, 422).words(".form-error")
    clerk.post("/store/goods/new", {**NEW, "price_home": "9", "why": "村民代表会决定"}, 303)


def test_correct_a_good(clerk, shop):
    form = clerk(item_url(shop.salt)).select_one("form:has([name=category])")
    clerk.submit(form, 303, name="加碘盐 400g")
    assert clerk(item_url(shop.salt)).words("h1") == "加碘盐 400g"


def test_set_a_price_for_later(clerk, shop):
    day = clock.today() + timedelta(days=7)
    clerk.post(f"{item_url(shop.salt)}/price", {"unit": "home", "points": "2", "from_on": day.isoformat()}, 303)
    assert "还没到" in clerk(item_url(shop.salt)).words("main")


def test_a_price_in_the_past_is_refused(app, clerk, shop):
    day = clock.today() - timedelta(days=1)
    with unchanged(app):
        back = clerk.post(
            f"{item_url(shop.salt)}/price", {"unit": "home", "points": "2", "from_on": day.isoformat()}, 422
        )
        clerk.post(f"{item_url(shop.salt)}/price", {"unit": "home", "points": "2", "from_on": "x"}, 422)
    assert back.words(".form-error") == "新价格从今天或以后开始，不能改以前的。"


def test_write_off_broken_pieces(page, shop):
    item = page.sign_in(shop.keeper)(item_url(shop.soap))
    page.submit(item.select_one("form[action$='/write-off']"), 303, quantity="2", why="摔破了")
    assert shop.left(shop.soap) == 8


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"quantity": "11", "why": "x"}, "这一批只有10件，不够11件。"),
        ({"quantity": "1", "why": ""}, "这里要填。"),
        ({"quantity": "-1", "why": "x"}, "要填1到99999的整数。"),
        ({"quantity": "1", "why": "x", "reason": "own_use"}, "自用不能报损。超市的东西只换给农户；村里要用，另外买。"),
    ],
)
def test_a_bad_write_off_is_refused(app, page, shop, fields, words):
    item = page.sign_in(shop.keeper)(item_url(shop.soap))
    with unchanged(app):
        back = page.submit(item.select_one("form[action$='/write-off']"), 422, **fields)
    assert back.words(".form-error") == words


def test_import_a_list(app, clerk, shop):
    head = "barcode,name,category,unit,price_home,price_civility,cost_yuan\n"
    form = clerk("/store/goods").select_one("form[enctype]")
    clerk.submit(form, 303, file=(io.BytesIO(f"{head},毛巾,家居,条,8,8,7.50\n".encode()), "goods.csv"))
    assert "新增1种" in clerk("/store/goods").words("#messages")
    with unchanged(app):
        back = clerk.submit(form, 422, file=(io.BytesIO(f"{head},,家居,条,8,8,7.50\n".encode()), "goods.csv"))
        clerk.submit(form, 422, file=(io.BytesIO(b"\0\1"), "goods.xlsx"))
        clerk.submit(form, 422)
    assert "第 2 行 name：没有填" in back.words("[role=alert]")


def test_the_keeper_prices_and_adds_nothing(app, page, shop):
    page.sign_in(shop.keeper)
    with unchanged(app):
        page.post("/store/goods/new", NEW, 403)
        page.post(item_url(shop.salt), NEW, 403)
        page.post(f"{item_url(shop.salt)}/price", {"unit": "home"}, 403)
        page.post("/store/goods/import", {}, 403)


def test_things_of_another_village_arent_found(app, page, shop):
    elsewhere = factories.VillageFactory()
    factories.stocked(elsewhere, 1, by=shop.keeper)
    page.sign_in(factories.village_admin(elsewhere))
    batch = stock_queries.batches_of_good(shop.soap.id)[shop.store.id][0]
    with unchanged(app):
        page(item_url(shop.salt), 404)
        page.post(item_url(shop.salt), NEW, 404)
        page.post(f"{item_url(shop.salt)}/price", {"unit": "home"}, 404)
        page.post(f"/store/batches/{batch.id}/write-off", {"quantity": "1", "why": "x", "key": keys.new()}, 404)
        foreign = {"item-1": shop.soap.id, "quantity-1": "1", "source": "bought", "cost-1": "1", "key": keys.new()}
        page.post("/store/receive", foreign, 422)
