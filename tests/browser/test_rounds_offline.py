"""A round on three phones, one of them without network for a while; an event's cards scanned away from it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import axe, scrolls_sideways
from virtue import clock
from virtue.awarding import round_queries, rounds, sheets
from virtue.awarding.models import Deed
from virtue.core import keys
from virtue.extensions import db
from virtue.people.models import Household
from virtue.staff.models import StaffSession, User
from virtue.transactions import atomic


@dataclass
class Round:
    """An open round with its judges, its households and an event beside it."""

    id: int
    event_id: int
    judges: list[User]
    homes: list[Household]
    digits: list[str] = field(default_factory=list)

    def marks(self, judge: User) -> dict[str, str]:
        """What the server has of a judge, by tail."""
        db.session.rollback()
        tails = {home.id: home.tail for home in self.homes}
        found = round_queries.marks_of(self.id, judge.id)
        return {tails[household]: round_queries.value_of(mark) for household, mark in found.items()}


@pytest.fixture
def one(live) -> Round:
    village = factories.VillageFactory(name="富民新村")
    grid = factories.GridFactory(village=village, number=3, name="第三网格")
    book = factories.RulebookFactory(village_id=village.id)
    factories.RuleFactory(
        rulebook=book, code="J01", name="庭院卫生月评合格", levels="2/1/0", entry="round+scan", route="review"
    )
    factories.RuleFactory(rulebook=book, code="J05", name="参加环境整治")
    judges = [factories.committee(village, name=name) for name in ("甲大姐", "乙大姐", "丙大姐")]
    homes = [
        factories.HouseholdFactory(grid=grid, head_name=name, code=f"62062210{number:04d}")
        for number, name in enumerate(["马永智", "王秀兰", "李建国", "张桂英"], 147)
    ]
    opened = rounds.open_round(
        village.id, grid.id, "J01", clock.today(), key=keys.new(), by=judges[0].id, judges=[each.id for each in judges]
    )
    event = factories.EventFactory(village_id=village.id, opened_by_id=judges[0].id, rule_code="J05")
    digits = [factories.digits_of(factories.card_of(home)) for home in homes]
    db.session.commit()
    return Round(opened.result["round_id"], event.id, judges, homes, digits)


@pytest.fixture(autouse=True)
def _no_network_is_no_fault(live):
    """A browser without network says so in its console."""
    yield
    live.faults[:] = [
        fault for fault in live.faults if "ERR_INTERNET_DISCONNECTED" not in fault and "ERR_FAILED" not in fault
    ]


def sign_in(page: Page, live, user: User, path: str) -> Page:
    page.goto(live.url(f"/sign-in?next={path}"))
    fill(page, user)
    page.wait_for_url(re.compile(path))
    return page


def fill(page: Page, user: User) -> None:
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("main form button").first.click()


def tap(page: Page, home: Household, word: str) -> None:
    page.locator(f"#h-{home.id}").get_by_role("button", name=word).click()


def said(page: Page):
    return page.locator("[data-queue-said]")


def progress(page: Page):
    return page.locator("[data-round-progress]")


def scan(page: Page, digits: str) -> None:
    """As a USB scanner types the card's address, wherever the focus is."""
    page.keyboard.type(f"HTTP://127.0.0.1:8000/C/{digits}\n")


