"""Stock in a real browser: counted blind on two phones while the till goes on selling, and received by scanning."""

import re

from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import is_well
from tests.browser.test_objections import sign_in
from tests.store.conftest import make_shop
from virtue.extensions import db
from virtue.store.ean import own_code


def count(phone: Page, shop, salt: str) -> None:
    """One of the two: goods one by one, then handed in."""
    for item, number in ((shop.soap, "10"), (shop.salt, salt), (shop.oil, "5")):
        row = phone.locator(".take-list li").filter(has_text=item.name)
        row.locator("input[type=text]").fill(number)
        row.get_by_role("button").click()
        expect(row).to_have_class(re.compile("is-counted"))
    phone.get_by_text("我都点完了，交").click()
    phone.get_by_role("button", name="确认交").click()


def test_two_phones_count_blind_while_the_till_sells(live, screen):
    shop = make_shop()
    clerk = factories.village_admin(shop.village, name="周文书")
    first, second = screen("phone"), screen("phone", java_script_enabled=False)
    sign_in(first, live, shop.keeper, "/store/count")
    assert is_well(first)
    first.get_by_role("button", name="开始盘点").click()
    first.wait_for_url(re.compile(r"/store/count/\d+$"))
    sign_in(second, live, clerk, first.url.removeprefix(live.base))
    first.get_by_role("button", name="我来点").click()
    second.get_by_role("button", name="我来点").click()
    count(first, shop, "98")
    expect(first.locator("main")).to_contain_text("等另一位也交了，这里才看得到差数")
    assert "98" not in second.locator("main").inner_text()
    # Two bags go over the counter between the one's count and the other's.
    shop.redeem(shop.piece(shop.salt, 2))
    db.session.commit()
    for item, number in ((shop.soap, "10"), (shop.salt, "96"), (shop.oil, "5")):
        row = second.locator(".take-list li").filter(has_text=item.name)
        row.locator("input[type=text]").fill(number)
        row.get_by_role("button").click()
    second.get_by_text("我都点完了，交").click()
    second.get_by_role("button", name="确认交").click()
    expect(second.locator("table")).to_contain_text("点98，账100")
    expect(second.locator("table")).to_contain_text("点96，账98")
    assert is_well(second)
    first.reload()
    row = first.locator(".take-list li").filter(has_text=shop.salt.name)
    row.locator("input[type=text]").fill("96")
    row.get_by_role("button").click()
    second.reload()
    second.locator("select[name^=reason-]").select_option("lost")
    second.locator("#take-why").fill("找过了，少两袋")
    assert is_well(second)
    second.get_by_role("button", name="入账").click()
    expect(second.locator("main")).to_contain_text("已入账")
    db.session.rollback()
    assert [shop.left(item) for item in (shop.soap, shop.salt, shop.oil)] == [10, 96, 5]


def test_goods_are_received_by_scanning_them(live, screen):
    shop = make_shop()
    desk = screen("desk")
    sign_in(desk, live, shop.keeper, "/store/receive")
    assert is_well(desk)
    desk.locator("[name=supplier]").fill("县供销社")
    for item in (shop.soap, shop.salt, shop.soap):
        desk.locator("[name=scan]").focus()
        desk.keyboard.type(f"{item.barcode}\n")
    expect(desk.locator("[data-scan-said]")).to_have_text("洗衣液 2kg：2件")
    desk.locator("[name=scan]").focus()
    desk.keyboard.type(f"{own_code(99_999)}\n")
    expect(desk.locator("[data-scan-said]")).to_have_text("没有这个条码的商品。")
    desk.locator("main form#receive").get_by_role("button", name="入库").click()
    desk.wait_for_url(re.compile(r"/store/"))
    expect(desk.locator("main")).to_contain_text("洗衣液 2kg")
    db.session.rollback()
    assert [shop.left(item) for item in (shop.soap, shop.salt, shop.oil)] == [12, 101, 5]
