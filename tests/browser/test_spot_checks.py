"""Drawn lots in a real browser: drawn, looked at, published, printed; each page of it looked at; scripts on and off."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.awarding.work import make_work
from tests.browser.conftest import is_well
from tests.browser.test_objections import sign_in
from virtue import clock
from virtue.extensions import db

MARCH_20 = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(("size", "scripts"), [("desk", True), ("phone", False)], ids=["desk", "plain phone"])
def test_lots_are_drawn_looked_at_and_published(live, screen, size, scripts):
    with clock.set_to(MARCH_20):
        work = make_work(MARCH_20)
        for _number in range(3):
            work.book(work.household())
    db.session.commit()
    live.set_clock(APRIL_1)
    desk = screen(size, java_script_enabled=scripts)
    sign_in(desk, live, work.staff["supervisor"], "/spot-checks")
    assert is_well(desk)
    desk.get_by_role("button", name="现在抽2026年3月的").click()
    expect(desk.locator("#messages")).to_contain_text("3 项抽好了")
    desk.locator("#how summary").click()
    assert is_well(desk)
    live.look(desk, f"lots-{size}")
    desk.get_by_role("link", name="第1签").click()
    assert is_well(desk)
    desk.get_by_label("属实").check()
    desk.get_by_role("button", name="记下结果").click()
    expect(desk.locator("#lots")).to_contain_text("属实")
    desk.get_by_role("link", name="第2签").click()
    desk.get_by_label("没有这回事").check()
    desk.locator("[name=note]").fill("那天他家没有人来")
    desk.get_by_role("button", name="记下结果").click()
    expect(desk.locator("#results")).to_contain_text("那天他家没有人来")
    expect(desk.locator("#to-reverse")).to_be_visible()
    assert is_well(desk)
    live.look(desk, f"lot-{size}")
    desk.goto(live.url("/spot-checks/print"))
    expect(desk.locator(".paper-table tbody tr")).to_have_count(3)
    everybody = screen("phone", java_script_enabled=scripts)
    for language in ("zh", "en"):
        everybody.goto(live.url(f"/language/{language}?next=/v/{work.village.slug}/spot-checks"))
        expect(everybody.locator("#lots li")).to_have_count(3)
        everybody.locator("#how summary").click()
        assert is_well(everybody)
        live.look(everybody, f"lots-public-{language}")
    expect(everybody.locator("#lots")).to_contain_text(re.compile(r"某家|某某家"))
