"""The till as its keeper meets it: scan, basket, confirm in words, next; with htmx and with scripts off."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.people import card_cookie
from virtue.people.models import Look
from virtue.store import queries
from virtue.store.models import Order


@pytest.fixture
def keeper(page, shop):
    """The keeper's browser, scripts off, signed in."""
    return page.sign_in(shop.keeper)


@pytest.fixture
def quick(keeper):
    """The same browser with htmx."""
    return keeper.with_htmx()


def scan(visitor, shop):
    """The till with the household whose card was scanned."""
    digits = factories.digits_of(shop.card)
    if visitor.is_htmx:
        return visitor.post("/till/find", {"code": digits}, target="till")
    found = visitor.submit(visitor("/till").select_one("#find"), 303, code=digits)
    return visitor(found.location)


def fill(till, **quantities):
    """The basket's form as a browser sends it: its own fields, and the numbers on the goods."""
    form = till.select_one("form#basket")
    data = {field["name"]: field.get("value", "") for field in form.select("input[name]") if field["name"] != "unit"}
    data.pop("csrf_token", None)
    data["unit"] = form.select_one("input[name=unit][checked]")["value"]
    return {**data, **quantities}


def qty(item, text):
    return {f"qty-{item.id}": text}


def test_the_empty_till_asks_for_a_card(keeper):
    till = keeper("/till")
    assert till.words("h1") == "兑换"
    assert till.select_one("#find input[name=code]") is not None
    assert [good["data-name"] for good in till.select("[data-good]")] == ["洗衣液 2kg", "食用盐 400g", "菜籽油 5L"]
    assert till.select("form#basket") == []


def test_the_tab_of_the_often_wanted_says_why_it_is_empty(app, keeper, shop):
    till = keeper("/till")
    tab = till.select_one("[data-till-tabs] button[data-group=often]")
    assert (tab.text, tab["aria-pressed"]) == ("常换", "false")
    assert till.select_one("[data-often-empty]").text.startswith("近三个月换过四种商品以后")


def test_a_scanned_card_shows_the_household_masked(keeper, shop):
    till = scan(keeper, shop)
    assert till.words("#till-name") == "王*智家"
    assert till.words(".till-who p") == "尾号 0147 · 第三网格 · 5 口人 · 核对"
    assert [box.get_text(strip=True) for box in till.select(".balance b")] == ["128", "40"]
    assert "王永智" not in till.response.text


def test_a_sale_without_scripts(app, keeper, shop):
    till = scan(keeper, shop)
    data = fill(till, **qty(shop.soap, "1"), **qty(shop.salt, "２"), **qty(shop.oil, "1"))
    with unchanged(app):
        asked = keeper.post("/till/basket", data, 200)
    assert asked.words(".till-words") == "王*智家减 46 家美积分，余 82"
    assert asked.words("form#basket .btn-primary") == "确认兑换 46 分"
    sold = keeper.submit(asked.select_one("form#basket"), 303)
    done = keeper(sold.location)
    assert done.words(".till-said") == "已兑换，46分"
    assert done.words(".till-words") == "王*智家减 46 家美积分，余 82"
    assert shop.balance() == (82, 40)
    assert (shop.left(shop.soap), shop.left(shop.salt), shop.left(shop.oil)) == (9, 98, 4)
    order = db.session.scalars(sa.select(Order)).one()
    assert (order.card_id, order.by_id) == (shop.card.id, shop.keeper.id)


def test_a_sale_with_htmx_sends_only_one_side_back(app, quick, shop):
    till = scan(quick, shop)
    done = quick.post(
        "/till/redeem", fill(till, shown="46", **qty(shop.soap, "1"), **qty(shop.salt, "8")), target="till-side"
    )
    assert [root["id"] for root in done.find_all(recursive=False)] == ["till-side"]
    assert done.words(".till-said") == "已兑换，46分"
    assert done.select_one("[data-read]")["data-read"] == "#till-voice"
    assert done.select("[data-good]") == []
    assert done.select_one("[hx-get='/till/shelf']") is not None
    assert done.select_one("#find input[name=code]") is not None
    assert len(done.response.data) < 8000
    shelf = quick("/till/shelf")
    assert [good["data-left"] for good in shelf.select("[data-good]")] == ["9", "92", "5"]
    assert shop.balance() == (82, 40)


