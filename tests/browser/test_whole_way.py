"""The whole way in a real browser: cards printed and held before a true camera, event, proposals, review, notice,
settling, till, passbook, red board. And the same way with scripts off, the digits typed.

Every page that is met must pass axe, fit its screen and leave the console quiet; after each step both purses are
compared to the point.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import factories
from tests.browser import camera
from tests.browser.conftest import Live, is_well
from virtue import clock
from virtue.awarding import rulebooks
from virtue.ledger import queries as ledger
from virtue.people.models import Household
from virtue.places.models import Village
from virtue.staff.models import User
from virtue.store.models import Item

RULES = Path(__file__).parents[2] / "virtue/demo/data/rules.csv"
# A Thursday morning: neither month nor quarter ends before the notice does.
THE_DAY = datetime(2026, 11, 5, 1, 0, tzinfo=UTC)
NOTICE_OVER = timedelta(days=6)
OWN_PIN = "250814"
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@dataclass
class Cast:
    """A village with its rulebook, its people, two households with printed cards, two goods."""

    village: Village
    wang: Household
    li: Household
    member: User
    judge: User
    clerk: User
    keeper: User
    soap: Item
    salt: Item
    digits: dict[int, str] = field(default_factory=dict)

    def purse(self, household: Household) -> tuple[int, int]:
        """What a household can spend now, home and civility; the test's own view of the database is let go first."""
        factories.db.session.rollback()
        balance = ledger.balances([household.id])[household.id]
        return balance.home, balance.civility

    def digits_of(self, household: Household) -> str:
        """The digits on a household's card."""
        return factories.digits_of(household.cards[0])


@pytest.fixture
def cast(live: Live) -> Iterator[Cast]:
    live.set_clock(THE_DAY)
    with clock.set_to(THE_DAY - timedelta(hours=1)):
        village = factories.VillageFactory(name="富民新村", slug="fumin-xincun")
        adoption = rulebooks.Adoption(
            date(2026, 1, 5), adopted_on=date(2026, 1, 5), present=80, in_favour=70, women_present=30
        )
        rulebooks.adopt_book(village.id, "细则", RULES.read_bytes(), "rules.csv", adoption, by=None)
        grid = factories.GridFactory(village=village, number=3, name="第三网格")
        keeper = factories.keeper(village, name="赵管理")
        yield Cast(
            village=village,
            wang=factories.HouseholdFactory(grid=grid, head_name="王永智", code="01010147", members=3),
            li=factories.HouseholdFactory(grid=grid, head_name="李秀兰", code="01010148"),
            member=factories.committee(village, name="马执委"),
            judge=factories.reviewer(village, name="周评议"),
            clerk=factories.village_admin(village, name="陈文书"),
            keeper=keeper,
            soap=factories.stocked(village, 10, by=keeper, home=2, civility=2, name="香皂"),
            salt=factories.stocked(village, 10, by=keeper, home=1, name="食用盐"),
        )


# ---- what people do ------------------------------------------------------------------------------


def sign_in(page: Page, live: Live, user: User, path: str) -> None:
    """As staff do, on the way to a page."""
    page.goto(live.url(f"/sign-in?next={path}"))
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(factories.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(live.url(path))
    assert is_well(page)


def issue_cards(page: Page, live: Live) -> None:
    """The clerk gives every household without one a card."""
    page.goto(live.url("/cards"))
    page.get_by_role("button", name="给还没有卡的2户发卡").click()
    expect(page.locator("#messages")).to_contain_text("2")
    assert is_well(page)


def printed_card(page: Page, live: Live, household: Household) -> bytes:
    """The picture of a household's card as it comes off the printer."""
    page.emulate_media(media="print")
    page.goto(live.url(f"/cards/print?grid={household.grid_id}"))
    number = f"{household.head_name[0]}*{household.head_name[-1]}家"
    face = page.locator(".card-face", has_text=number)
    return face.screenshot()


def open_event(page: Page) -> None:
    """A clean-up of the canal, today, with its rule."""
    page.get_by_text("开一场活动", exact=True).click()
    page.get_by_label("活动名称").fill("渠道清理")
    page.get_by_label("地点").fill("三支渠")
    page.locator("[name=rule_code]").select_option("J05")
    page.get_by_role("button", name="开始扫卡").click()
    expect(page.locator("#messages")).to_contain_text("活动已经开始，现在可以扫卡。")
    assert is_well(page)


def leave_event(page: Page) -> None:
    """What comes now belongs to no event."""
    page.get_by_label("今天的活动").select_option("")
    page.get_by_role("button", name="选定").click()
    expect(page.locator("main")).to_contain_text("没有选活动：加的分都要经评议、公示后到账。")


def type_card(page: Page, digits: str) -> None:
    """The digits that stand under the code."""
    page.locator("#scan-code").fill(digits)
    page.keyboard.press("Enter")


def scan_by_camera(page: Page) -> None:
    """Hold the card before the live camera."""
    page.get_by_role("button", name="用摄像头扫").click()


def is_at(page: Page, name: str) -> None:
    """The page stands at this household, masked, ready for a rule."""
    expect(page.locator(".who h1")).to_have_text(f"{name}家")
    assert is_well(page)


def search_rule(page: Page, text: str, name: str) -> None:
    """Among all rules, the one of that name."""
    page.get_by_role("link", name="全部细则").click()
    page.get_by_label("细则名称、编号或评星项目").fill(text)
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".tile")).to_have_count(1)
    page.locator("label.tile", has_text=name).click()
    assert is_well(page)


