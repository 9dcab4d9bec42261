"""From an empty database to the first award and the first redemption, through ``/start``, in a real browser.

The clerk works on a phone; each page is looked at on a computer too. Half way the work is left, and taken up again by
signing in anew.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, Live, is_well, scrolls_sideways
from tests.people.register_books import book, line
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people.models import Household

CODE = re.compile(r"初次设置码：([2-9]{4}-[2-9]{4}-[2-9]{4})")
PASSWORD = "gulang-2026-wen"
REGISTER = [
    line("王永智", code="01010147", grid="第3网格"),
    line("李桂英", "配偶", "女", "1972-05"),
    line("李秀兰", sex="女", code="01010148", grid="第3网格"),
    line("张建国", code="01010149", grid="第4网格"),
    line("张小燕", "女儿", "女", "2001-01-02"),
]
STEPS = ["村", "人员和亲属", "户籍名册", "积分细则", "期初余额", "商品和库存", "打印", "第一场活动"]


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A village's register as it is kept: with columns that must not be stored."""
    path = tmp_path / "清水村.xlsx"
    path.write_bytes(book(REGISTER))
    return path


@pytest.fixture
def seen(live: Live) -> Callable[[Page, str], None]:
    """The page as it stands is well on a phone, and fits a computer's screen."""

    def look(page: Page, name: str) -> None:
        assert is_well(page)
        live.look(page, f"start-{name}-390")
        before = page.viewport_size
        width, height = SIZES["desk"]
        page.set_viewport_size({"width": width, "height": height})
        assert not scrolls_sideways(page)
        live.look(page, f"start-{name}-1280")
        page.set_viewport_size(before)

    return look


# ---- what people do ------------------------------------------------------------------------------


def sign_in(page: Page, live: Live, username: str, password: str) -> None:
    """By name and password."""
    page.goto(live.url("/sign-in"))
    page.get_by_label("用户名").fill(username)
    page.get_by_label("登录密码").fill(password)
    page.get_by_role("button", name="登录").click()


def first_sign_in(page: Page, live: Live, username: str, once: str) -> None:
    """With the password that was handed over, which must be changed at once."""
    sign_in(page, live, username, once)
    expect(page.get_by_role("heading", level=1)).to_have_text("改密码")
    page.get_by_label("现在的登录密码").fill(once)
    page.get_by_label("新的登录密码", exact=True).fill(f"{PASSWORD}-{username}")
    page.get_by_label("新的登录密码，再输一遍").fill(f"{PASSWORD}-{username}")
    page.get_by_role("button", name="改密码").click()
    page.wait_for_url(live.url("/desk"))


def make_admin(page: Page, live: Live, code: str, seen) -> None:
    """Whoever reads the console makes the first account; every address leads there."""
    page.goto(live.url("/"))
    expect(page).to_have_url(live.url("/start"))
    seen(page, "1-admin")
    page.get_by_label("初次设置码").fill("2222-2222-2222")
    page.get_by_label("您的姓名").fill("王文书")
    page.get_by_label("用户名").fill("wang")
    page.get_by_label("登录密码", exact=True).fill(PASSWORD)
    page.get_by_label("登录密码，再输一遍").fill(PASSWORD)
    page.get_by_role("button", name="建立账号").click()
    expect(page.locator(".form-error")).to_contain_text("初次设置码不对")
    page.get_by_label("初次设置码").fill(code)
    page.get_by_label("登录密码", exact=True).fill(PASSWORD)
    page.get_by_label("登录密码，再输一遍").fill(PASSWORD)
    page.get_by_role("button", name="建立账号").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("初次设置")
    assert open_steps(page) == STEPS
    seen(page, "2-steps")


def open_steps(page: Page) -> list[str]:
    """The steps that aren't done, by their titles."""
    rows = page.locator("#start li", has_text="还没有")
    return [title.split(" · ")[1] for title in rows.locator("b").all_inner_texts()]


def go_on(page: Page, live: Live, title: str) -> None:
    """From the list to the next open step: the one vermilion button."""
    page.goto(live.url("/start"))
    assert open_steps(page)[0] == title
    page.locator("#start .btn-primary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def add_user(page: Page, live: Live, username: str, name: str, *roles: str) -> str:
    """An account; gives the password to hand over."""
    page.goto(live.url("/users/new"))
    page.get_by_label("姓名").fill(name)
    page.get_by_label("用户名").fill(username)
    for role in roles:
        page.locator(f"[name=roles][value={role}]").check()
    page.get_by_role("button", name="加人").click()
    return page.locator("#handover dd").last.inner_text()


def declare_own_household(page: Page, live: Live, name: str, household: str) -> None:
    """Whose member a user is: their own household's affairs are done by others."""
    page.goto(live.url("/users"))
    page.get_by_role("link", name=name).click()
    page.get_by_role("link", name=re.compile("亲属")).first.click()
    page.get_by_label("户主或成员的姓名、拼音首字母、户号").fill(household)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name=re.compile("户主")).click()
    expect(page.locator("#member")).to_contain_text(household)