def test_three_judges_one_offline_for_a_while(live, screen, one):
    path = f"/award/rounds/{one.id}"
    phones = [sign_in(screen("phone"), live, judge, path) for judge in one.judges]
    first, second, third = phones
    for phone in (first, third):
        for home, word in zip(one.homes, ("最清洁", "较清洁", "最清洁", "未走访"), strict=True):
            tap(phone, home, word)
        expect(progress(phone)).to_have_text("已评 4/4")
        expect(said(phone)).to_have_text("")
    second.context.set_offline(True)
    for home, word in zip(one.homes[:3], ("最清洁", "一般", "较清洁"), strict=True):
        tap(second, home, word)
    tap(second, one.homes[1], "较清洁")
    expect(said(second)).to_have_text("没有网络，先记在手机里：待发送 4")
    expect(progress(second)).to_have_text("已评 3/4")
    live.look(second, "round-offline")
    assert one.marks(one.judges[1]) == {}
    second.context.set_offline(False)
    expect(said(second)).to_have_text("")
    assert one.marks(one.judges[1]) == {"0147": "2", "0148": "1", "0149": "1"}
    for phone in phones:
        phone.reload()
        expect(phone.locator("#results")).to_have_count(0)
        phone.get_by_text("我评完了，交").click()
        phone.get_by_role("button", name="确认交").click()
        expect(phone.locator("#round")).to_contain_text("您已经交了")
    first.get_by_text("收这次月评").first.click()
    first.get_by_role("button", name="确认收").click()
    results = first.locator("#results tbody tr")
    expect(results.nth(0)).to_contain_text("最清洁")
    expect(results.nth(3)).to_contain_text("不记分")
    assert axe(first) == []
    assert not scrolls_sideways(first)
    live.look(first, "round-results")
    first.get_by_text("送评议小组").first.click()
    first.get_by_role("button", name="确认送评议").click()
    expect(first.locator("#results tbody tr").nth(0)).to_contain_text("待评议")
    db.session.rollback()
    assert [deed.points for deed in db.session.query(Deed).order_by(Deed.household_id)] == [2, 1, 2]


def test_nothing_but_numbers_is_kept_on_the_phone(live, screen, one):
    page = sign_in(screen("phone"), live, one.judges[0], f"/award/rounds/{one.id}")
    page.context.set_offline(True)
    tap(page, one.homes[0], "最清洁")
    expect(said(page)).to_contain_text("待发送 1")
    kept = page.evaluate("Object.entries({...localStorage})")
    assert [value for _name, value in kept] == [f"{one.homes[0].id}|2|0"]
    assert re.fullmatch(r"virtue\.waiting\|\d+\|/award/rounds/\d+\|[0-9a-f-]{36}", kept[0][0])


def test_what_waits_survives_a_new_page_and_the_filter_works(live, screen, one):
    page = sign_in(screen("phone"), live, one.judges[0], f"/award/rounds/{one.id}")
    page.route("**/marks", lambda route: route.abort())
    tap(page, one.homes[0], "最清洁")
    expect(said(page)).to_contain_text("待发送 1")
    page.reload()
    row = page.locator(f"#h-{one.homes[0].id}")
    expect(row.get_by_role("button", name="最清洁")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="只看没评的").click()
    expect(row).to_be_hidden()
    page.goto(live.url("/award/rounds"))
    page.get_by_role("link", name="手机里还有 1 条没发出").click()
    expect(said(page)).to_contain_text("待发送 1")
    page.unroute("**/marks")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(said(page)).to_have_text("")
    assert one.marks(one.judges[0]) == {"0147": "2"}


def test_an_answer_that_is_lost_is_asked_for_again_and_books_once(live, screen, one):
    page = sign_in(screen("phone"), live, one.judges[0], f"/award/events/{one.event_id}/scan")
    lost = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/scans", lose)
    scan(page, one.digits[0])
    line = page.locator("[data-scan-list] li").first
    expect(line).to_have_text("尾号 0147：参加环境整治 +2 家美积分，已入账")
    db.session.rollback()
    assert lost == [200]
    assert db.session.query(Deed).count() == 1


