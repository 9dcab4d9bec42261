"""A form sent after the sign-in has expired, in a real browser: it comes back as it was typed."""

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import Live, is_well
from virtue.awarding.models import Deed
from virtue.staff import sessions
from virtue.transactions import atomic


@pytest.fixture
def member(live: Live):
    household = factories.HouseholdFactory(head_name="王永智", code="01010147")
    book = factories.RulebookFactory(village_id=household.village_id)
    factories.RuleFactory(rulebook=book, name="邻里互助", points=5, route="review", entry="scan")
    return factories.staff_of(household.village, "committee", "village_admin")


def sign_in(page: Page, user) -> None:
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("登录密码").fill(factories.PASSWORD)
    page.get_by_role("button", name="登录").click()


def sign_in_expires(user) -> None:
    """What hours without a touch do."""
    with atomic():
        sessions.end_all(user.id)
    factories.db.session.rollback()


def signs_in_again(page: Page, user) -> None:
    """The page says that nothing is lost."""
    expect(page.locator("main")).to_contain_text("登录已经过期。刚才填的内容都还在")
    assert is_well(page)
    sign_in(page, user)


def test_a_form_is_filled_in_again(live, screen, member):
    page = screen("phone")
    page.goto(live.url("/sign-in?next=/users/new"))
    sign_in(page, member)
    page.get_by_label("姓名").fill("赵管理")
    page.get_by_label("用户名").fill("zhao")
    page.locator("[name=roles][value=keeper]").check()
    sign_in_expires(member)
    page.get_by_role("button", name="加人").click()
    signs_in_again(page, member)
    expect(page).to_have_url(live.url("/users/new"))
    expect(page.locator("#messages")).to_contain_text("登录过期前填的内容都还在。看一看，再交。")
    expect(page.get_by_label("用户名")).to_have_value("zhao")
    assert page.locator("[name=roles]:checked").evaluate_all("boxes => boxes.map(box => box.value)") == ["keeper"]
    assert is_well(page)
    page.get_by_role("button", name="加人").click()
    expect(page.locator("#handover")).to_contain_text("zhao")


def test_an_htmx_step_is_sent_on_as_it_was(live, screen, member):
    page = screen("phone")
    page.goto(live.url("/sign-in?next=/award"))
    sign_in(page, member)
    page.locator("#scan-code").fill("01010147")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="是这一家").click()
    page.locator("label.tile", has_text="邻里互助").click()
    page.get_by_text("加一句话、改日期").click()
    page.get_by_label("做了什么").fill("帮邻居抢收玉米")
    sign_in_expires(member)
    page.get_by_role("button", name="申报 5 分 · 下一户").click()
    signs_in_again(page, member)
    expect(page.get_by_label("做了什么")).to_have_value("帮邻居抢收玉米")
    assert is_well(page)
    page.get_by_role("button", name="申报 5 分 · 下一户").click()
    expect(page.locator(".message-good")).to_contain_text("邻里互助，已申报")
    factories.db.session.rollback()
    assert [deed.points for deed in factories.db.session.query(Deed)] == [5]
