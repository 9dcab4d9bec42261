"""A village's fortnight through the real services: every kind of deed, a sale, a return, a reversal, a deduction."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests import factories
from virtue import clock
from virtue.awarding import deductions, events, queries, rulebooks, services, settling
from virtue.awarding.services import Proposal
from virtue.core import audit, keys
from virtue.dividends import deciding, paying, pots
from virtue.dividends import queries as dividends
from virtue.places.models import Village
from virtue.store import (
    budget_services,
    close_services,
    delivery_services,
    goods_services,
    paper_queries,
    paper_services,
    reservation_fetching,
    reservation_services,
    shop_services,
    stock_services,
    stocktake_booking_services,
    stocktake_queries,
    stocktake_services,
    transfer_services,
)
from virtue.store import queries as goods
from virtue.store import services as till
from virtue.store.close_services import Counted
from virtue.store.reservation_services import Wanted
from virtue.store.services import Piece
from virtue.transactions import atomic

RULES = Path(__file__).parents[2] / "virtue/demo/data/rules.csv"
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass
class Fortnight:
    """What came of it, by id."""

    village: Village
    other: Village
    households: list[int]
    staff: dict[str, int]
    deeds: dict[str, int]
    orders: dict[str, int]
    batch_id: int
    end: datetime


def _day(number: int, hour: int = 0):
    return clock.set_to(START + timedelta(days=number, hours=hour))


def live() -> Fortnight:
    """Live through it; all is committed."""
    with _day(0):
        other = factories.VillageFactory(name="邻村")
        village = factories.VillageFactory(name="富民新村")
        grid = factories.GridFactory(village=village, number=1)
        households = [factories.HouseholdFactory(grid=grid).id for _ in range(2)]
        staff = {name: factories.staff_of(village, name).id for name in factories.CAST}
        staff["second"] = factories.reviewer(village).id
        adoption = rulebooks.Adoption(START.date(), adopted_on=START.date(), present=80, in_favour=70, women_present=30)
        rulebooks.adopt_book(village.id, "细则", RULES.read_bytes(), "rules.csv", adoption, by=None)
        for household in _households(households):
            factories.card_of(household)
        keeper = _user(staff["keeper"])
        item = factories.stocked(village, 20, by=keeper, home=3, civility=4)
        factories.stocked(village, 5, by=keeper, home=2)
        with atomic():
            audit.record("test.note", village_id=village.id, by=staff["village_admin"], why="写一句话")
    it = Fortnight(village, other, households, staff, {}, {}, _batch(item.id), START + timedelta(days=16))
    with _day(0):
        _propose(it, "W01", "brave", 0)
        _propose(it, "J16", "care", 1)
        for judge in ("reviewer", "second"):
            services.approve(village.id, it.deeds["brave"], key=keys.new(), by=staff[judge])
        services.approve(village.id, it.deeds["care"], key=keys.new(), by=staff["reviewer"])
        settling.publish_notice(village.id, key=keys.new(), by=staff["village_admin"])
        _deduct(it)
    with _day(1):
        opened = events.open_event(village.id, "清渠", "三支渠", clock.today(), key=keys.new(), by=staff["committee"])
        for number, name in enumerate(("canal", "mistake")):
            _propose(it, "J05", name, number, way="event", event_id=opened.result["event_id"])
    with _day(5):
        for judge in ("reviewer", "second"):
            deductions.decide(village.id, it.deeds["rubbish"], key=keys.new(), by=staff[judge])
        settling.publish_notice(village.id, key=keys.new(), by=staff["village_admin"])
    with _day(6):
        settling.settle_due(village.id)
        settling.reverse(village.id, it.deeds["mistake"], why="扫错了卡", key=keys.new(), by=staff["supervisor"])
        _redeem(it, "kept", item.id, 1, "civility")
        _redeem(it, "returned", item.id, 1, "home", household=1)
    with _day(6, 1):
        till.give_back(village.id, it.orders["returned"], key=keys.new(), by=staff["village_admin"], why="破了")
        stock_services.write_off(
            village.id, it.batch_id, 2, reason="broken", why="受潮", key=keys.new(), by=staff["keeper"]
        )
        _fill(it, item.id)
    with _day(6, 2):
        closed = close_services.close_day(
            village.id, goods.find_store_id(village.id), clock.today(), Counted(100, why="找错了零钱"), key=keys.new(),
            by=staff["keeper"],
        )  # fmt: skip
        close_services.sign_close(village.id, closed.result["close_id"], key=keys.new(), by=staff["supervisor"])
    with _day(6, 3):
        _money(it)
    _put_aside_and_on_paper(it, item.id)
    _divide(it)
    with _day(12):
        settling.settle_due(village.id)
        _propose(it, "J14", "helpful", 0)
        services.reject(village.id, it.deeds["helpful"], why="说不清楚", key=keys.new(), by=staff["reviewer"])
    return it


def _divide(it: Fortnight) -> None:
    """Last year's dividend from its draft on the first day to a first payment on the twelfth."""
    village_id, clerk = it.village.id, it.staff["village_admin"]
    with _day(0, 3):
        pot = pots.village_pot(2025, "村集体分红", income_fen=1_000_000, percent=1500)
        pot_id = pots.draft(village_id, pot, key=keys.new(), by=clerk).result["pot_id"]
        pots.open_sheet(village_id, pot_id, key=keys.new(), by=clerk)
    with _day(11):
        vote = deciding.Vote(clock.today(), "representatives", 30, 25, 24, "村民代表会议通过")
        deciding.record_vote(village_id, pot_id, vote, key=keys.new(), by=clerk)
        deciding.check(village_id, pot_id, key=keys.new(), by=factories.UserFactory().id)
        deciding.sign(village_id, pot_id, key=keys.new(), by=it.staff["supervisor"])
        line = dividends.own_line(dividends.find_pot(village_id, pot_id), it.households[0])
        paying.pay(
            village_id,
            pot_id,
            line.id,
            how="signature",
            on=clock.today(),
            key=keys.new(),
            by=factories.UserFactory().id,
        )


