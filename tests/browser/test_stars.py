"""A quarter of stars in real browsers: proposed, a star given with its reason, on notice, published, on phone and screen."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests import deeds, factories
from tests.browser.conftest import is_well
from tests.browser.test_objections import sign_in
from tests.honours.conftest import NOW, make_sky
from virtue import clock
from virtue.extensions import db
from virtue.people import pin_services

PIN = "250814"
QUARTER = "/stars?quarter=2026-q2"


def _step(desk: Page, live, label: str, yes: str) -> None:
    """The quarter's next step: open its question, say yes."""
    desk.goto(live.url(QUARTER))
    desk.locator("#star-steps summary", has_text=label).last.click()
    desk.locator("#star-steps details[open] button", has_text=yes).click()
    expect(desk.locator("#messages")).not_to_be_empty()


def _review(review: Page, live) -> None:
    """The group's own star for one household; for the other a star that wasn't proposed, refused without a reason."""
    review.get_by_label("评给王*智家").check()
    review.locator("#word #why").fill("6月评议会，照顾老人")
    review.locator("#word button", has_text="评给").click()
    expect(review.locator("#messages")).to_contain_text("评给了 1 户")
    review.get_by_role("link", name="赵*英家").click()
    for why in ("", "门前一直扫得干净"):
        review.locator("#change-star").select_option("环境卫生")
        review.locator("#change-why").fill(why)
        review.get_by_role("button", name="改", exact=True).click()
        if not why:
            expect(review.locator(".form-error")).to_contain_text("理由")
    expect(review.locator("#stars")).to_contain_text("门前一直扫得干净")
    expect(review.locator("h1")).to_contain_text("4 颗星")
    assert is_well(review)
    live.look(review, "star-review")


def _unlock(phone: Page, live, code: str) -> None:
    phone.goto(live.url(f"/c/{code}"))
    phone.goto(live.url("/passbook/pin"))
    phone.locator("[name=pin]").fill(PIN)
    phone.locator("#pin-form button").first.click()
    phone.wait_for_url(lambda url: not url.endswith("/pin"))
    phone.goto(live.url("/passbook/stars"))


def _reads(phone: Page, live, code: str) -> None:
    """While it hangs the household reads its stars, and each one's deeds."""
    _unlock(phone, live, code)
    expect(phone.locator("#hanging h2")).to_contain_text("8 颗星")
    assert is_well(phone)
    phone.locator("#hanging li", has_text="环境卫生").get_by_role("link").click()
    expect(phone.locator("main")).to_contain_text("庭院整洁")
    assert is_well(phone)
    live.look(phone, "star-why")


def test_a_quarter_from_the_proposal_to_passbook_and_screen(live, screen):
    with clock.set_to(NOW):
        sky = make_sky()
        home = sky.household(head_name="王永智")
        sky.household(head_name="赵桂英")
        sky.shine(home)
        yard = deeds.rule_of(sky.village.id, name="庭院整洁", unit="home", points=5, dimension="环境卫生")
        deeds.settled(home, yard, happened_on=(NOW - timedelta(days=40)).date())
        code = factories.digits_of(factories.card_of(home, by=sky.staff["village_admin"]))
        pin_services.choose_pin(home.id, PIN)
        sky.close_months()
        slug, clerk, reviewer = sky.village.slug, sky.staff["village_admin"], sky.staff["reviewer"]
    live.set_clock(NOW)
    desk, review = screen("desk"), screen("desk")
    sign_in(desk, live, clerk, QUARTER)
    _step(desk, live, "提名", "确认提名")
    expect(desk.locator("#ratings tbody tr")).to_have_count(2)
    assert is_well(desk)
    sign_in(review, live, reviewer, QUARTER)
    _review(review, live)
    _step(desk, live, "公示", "确认公示")
    expect(desk.locator("#messages")).to_contain_text("第1号公示已发布")
    notice = screen("phone")
    notice.goto(live.url(f"/v/{slug}/notices/1"))
    expect(notice.locator("#lines")).to_contain_text("王某某家")
    expect(notice.locator("#unpublished")).to_contain_text("另有 1 项")
    _reads(screen("elder"), live, code)

    live.set_clock(NOW + timedelta(days=6))
    with clock.set_to(NOW + timedelta(days=6)):
        # What the browsers did is seen by a new transaction only.
        db.session.rollback()
        assert sky.settle() == 2
    wall, phone = screen("wall"), screen("elder")
    wall.goto(live.url(f"/kiosk/{slug}/stars"))
    expect(wall.locator("body")).to_contain_text("王某某家")
    expect(wall.locator("body")).not_to_contain_text("赵某某家")
    _unlock(phone, live, code)
    expect(phone.locator("#own h2")).to_contain_text("8 颗星")
    assert is_well(phone)
