"""The daily close: what it covers by id, what was counted, who signs, and that nothing falls between."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import count_queries, unchanged
from tests.store.conftest import make_shop
from virtue import clock
from virtue.core import keys
from virtue.core.invariants import Run
from virtue.extensions import db
from virtue.office.verify import INVARIANTS
from virtue.store import close_queries, close_services, services
from virtue.store.close_errors import (
    CashUnexplained,
    CloserSigns,
    CloseSigned,
    DayAlreadyClosed,
    DayNotCome,
    GoodsUnexplained,
    NothingToClose,
)
from virtue.store.close_models import StoreClose
from virtue.store.close_services import Counted

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
LAWS = {law.name: law for law in INVARIANTS if law.name.startswith("store.close")}
FIGURES = ("orders", "pieces", "home_points", "civility_points", "returns", "returned_home", "returned_civility")


@pytest.fixture
def march():
    """Noon of 10 March; ``march(days, hours)`` sets the clock later."""
    with clock.set_to(NOON):
        yield lambda days=0, hours=0: clock.set_to(NOON + timedelta(days=days, hours=hours))


@pytest.fixture
def shop(app, march):
    return make_shop()


def close(shop, counted=None, *, by=None, **options):
    options = {"key": keys.new(), "day": clock.today(), **options}
    day = options.pop("day")
    outcome = close_services.close_day(
        shop.village.id, shop.store.id, day, counted or Counted(0), by=(by or shop.keeper).id, **options
    )
    return db.session.get(StoreClose, outcome.result["close_id"])


def sign(shop, one, by, key=None):
    return close_services.sign_close(shop.village.id, one.id, key=key or keys.new(), by=by.id)


def give_back(shop, order_id, by=None, why="拿错了"):
    services.give_back(shop.village.id, order_id, key=keys.new(), by=(by or shop.keeper).id, why=why)


def sell(shop, item=None, quantity=1, unit="home"):
    return shop.redeem(shop.piece(item or shop.salt, quantity, unit)).result["order_id"]


def figures(one):
    return tuple(getattr(one, name) for name in FIGURES)


def broken():
    """The laws of closes that something breaks."""
    return [name for name, law in LAWS.items() if [str(law.fault) % dict(row) for row in law.rows(Run())]]


def test_a_close_has_the_days_sums_with_returns_beside(shop, march):
    sell(shop, quantity=2)
    shop.redeem(shop.piece(shop.soap), shop.piece(shop.salt, 3, "civility"))
    give_back(shop, sell(shop, shop.soap))
    one = close(shop)
    assert figures(one) == (3, 7, 50, 15, 1, 22, 0)
    assert (one.day, one.first_day, one.cash_fen, one.counted_fen) == (clock.today(), clock.today(), 0, 0)
    assert broken() == []


def test_what_comes_after_the_close_falls_to_the_next_days(shop, march):
    first_order = sell(shop)
    first = close(shop)
    late = sell(shop, quantity=2)
    with march(hours=1):
        give_back(shop, first_order, by=factories.village_admin(shop.village))
    with march(days=1):
        sell(shop, quantity=3)
        assert [(one.day, one.orders, one.returns) for one in close_queries.open_days(shop.store.id)] == [
            (clock.today(), 2, 1)
        ]
        second = close(shop)
    assert figures(first)[:3] == (1, 1, 3)
    assert figures(second) == (2, 5, 15, 0, 1, 3, 0)
    assert first.last_order_id == second.after_order_id < late <= second.last_order_id
    assert second.first_day == first.day
    assert broken() == []


def test_what_came_in_while_the_keeper_counted_is_not_closed_unseen(shop, march):
    seen = sell(shop)
    shown = close_queries.open_span(shop.store.id, clock.today())
    sell(shop, shop.soap)
    one = close(shop, up_to=(shown.last_order, shown.last_return))
    assert (one.last_order_id, one.orders, one.home_points) == (seen, 1, 3)
    with march(days=1):
        assert figures(close(shop))[:3] == (1, 1, 22)
    assert broken() == []


def test_forgotten_days_are_closed_together_and_it_says_so(shop, march):
    sell(shop)
    with march(days=2):
        sell(shop)
        days = close_queries.open_days(shop.store.id)
        assert [one.day.day for one in days] == [12, 10]
        one = close(shop)
    assert (one.orders, one.first_day.day, one.day.day) == (2, 10, 12)


def test_yesterday_is_closed_without_what_was_drawn_today(shop, march):
    sell(shop)
    yesterday = clock.today()
    with march(days=1):
        sell(shop, shop.soap)
        one = close(shop, day=yesterday)
        assert (one.orders, one.home_points) == (1, 3)
        assert (close(shop).home_points, broken()) == (22, [])


def test_a_closed_day_is_not_closed_again_nor_one_before_it(app, shop, march):
    sell(shop)
    close(shop)
    sell(shop)
    for day in (clock.today(), clock.today() - timedelta(days=1)):
        with unchanged(app), pytest.raises(DayAlreadyClosed):
            close(shop, day=day)
    with unchanged(app), pytest.raises(DayNotCome):
        close(shop, day=clock.today() + timedelta(days=1))


def test_a_day_without_anything_is_not_closed(app, shop, march):
    with unchanged(app), pytest.raises(NothingToClose):
        close(shop)


def test_a_difference_must_be_explained(app, shop, march):
    sell(shop)
    with unchanged(app), pytest.raises(CashUnexplained, match=r"应有¥0.00，点出¥1.50"):
        close(shop, Counted(150))
    with unchanged(app), pytest.raises(GoodsUnexplained, match="食用盐 400g应有99件，点出98件"):
        close(shop, Counted(0, {shop.salt.id: 98, shop.soap.id: 10}))
    one = close(shop, Counted(150, {shop.salt.id: 98, shop.soap.id: 10}, "找零放错了，盐破了一袋"))
    assert (one.cash_fen, one.counted_fen) == (0, 150)
    assert [tuple(row)[2:] for row in close_queries.counts_of(one.id)] == [(10, 10), (99, 98)]


def test_the_same_key_closes_once(shop, march):
    sell(shop)
    key = keys.new()
    one = close(shop, key=key)
    assert close(shop, key=key).id == one.id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StoreClose)) == 1


def test_the_second_person_signs_once_and_is_never_the_first(app, shop, march):
    sell(shop)
    one = close(shop)
    with unchanged(app), pytest.raises(CloserSigns):
        sign(shop, one, shop.keeper)
    second = factories.keeper(shop.village)
    sign(shop, one, second)
    db.session.refresh(one)
    assert one.signed_by_id == second.id
    third = factories.supervisor(shop.village)
    with unchanged(app), pytest.raises(CloseSigned):
        sign(shop, one, third)


@pytest.mark.parametrize(
    ("plant", "law"),
    [
        ("DELETE FROM store_close WHERE id = {second}", "store.close"),
        ("UPDATE store_close SET after_order_id = 0 WHERE id = {second}", "store.close"),
        ("UPDATE store_close SET last_return_id = after_return_id WHERE id = {second}", "store.close"),
        ("UPDATE store_close SET last_order_id = last_order_id - 1 WHERE id = {third}", "store.close_sums"),
        ("UPDATE store_close SET returned_home = 0 WHERE id = {second}", "store.close_sums"),
        ("UPDATE store_close SET pieces = pieces + 1 WHERE id = {first}", "store.close_sums"),
        ("UPDATE store_order SET store_id = {other} WHERE id = {order}", "store.close_sums"),
    ],
    ids=["lost", "twice", "return-lost", "order-lost", "return-hidden", "figure", "moved"],
)
def test_a_planted_violation_is_found(shop, march, plant, law):
    ids = {
        "order": sell(shop),
        "first": close(shop).id,
        "other": factories.StoreFactory(village_id=shop.village.id, name="二号店").id,
    }
    with march(days=1):
        give_back(shop, sell(shop), by=shop.keeper)
        sell(shop)
        ids["second"] = close(shop).id
    with march(days=2):
        sell(shop)
        sell(shop)
        ids["third"] = close(shop).id
    assert broken() == []
    db.session.execute(sa.text(plant.format(**ids)))
    assert law in broken()


def test_two_stores_close_apart(shop, march):
    """Ids of one store lie between those of another."""
    neighbour = factories.StoreFactory(village_id=shop.village.id, name="二号店")
    mine = sell(shop)
    db.session.execute(sa.text(f"UPDATE store_order SET store_id = {neighbour.id} WHERE id = {sell(shop, shop.soap)}"))
    db.session.commit()
    sell(shop)
    one = close(shop)
    two = close_services.close_day(
        shop.village.id, neighbour.id, clock.today(), Counted(0), key=keys.new(), by=shop.keeper.id
    ).result["close_id"]
    assert (one.after_order_id, one.orders, one.home_points) == (0, 2, 6)
    assert db.session.get(StoreClose, two).home_points == 22
    assert mine < one.last_order_id
    assert broken() == []


# ---- pages


def test_the_keeper_counts_closes_and_another_signs_on_pages(page, visitor, shop, march):
    sell(shop, quantity=2)
    page.sign_in(shop.keeper)
    listed = page("/store/day")
    assert listed.words("#waiting li small").startswith("兑换单 1 张 2 件，家美积分 6")
    opened = page(listed.select_one("#waiting a")["href"])
    assert opened.rows("#by-item") == [["食用盐 400g", "2 袋", "6", "0", "0 袋"]]
    assert opened.rows("#by-keeper") == [["何管理员", "1", "2", "6", "0", "¥0.00", "0", "0", "0"]]
    form = opened.select_one("main form")
    back = page.submit(form, 422, cash="x", why="风吹走了")
    assert "要填金额" in back.words(".field-error")
    assert back.select_one("textarea").get_text() == "风吹走了"
    back = page.submit(back.select_one("main form"), 422, cash="1.5", why="")
    assert "应有¥0.00，点出¥1.50" in back.words(".form-error")
    assert back.select_one("#cash")["value"] == "1.5"
    done = page.submit(back.select_one("main form"), 303, cash="0")
    closed = page(done.location)
    assert "等第二人签字" in closed.words("#counted")
    assert closed.select("form[action$='/sign']") == []
    boss = visitor().sign_in(factories.supervisor(shop.village, name="孙监督"))
    boss.submit(boss(done.location).select_one("form[action$='/sign']"), 303)
    assert "孙监督" in boss(done.location).words("#counted")
    assert page("/store/day").rows("#closes")[0][-2:] == ["何管理员", "孙监督"]
    paper = page(f"{done.location}/print")
    assert "第二人签字" in paper.words(".signatures")
    assert "没有要日结的" in page("/store/day/open").words(".empty")


def test_who_may_do_what_on_these_pages(app, page, visitor, shop, march):
    sell(shop)
    one = close(shop)
    page.sign_in(factories.supervisor(shop.village))
    sell(shop)
    assert page("/store/day/open").select("main form") == []
    with unchanged(app):
        page.post("/store/day/close", {"day": "2026-03-10", "cash": "0", "key": keys.new()}, 403)
    stranger = visitor().sign_in(factories.keeper(factories.VillageFactory()))
    stranger(f"/store/day/{one.id}", 404)
    stranger(f"/store/day/{one.id}/print", 404)
    with unchanged(app):
        stranger.post(f"/store/day/{one.id}/sign", {"key": keys.new()}, 404)
    assert "还没有要日结的" in stranger("/store/day").words(".empty")


def test_signing_a_day_twice_or_ones_own_says_why(app, page, shop, march):
    sell(shop)
    one = close(shop)
    page.sign_in(shop.keeper)
    page(f"/store/day/{one.id}")
    with unchanged(app):
        own = page.post(f"/store/day/{one.id}/sign", {"key": keys.new()}, 422)
    assert "要由另一个人签字" in own.words(".form-error")


def test_a_list_of_days_costs_the_same_for_1_and_30(app, page, shop, march):
    sell(shop)
    close(shop)
    page.sign_in(shop.keeper)
    page("/store/day")
    with count_queries(app) as few:
        page("/store/day")
    for days in range(1, 31):
        with march(days=days):
            sell(shop)
            close(shop)
    with count_queries(app) as many:
        page("/store/day")
    assert len(many) == len(few)


def test_the_desk_says_when_yesterday_is_not_closed_and_who_must_sign(page, visitor, shop, march):
    sell(shop)
    page.sign_in(shop.keeper)
    assert page("/desk").select("#tasks .hot") == []
    with march(days=1):
        page.sign_in(shop.keeper)
        assert "该日结了" in page("/desk").words("#tasks .hot")
        one = close(shop)
        assert page("/desk").select("#tasks .hot") == []
    second = visitor().sign_in(factories.supervisor(shop.village))
    assert "日结等您签字" in second("/desk").words("#tasks")
    sign(shop, one, factories.village_admin(shop.village))
    assert "日结等您签字" not in second("/desk").words("main")