def test_cards_scanned_offline_are_sent_in_order_and_conflicts_are_told(live, screen, one):
    page = sign_in(screen("phone"), live, one.judges[0], f"/award/events/{one.event_id}/scan")
    page.context.set_offline(True)
    foreign = "00000000000000000000"
    for digits in (one.digits[0], one.digits[1], one.digits[0], foreign):
        scan(page, digits)
    expect(said(page)).to_have_text("没有网络，先记在手机里：待发送 4")
    assert axe(page) == []
    assert not scrolls_sideways(page)
    live.look(page, "event-scan-offline")
    page.context.set_offline(False)
    expect(said(page)).to_have_text("")
    expect(page.locator("[data-scan-list] li.is-good")).to_have_count(2)
    conflicts = page.locator("[data-queue-list] li")
    expect(conflicts).to_have_count(2)
    expect(conflicts.nth(0)).to_contain_text("这一户在这场活动里已经记过")
    expect(conflicts.nth(1)).to_contain_text("不是本村的卡")
    live.look(page, "event-scan-conflicts")
    db.session.rollback()
    assert [deed.household_id for deed in db.session.query(Deed).order_by(Deed.id)] == [
        home.id for home in one.homes[:2]
    ]
    page.reload()
    expect(conflicts).to_have_count(2)
    page.get_by_role("button", name="知道了，清掉").click()
    expect(conflicts).to_have_count(0)


def test_signed_out_meanwhile_nothing_is_lost(live, screen, one):
    path = f"/award/rounds/{one.id}"
    page = sign_in(screen("phone"), live, one.judges[0], path)
    with atomic():
        db.session.query(StaffSession).update({"ended_at": clock.now()})
    tap(page, one.homes[0], "较清洁")
    expect(said(page)).to_have_text("登录过期了。刚才记的 1 条都还在手机里，登录后接着发送。")
    live.look(page, "round-signed-out")
    assert one.marks(one.judges[0]) == {}
    page.get_by_role("link", name="登录后接着发送").click()
    fill(page, one.judges[0])
    page.wait_for_url(re.compile(path))
    expect(said(page)).to_have_text("")
    expect(progress(page)).to_have_text("已评 1/4")
    assert one.marks(one.judges[0]) == {"0147": "1"}


def test_another_person_on_the_same_phone_sends_nothing_of_it(live, screen, one):
    path = f"/award/rounds/{one.id}"
    page = sign_in(screen("phone"), live, one.judges[0], path)
    page.route("**/marks", lambda route: route.abort())
    tap(page, one.homes[0], "最清洁")
    expect(said(page)).to_contain_text("待发送 1")
    page.goto("about:blank")
    page.context.clear_cookies()
    page.unroute("**/marks")
    sign_in(page, live, one.judges[1], path)
    expect(page.locator("[data-queue-other]")).to_have_text("这部手机里还有别人没有发出的 1 条，等本人登录后发送。")
    assert one.marks(one.judges[0]) == one.marks(one.judges[1]) == {}


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_pass_axe_and_fit(live, screen, one, size, language):
    number = sheets.print_for_round(one.homes[0].village_id, one.id, key=keys.new(), by=one.judges[0].id)
    sheets.print_for_deeds(one.homes[0].village_id, count=1, key=keys.new(), by=one.judges[0].id)
    assert number.result == {"first": 1, "last": 1}
    page = sign_in(screen(size), live, one.judges[0], "/award/rounds")
    page.goto(live.url(f"/language/{language}"))
    paths = (
        "/award/rounds", "/award/rounds/new", f"/award/rounds/{one.id}", "/award/sheets", "/award/sheets/1",
        "/award/sheets/2", "/award/door-codes", f"/award/events/{one.event_id}/scan", f"/award/events/{one.event_id}",
        "/award/sheets/print/1/2", "/award/door-codes/print",
    )  # fmt: skip
    for path in paths:
        page.goto(live.url(path))
        assert axe(page) == [], path
        assert not scrolls_sideways(page), path
        live.look(page, f"{Path(path).name}-{path.count('/')}-{size}-{language}")


def test_tapping_without_scripts(live, screen, one):
    page = sign_in(screen("phone", java_script_enabled=False), live, one.judges[0], f"/award/rounds/{one.id}")
    tap(page, one.homes[0], "最清洁")
    expect(progress(page)).to_have_text("已评 1/4")
    page.get_by_role("link", name="只看没评的").click()
    tap(page, one.homes[1], "不愿被评")
    expect(page.locator(".mark")).to_have_count(2)
    assert one.marks(one.judges[0]) == {"0147": "2", "0148": "declined"}
