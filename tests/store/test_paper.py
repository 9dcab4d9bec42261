"""Slips for days without power: each number once, at that day's prices; what the purse lacks is owed, and paid first."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import unchanged
from tests.store.conftest import make_shop
from virtue import clock
from virtue.core import keys, settings
from virtue.core.invariants import Run
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.ledger.models import ClosedMonth, Transfer
from virtue.office import verify
from virtue.passbook import history_queries
from virtue.store import (
    close_queries,
    close_services,
    errors,
    order_queries,
    paper_queries,
    paper_services,
    return_services,
)
from virtue.store import paper_errors as refusals
from virtue.store.close_services import Counted
from virtue.store.models import Order, Price
from virtue.store.paper_models import PaperSlip
from virtue.store.paper_services import Written
from virtue.transactions import atomic


@pytest.fixture
def shop(app, mid_month):
    return make_shop()


@pytest.fixture
def slips(shop):
    """Four slips printed on the shop's first day, and three days gone since: the second one without power."""
    start = clock.now()
    paper_services.print_slips(shop.village.id, 1, key=keys.new(), by=shop.keeper.id)
    with clock.set_to(start + timedelta(days=3)):
        yield SimpleNamespace(
            numbers=[paper_queries.printed_number(one) for one in paper_queries.slips_between(shop.village.id, 1, 4)],
            dark=clock.today() - timedelta(days=2), today=clock.today(),
        )  # fmt: skip


def enter(shop, slips, *taken, number=0, day=None, household=None, key=None, by=None):
    number = slips.numbers[number] if isinstance(number, int) else number
    written = Written(
        number, (household or shop.household).id, day or slips.dark, taken or ((shop.soap.id, 1, "home"),)
    )
    return paper_services.enter(shop.village.id, shop.store.id, written, key=key or keys.new(), by=by or shop.keeper.id)


def sound() -> list[str]:
    laws = [law for law in verify.INVARIANTS if law.name.startswith(("store.", "ledger."))]
    return [law.name for law in laws if list(law.rows(Run()))]


def test_a_slip_is_an_order_at_that_days_prices_counted_on_the_day_of_typing(shop, slips):
    db.session.add(Price(item_id=shop.soap.id, unit="home", points=25, from_on=slips.today, set_at=clock.now()))
    db.session.commit()
    result = enter(shop, slips).result
    assert (result["points"], result["owed"], result["balance"]) == ({"home": 22}, {}, {"home": 106})
    order = db.session.get(Order, result["order_id"])
    assert (clock.day_of(order.drawn_at), order.home_points, order.card_id) == (slips.today, 22, None)
    slip = db.session.get(PaperSlip, result["slip_id"])
    assert (slip.state, slip.day, slip.order_id, slip.household_id) == (
        "entered", slips.dark, order.id, shop.household.id,
    )  # fmt: skip
    assert shop.left(shop.soap) == 9
    assert order_queries.orders_by_ids([order.id])[order.id].on_paper == slips.dark
    assert sound() == []


def test_what_the_purse_lacks_is_owed_told_and_paid_first_by_the_next_award(shop, slips):
    poor = factories.HouseholdFactory(grid=shop.grid, head_name="赵小六")
    factories.give(poor, home=5)
    result = enter(shop, slips, household=poor).result
    assert (result["owed"], result["balance"]) == ({"home": 17}, {"home": 0})
    balance = ledger.balance(poor.id)
    assert (balance.home, balance.home_owed) == (0, 17)
    moved = db.session.execute(sa.select(Transfer.points, Transfer.balance_after).order_by(Transfer.id.desc()).limit(2))
    assert [tuple(row) for row in moved] == [(17, -17), (5, 0)]
    line = history_queries.history(poor, [clock.month_of(clock.today())])[0]
    assert line.title == "兑换 洗衣液 2kg 1 件"
    assert line.parts[1:3] == (
        f"{slips.dark.month}月{slips.dark.day}日停电断网时凭纸条领的，后来补录", "积分不够，欠 17 分，以后得的先补",
    )  # fmt: skip
    factories.give(poor, home=20)
    balance = ledger.balance(poor.id)
    assert (balance.home, balance.home_owed) == (3, 0)
    assert sound() == []


def test_goods_that_come_back_pay_what_is_still_owed_first(shop, slips):
    poor = factories.HouseholdFactory(grid=shop.grid)
    factories.give(poor, home=5)
    order_id = enter(shop, slips, household=poor).result["order_id"]
    return_services.give_back(shop.village.id, order_id, key=keys.new(), by=shop.keeper.id)
    balance = ledger.balance(poor.id)
    assert (balance.home, balance.home_owed, shop.left(shop.soap)) == (5, 0, 10)
    assert sound() == []


def test_a_number_counts_once_whatever_stands_beside_it(app, shop, slips):
    key = keys.new()
    first = enter(shop, slips, key=key)
    again = enter(shop, slips, key=key)
    assert (again.is_repeat, again.result) == (True, first.result)
    with unchanged(app), pytest.raises(refusals.SlipAlreadyEntered) as same:
        enter(shop, slips)
    assert same.value.params["order"] == first.result["order_id"]
    assert same.value.params["number"] == slips.numbers[0]
    assert same.value.status == 409
    with unchanged(app), pytest.raises(refusals.SlipAlreadyEntered):
        enter(shop, slips, (shop.salt.id, 2, "civility"))
    void = paper_queries.slips_between(shop.village.id, 2, 2)[0].id
    paper_services.void(shop.village.id, void, why="湿了", key=keys.new(), by=shop.keeper.id)
    with unchanged(app), pytest.raises(refusals.SlipIsVoid):
        enter(shop, slips, number=1)


