"""A dividend in real browsers: drafted, open, objected to from a passbook, voted on, checked, signed, paid, closed."""

import re

from playwright.sync_api import expect

from tests import factories
from tests.browser.conftest import is_well
from tests.browser.test_objections import sign_in
from tests.dividends.test_pots import LATER, START, score
from virtue import clock
from virtue.extensions import db
from virtue.people import pin_services

PIN = "270593"


def test_a_dividend_from_its_draft_to_the_last_signature(live, screen):
    with clock.set_to(START):
        village = factories.VillageFactory(slug="fumin")
        grid = factories.GridFactory(village=village)
        homes = [factories.HouseholdFactory(grid=grid) for _number in range(3)]
        for home, earned in zip(homes, (40, 2, 0), strict=True):
            score(home, 202503, earned, 0)
        code = factories.digits_of(factories.card_of(homes[0]))
        pin_services.choose_pin(homes[0].id, PIN)
        township = factories.UserFactory()
        factories.RoleGrantFactory(user=township, role="township_admin", township_id=village.township_id)
        factories.RoleGrantFactory(user=township, role="reviewer", village_id=village.id)
        clerk, payer = factories.village_admin(village), factories.village_admin(village)
        supervisor = factories.supervisor(village)
    db.session.commit()
    live.set_clock(START)
    desk = screen("desk")
    sign_in(desk, live, clerk, "/dividends/new")
    desk.get_by_label("名称").fill("村集体分红")
    desk.get_by_label("村集体：收入 × 比例").check()
    desk.locator("#amount").fill("6,666.67")
    desk.locator("#percent").fill("15")
    desk.get_by_role("button", name="存为草稿").click()
    desk.wait_for_url(re.compile(r"/dividends/\d+$"))
    at = desk.url.removeprefix(live.url(""))
    desk.get_by_role("button", name="公开试算表").click()
    expect(desk.locator("#sheet tbody tr")).to_have_count(3)
    assert is_well(desk)
    _object(screen("phone"), live, code)
    _as(screen, live, supervisor, at, "答复", reason="核对过，没有错")
    live.set_clock(LATER)
    votes = {"on": "2026-03-21", "entitled": "30", "present": "20", "in_favour": "12", "minutes": "会议记录"}
    _as(screen, live, clerk, at, "记下表决", **votes)
    _as(screen, live, township, at, "审核同意")
    _as(screen, live, supervisor, at, "签字定下")
    paying = screen("desk")
    sign_in(paying, live, payer, at)
    for left in (2, 1, 0):
        paying.get_by_role("button", name="发放了").first.click()
        expect(paying.get_by_role("button", name="发放了")).to_have_count(left)
    paying.get_by_role("button", name="办结").click()
    expect(paying.locator(".badge").first).to_contain_text("已办结")
    paying.goto(live.url(f"{at}/closing"))
    expect(paying.locator("#sums")).to_contain_text("¥1,000.00")
    live.look(paying, "dividend-closing")


def _object(phone, live, code):
    phone.goto(live.url(f"/C/{code}"))
    phone.goto(live.url("/passbook/pin"))
    phone.locator("[name=pin]").fill(PIN)
    phone.locator("#pin-form button").click()
    phone.goto(live.url("/passbook/dividends"))
    expect(phone.locator(".sheet")).to_contain_text("您家（第1行）")
    phone.get_by_text("觉得不对，提异议").click()
    phone.locator("[name=words]").fill("少算了一项")
    assert is_well(phone)
    phone.get_by_role("button", name="交上去").click()
    expect(phone.locator("#messages")).to_contain_text("回执第1号")
    live.look(phone, "dividend-passbook")


def _as(screen, live, user, at, button, **fields):
    """One step by the person it belongs to, at an own screen."""
    page = screen("desk")
    sign_in(page, live, user, at)
    for name, value in fields.items():
        page.locator(f"[name={name}]").last.fill(value)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#messages")).to_be_visible()
