"""The till in a real browser: scan, tap, confirm, undo; on a tablet, on a phone, and with scripts off."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import axe, scrolls_sideways
from tests.store.conftest import Shop, make_shop
from virtue.core import settings


@pytest.fixture
def shop(live) -> Shop:
    return make_shop()


def sign_in(page: Page, live, shop) -> None:
    page.goto(live.url("/sign-in?next=/till"))
    page.locator("[name=username]").fill(shop.keeper.username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile("/till"))


def scan(page: Page, shop) -> None:
    """As a USB scanner types the card's address, wherever the focus is."""
    digits = factories.digits_of(shop.card)
    page.keyboard.type(f"HTTP://127.0.0.1:8000/C/{digits}\n")
    expect(page.locator("#till-name")).to_have_text("王*智家")
    # What was swapped in hears no key before its scripts have taken it up.
    expect(page.locator(".till")).to_have_class(re.compile("is-live"))


def balance(shop) -> tuple[int, int]:
    """What the household can spend now; the test's own view of the database is let go first."""
    factories.db.session.rollback()
    return shop.balance()


def good(page: Page, name: str):
    return page.locator(f".good[data-name='{name}'] button.good-face")


def test_a_sale_takes_a_scan_some_taps_and_one_confirmation(live, screen, shop):
    page = screen("desk")
    sign_in(page, live, shop)
    live.look(page, "till-empty")
    scan(page, shop)
    good(page, "洗衣液 2kg").click()
    good(page, "食用盐 400g").click()
    good(page, "食用盐 400g").click()
    good(page, "菜籽油 5L").click()
    expect(page.locator("[data-sum]")).to_have_text("46 家美积分")
    expect(page.locator("[data-rest]")).to_have_text("82 家美积分")
    assert axe(page) == []
    assert not scrolls_sideways(page)
    live.look(page, "till", full=False)
    page.get_by_role("button", name="确认兑换 46 分").click()
    expect(page.locator(".till-said")).to_have_text("已兑换，46分")
    expect(page.locator(".till-words")).to_have_text("王*智家减 46 家美积分，余 82")
    expect(page.locator(".good[data-name='洗衣液 2kg']")).to_have_attribute("data-left", "9")
    assert axe(page) == []
    live.look(page, "till-done", full=False)
    assert balance(shop) == (82, 40)
    scan(page, shop)
    good(page, "食用盐 400g").click()
    page.get_by_role("radio", name="文明积分").check()
    page.get_by_role("button", name="确认兑换 5 分").click()
    expect(page.locator(".till-words")).to_have_text("王*智家减 5 文明积分，余 35")
    page.locator(".till-pay summary").click()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.locator("#messages")).to_contain_text("5 文明积分退回")
    assert balance(shop) == (82, 40)


def test_a_good_is_scanned_and_the_name_is_looked_at(live, screen, shop):
    page = screen("desk")
    shop.soap.barcode = "2100000000012"
    factories.db.session.commit()
    sign_in(page, live, shop)
    scan(page, shop)
    page.locator("body").click(position={"x": 5, "y": 700})
    page.keyboard.type("2100000000012\n")
    expect(page.locator("[data-sum]")).to_have_text("22 家美积分")
    page.get_by_role("button", name="核对").click()
    expect(page.locator("#till-name")).to_have_text("王永智家")
    expect(page.locator("[data-sum]")).to_have_text("22 家美积分")


def test_a_changed_price_comes_back_with_the_basket(live, screen, shop):
    page = screen("desk")
    sign_in(page, live, shop)
    scan(page, shop)
    good(page, "洗衣液 2kg").click()
    factories.db.session.rollback()
    factories.PriceFactory(item=shop.soap, unit="home", points=20, from_on=factories.clock.today())
    page.get_by_role("button", name="确认兑换 22 分").click()
    expect(page.locator(".form-error")).to_contain_text("原来共22 家美积分，现在共20 家美积分")
    page.get_by_role("button", name="确认兑换 20 分").click()
    expect(page.locator(".till-said")).to_have_text("已兑换，20分")


def test_the_same_again_is_asked_and_can_be_changed(live, screen, shop):
    page = screen("desk")
    sign_in(page, live, shop)
    for outcome in (".till-said", ".note"):
        scan(page, shop)
        good(page, "食用盐 400g").click()
        page.get_by_role("button", name="确认兑换 3 分").click()
        page.locator(outcome).wait_for()
    expect(page.locator(".note")).to_contain_text("还要再换一次吗")
    live.look(page, "till-again", full=False)
    page.get_by_role("button", name="改一改").click()
    expect(page.locator("[data-sum]")).to_have_text("3 家美积分")
    good(page, "食用盐 400g").click()
    page.get_by_role("button", name="确认兑换 6 分").click()
    expect(page.locator(".till-said")).to_have_text("已兑换，6分")
    assert balance(shop) == (119, 40)


def test_goods_that_are_fetched_late_dont_take_the_next_basket_away(live, screen, shop):
    """The next card is scanned while the shelf of the last sale is still on its way."""
    page = screen("desk")
    sign_in(page, live, shop)
    late = []

    def hold(route):
        late.append(route)

    page.route("**/till/shelf", hold)
    scan(page, shop)
    good(page, "洗衣液 2kg").click()
    page.get_by_role("button", name="确认兑换 22 分").click()
    page.locator(".till-said").wait_for()
    scan(page, shop)
    good(page, "食用盐 400g").click()
    late[0].continue_()
    page.wait_for_timeout(500)
    good(page, "食用盐 400g").click()
    page.get_by_role("button", name="确认兑换 6 分").click()
    expect(page.locator(".till-said")).to_have_text("已兑换，6分")