def test_without_the_total_on_the_page_redeeming_asks_first(app, quick, shop):
    till = scan(quick, shop)
    with unchanged(app):
        asked = quick.post("/till/redeem", fill(till, **qty(shop.soap, "1")), target="till-side")
    assert asked.words(".till-words") == "王*智家减 22 家美积分，余 106"
    assert asked.response.headers["HX-Retarget"] == "#till"


def test_civility_points_pay_too(keeper, shop):
    till = scan(keeper, shop)
    asked = keeper.post("/till/basket", fill(till, unit="civility", **qty(shop.salt, "2")), 200)
    assert asked.words(".till-words") == "王*智家减 10 文明积分，余 30"
    keeper.submit(asked.select_one("form#basket"), 303)
    assert shop.balance() == (128, 30)


def test_a_basket_is_divided_by_pieces_without_scripts(app, keeper, shop):
    till = scan(keeper, shop)
    typed = {**qty(shop.soap, "3"), f"civ-{shop.soap.id}": "１", **qty(shop.salt, "2")}
    with unchanged(app):
        asked = keeper.post("/till/basket", fill(till, unit="split", **typed), 200)
    assert asked.texts(".till-list .basket-line") == [
        "洗衣液 2kg 2 瓶 44", "洗衣液 2kg 1 瓶 5", "食用盐 400g 2 袋 6",
    ]  # fmt: skip
    assert asked.texts(".till-words") == ["王*智家减 50 家美积分，余 78", "王*智家减 5 文明积分，余 35"]
    assert asked.words("form#basket .btn-primary") == "确认兑换 50 家美、5 文明"
    done = keeper(keeper.submit(asked.select_one("form#basket"), 303).location)
    assert done.words("#till-voice") == "已兑换，家美50分，文明5分"
    assert shop.balance() == (78, 35)


def test_what_has_one_price_is_paid_with_it_in_a_split(keeper, shop):
    only = factories.stocked(shop.village, 3, by=shop.keeper, home=None, civility=7, name="肥料")
    till = scan(keeper, shop)
    assert till.select(f"[name=civ-{only.id}]") == []
    asked = keeper.post("/till/basket", fill(till, unit="split", **qty(only, "2"), **qty(shop.salt, "1")), 200)
    assert asked.texts(".till-words") == ["王*智家减 14 文明积分，余 26", "王*智家减 3 家美积分，余 125"]


@pytest.mark.parametrize("civility", ["4", "-1", "1.5", "x"])
def test_more_civility_pieces_than_pieces_are_refused(app, keeper, shop, civility):
    till = scan(keeper, shop)
    typed = {**qty(shop.soap, "3"), f"civ-{shop.soap.id}": civility}
    with unchanged(app):
        back = keeper.post("/till/basket", fill(till, unit="split", **typed), 422)
    assert back.words(".form-error") == "用文明积分付的件数要填0到3的整数。"
    assert back.select_one(f"[name=civ-{shop.soap.id}]")["value"] == civility


def test_cash_stands_beside_and_changes_no_points(keeper, shop):
    till = scan(keeper, shop)
    typed = {**qty(shop.soap, "1"), f"cash-{shop.soap.id}": "2.5", **qty(shop.salt, "1")}
    asked = keeper.post("/till/basket", fill(till, **typed), 200)
    assert asked.words(".till-words") == "王*智家减 25 家美积分，余 103"
    assert asked.words(".rest") == "另补现金 ¥2.50"
    done = keeper(keeper.submit(asked.select_one("form#basket"), 303).location)
    assert "另收补的现金 ¥2.50。" in done.words(".till-done")
    order = db.session.scalars(sa.select(Order)).one()
    assert (order.home_points, order.cash_fen) == (25, 250)
    assert [line.cash_fen for line in order.lines] == [250, 0]
    slip = keeper(f"/till/slip/{order.id}").words(".slip")
    assert "补现金（洗衣液 2kg） ¥2.50" in slip
    assert "另收现金 ¥2.50，不算积分" in slip
    form = keeper(f"/till?done={order.id}").select_one(".till-pay form")
    keeper.post(form["action"], {"key": keys.new(), "from": "till", "by_line": "1", "line": order.lines[0].id}, 303)
    assert "退了1件：22 家美积分退回，商品放回货架。另退现金 ¥2.50。" in keeper("/till").words("#messages")