def approve(page: Page, live: Live) -> None:
    """The reviewer opens the good deed and gives it a line for the red board; the other comes next, and is ticked."""
    page.locator("[data-review-link]", has_text="邻里互助、好人好事").click()
    assert is_well(page)
    page.get_by_label("上红榜的一句话").fill("帮邻居抢收玉米。")
    page.get_by_role("button", name="同意 5 分").click()
    expect(page.locator("h1")).to_contain_text("义务投工投劳")
    page.locator(".crumbs a").click()
    rest = page.locator("#tick tbody tr")
    expect(rest).to_have_count(1)
    expect(rest).to_contain_text("义务投工投劳")
    rest.locator("input[name=deed]").check()
    page.get_by_role("button", name="同意勾选的").click()
    expect(page.locator("#ask")).to_contain_text("同意这 1 项“义务投工投劳”")
    assert is_well(page)
    page.get_by_role("button", name="确认同意").click()
    expect(page.locator("main")).to_contain_text("没有等您评议的事项")
    assert is_well(page)


def publish(page: Page) -> None:
    """The clerk puts both on notice."""
    expect(page.locator("#waiting h2")).to_have_text("等下一号公示的：2 项")
    page.get_by_text("发布公示", exact=True).click()
    expect(page.locator("#waiting")).to_contain_text("2 项上公示 5 天，到11月10日")
    assert is_well(page)
    page.get_by_role("button", name="确认发布").click()
    page.wait_for_url(re.compile(r"/notices/\d+$"))
    assert table(page) == [
        ["1", "邻里互助、好人好事", "王*智家 尾号 0147", "公示中 登记异议", "+5 家美积分"],
        ["2", "义务投工投劳", "王*智家 尾号 0147", "公示中 登记异议", "+5 文明积分"],
    ]
    assert is_well(page)


def table(page: Page) -> list[list[str]]:
    """The texts of a page's table, row by row."""
    rows = page.locator("main tbody tr")
    return [words(row.locator("th, td")) for row in rows.all()]


def ranks(slide: Locator) -> list[list[str]]:
    """A slide's top list: number, who, points."""
    return [words(row.locator(".rank, .who, .pt")) for row in slide.locator(".ranks li").all()]


def words(cells: Locator) -> list[str]:
    """Each one's text, blanks joined."""
    return [" ".join(text.split()) for text in cells.all_inner_texts()]


def a_week_later(live: Live, cli) -> None:
    """The notice is over, and the morning's run settles it."""
    live.set_clock(THE_DAY + NOTICE_OVER)
    with clock.set_to(live.now()):
        assert "富民新村：2 项到期已入账。" in cli("virtue", "daily").output


