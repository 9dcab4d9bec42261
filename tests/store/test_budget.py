"""The budget guard: points in hands against goods and money, the forecast, the warning, money signed by two."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.core import keys, settings
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger.errors import SecondPersonNeeded
from virtue.ledger.queries import MonthSums
from virtue.store import budget_queries, budget_services, budget_words
from virtue.store.budget_models import FundMoney
from virtue.store.budget_queries import Budget
from virtue.store.budget_services import BadFundMoney, MoneySigned
from virtue.store.errors import ReasonMissing
from virtue.store.models import Batch
from virtue.transactions import atomic


@pytest.fixture
def admin(shop):
    return factories.village_admin(shop.village, name="文书小王")


@pytest.fixture
def watcher(shop):
    return factories.supervisor(shop.village, name="监委老李")


def enter(shop, fen, by, source="granted", words="", day=None, key=None):
    return budget_services.enter_money(
        shop.village.id, fen, source, day or clock.today(), words, key=key or keys.new(), by=by.id
    ).result


def sign(shop, money, by):
    return budget_services.sign_money(shop.village.id, money["money_id"], key=keys.new(), by=by.id)


def made(*, hands=100, stock=20_000, months=((10, 5),) * 4, fund=0):
    sums = tuple(MonthSums(202601 + number, *pair) for number, pair in enumerate(months))
    return Budget(hands, 0, 100, stock, fund, 0, sums)


# ---- the figures ---------------------------------------------------------------------------------------------------


def test_hands_stock_and_money(shop, admin):
    cost = db.session.scalar(select(func.sum(Batch.quantity * Batch.cost_fen)).where(Batch.store_id == shop.store.id))
    enter(shop, 50_000, admin)
    found = budget_queries.budget_of(shop.village.id)
    assert (found.home, found.civility, found.value_fen) == (128, 40, 100)
    assert (found.need_fen, found.stock_fen, found.fund_fen) == (16_800, cost, 50_000)
    assert found.gap_fen == cost + 50_000 - 16_800


def test_expired_goods_carry_nothing(shop):
    with atomic():
        for batch in db.session.scalars(select(Batch).where(Batch.store_id == shop.store.id)):
            batch.best_before = clock.today() - timedelta(days=1)
    assert budget_queries.budget_of(shop.village.id).stock_fen == 0


def test_another_villages_points_and_money_stay_there(shop):
    neighbour = factories.VillageFactory()
    factories.give(factories.HouseholdFactory(grid__village=neighbour), home=999)
    found = budget_queries.budget_of(neighbour.id)
    assert (found.home, found.stock_fen, found.fund_fen) == (999, 0, 0)
    assert budget_queries.budget_of(shop.village.id).home == 128


def test_the_value_of_a_point_is_the_villages(shop):
    with atomic():
        settings.change("point_value_fen", 50, shop.village.id)
    assert budget_queries.budget_of(shop.village.id).need_fen == 8_400


def test_last_months_are_counted_and_this_one_is_not(shop):
    later = clock.start_of(clock.first_day(clock.next_month(clock.month_of(clock.today()))))
    with clock.set_to(later):
        (month,) = budget_queries.budget_of(shop.village.id).months
    assert (month.awarded, month.redeemed) == (168, 0)
    assert budget_queries.budget_of(shop.village.id).months == ()


@pytest.mark.parametrize(
    ("budget", "more", "left", "level"),
    [
        (made(), 0, 10.0, "good"), (made(stock=12_500), 0, 2.5, "warn"), (made(stock=9_999), 0, 0.0, "bad"),
        (made(stock=10_000), 0, 0.0, "warn"), (made(), 80, 2.0, "warn"), (made(), 101, 0.0, "bad"),
        (made(months=((10, 5),) * 2), 0, None, "good"), (made(months=((0, 5),) * 4), 0, None, "good"),
        (made(hands=0, stock=0, months=()), 0, None, "good"),
    ],
    ids=["enough", "soon", "over", "just", "a round", "too many", "short history", "nothing awarded", "nothing at all"],
)  # fmt: skip
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_months_left_and_level(app, budget, more, left, level):
    assert (budget.months_left(more), budget.level(more)) == (left, level)
    assert bool(budget_words.warning(budget, more)) is (level != "good")


def test_the_forecast_of_three_months():
    assert made(hands=100, stock=20_000, months=((30, 10),) * 3).forecast(202611) == [
        (202612, 120, 19_000, 7_000), (202701, 140, 18_000, 4_000), (202702, 160, 17_000, 1_000),
    ]  # fmt: skip


# ---- money ---------------------------------------------------------------------------------------------------------


def test_a_large_sum_counts_after_the_second_signature(app, shop, admin, watcher):
    money = enter(shop, 100_000, admin)
    assert money["needs_second"]
    assert budget_queries.budget_of(shop.village.id).fund_fen == 0
    with unchanged(app), pytest.raises(SecondPersonNeeded):
        sign(shop, money, admin)
    sign(shop, money, watcher)
    assert budget_queries.budget_of(shop.village.id).fund_fen == 100_000
    other = factories.supervisor(shop.village)
    with unchanged(app), pytest.raises(MoneySigned):
        sign(shop, money, other)


def test_what_is_spent_goes_out_and_a_correction_says_its_sign(shop, admin):
    enter(shop, 99_999, admin)
    enter(shop, 30_000, admin, "spent", "进货单12号")
    enter(shop, -9_999, admin, "corrected", "记重了")
    assert budget_queries.budget_of(shop.village.id).fund_fen == 60_000


def test_money_that_cannot_be_is_refused(app, shop, admin):
    for fen, source, day in (
        (0, "granted", None), (-5, "granted", None), (5, "found", None), (budget_services.MOST_FEN + 1, "granted", None),
        (5, "granted", clock.today() + timedelta(days=1)),
    ):  # fmt: skip
        with unchanged(app), pytest.raises(BadFundMoney):
            enter(shop, fen, admin, source, day=day)
    for source in ("spent", "corrected"):
        with unchanged(app), pytest.raises(ReasonMissing):
            enter(shop, 5, admin, source, " ")


def test_small_or_foreign_money_is_not_signed(app, shop, admin, watcher):
    money = enter(shop, 99_999, admin)
    with unchanged(app), pytest.raises(NotFoundHere):
        sign(shop, money, watcher)
    large = enter(shop, 100_000, admin)
    neighbour = factories.VillageFactory()
    factories.give(factories.HouseholdFactory(grid__village=neighbour), home=1)
    with unchanged(app), pytest.raises(NotFoundHere):
        budget_services.sign_money(neighbour.id, large["money_id"], key=keys.new(), by=watcher.id)


def test_the_same_sending_twice_is_one(shop, admin):
    key = keys.new()
    assert enter(shop, 500, admin, key=key) == enter(shop, 500, admin, key=key)
    assert db.session.query(FundMoney).count() == 1


# ---- pages ---------------------------------------------------------------------------------------------------------


def test_enter_and_sign_by_page(page, visitor, shop, admin, watcher):
    clerk = page.sign_in(admin)
    clerk.submit(clerk("/store/budget").select_one("#enter-money"), 303, amount="2000", words="镇财〔2026〕8号")
    assert "等第二人签字" in clerk("/store/budget").words("#money")
    assert clerk("/store/budget").select("#money form[action$=sign]") == []
    second = visitor().sign_in(watcher)
    second.submit(second("/store/budget").select_one("#money form[action$=sign]"), 303)
    shown = second("/store/budget")
    assert "第二人：监委老李" in shown.words("#money")
    assert "买货的钱 ¥2,000.00" in shown.words(".tallies")
    assert "记账还不到 3 个整月" in shown.words()


def test_a_wrong_amount_comes_back_as_typed(app, page, shop, admin):
    clerk = page.sign_in(admin)
    with unchanged(app):
        back = clerk.submit(clerk("/store/budget").select_one("#enter-money"), 422, amount="两千", words="捐")
    assert back.select_one("[name=amount]")["value"] == "两千"
    assert "请填金额" in back.words(".form-error")


def empty_shelf(shop):
    with atomic():
        settings.change("point_value_fen", 10_000, shop.village.id)


def test_the_desk_and_those_who_award_are_warned(page, visitor, shop, admin):
    clerk, member = page.sign_in(admin), visitor().sign_in(factories.committee(shop.village))
    assert "货和钱快不够换积分了" not in clerk("/desk").words()
    empty_shelf(shop)
    assert "货和钱快不够换积分了" in clerk("/desk").words()
    assert "货和钱不够了" in member("/award/events").words("#new-event")
    assert "货和钱不够了" in clerk("/store/budget").words()


def test_it_prints_and_costs_the_same_whatever_the_history(app, page, shop, admin):
    clerk = page.sign_in(admin)
    assert "怎么算的" in clerk("/store/budget/print").words(".sheet")
    clerk("/store/budget")
    with count_queries(app) as few:
        clerk("/store/budget")
    for number in range(1, 12):
        enter(shop, number * 100, admin)
        factories.give(factories.HouseholdFactory(grid=shop.grid), home=number)
    with count_queries(app) as many:
        clerk("/store/budget")
    assert len(many) <= len(few) + 2  # who entered it, and what was written


def test_who_may_not(page, visitor, shop):
    keeper = page.sign_in(shop.keeper)
    keeper("/store/budget")
    keeper.post("/store/budget/money", {"key": keys.new()}, 403)
    keeper.post("/store/budget/money/1/sign", {"key": keys.new()}, 403)
    visitor().sign_in(factories.reviewer(shop.village))("/store/budget", 403)
