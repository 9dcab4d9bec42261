"""Review in a real browser: with the keyboard alone, on a phone, with scripts off."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.awarding.work import make_work, state
from tests.browser.conftest import is_well


@pytest.fixture
def work(live):
    return make_work()


def sign_in(page: Page, live, user, path: str) -> None:
    page.goto(live.url(f"/sign-in?next={path}"))
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(re.escape(path)))


def states(ids: list[int]) -> list[str]:
    factories.db.session.rollback()
    return [state(number) for number in ids]


def test_a_reviewer_works_through_the_queue_by_keys(live, screen, work):
    ids = [work.propose(work.household(), code)["deed_id"] for code in ("J14", "J16", "W10", "W08")]
    page = screen("desk")
    sign_in(page, live, work.staff["reviewer"], "/review")
    assert is_well(page)
    expect(page.locator("[data-review-keys]")).to_contain_text("j 下一项")
    live.look(page, "review-queue")
    # In a field the letters are letters.
    page.locator("#filter-grid").focus()
    page.keyboard.press("j")
    expect(page.locator("#filter-grid")).to_be_focused()
    page.locator("main").click(position={"x": 2, "y": 2})
    for _step in range(3):
        page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("[data-review-link]").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    head = page.locator("[data-review-head]")
    expect(head).to_contain_text("探访照料独居老人")
    expect(page.locator("[data-review-keys]")).to_be_visible()
    assert is_well(page)
    live.look(page, "review-deed")
    for key, rule in (("k", "邻里互助"), ("j", "探访照料独居老人")):
        page.keyboard.press(key)
        expect(head).to_contain_text(rule)
        # Once the keys are told, they are heard.
        expect(page.locator("[data-review-keys]")).to_be_visible()
    page.keyboard.press("a")
    expect(head).to_contain_text("发展产业")
    expect(head).to_be_focused()
    expect(page.locator("#messages")).to_contain_text("已办：探访照料独居老人")
    assert page.url == live.url(f"/review/{ids[2]}")
    page.keyboard.press("r")
    reason = page.locator("#why-reject")
    expect(reason).to_be_focused()
    page.keyboard.type("ajrk")
    expect(reason).to_have_value("ajrk")
    reason.fill("")
    page.keyboard.press("Enter")
    expect(page.locator("#why-reject-error")).to_contain_text("请写明理由")
    expect(page.locator("#why-reject")).to_be_focused()
    assert is_well(page)
    live.look(page, "review-reason")
    # Switched off, the keys are letters like any other, on every page of this device; switched on, they are back.
    page.locator("#why-reject").fill("没有人作证")
    page.get_by_role("button", name="关掉这些键").click()
    page.keyboard.press("k")
    expect(head).to_contain_text("发展产业")
    page.get_by_role("button", name="打开这些键").click()
    expect(page.get_by_role("button", name="关掉这些键")).to_be_focused()
    page.locator("#why-reject").focus()
    page.keyboard.press("Enter")
    expect(head).to_contain_text("义务投工投劳")
    page.keyboard.press("Control+a")
    assert states(ids) == ["proposed", "approved", "rejected", "proposed"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_reviewer_on_a_phone(live, screen, work, scripts):
    name = "scripts" if scripts else "plain"
    homes = [work.household(head_name=head) for head in ("王永智", "赵桂英")]
    alike = [work.propose(home)["deed_id"] for home in homes]
    large = work.propose(homes[0], "W01", words="下渠救起落水的孩子")["deed_id"]
    phone = screen("phone", java_script_enabled=scripts)
    sign_in(phone, live, work.staff["reviewer"], "/review")
    assert is_well(phone)
    live.look(phone, f"review-phone-{name}")
    # Filtered, and several at once after one question.
    phone.locator("#filter-rule").select_option("J16")
    phone.get_by_role("button", name="查找").click()
    boxes = phone.locator("#tick input[name=deed]")
    expect(boxes).to_have_count(2)
    expect(phone).to_have_url(re.compile(r"rule=J16"))
    for number in range(2):
        boxes.nth(number).check()
    phone.get_by_role("button", name="同意勾选的").click()
    expect(phone.locator("#ask")).to_contain_text("同意这 2 项“探访照料独居老人”，一共 10 分？")
    assert is_well(phone)
    live.look(phone, f"review-together-{name}")
    phone.get_by_role("button", name="确认同意").click()
    expect(phone.locator("#messages")).to_contain_text("已同意 2 项。")
    expect(phone.locator(".empty")).to_contain_text("这样找，没有等您评议的")
    phone.get_by_role("link", name="看全部").click()
    phone.locator("[data-review-link]").click()
    expect(phone.locator("#two")).to_contain_text("要两个人同意")
    assert is_well(phone)
    live.look(phone, f"review-deed-phone-{name}")
    phone.locator("summary", has_text="改分").click()
    phone.locator("#points").fill("21")
    phone.locator("#why-amend").fill("同去的还有一户")
    phone.get_by_role("button", name="确认改分").click()
    expect(phone.locator("#points-error")).to_contain_text("1–20")
    assert is_well(phone)
    live.look(phone, f"review-amend-{name}")
    phone.locator("#points").fill("18")
    phone.get_by_role("button", name="确认改分").click()
    expect(phone.locator("#messages")).to_contain_text("已改成 18 分")
    phone.get_by_role("button", name="同意 18 分").click()
    expect(phone.locator(".empty")).to_contain_text("没有等您评议的事项")
    assert is_well(phone)
    assert states([*alike, large]) == ["approved"] * 3
    phone.get_by_role("link", name="已同意，待公示").click()
    expect(phone.locator("#decided tbody tr")).to_have_count(3)
    assert is_well(phone)
    live.look(phone, f"review-decided-{name}")
