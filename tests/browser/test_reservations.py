"""A household reserves on its phone, the code is read out, and the till hands it over by scanner and keys."""

import re

from playwright.sync_api import expect

from tests import factories
from tests.browser.conftest import axe, scrolls_sideways
from tests.store.conftest import make_shop


def unlock(page, live, shop) -> None:
    page.goto(live.url(f"/C/{factories.digits_of(shop.card)}"))
    page.goto(live.url("/passbook/pin"))
    page.locator("[name=pin]").fill(factories.pin_of(shop.household))
    page.locator("#pin-form button").first.click()
    for name in ("pin", "again"):
        page.locator(f"#new-pin-form [name={name}]").fill("270593")
    page.locator("#new-pin-form button").first.click()
    page.wait_for_url(re.compile("/passbook$"))


def test_reserved_on_a_phone_and_fetched_at_the_till(live, screen):
    shop = make_shop()
    phone = screen("elder")
    unlock(phone, live, shop)
    phone.goto(live.url("/passbook/reserve"))
    phone.locator(f"[name='qty-{shop.soap.id}-home']").fill("1")
    phone.locator(f"[name='qty-{shop.salt.id}-civility']").fill("2")
    assert axe(phone) == []
    assert not scrolls_sideways(phone)
    live.look(phone, "reserve-form")
    phone.get_by_role("button", name="下一步：确认").click()
    expect(phone.locator("#confirm")).to_contain_text("先留 22 家美积分，余 106")
    live.look(phone, "reserve-confirm")
    phone.get_by_role("button", name="确认预约").click()
    code = phone.locator(".fetch-code").inner_text()
    assert axe(phone) == []
    assert not scrolls_sideways(phone)
    live.look(phone, "reserve-code")
    desk = screen("desk")
    desk.goto(live.url("/sign-in?next=/till"))
    desk.locator("[name=username]").fill(shop.keeper.username)
    desk.locator("[name=password]").fill(factories.PASSWORD)
    desk.locator("main form button").first.click()
    desk.wait_for_url(re.compile("/till"))
    live.look(desk, "reserve-till")
    desk.locator("body").click(position={"x": 5, "y": 700})
    desk.keyboard.type(f"HTTP://127.0.0.1:8000/F/{code.replace(' ', '')}\n")
    desk.wait_for_url(re.compile(r"/store/reservations/\d+"))
    assert axe(desk) == []
    live.look(desk, "reserve-fetch")
    desk.get_by_role("button", name="确认核销").click()
    expect(desk.locator("#messages")).to_contain_text("已核销")
    live.look(desk, "reserve-fetched")
    factories.db.session.rollback()
    assert (shop.balance(), shop.left(shop.soap)) == ((106, 30), 9)