@pytest.mark.parametrize("cash", ["-1", "1.234", "1000", "x"])
def test_wrong_cash_is_refused(app, keeper, shop, cash):
    till = scan(keeper, shop)
    with unchanged(app):
        back = keeper.post("/till/basket", fill(till, **qty(shop.soap, "1"), **{f"cash-{shop.soap.id}": cash}), 422)
    assert back.words(".form-error") == "补的现金要填0到999元，最多两位小数；不补留空。"


def test_goods_are_chosen_before_the_card(keeper, quick, shop):
    form = keeper("/till").select_one("#find")
    digits = factories.digits_of(shop.card)
    found = keeper.submit(form, 303, code=digits, **qty(shop.soap, "2"))
    assert keeper(found.location).select_one(f"[name=qty-{shop.soap.id}]")["value"] == "2"
    till = quick.post("/till/find", {"code": digits, **qty(shop.soap, "2")}, target="till")
    assert till.select_one(f"[name=qty-{shop.soap.id}]")["value"] == "2"
    wrong = keeper.post("/till/find", {"code": digits[:-1], **qty(shop.soap, "2")}, 422)
    assert wrong.select_one(f"[name=qty-{shop.soap.id}]")["value"] == "2"
    check = keeper(keeper.post("/till/find", {"code": "620622100147", **qty(shop.soap, "2")}, 303).location)
    till = keeper(check.select_one(".till-pay .btn-primary")["href"])
    assert till.select_one(f"[name=qty-{shop.soap.id}]")["value"] == "2"


def test_the_usual_fills_the_last_basket_in_again(app, keeper, shop):
    assert scan(keeper, shop).select("[data-key=F4]") == []
    shop.redeem(shop.piece(shop.soap, 2), shop.piece(shop.soap, 1, "civility"), shop.piece(shop.oil))
    till = keeper(scan(keeper, shop).select_one("[data-key=F4]")["href"])
    typed = {field["name"]: field["value"] for field in till.select("[data-good] input") if field["value"]}
    soap, oil = shop.soap.id, shop.oil.id
    assert typed == {f"qty-{soap}": "3", f"civ-{soap}": "1", f"qty-{oil}": "1", f"civ-{oil}": "0"}
    assert till.select_one("[name=unit][checked]")["value"] == "split"


def test_the_usual_is_what_can_still_be_had(keeper, shop):
    shop.redeem(shop.piece(shop.oil, 2), shop.piece(shop.salt, 1))
    till = keeper(scan(keeper, shop).select_one("[data-key=F4]")["href"])
    typed = {field["name"]: field["value"] for field in till.select("[data-good] input") if field["value"]}
    assert typed == {f"qty-{shop.salt.id}": "1"}


def test_a_reached_limit_says_from_which_day_before_anything_is_chosen(keeper, shop, mid_month):
    shop.redeem(shop.piece(shop.oil, 1))
    oil = f"[data-good='{shop.oil.id}']"
    assert scan(keeper, shop).words(f"{oil} .good-left") == "还可换 1"
    shop.redeem(shop.piece(shop.oil, 1))
    till = scan(keeper, shop)
    following = queries.next_period("month", clock.today())
    assert till.words(f"{oil} .good-left") == f"已换满，{following.month}月{following.day}日起可换"
    assert till.select(f"[name=qty-{shop.oil.id}]") == []


def test_a_little_missing_says_for_which_good(keeper, shop):
    factories.stocked(shop.village, 2, by=shop.keeper, home=131, civility=None, name="电饭锅")
    factories.stocked(shop.village, 2, by=shop.keeper, home=200, civility=None, name="自行车")
    assert "还差 3 家美积分可换电饭锅" in scan(keeper, shop).words(".till-lines")


def test_change_brings_the_basket_back(keeper, shop):
    till = scan(keeper, shop)
    asked = keeper.post("/till/basket", fill(till, **qty(shop.soap, "3")), 200)
    form = asked.select_one("form#basket")
    data = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    back = keeper.post("/till/basket", {**data, "change": "1"}, 200)
    assert back.select_one(f"[name=qty-{shop.soap.id}]")["value"] == "3"