def import_register(page: Page, register: Path, seen) -> None:
    """Dry run, then for good."""
    page.get_by_role("link", name="导入名册").click()
    seen(page, "5-import")
    page.get_by_label("花名册文件").set_input_files(register)
    page.get_by_label("按本村导入").check()
    page.get_by_role("button", name="试导入").click()
    page.get_by_role("link", name="看结果").click()
    expect(page.locator("main")).to_contain_text("没有错，可以导入。现在还什么都没有写。")
    expect(page.locator("#counts-1")).to_contain_text("3户（5人）")
    db.session.rollback()
    assert db.session.query(Household).count() == 0
    seen(page, "6-dry-run")
    page.get_by_role("button", name="确认导入").click()
    page.get_by_role("link", name="看结果").click()
    expect(page.locator("main")).to_contain_text("导入好了。")
    db.session.rollback()
    assert db.session.query(Household).count() == 3
    seen(page, "7-imported")


def adopt_starter(page: Page) -> None:
    """The sixteen rules, adopted before, with their papers."""
    for label, value in {
        "表决日期": "2026-01-10", "到会人数": "60", "赞成人数": "58", "到会妇女人数": "30", "备案文号": "黄政发〔2026〕3号",
    }.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="启用").click()


def enter_openings(page: Page) -> None:
    """What stood on paper, by household."""
    page.get_by_label("凭什么文件").fill("2026年积分台账")
    page.get_by_label("第1行，户号").fill("01010147")
    page.get_by_label("第1行，家美积分").fill("12")
    page.get_by_label("第2行，户号").fill("01010148")
    page.get_by_label("第2行，文明积分").fill("30")
    page.get_by_role("button", name="录入", exact=True).click()
    expect(page.locator("#waiting")).to_contain_text("是您录入的，要由另一位文书登录后在这里核对入账。")


def issue_and_print_cards(page: Page, live: Live) -> str:
    """Cards for all, printed and noted; gives the digits of the first."""
    page.get_by_role("link", name="去发卡").click()
    page.get_by_role("button", name="给还没有卡的3户发卡").click()
    page.get_by_role("link", name="打印全村还没打印的卡").click()
    digits = page.locator(".card-face", has_text="王*智家").locator(".card-digits").inner_text()
    page.get_by_role("button", name="打印好了，记下").click()
    page.goto(live.url("/start/print"))
    return re.sub(r"\D", "", digits)


def purse(code: str) -> tuple[int, int]:
    """What a household can spend now."""
    db.session.rollback()
    household = db.session.query(Household).filter_by(code=code).one()
    balance = ledger.balances([household.id])[household.id]
    return balance.home, balance.civility


# ---- the way -------------------------------------------------------------------------------------


def name_village_and_people(clerk: Page, live: Live, seen) -> dict[str, str]:
    """Steps 1 and 2; gives the passwords to hand over."""
    go_on(clerk, live, "村")
    seen(clerk, "3-village")
    clerk.get_by_label("村名").fill("清水村")
    clerk.get_by_role("button", name="设村").click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text("人员和亲属")
    seen(clerk, "4-nobody")
    once = {
        "li": add_user(clerk, live, "li", "李执委", "committee"),
        "ma": add_user(clerk, live, "ma", "马评议", "reviewer"),
        "mu": add_user(clerk, live, "mu", "穆管理", "reviewer", "keeper"),
        "jian": add_user(clerk, live, "jian", "简监事", "supervisor"),
        "chen": add_user(clerk, live, "chen", "陈文书", "village_admin"),
    }
    seen(clerk, "4-handover")
    return once


def bring_the_register_in(clerk: Page, live: Live, register: Path, seen) -> None:
    """Step 3, and who belongs to which household."""
    go_on(clerk, live, "户籍名册")
    import_register(clerk, register, seen)
    declare_own_household(clerk, live, "李执委", "张建国")
    seen(clerk, "7-kin")
    clerk.get_by_role("link", name="接着做初次设置").click()
    assert open_steps(clerk) == STEPS[3:]


