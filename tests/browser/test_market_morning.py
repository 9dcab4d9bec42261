"""A market morning at the till: thirty households by card, by name, by a photo of the card; and a morning with a bad network.

What was handed over is added up beside, and must be what the daily close says, to the point.
"""

import re
from pathlib import Path

import qrcode
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.test_till import forgive, good, sign_in
from tests.store.conftest import Shop, make_shop
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people import codes
from virtue.people.models import Household
from virtue.store import reservation_services
from virtue.store.close_models import StoreClose
from virtue.store.models import Order
from virtue.store.reservation_models import Reservation

SURNAMES, GIVEN = "赵钱孙李周吴郑冯陈褚", ("春生", "秋菊", "冬梅")
PRICE = 3
"""A bag of salt in home points; in civility points it is 5."""


def come(shop: Shop, count: int) -> list[Household]:
    """So many households with 50 home and 20 civility points, and their cards."""
    clerk = factories.village_admin(shop.village)
    names = [f"{surname}{given}" for given in GIVEN for surname in SURNAMES][:count]
    found = []
    for number, name in enumerate(names):
        household = factories.HouseholdFactory(grid=shop.grid, head_name=name, code=f"62062230{number:04}")
        factories.give(household, home=50, civility=20)
        factories.card_of(household, by=clerk)
        found.append(household)
    db.session.commit()
    return found


def masked(household: Household) -> str:
    return f"{household.head_name[0]}*{household.head_name[-1]}家"


def digits(household: Household) -> str:
    return factories.digits_of(household.cards[0])


def by_card(page: Page, household: Household) -> None:
    page.keyboard.type(f"HTTP://127.0.0.1:8000/C/{digits(household)}\n")
    expect(page.locator("#till-name")).to_have_text(masked(household))


def by_name(page: Page, household: Household) -> None:
    page.locator("#scan-code").fill(household.head_name)
    page.keyboard.press("Enter")
    page.locator(".till-matches button", has_text=masked(household)).click()
    page.get_by_role("link", name="是这一家").click()
    expect(page.locator("#till-name")).to_have_text(masked(household))
    expect(page.locator(".till")).to_have_class(re.compile("is-live"))


def by_photo(page: Page, household: Household, live, tmp_path: Path) -> None:
    qrcode.make(live.url(f"/C/{digits(household)}")).get_image().save(tmp_path / "card.png")
    page.locator("[data-camera-file]").set_input_files(tmp_path / "card.png")
    expect(page.locator("#till-name")).to_have_text(masked(household))


def take_salt(page: Page, household: Household, left: int = 50 - PRICE) -> None:
    good(page, "食用盐 400g").click()
    page.get_by_role("button", name="确认兑换 3 分").click()
    expect(page.locator(".till-words")).to_have_text(f"{masked(household)}减 {PRICE} 家美积分，余 {left}")


def test_thirty_households_and_a_close_that_adds_up(live, screen, tmp_path):
    shop = make_shop()
    households = come(shop, 30)
    page = screen("desk")
    sign_in(page, live, shop)
    for household in households[:21]:
        by_card(page, household)
        take_salt(page, household)
    for household in households[21:24]:
        by_name(page, household)
        take_salt(page, household)
    page.goto(live.url("/till"))
    by_photo(page, households[24], live, tmp_path)
    take_salt(page, households[24])
    pays_in_both(page, households[25])
    thinks_better_of_it(page, households[26])
    fetches_what_was_reserved(page, live, shop, households[27])
    waits_for_her_purse(page, households[28], before=households[29])
    without_scripts(screen("desk", java_script_enabled=False), live, shop, households[20])
    db.session.rollback()
    sold = db.session.execute(
        sa.select(sa.func.count(), sa.func.sum(Order.home_points), sa.func.sum(Order.civility_points))
    ).one()
    assert tuple(sold) == (31, 31 * PRICE, 5)
    spent = [50 - ledger.balance(household.id).home for household in households]
    assert spent == [PRICE] * 20 + [2 * PRICE] + [PRICE] * 5 + [0] + [PRICE, PRICE, PRICE]
    close_the_day(page, live)
    db.session.rollback()
    close = db.session.scalars(sa.select(StoreClose)).one()
    assert (close.orders, close.home_points, close.civility_points) == tuple(sold)
    assert (close.returns, close.returned_home, close.cash_fen) == (1, PRICE, 0)
    assert close.home_points - close.returned_home == sum(spent)