@pytest.mark.parametrize("text", ["0", "-1", "1e3", "1.5", "1000", "99999999999", "abc", "１.５", "一"])
def test_a_bad_quantity_is_refused_at_its_field(app, keeper, shop, text):
    till = scan(keeper, shop)
    with unchanged(app):
        back = keeper.post("/till/basket", fill(till, **qty(shop.soap, text), **qty(shop.salt, "2")), 422)
        keeper.post("/till/redeem", fill(till, shown="1", **qty(shop.soap, text)), 422)
    assert back.words(".form-error") == "数量要填1到999的整数；不要的商品留空。"
    assert back.select_one(f"[name=qty-{shop.soap.id}]")["aria-invalid"] == "true"
    assert back.select_one(f"[name=qty-{shop.salt.id}]")["value"] == "2"


def test_an_empty_basket_is_refused(app, keeper, shop):
    till = scan(keeper, shop)
    with unchanged(app):
        assert keeper.post("/till/basket", fill(till), 422).words(".form-error") == "还没有选商品。"


def refused(app, visitor, shop, status, words, **more):
    """A confirmation that is refused: status, sentence on top, nothing changed, what was typed kept, a new key."""
    data = fill(scan(visitor, shop), shown="1", **qty(shop.soap, "1"))
    data.update(more)
    with unchanged(app):
        back = visitor.post("/till/redeem", data, status)
    assert back.words(".form-error") == words
    assert back.select_one("form#basket [name=key]")["value"] != data["key"]
    return back


def test_too_few_points(app, quick, shop):
    back = refused(app, quick, shop, 422, "家美积分不够：还有 128 分，要 220 分。", **qty(shop.soap, "10"))
    assert back.select_one(f"[name=qty-{shop.soap.id}]")["value"] == "10"
    assert back.response.headers["HX-Retarget"] == "#till"


def test_the_last_piece_went_over_another_till(app, keeper, shop):
    data = fill(scan(keeper, shop), shown="1", **qty(shop.oil, "5"))
    shop.redeem(shop.piece(shop.oil))
    back = keeper.post("/till/redeem", data, 422)
    assert "限2桶" in back.words(".form-error")
    shop.oil.limit_quantity = shop.oil.limit_period = None
    db.session.commit()
    back = keeper.post("/till/redeem", {**data, "key": keys.new()}, 422)
    assert back.words(".form-error") == "菜籽油 5L只剩4桶，要的是5桶。"


def test_a_price_changed_meanwhile_answers_409_with_both_totals(app, keeper, shop):
    data = fill(scan(keeper, shop), shown="44", **qty(shop.soap, "2"))
    factories.PriceFactory(item=shop.soap, unit="home", points=24, from_on=clock.today())
    with unchanged(app):
        back = keeper.post("/till/redeem", data, 409)
    assert back.words(".form-error") == "价格变了：原来共44 家美积分，现在共48 家美积分。看过新的总数再确认。"
    again = fill(back, shown="48", **qty(shop.soap, "2"))
    keeper.post("/till/redeem", again, 303)
    assert shop.balance() == (80, 40)


def test_prices_that_were_tampered_with(app, keeper, shop):
    data = fill(scan(keeper, shop), shown="1", **qty(shop.soap, "1"))
    with unchanged(app):
        cheap = f"{shop.soap.id}:home:{shop.salt.prices[0].id} x:home:2 1e3:home:1"
        keeper.post("/till/redeem", {**data, "prices": cheap}, 409)
        keeper.post("/till/redeem", {**data, "key": keys.new(), "prices": ""}, 409)
        keeper.post("/till/redeem", {**data, "key": keys.new(), "unit": "gold", "prices": ""}, 409)


def test_a_key_used_for_another_basket_answers_409(app, keeper, shop):
    data = fill(scan(keeper, shop), shown="1", **qty(shop.soap, "1"))
    keeper.post("/till/redeem", data, 303)
    with unchanged(app):
        back = keeper.post("/till/redeem", {**data, **qty(shop.soap, "2")}, 409)
    assert back.words(".form-error") == "这张表单已经用过，内容却变了。请重新打开页面再做一次。"