def test_numbers_that_were_never_printed_here_are_unknown(app, shop, slips):
    other = factories.VillageFactory()
    keeper = factories.keeper(other)
    paper_services.print_slips(other.id, 1, key=keys.new(), by=keeper.id)
    foreign = paper_queries.printed_number(paper_queries.slips_between(other.id, 1, 1)[0])
    never = paper_queries.printed_number(SimpleNamespace(village_id=shop.village.id, number=5))
    misread = slips.numbers[0][:-1] + str((int(slips.numbers[0][-1]) + 1) % 10)
    for number in (foreign, never, misread, "", "x", "7"):
        with unchanged(app), pytest.raises(refusals.UnknownSlip):
            enter(shop, slips, number=number)
    full_width = slips.numbers[0].translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789"})
    assert paper_queries.read_number(shop.village.id, full_width) == 1


def test_days_that_cannot_be_are_refused_and_a_closed_one_counts_later(app, shop, slips):
    day = timedelta(days=1)
    with unchanged(app), pytest.raises(refusals.SlipDayWrong):
        enter(shop, slips, day=slips.today + day)
    with unchanged(app), pytest.raises(refusals.SlipDayWrong):
        enter(shop, slips, day=slips.today - 32 * day)
    with unchanged(app), pytest.raises(refusals.SlipDayBeforePrinting):
        enter(shop, slips, day=slips.dark - 2 * day)
    shop.redeem(shop.piece(shop.salt))
    closed = close_services.close_day(
        shop.village.id, shop.store.id, slips.today, Counted(0), key=keys.new(), by=shop.keeper.id
    ).result["close_id"]
    order_id = enter(shop, slips).result["order_id"]
    assert (
        paper_queries.in_span(shop.store.id, close_queries.span_of(close_queries.find_close(shop.village.id, closed)))
        == []
    )
    (row,) = paper_queries.in_span(shop.store.id, close_queries.open_span(shop.store.id, slips.today + day))
    assert (row.order_id, row.day, row.home_points) == (order_id, slips.dark, 22)
    assert [one.orders for one in close_queries.open_days(shop.store.id)] == [1]
    first, second = factories.staff_of(shop.village, "village_admin"), factories.staff_of(shop.village, "supervisor")
    db.session.add(
        ClosedMonth(
            village_id=shop.village.id,
            month=clock.month_of(slips.dark),
            first_by_id=first.id,
            first_at=clock.now(),
            second_by_id=second.id,
            second_at=clock.now(),
        )
    )
    db.session.commit()
    with unchanged(app), pytest.raises(refusals.SlipMonthClosed):
        enter(shop, slips, number=1)


def test_a_household_takes_so_much_a_day_and_the_store_never_less_than_nothing(app, shop, slips):
    enter(shop, slips)
    with unchanged(app), pytest.raises(refusals.SlipLimitReached) as over:
        enter(shop, slips, (shop.salt.id, 3, "home"), number=1)
    assert over.value.params == {"most": 30, "used": 22, "points": 9, "unit": "home"}
    enter(shop, slips, (shop.salt.id, 2, "home"), (shop.salt.id, 1, "civility"), number=1)
    enter(shop, slips, day=slips.today, number=2)
    with atomic():
        settings.change("paper_points_per_day", 1000, shop.village.id)
    with unchanged(app), pytest.raises(refusals.SlipNotInStock) as short:
        enter(shop, slips, (shop.soap.id, 9, "civility"), number=3)
    assert str(short.value).startswith("账上洗衣液 2kg只有8瓶，纸条上给出了9瓶。先盘点")
    new = factories.stocked(shop.village, 3, by=shop.keeper, home=4)
    with unchanged(app), pytest.raises(errors.NotPayable):
        enter(shop, slips, (new.id, 1, "civility"), number=3)
    assert sound() == []


def test_the_page_asks_for_the_name_and_keeps_what_was_typed(page, shop, slips):
    shown = page.sign_in(shop.keeper)("/store/paper")
    wrong = page.submit(shown.select_one("#enter-paper"), 422, number="9-9", day=slips.dark, who="3-0147",
                        **{"item-1": shop.soap.id, "quantity-1": "1"})  # fmt: skip
    assert "本村没有印过这个编号的纸条" in wrong.words("#number-error")
    assert wrong.select_one("[name=quantity-1]")["value"] == "1"
    asked = page.submit(wrong.select_one("#enter-paper"), 200, number=slips.numbers[0])
    assert "是王*智家、尾号0147吗？" in asked.text
    assert shop.left(shop.soap) == 10
    done = page.submit(asked.select_one("form[action='/store/paper/enter']"), 303)
    assert done.location == "/store/paper"
    listed = page("/store/paper")
    assert listed.words("#messages").endswith("22 家美积分。")
    assert listed.rows("#slips")[-1][1:4] == ["已录入", f"{slips.dark.month}月{slips.dark.day}日", "王*智家 尾号 0147"]
    assert "补录" in page("/store/orders").words("tbody")
    assert "其中补录的纸条" in page("/store/day/open").words("#papers")
    paper = page("/store/paper/print/1/4")
    assert [slip for slip in slips.numbers if slip in paper.response.text] == slips.numbers[1:]


def test_slips_are_numbered_from_the_page_and_voided(page, shop, slips):
    page.sign_in(shop.keeper)
    printed = page.submit(page("/store/paper").select_one("#new-paper form"), 303, sheets="2")
    assert printed.location == "/store/paper/print/5/12"
    assert len(page(printed.location).select(".hand-slip")) == 8
    page.submit(page("/store/paper").select_one("#slips form"), 303, why="打坏了")
    assert page("/store/paper").rows("#slips")[0][1] == "作废"