def _money(it: Fortnight) -> None:
    """The township grants money for goods, signed by a second person."""
    village_id, staff = it.village.id, it.staff
    money = budget_services.enter_money(
        village_id, 200_000, "granted", clock.today(), "", key=keys.new(), by=staff["village_admin"]
    )
    budget_services.sign_money(village_id, money.result["money_id"], key=keys.new(), by=staff["supervisor"])


def _fill(it: Fortnight, item_id: int) -> None:
    """Goods come in, a part of them goes to a second store; the good has a second barcode; the stock is taken."""
    village_id, by = it.village.id, it.staff["keeper"]
    paper, lines = delivery_services.Paper("bought", "镇批发部"), [delivery_services.Line(item_id, 6, 400)]
    came = delivery_services.enter(village_id, goods.find_store_id(village_id), paper, lines, key=keys.new(), by=by)
    second = shop_services.add_store(village_id, "二组分店", by=by)
    transfer_services.give_to_store(village_id, came.result["batch_ids"][0], 2, second, key=keys.new(), by=by)
    goods_services.add_barcode(village_id, item_id, "6901234567892", by=by)
    _take_stock(it, item_id)


def _take_stock(it: Fortnight, item_id: int) -> None:
    """Two count the first store: a piece is missing."""
    village_id, both = it.village.id, (it.staff["keeper"], it.staff["village_admin"])
    store_id = goods.find_store_id(village_id)
    opened = stocktake_services.open_take(village_id, store_id, "", key=keys.new(), by=both[0])
    take_id = opened.result["stocktake_id"]
    numbers = {
        good.id: stocktake_queries.book(store_id, good.item_id, None)[0] - (good.item_id == item_id)
        for good in stocktake_queries.goods_of(take_id)
    }
    short = next(good.id for good in stocktake_queries.goods_of(take_id) if good.item_id == item_id)
    for by in both:
        stocktake_services.join(village_id, take_id, key=keys.new(), by=by)
        stocktake_services.count(village_id, take_id, numbers, key=keys.new(), by=by)
        stocktake_services.hand_in(village_id, take_id, key=keys.new(), by=by)
    stocktake_services.recount(village_id, take_id, short, numbers[short], key=keys.new(), by=both[0])
    stocktake_booking_services.propose(
        village_id, take_id, {short: "lost"}, why="货架后面找过", key=keys.new(), by=both[1]
    )  # fmt: skip


