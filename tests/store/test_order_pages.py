"""Orders, slips and a day's totals on pages."""

from datetime import timedelta

import pytest

from tests import factories
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.core import keys
from virtue.store import order_queries, services


@pytest.fixture
def order_id(shop):
    return shop.redeem(shop.piece(shop.soap), shop.piece(shop.salt, 2)).result["order_id"]


def test_orders_lists_household_masked_goods_and_points(page, shop, order_id):
    listed = page.sign_in(shop.keeper)("/store/orders")
    assert listed.rows("table")[0][2:6] == ["王*智家 尾号 0147", "洗衣液 2kg等 3 件", "28 家美积分", "何管理员"]
    assert "王永智" not in listed.response.text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q={order}", 1), ("q=0147", 1), ("q=620622100147", 1), ("q=3-0147", 1), ("q=999999", 0), ("q=王永智", 0),
        ("q=wyz", 0), ("state=returned", 0), ("state=kept", 1), ("day=2020-01-01", 0), ("day=x&page=9", 1),
    ],
)  # fmt: skip
def test_orders_are_searched_by_numbers_never_by_name(page, shop, order_id, query, count):
    listed = page.sign_in(shop.keeper)(f"/store/orders?{query.format(order=order_id)}")
    assert len(listed.select("tbody tr")) == count


def test_a_list_of_orders_costs_the_same_for_1_and_30(app, page, shop, order_id):
    page.sign_in(shop.keeper)("/store/orders")
    with count_queries(app) as few:
        page("/store/orders")
    for _ in range(29):
        shop.redeem(shop.piece(shop.salt))
    with count_queries(app) as many:
        page("/store/orders")
    assert len(many) == len(few)


def test_the_keeper_takes_an_order_back_from_the_list(page, shop, order_id):
    listed = page.sign_in(shop.keeper)("/store/orders")
    back = page.submit(listed.select_one("tbody form"), 303)
    assert back.location == "/store/orders"
    listed = page("/store/orders")
    assert listed.words("#messages") == f"第{order_id}号兑换单已撤销：28 家美积分退回，商品放回货架。"
    assert listed.words("tbody .badge") == "已撤单"
    assert listed.select("tbody form") == []
    assert shop.balance() == (128, 40)


def test_a_single_line_is_taken_back_from_the_list(page, shop, order_id):
    form = page.sign_in(shop.keeper)("/store/orders").select_one("tbody form")
    assert [box.get_text(" ", strip=True) for box in form.select("label.check")] == [
        "洗衣液 2kg 1 瓶 · 22 家美积分", "食用盐 400g 2 袋 · 6 家美积分",
    ]  # fmt: skip
    page.submit(form, 303, line=form.select("[name=line]")[1]["value"])
    listed = page("/store/orders")
    assert listed.words("#messages") == f"第{order_id}号兑换单退了2件：6 家美积分退回，商品放回货架。"
    assert listed.words("tbody .badge") == "退了一部分"
    assert listed.select("tbody [name=by_line]") == []
    assert (shop.balance(), shop.left(shop.salt), shop.left(shop.soap)) == ((106, 40), 100, 9)
    slip = page(f"/till/slip/{order_id}").words(".slip")
    assert "食用盐 400g 已退 2 袋 6" in slip
    page.submit(listed.select_one("tbody form"), 303)
    assert page("/store/orders").words("tbody .badge") == "已撤单"
    assert shop.balance() == (128, 40)


def test_no_line_ticked_is_said(app, page, shop, order_id):
    form = page.sign_in(shop.keeper)("/store/orders").select_one("tbody form")
    data = {"key": form.select_one("[name=key]")["value"], "by_line": "1"}
    with unchanged(app):
        assert page.post(form["action"], data, 422).words(".form-error") == "请先勾要退的商品。"
        page.post(form["action"], {**data, "key": keys.new(), "line": "x"}, 404)


