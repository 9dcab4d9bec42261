"""Where a number comes from, in a real browser: from the passbook, the desk and the till to the last entry; scripts on and off."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import is_well
from tests.browser.test_objections import open_passbook, sign_in
from tests.why.life import Life, make_life
from virtue import clock

SIZES = ["elder", "desk"]
"""360 and 1280 px wide."""


@pytest.fixture
def life(live) -> Life:
    found = make_life()
    live.set_clock(found.work.now)
    return found


@pytest.fixture(autouse=True)
def then(life: Life):
    """What the test itself writes is written on the same day."""
    with clock.set_to(life.work.now):
        yield


def follow(page: Page, live, name: str, urls: list[str]) -> None:
    """Each page is well."""
    for number, url in enumerate(urls):
        page.goto(live.url(url))
        assert is_well(page), url
        live.look(page, f"why-{name}-{number}")


@pytest.mark.parametrize(("size", "scripts"), [("desk", True), ("elder", False)], ids=["scripts", "plain"])
def test_a_household_opens_its_numbers(live, screen, life, size, scripts):
    page = screen(size, java_script_enabled=scripts)
    open_passbook(page, live, life.homes["owed"])
    page.goto(live.url("/passbook"))
    assert is_well(page)
    page.locator("#owed a.why").click()
    expect(page.locator(".why-sum tfoot")).to_contain_text("2")
    assert is_well(page)
    page.goto(live.url("/passbook"))
    page.locator(".is-home a.why").click()
    expect(page.locator(".why-said").first).to_contain_text("孙监督查实记错了")
    assert is_well(page)
    page.get_by_role("link", name=re.compile("看第.*笔")).first.click()
    expect(page.locator("#seal")).to_have_text(re.compile("^[0-9a-f]{16}$"))
    name = f"{size}-{'scripts' if scripts else 'plain'}"
    assert is_well(page)
    live.look(page, f"why-entry-{name}")
    rule = life.work.rule("J16")
    follow(
        page, live, name, ["/passbook/score/home/2026-q1", f"/passbook/caps/{rule}", "/passbook/score/civility/2026"]
    )


@pytest.mark.parametrize("size", SIZES)
def test_the_desk_opens_them_too(live, screen, life, size):
    home, rule = life.homes["deduction reversed"], life.work.rule("D05")
    page = screen(size)
    sign_in(page, live, life.work.staff["supervisor"], "/desk")
    base = f"/households/{home.id}"
    follow(
        page, live, size, [base, f"{base}/balance/civility", f"{base}/score/civility/2026-q1", f"{base}/caps/{rule}"]
    )
    page.goto(live.url(f"{base}/balance/civility"))
    page.get_by_role("link", name=re.compile("看第.*笔")).first.click()
    expect(page.locator("#why")).to_contain_text("实扣的都退回")
    assert is_well(page)


@pytest.mark.parametrize("size", SIZES)
def test_the_till_opens_what_went_over_the_counter(live, screen, life, size):
    keeper = factories.keeper(life.work.village)
    code = factories.digits_of(factories.card_of(life.homes["bought"]))
    page = screen(size)
    sign_in(page, live, keeper, "/till")
    page.locator("#find [name=code]").fill(code)
    page.locator("#find [name=code]").press("Enter")
    with page.context.expect_page() as opened:
        page.locator(".till-who a.why").first.click()
    found = opened.value
    expect(found.locator(".why-sum tfoot")).to_contain_text("16")
    assert is_well(found)
    live.look(found, f"why-till-{size}")