def test_a_sale_on_a_phone(live, screen, shop):
    page = screen("phone")
    sign_in(page, live, shop)
    scan(page, shop)
    good(page, "食用盐 400g").click()
    assert not scrolls_sideways(page)
    live.look(page, "till-phone", full=False)
    page.get_by_role("button", name="确认兑换 3 分").click()
    expect(page.locator(".till-said")).to_have_text("已兑换，3分")


def test_a_sale_without_scripts(live, screen, shop):
    page = screen("desk", java_script_enabled=False)
    sign_in(page, live, shop)
    page.locator("#scan-code").fill(factories.digits_of(shop.card))
    page.keyboard.press("Enter")
    page.locator(f"[name=qty-{shop.soap.id}]").fill("２")
    live.look(page, "till-plain", full=False)
    page.get_by_role("button", name="下一步：确认").click()
    expect(page.locator(".till-words")).to_have_text("王*智家减 44 家美积分，余 84")
    live.look(page, "till-confirm", full=False)
    page.get_by_role("button", name="确认兑换 44 分").click()
    expect(page.locator(".till-said")).to_have_text("已兑换，44分")
    page.get_by_role("link", name="打印小票").click()
    expect(page.locator(".slip")).to_contain_text("兑换后剩余 84 家美积分")
    live.look(page, "slip")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_stores_pages_pass_axe_and_fit(live, screen, shop, size):
    shop.redeem(shop.piece(shop.soap), shop.piece(shop.salt, 2))
    factories.RoleGrantFactory(user=shop.keeper, role="village_admin", village_id=shop.village.id)
    page = screen(size)
    sign_in(page, live, shop)
    for path in ("/store/goods", "/store/goods/1", "/store/receive", "/store/orders", "/store/day"):
        page.goto(live.url(path))
        assert (path, axe(page), scrolls_sideways(page)) == (path, [], False)
        live.look(page, f"store{path.replace('/', '-')}-{size}")


def drop(live, page, address: str, *, after_committing: bool) -> list:
    """Let the first request to an address get lost; afterwards, the server has done it and nobody heard. Gives what was sent."""
    sent = []

    def lose(route) -> None:
        sent.append(route.request.post_data)
        if len(sent) > 1:
            route.continue_()
            return
        if after_committing:
            route.fetch()
        route.abort()

    page.route(address, lose)
    return sent


def forgive(live, *words: str) -> None:
    """The browser logs what got lost as an error."""
    live.faults[:] = [fault for fault in live.faults if not any(word in fault for word in words)]


@pytest.mark.parametrize("after_committing", [True, False], ids=["answer", "question"])
def test_what_got_lost_is_asked_again_with_the_same_key(live, screen, shop, after_committing):
    page = screen("desk")
    sign_in(page, live, shop)
    scan(page, shop)
    good(page, "洗衣液 2kg").click()
    sent = drop(live, page, "**/till/redeem", after_committing=after_committing)
    page.get_by_role("button", name="确认兑换 22 分").click()
    expect(page.locator("[data-unknown]")).to_contain_text("正在用同一张单子再问（第 1 次）")
    page.keyboard.press("NumpadAdd")
    expect(page.locator("[data-sum]")).to_have_text("22 家美积分")
    live.look(page, "till-unknown", full=False)
    expect(page.locator(".till-said")).to_have_text("已兑换，22分")
    assert page.locator(".note").count() == int(after_committing)
    assert (len(sent), sent[0]) == (2, sent[1])
    assert (balance(shop), shop.left(shop.soap)) == ((106, 40), 9)
    forgive(live, "net::ERR_FAILED", "Failed to fetch")


def test_keys_alone_park_a_basket_and_go_on_with_it(live, screen, shop):
    page = screen("desk")
    sign_in(page, live, shop)
    expect(page.locator("#till-keys")).to_contain_text("F8 暂存")
    scan(page, shop)
    page.keyboard.press("F3")
    page.keyboard.type("xyy\n")
    page.keyboard.press("NumpadAdd")
    expect(page.locator("[data-sum]")).to_have_text("44 家美积分")
    page.keyboard.press("Escape")
    expect(page.locator("[data-scan-said]").last).to_contain_text("这一篮还没有确认")
    page.keyboard.press("F8")
    expect(page.locator(".till-parked button")).to_contain_text("尾号 0147 · 2 件")
    assert axe(page) == []
    live.look(page, "till-parked", full=False)
    page.locator(".till-parked button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-sum]")).to_have_text("44 家美积分")
    page.keyboard.press("Enter")
    expect(page.locator(".till-said")).to_have_text("已兑换，44分")
    assert balance(shop) == (84, 40)


def test_a_household_is_found_by_initials_and_types_its_pin(live, screen, shop):
    with factories.atomic():
        settings.change("pin_from_points", 20, shop.village.id)
    page = screen("desk")
    sign_in(page, live, shop)
    page.keyboard.type("wyz\n")
    expect(page.locator(".till-matches button")).to_be_focused()
    assert axe(page) == []
    live.look(page, "till-matches", full=False)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="是这一家").click()
    good(page, "洗衣液 2kg").click()
    page.get_by_role("button", name="确认兑换 22 分").click()
    expect(page.locator("#proof-pin")).to_be_focused()
    assert axe(page) == []
    live.look(page, "till-proof", full=False)
    page.keyboard.type("000000\n")
    expect(page.locator("#proof-pin-error")).to_contain_text("密码不对")
    page.keyboard.type(f"{factories.pin_of(shop.household)}\n")
    expect(page.locator(".till-said")).to_have_text("已兑换，22分")
    assert balance(shop) == (106, 40)