def pays_in_both(page: Page, household: Household) -> None:
    """Two bags, one of them for civility points."""
    by_card(page, household)
    good(page, "食用盐 400g").click()
    page.keyboard.press("NumpadAdd")
    page.get_by_role("radio", name="分开付").check()
    page.locator("[data-civ-more]").click()
    page.get_by_role("button", name="确认兑换 3 家美、5 文明").click()
    expect(page.locator(".till-said")).to_have_text("已兑换，家美3分，文明5分")


def thinks_better_of_it(page: Page, household: Household) -> None:
    """What was just taken comes back."""
    by_card(page, household)
    take_salt(page, household)
    page.locator(".till-pay summary").click()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.locator("#messages")).to_contain_text("3 家美积分退回")


def fetches_what_was_reserved(page: Page, live, shop: Shop, household: Household) -> None:
    """A reservation's code is typed where the cards are scanned."""
    wanted = reservation_services.Wanted((shop.piece(shop.salt),))
    made = reservation_services.reserve(shop.village.id, household.id, wanted, key=keys.new(), by=None).result
    code = codes.derive_fetch(db.session.get_one(Reservation, made["reservation_id"]))
    db.session.commit()
    page.keyboard.type(f"HTTP://127.0.0.1:8000/F/{code}\n")
    page.wait_for_url(re.compile(r"/store/reservations/\d+"))
    page.get_by_role("button", name="确认核销").click()
    expect(page.locator("#messages")).to_contain_text("已核销")
    page.goto(live.url("/till"))


def waits_for_her_purse(page: Page, household: Household, *, before: Household) -> None:
    """Her basket is parked while the next one is served, then taken up."""
    by_card(page, household)
    good(page, "食用盐 400g").click()
    page.keyboard.press("F8")
    expect(page.locator(".till-parked button")).to_contain_text(f"尾号 {household.tail} · 1 件")
    by_card(page, before)
    take_salt(page, before)
    page.locator(".till-parked button").click()
    expect(page.locator("[data-sum]")).to_have_text("3 家美积分")
    page.keyboard.press("Enter")
    expect(page.locator(".till-words")).to_have_text(f"{masked(household)}减 3 家美积分，余 47")


def without_scripts(page: Page, live, shop: Shop, household: Household) -> None:
    """The same form, filled in by hand, for somebody who comes a second time."""
    sign_in(page, live, shop)
    page.locator("#scan-code").fill(digits(household))
    page.keyboard.press("Enter")
    page.locator(f"[name=qty-{shop.salt.id}]").fill("1")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("确认兑换 3 分|再换一次")).click()
    again = page.get_by_role("button", name="再换一次")
    if again.count():
        again.click()
    expect(page.locator(".till-words")).to_have_text(f"{masked(household)}减 3 家美积分，余 44")


def close_the_day(page: Page, live) -> None:
    page.goto(live.url("/store/day/open"))
    page.locator("[name=cash]").fill("0")
    page.get_by_role("button", name="确认日结").click()
    page.wait_for_url(re.compile(r"/store/day"))


def test_a_bad_network_books_each_sale_once(live, screen):
    """400 ms away; every fifth thing that is sent gets lost, before or after the server did it."""
    shop = make_shop()
    households = come(shop, 8)
    page = screen("desk")
    sign_in(page, live, shop)
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    count = {"sent": 0, "lost": 0}

    def lose(route) -> None:
        count["sent"] += 1
        if count["sent"] % 5:
            route.continue_()
            return
        count["lost"] += 1
        if count["lost"] % 2:
            route.fetch()
        route.abort()

    page.route(re.compile("/till/(find|redeem)$"), lose)
    for household in households:
        by_card(page, household)
        take_salt(page, household)
    assert count["lost"] == count["sent"] // 5 == 3
    db.session.rollback()
    booked = db.session.execute(sa.select(Order.household_id, Order.home_points).order_by(Order.id)).all()
    assert booked == [(household.id, PRICE) for household in households]
    assert [ledger.balance(household.id).home for household in households] == [50 - PRICE] * 8
    forgive(live, "net::ERR_FAILED", "Failed to fetch")