def test_the_same_form_sent_twice_gives_the_same_slip(app, keeper, shop):
    data = fill(scan(keeper, shop), shown="1", **qty(shop.soap, "1"))
    first = keeper.post("/till/redeem", data, 303)
    with unchanged(app):
        again = keeper.post("/till/redeem", data, 303)
    assert again.location == first.location
    assert shop.balance() == (106, 40)


def test_a_form_without_a_key_is_refused(app, keeper, shop):
    data = fill(scan(keeper, shop), shown="1", **qty(shop.soap, "1"))
    with unchanged(app):
        keeper.post("/till/redeem", {**data, "key": ""}, 400)


def test_the_same_basket_within_three_minutes_asks_first(app, keeper, shop):
    keeper.post("/till/redeem", fill(scan(keeper, shop), shown="1", **qty(shop.soap, "1")), 303)
    data = fill(scan(keeper, shop), shown="1", **qty(shop.soap, "1"))
    with unchanged(app):
        asked = keeper.post("/till/redeem", data, 200)
    assert asked.words(".note") == "三分钟内刚给这一户换过一样的东西。还要再换一次吗？"
    keeper.submit(asked.select_one("form#basket"), 303)
    assert shop.balance() == (84, 40)
    with clock.set_to(clock.now() + timedelta(minutes=4)):
        keeper.post("/till/redeem", {**data, "key": keys.new()}, 303)
    assert shop.balance() == (62, 40)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("lost", "这张卡已挂失，不能用。卡找到了请到村委会解除挂失。"),
        ("replaced", "这张卡已换新卡，请用新卡。"),
        ("ended", "这张卡已注销，不能用。"),
    ],
)
def test_a_card_not_in_force_is_told(app, keeper, shop, state, words):
    shop.card.state = state
    db.session.commit()
    with unchanged(app):
        back = keeper.post("/till/find", {"code": factories.digits_of(shop.card)}, 422)
    assert back.words(".field-error") == words


def test_foreign_and_unknown_cards_are_told_alike(app, keeper, shop):
    elsewhere = factories.HouseholdFactory(grid=factories.GridFactory(village=factories.VillageFactory()))
    foreign = factories.digits_of(factories.card_of(elsewhere))
    with unchanged(app):
        assert keeper.post("/till/find", {"code": foreign}, 422).words(".field-error") == "不是本村的卡。"
        assert keeper.post("/till/find", {"code": "31415926535897932384"[:19] + "1"}, 422).status == 422
        assert "卡号不对" in keeper.post("/till/find", {"code": foreign[:-1]}, 422).words(".field-error")
        assert keeper.post("/till/find", {"code": "无此户"}, 422).words(".field-error").startswith("没有找到这一户")


def test_whole_addresses_blanks_and_full_width_digits_are_cards_too(keeper, shop):
    digits = factories.digits_of(shop.card)
    wide = digits.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    for text in (f"HTTP://192.168.1.5:8000/C/{digits}", " ".join([digits[:5], digits[5:10], digits[10:]]), wide):
        assert "who=" in keeper.post("/till/find", {"code": text}, 303).location


def test_a_typed_household_code_needs_a_name_check(app, keeper, shop):
    found = keeper.post("/till/find", {"code": "620622100147"}, 303)
    check = keeper(found.location)
    assert check.words(".till-pay strong") == "没有刷卡，请当面问一声：是王*智家、尾号0147吗？"
    assert check.select("form#basket") == []
    till = keeper(check.select_one(".till-pay .btn-primary")["href"])
    keeper.post("/till/redeem", fill(till, shown="1", **qty(shop.soap, "1")), 303)
    assert db.session.scalars(sa.select(Order)).one().card_id is None


def test_the_unchecked_word_opens_no_basket(app, keeper, shop):
    word = keeper.post("/till/find", {"code": "620622100147"}, 303).location.split("who=")[1]
    with unchanged(app):
        back = keeper.post("/till/redeem", {"who": word, "key": keys.new(), "shown": "1", **qty(shop.soap, "1")}, 422)
    assert back.words(".field-error") == "停得太久了，请重新扫卡。"