def _households(ids: list[int]) -> list[Any]:
    return [factories.db.session.get(factories.Household, number) for number in ids]


def _user(user_id: int) -> Any:
    return factories.db.session.get(factories.User, user_id)


def _batch(item_id: int) -> int:
    return factories.db.session.query(factories.Batch).filter_by(item_id=item_id).one().id


def _propose(it: Fortnight, code: str, name: str, household: int, **how: Any) -> None:
    rule = queries.find_rule_by_code(it.village.id, code)
    proposal = Proposal(it.households[household], rule.id, clock.today(), **how)
    outcome = services.propose(it.village.id, proposal, key=keys.new(), by=it.staff["committee"])
    it.deeds[name] = outcome.result["deed_id"]


def _deduct(it: Fortnight) -> None:
    rule = queries.find_rule_by_code(it.village.id, "D04")
    what = deductions.Lead(it.households[0], rule.id, clock.today(), "倒在渠边")
    noted = deductions.lead(it.village.id, what, key=keys.new(), by=it.staff["committee"])
    it.deeds["rubbish"] = noted.result["deed_id"]
    deductions.verify(it.village.id, it.deeds["rubbish"], key=keys.new(), by=it.staff["village_admin"])
    telling = deductions.Telling("in_person")
    deductions.tell(it.village.id, it.deeds["rubbish"], telling, key=keys.new(), by=it.staff["committee"])


def _reservations(it: Fortnight, item_id: int) -> None:
    """One is fetched by a helper, one waits, one is given up at the desk."""
    fetched, _open, given_up = (_reserve(it, item_id) for _ in range(3))
    village_id = it.village.id
    reservation_fetching.fetch(village_id, fetched, by_helper=True, key=keys.new(), by=it.staff["keeper"])
    why = "电话里说不要了"
    reservation_services.cancel(village_id, given_up, key=keys.new(), by=it.staff["village_admin"], why=why)


def _put_aside_and_on_paper(it: Fortnight, item_id: int) -> None:
    with _day(7):
        _reservations(it, item_id)
    with _day(7, 1):
        _on_paper(it, item_id)


def _on_paper(it: Fortnight, item_id: int) -> None:
    """The power was gone: the second household took more on a slip than it had."""
    village_id, store_id, by = it.village.id, goods.find_store_id(it.village.id), it.staff["keeper"]
    number = paper_services.print_slips(village_id, 1, key=keys.new(), by=by).result["first"]
    slip = paper_queries.slips_between(village_id, number, number)[0]
    written = paper_services.Written(
        paper_queries.printed_number(slip), it.households[1], clock.today(), ((item_id, 5, "home"),)
    )
    paper_services.enter(village_id, store_id, written, key=keys.new(), by=by)


def _reserve(it: Fortnight, item_id: int) -> int:
    good = goods.basket_goods(it.village.id, [item_id], clock.today())[item_id]
    wanted = Wanted((Piece(item_id, 1, "civility", good.civility_price_id),), "张小三")
    outcome = reservation_services.reserve(it.village.id, it.households[0], wanted, key=keys.new(), by=None)
    return outcome.result["reservation_id"]


def _redeem(it: Fortnight, name: str, item_id: int, pieces: int, unit: str, household: int = 0) -> None:
    store = goods.find_store(it.village.id)
    good = next(row for row in goods.goods_for_till(store, clock.today()) if row.id == item_id)
    basket = [Piece(item_id, pieces, unit, getattr(good, f"{unit}_price_id"))]
    outcome = till.redeem(
        it.village.id, store.id, it.households[household], basket, key=keys.new(), by=it.staff["keeper"]
    )
    it.orders[name] = outcome.result["order_id"]
