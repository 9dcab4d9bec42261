"""A campaign with five nominees, in browsers: begun, voted on a phone, closed, counted by another, given, and on the wall."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import axe, scrolls_sideways
from tests.honours.ballots import make_poll
from virtue import clock
from virtue.people import pin_services


def sign_in(page: Page, live, user) -> None:
    page.goto(live.url("/sign-in"))
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def press(page: Page, live, url: str, label: str, yes: str) -> None:
    """Open a page, open the question, say yes."""
    page.goto(live.url(url))
    page.locator("summary", has_text=label).first.click()
    page.locator("details[open] button", has_text=yes).first.click()
    expect(page.locator("#messages")).not_to_be_empty()


def vote(phone: Page, live, poll, digits: str) -> None:
    """A household votes for number 2 on its phone."""
    phone.goto(live.url(f"/c/{digits}"))
    phone.goto(live.url("/passbook/pin"))
    phone.locator("[name=pin]").fill("250814")
    phone.locator("#pin-form button").first.click()
    phone.wait_for_url(lambda url: not url.endswith("/pin"))
    phone.goto(live.url("/passbook/votes"))
    expect(phone.locator("[name=choice]")).to_have_count(5)
    phone.locator("[name=choice][value='2']").check()
    assert axe(phone) == []
    assert not scrolls_sideways(phone)
    live.look(phone, "vote")
    phone.get_by_role("button", name="投票，不能再改").click()
    expect(phone.locator(f"#vote-{poll.campaign_id}")).to_contain_text("选民册第 7 号")


def test_five_nominees_to_the_wall(live, screen):
    # In the past: a browser's cookies outlive no day that hasn't come.
    start = clock.now() - timedelta(days=20)
    live.set_clock(start)
    with clock.set_to(start - timedelta(days=3)):
        poll = make_poll(8)
        poll.open(seats=1, picks=1)
        for one in poll.households[:5]:
            poll.check(poll.nominate(one))
        winner, voter = poll.households[1], poll.households[6]
        pin_services.choose_pin(voter.id, "250814")
        card = factories.card_of(voter, by=poll.staff["village_admin"])
    url, desk, other = f"/campaigns/{poll.campaign_id}", screen("desk"), screen("desk")
    sign_in(desk, live, poll.staff["village_admin"])
    press(desk, live, url, "开始", "开始")
    expect(desk.locator("#messages")).to_contain_text("已经开始")
    vote(screen("elder"), live, poll, factories.digits_of(card))
    live.set_clock(start + timedelta(days=7))
    desk = screen("desk")
    sign_in(desk, live, poll.staff["village_admin"])
    press(desk, live, url, "关箱", "关箱，加封")
    expect(desk.locator("#messages")).to_contain_text("已关箱")
    sign_in(other, live, poll.staff["clerk2"])
    press(other, live, url, "计票", "开始数")
    expect(other.locator("#nominees")).to_contain_text("第1名：1 票")
    press(desk, live, url, "公示", "发布公示")
    live.set_clock(start + timedelta(days=14))
    desk, other = screen("desk"), screen("desk")
    for page, name in ((desk, "village_admin"), (other, "clerk2")):
        sign_in(page, live, poll.staff[name])
    desk.goto(live.url(url))
    desk.locator("#give [name=document]").fill("富民村发〔2026〕9号")
    assert axe(desk) == []
    live.look(desk, "campaign")
    desk.locator("#give button").click()
    expect(desk.locator("#messages")).to_contain_text("录入了 1 项荣誉")
    press(other, live, "/titles/1", "核对无误", "核对无误，生效")
    press(desk, live, "/titles/1", "记下同意", "记下同意")
    expect(desk.locator("#consents")).to_contain_text("签了字")
    wall = screen("wall")
    wall.goto(live.url(f"/kiosk/{poll.village.slug}/good-people"))
    expect(wall.locator(".people")).to_contain_text(f"{winner.head_name}家")
    live.look(wall, "good-people", full=False)