def open_passbook(page: Page, live: Live, cast: Cast) -> None:
    """The card's address, then the slip's PIN, then one of their own."""
    page.goto(live.url(f"/c/{cast.digits_of(cast.wang)}"))
    expect(page).to_have_url(live.url("/passbook"))
    expect(page.locator("#home-balance")).to_have_text("3")
    expect(page.locator("#civility-balance")).to_have_text("5")
    expect(page.locator("#latest")).to_have_count(0)
    assert is_well(page)
    page.get_by_role("link", name="输密码看明细").click()
    assert is_well(page)
    page.locator("[name=pin]").fill(factories.pin_of(cast.wang))
    page.get_by_role("button", name="看明细").click()
    assert is_well(page)
    page.locator("[name=pin]").fill(OWN_PIN)
    page.locator("[name=again]").fill(OWN_PIN)
    page.get_by_role("button", name="用这个密码").click()
    expect(page.locator("#latest")).to_be_visible()


def has_every_line(page: Page, live: Live) -> None:
    """What came and went, each with who and when, down to the last point."""
    page.goto(live.url("/passbook/history"))
    assert words(page.locator("#history li b")) == ["−4", "+5", "+5", "+2"]
    lines = words(page.locator("#history li span"))
    for line, parts in zip(
        lines,
        [("3 件", "余 3"), ("义务投工投劳", "余 5"), ("邻里互助、好人好事", "余 7"), ("参加环境整治", "余 2")],
        strict=True,
    ):
        assert all(part in line for part in parts), line
    assert is_well(page)


def pick_for_the_red_board(page: Page, live: Live, cast: Cast) -> None:
    """The clerk signs in anew, ticks both good deeds and puts them up."""
    page.context.clear_cookies()
    sign_in(page, live, cast.clerk, "/boards/red/choose")
    for box in page.locator("input[name=pick]").all():
        box.check()
    page.get_by_role("button", name="上榜").click()
    expect(page.locator(".message-good")).to_contain_text("2 条上榜了")
    assert is_well(page)


def stands_on_the_red_board(page: Page, live: Live, cast: Cast) -> None:
    """In front by both kinds of points, and with the good deed, masked with the tail."""
    page.goto(live.url(f"/kiosk/{cast.village.slug}/red-board"))
    civility, home = page.locator("#slide-civility"), page.locator("#slide-home")
    assert ranks(civility) == [["1", "王某某家尾号 0147", "5"]]
    assert ranks(home) == [["1", "王某某家尾号 0147", "7"], ["2", "李某某家尾号 0148", "2"]]
    for slide in (civility, home):
        assert sorted(words(slide.locator(".deeds li"))) == [
            "王某某家 尾号 0147 义务投工投劳。",
            "王某某家 尾号 0147 帮邻居抢收玉米。",
        ]
    assert is_well(page)


# ---- the way -------------------------------------------------------------------------------------


@pytest.fixture
def printed(screen, live: Live, cast: Cast, tmp_path: Path) -> Iterator[dict[str, Path]]:
    """The clerk issues cards and prints them: the film of one for cameras, the photo of the other."""
    clerk = screen("desk", device_scale_factor=3)
    sign_in(clerk, live, cast.clerk, "/desk")
    issue_cards(clerk, live)
    film = camera.film(camera.held_up(printed_card(clerk, live, cast.wang)), tmp_path / "wang.y4m")
    photo = tmp_path / "li.jpg"
    camera.held_up(printed_card(clerk, live, cast.li)).save(photo, quality=80)
    return {"film": film, "photo": photo}


@pytest.fixture
def seeing(browser_type, browser_type_launch_args, printed) -> Iterator[Browser]:
    """A chromium whose camera sees the card of household Wang."""
    with camera.browser_that_sees(printed["film"], browser_type, browser_type_launch_args) as browser:
        yield browser