@pytest.mark.parametrize("word", ["", "x", "WzEsMSwxLDFd.abc.def"])
def test_a_made_up_word_is_refused(app, keeper, shop, word):
    with unchanged(app):
        keeper.post("/till/redeem", {"who": word, "key": keys.new(), "shown": "1", **qty(shop.soap, "1")}, 422)
        keeper.post("/till/basket", {"who": word}, 422)
        keeper.post("/till/reveal", {"who": word}, 422)


def test_another_keepers_word_is_refused(app, keeper, visitor, shop):
    data = fill(scan(keeper, shop), shown="1", **qty(shop.soap, "1"))
    other = visitor().sign_in(factories.keeper(shop.village))
    with unchanged(app):
        other.post("/till/redeem", data, 422)


def test_after_half_an_hour_the_card_is_asked_for_again(app, keeper, shop):
    data = fill(scan(keeper, shop), shown="1", **qty(shop.soap, "1"))
    with clock.set_to(clock.now() + timedelta(minutes=31)), unchanged(app):
        assert keeper.post("/till/redeem", data, 422).words(".field-error") == "停得太久了，请重新扫卡。"


def test_reveal_shows_the_name_and_leaves_a_look(app, quick, shop):
    till = scan(quick, shop)
    name = quick.post("/till/reveal", fill(till), target="till-name")
    assert name.words("#till-name") == "王永智家"
    look = db.session.scalars(sa.select(Look)).one()
    assert (look.household_id, look.user_id, look.what) == (shop.household.id, shop.keeper.id, "reveal")


def test_reveal_without_scripts_keeps_the_basket(keeper, shop):
    till = scan(keeper, shop)
    back = keeper.post("/till/reveal", fill(till, **qty(shop.soap, "3")), 200)
    assert back.words("#till-name") == "王永智家"
    assert back.select_one(f"[name=qty-{shop.soap.id}]")["value"] == "3"


def test_a_card_scanned_by_the_phone_lands_at_the_till(app, keeper, shop):
    with app.test_request_context():
        cookie = card_cookie.make(shop.card)
    keeper.client.set_cookie("card", cookie)
    found = keeper.get("/till", 303)
    assert "card=;" in found.response.headers["Set-Cookie"]
    assert keeper(found.location).words("#till-name") == "王*智家"
    assert keeper("/till").select_one("#find") is not None


def test_a_foreign_card_in_the_cookie_opens_nothing(app, keeper, shop):
    elsewhere = factories.HouseholdFactory(grid=factories.GridFactory(village=factories.VillageFactory()))
    with app.test_request_context():
        cookie = card_cookie.make(factories.card_of(elsewhere))
    keeper.client.set_cookie("card", cookie)
    assert keeper("/till").words(".field-error") == "不是本村的卡。"


def test_the_last_order_can_be_undone_at_the_till(app, keeper, shop):
    keeper.post("/till/redeem", fill(scan(keeper, shop), shown="1", **qty(shop.soap, "1")), 303)
    till = keeper("/till")
    assert "上一单 王*智家 22 分 · 撤销" in till.words(".till-last summary")
    back = keeper.submit(till.select_one(".till-last form"), 303)
    assert back.location == "/till"
    assert "已撤销" in keeper("/till").words("#messages")
    assert shop.balance() == (128, 40)
    assert shop.left(shop.soap) == 10


def test_a_till_without_a_store_says_what_to_do(page):
    village = factories.VillageFactory()
    till = page.sign_in(factories.keeper(village))("/till")
    assert "还没有商品" in till.words("#till-shelf")


def test_who_is_no_keeper_has_no_till(page, shop):
    page.sign_in(factories.committee(shop.village))
    page("/till", 403)
    page.post("/till/redeem", {}, 403)


def test_another_villages_keeper_finds_nothing(app, page, shop):
    elsewhere = factories.VillageFactory()
    factories.stocked(elsewhere, 1, by=shop.keeper)
    page.sign_in(factories.keeper(elsewhere))
    order = shop.redeem(shop.piece(shop.soap)).result["order_id"]
    with unchanged(app):
        page.post("/till/find", {"code": factories.digits_of(shop.card)}, 422)
        page(f"/till/slip/{order}", 404)
        page(f"/till?done={order}", 404)
        page(f"/store/goods/{shop.soap.id}", 404)
        page.post(f"/store/orders/{order}/give-back", {"key": keys.new(), "why": "退货"}, 404)