def test_after_fifteen_minutes_the_keeper_has_no_button_and_no_right(app, page, shop, order_id):
    page.sign_in(shop.keeper)
    with clock.set_to(clock.now() + timedelta(minutes=16)):
        assert page("/store/orders").select("tbody form") == []
        with unchanged(app):
            back = page.post(f"/store/orders/{order_id}/give-back", {"key": keys.new()}, 422)
    assert back.words(".form-error") == "自己经手的兑换单只能在15分钟内撤销，过后要由另一个人来撤。"


def test_a_second_person_gives_a_reason(app, page, shop, order_id):
    page.sign_in(factories.village_admin(shop.village))
    form = page("/store/orders").select_one("tbody form")
    with unchanged(app):
        back = page.submit(form, 422)
    assert back.words(".form-error") == "请写明原因。"
    page.submit(back.select_one("tbody form"), 303, why="商品有问题")
    assert shop.balance() == (128, 40)


def test_the_supervisor_reads_orders_and_changes_nothing(app, page, shop, order_id):
    page.sign_in(factories.supervisor(shop.village))
    assert page("/store/orders").select("tbody form") == []
    with unchanged(app):
        page.post(f"/store/orders/{order_id}/give-back", {"key": keys.new(), "why": "x"}, 403)


def test_the_slip_says_what_went_and_what_is_left(page, shop):
    result = shop.redeem(shop.piece(shop.soap), shop.piece(shop.salt, 2)).result
    slip = page.sign_in(shop.keeper)(f"/till/slip/{result['order_id']}")
    words = slip.words(".slip")
    assert "洗衣液 2kg 1 瓶 22 食用盐 400g 2 袋 6" in words
    assert "减 28 家美积分 兑换后剩余 100 家美积分" in words
    assert slip.words(".seal") == f"账目第{result['seq']}笔 {result['seal']}"
    assert len(result["seal"]) == 16
    assert "王*智家" in words
    assert page(f"/till/slip/{result['order_id']}?paper=a5").select_one("body.paper-a5") is not None


def test_the_slip_keeps_the_balance_of_its_day(page, shop, order_id):
    shop.redeem(shop.piece(shop.salt))
    assert "剩余 100 家美积分" in page.sign_in(shop.keeper)(f"/till/slip/{order_id}").words(".slip")


def test_a_slip_of_an_order_that_was_taken_back_says_so(page, shop, order_id):
    services.give_back(shop.village.id, order_id, key=keys.new(), by=shop.keeper.id)
    assert "已撤销：" in page.sign_in(shop.keeper)(f"/till/slip/{order_id}").words(".slip")


def test_what_came_back_is_told_by_its_own_lines(app, shop, order_id):
    lines = order_queries.lines_of([order_id])[order_id]
    outcome = services.give_back(
        shop.village.id, order_id, key=keys.new(), by=shop.keeper.id, lines=[lines[1].id]
    )  # fmt: skip
    back = outcome.result["return_id"]
    with app.test_request_context():
        order, returned = (
            order_queries.orders_by_ids([order_id])[order_id],
            order_queries.orders_by_returns([back])[back],
        )
    assert (order.words, order.is_returned, order.is_partly_returned) == ("洗衣液 2kg等 3 件", False, True)
    assert (returned.words, returned.order_id) == ("食用盐 400g 2 件", order_id)


def test_orders_by_ids_gives_words_for_the_passbook(app, shop, order_id):
    one = shop.redeem(shop.piece(shop.salt, 5)).result["order_id"]
    services.give_back(shop.village.id, one, key=keys.new(), by=shop.keeper.id)
    with app.test_request_context(), count_queries(app) as queries:
        words = order_queries.orders_by_ids([order_id, one, 999])
    assert {number: (order.words, order.is_returned) for number, order in words.items()} == {
        order_id: ("洗衣液 2kg等 3 件", False), one: ("食用盐 400g 5 件", True),
    }  # fmt: skip
    assert len(queries) == 1