@BOTH
def test_from_the_first_scan_to_the_red_board(live, screen, cli, cast, printed, seeing):
    phone = screen("phone", by=seeing)
    sign_in(phone, live, cast.member, "/award/events")
    open_event(phone)
    scan_by_camera(phone)
    is_at(phone, "王*智")
    phone.get_by_role("button", name="加 2 分 · 下一户").click()
    expect(phone.locator(".message-good")).to_contain_text(
        "王*智家（尾号0147）：参加环境整治（每户每次），已入账 +2 家美积分"
    )
    assert cast.purse(cast.wang) == (2, 0)
    phone.locator("[data-camera-file]").set_input_files(printed["photo"])
    is_at(phone, "李*兰")
    phone.get_by_role("button", name="加 2 分 · 下一户").click()
    expect(phone.locator(".message-good")).to_contain_text("李*兰家（尾号0148）")
    assert cast.purse(cast.li) == (2, 0)
    assert is_well(phone)
    leave_event(phone)
    for rule, name, points in (("邻里互助", "邻里互助、好人好事", 5), ("W08", "义务投工投劳", 5)):
        scan_by_camera(phone)
        is_at(phone, "王*智")
        search_rule(phone, rule, name)
        phone.get_by_role("button", name=f"申报 {points} 分 · 下一户").click()
        expect(phone.locator(".message-good")).to_contain_text(f"{name}，已申报，评议、公示后到账")
    assert is_well(phone)
    assert cast.purse(cast.wang) == (2, 0)

    judge = screen("phone")
    sign_in(judge, live, cast.judge, "/review")
    approve(judge, live)
    desk = screen("desk")
    sign_in(desk, live, cast.clerk, "/notices")
    publish(desk)
    assert cast.purse(cast.wang) == (2, 0)
    a_week_later(live, cli)
    assert cast.purse(cast.wang) == (7, 5)

    till = screen("desk", by=seeing)
    sign_in(till, live, cast.keeper, "/till")
    scan_by_camera(till)
    expect(till.locator("#till-name")).to_have_text("王*智家")
    for name in ("香皂", "食用盐", "食用盐"):
        till.locator(f".good[data-name='{name}'] button.good-face").click()
    expect(till.locator("[data-rest]")).to_have_text("3 家美积分")
    assert is_well(till)
    till.get_by_role("button", name="确认兑换 4 分").click()
    expect(till.locator(".till-said")).to_have_text("已兑换，4分")
    expect(till.locator(".till-words")).to_have_text("王*智家减 4 家美积分，余 3")
    assert is_well(till)
    assert (cast.purse(cast.wang), cast.purse(cast.li)) == ((3, 5), (2, 0))

    own = screen("elder")
    open_passbook(own, live, cast)
    assert is_well(own)
    has_every_line(own, live)
    pick_for_the_red_board(desk, live, cast)
    wall = screen("wall")
    stands_on_the_red_board(wall, live, cast)


def test_the_same_way_with_scripts_off(live, screen, cli, cast):
    phone, judge, desk, till, own, wall = (
        screen(size, java_script_enabled=False) for size in ("phone", "phone", "desk", "desk", "elder", "wall")
    )
    sign_in(desk, live, cast.clerk, "/desk")
    issue_cards(desk, live)

    sign_in(phone, live, cast.member, "/award/events")
    open_event(phone)
    for household, name in ((cast.wang, "王*智"), (cast.li, "李*兰")):
        type_card(phone, cast.digits_of(household))
        is_at(phone, name)
        phone.get_by_role("button", name="加分 · 下一户").click()
        expect(phone.locator(".message-good")).to_contain_text(f"{name}家")
        assert cast.purse(household) == (2, 0)
    leave_event(phone)
    for rule, name in (("邻里互助", "邻里互助、好人好事"), ("W08", "义务投工投劳")):
        type_card(phone, cast.digits_of(cast.wang))
        is_at(phone, "王*智")
        search_rule(phone, rule, name)
        phone.get_by_role("button", name="加分 · 下一户").click()
        expect(phone.locator(".message-good")).to_contain_text(f"{name}，已申报，评议、公示后到账")
    assert is_well(phone)

    sign_in(judge, live, cast.judge, "/review")
    approve(judge, live)
    desk.goto(live.url("/notices"))
    publish(desk)
    a_week_later(live, cli)
    assert cast.purse(cast.wang) == (7, 5)

    sign_in(till, live, cast.keeper, "/till")
    type_card(till, cast.digits_of(cast.wang))
    till.get_by_label("数量 香皂").fill("1")
    till.get_by_label("数量 食用盐").fill("２")
    assert is_well(till)
    till.get_by_role("button", name="下一步：确认").click()
    expect(till.locator(".till-words")).to_have_text("王*智家减 4 家美积分，余 3")
    assert is_well(till)
    till.get_by_role("button", name="确认兑换 4 分").click()
    expect(till.locator(".till-said")).to_have_text("已兑换，4分")
    assert is_well(till)
    assert (cast.purse(cast.wang), cast.purse(cast.li)) == ((3, 5), (2, 0))

    open_passbook(own, live, cast)
    has_every_line(own, live)
    pick_for_the_red_board(desk, live, cast)
    stands_on_the_red_board(wall, live, cast)