def adopt_rules_and_open_balances(clerk: Page, second: Page, live: Live, seen) -> None:
    """Steps 4 and 5: a second clerk books what the first has entered."""
    go_on(clerk, live, "积分细则")
    seen(clerk, "8-rulebook")
    adopt_starter(clerk)
    seen(clerk, "9-adopted")
    go_on(clerk, live, "期初余额")
    enter_openings(clerk)
    seen(clerk, "10-openings")
    assert purse("01010147") == (0, 0)
    second.goto(live.url("/start/opening"))
    second.get_by_role("button", name="核对无误，入账").click()
    expect(second.locator("#waiting")).to_have_count(0)
    assert (purse("01010147"), purse("01010148"), purse("01010149")) == ((12, 0), (0, 30), (0, 0))


def fill_the_store_and_print(clerk: Page, live: Live, seen) -> str:
    """Steps 6 and 7; gives the digits of the first card."""
    go_on(clerk, live, "商品和库存")
    seen(clerk, "11-goods")
    clerk.get_by_role("button", name="用这张单子").click()
    expect(clerk.locator("#messages")).to_contain_text("36")
    go_on(clerk, live, "打印")
    seen(clerk, "12-print")
    return issue_and_print_cards(clerk, live)


def open_the_first_event(clerk: Page, live: Live, seen) -> None:
    """Step 8, the last."""
    go_on(clerk, live, "第一场活动")
    seen(clerk, "13-event")
    clerk.get_by_label("活动名称").fill("发卡日")
    clerk.get_by_label("地点").fill("村委会")
    clerk.get_by_label("先给哪一项加分").select_option("J10")
    clerk.get_by_role("button", name="开活动").click()
    expect(clerk.locator("main")).to_contain_text("都办好了，可以开始用了。")
    assert open_steps(clerk) == []
    seen(clerk, "14-done")
    clerk.get_by_role("link", name="到工作台").click()
    expect(clerk.get_by_role("link", name="接着做初次设置")).to_have_count(0)


def award(member: Page, live: Live, digits: str, seen) -> None:
    """The first points; and none for the own household."""
    member.goto(live.url("/award"))
    member.get_by_label("今天的活动").select_option(index=1)
    member.get_by_role("button", name="选定").click()
    member.locator("#scan-code").fill(digits)
    member.keyboard.press("Enter")
    member.get_by_role("button", name="加 5 分 · 下一户").click()
    expect(member.locator(".message-good")).to_contain_text("王*智家（尾号0147）：志愿服务（每次），已入账 +5 家美积分")
    seen(member, "15-award")
    assert purse("01010147") == (17, 0)
    member.locator("#scan-code").fill("01010149")
    member.keyboard.press("Enter")
    member.get_by_role("link", name="是这一家").click()
    member.get_by_role("button", name="加 5 分 · 下一户").click()
    expect(member.locator(".form-error")).to_contain_text("这是您自己家或您申报过的亲属家，要由别人办理。")
    seen(member, "15-own-kin")
    assert purse("01010149") == (0, 0)


def redeem(keeper: Page, live: Live, digits: str) -> None:
    """The first goods that leave the store."""
    keeper.goto(live.url("/till"))
    keeper.locator("#scan-code").fill(digits)
    keeper.keyboard.press("Enter")
    expect(keeper.locator("#till-name")).to_have_text("王*智家")
    keeper.locator(".good[data-name='食用盐 400g'] button.good-face").click()
    keeper.get_by_role("button", name="确认兑换 3 分").click()
    expect(keeper.locator(".till-words")).to_have_text("王*智家减 3 家美积分，余 14")
    assert is_well(keeper)
    assert purse("01010147") == (14, 0)


def test_from_an_empty_database_to_the_first_redemption(live, screen, cli, register, seen):
    clerk = screen("phone")
    make_admin(clerk, live, CODE.search(cli("virtue", "init").output)[1], seen)
    once = name_village_and_people(clerk, live, seen)
    bring_the_register_in(clerk, live, register, seen)

    # Left in the middle, and taken up again on another phone.
    clerk.context.close()
    clerk, second = screen("phone"), screen("phone")
    sign_in(clerk, live, "wang", PASSWORD)
    clerk.get_by_role("link", name="接着做初次设置").click()
    assert open_steps(clerk) == STEPS[3:]
    first_sign_in(second, live, "chen", once["chen"])
    adopt_rules_and_open_balances(clerk, second, live, seen)
    digits = fill_the_store_and_print(clerk, live, seen)
    open_the_first_event(clerk, live, seen)

    member, keeper = screen("phone"), screen("desk")
    first_sign_in(member, live, "li", once["li"])
    award(member, live, digits, seen)
    first_sign_in(keeper, live, "mu", once["mu"])
    redeem(keeper, live, digits)
