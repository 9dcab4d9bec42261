"""Market mornings: households come with their cards and take what their points allow; the shelf is filled in time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.ledger import queries as ledger
from virtue.store import budget_services, opening_services, public_queries, public_services
from virtue.store import close_services as closes
from virtue.store import delivery_services as deliveries
from virtue.store import queries as store
from virtue.store import services as till
from virtue.store.close_services import Counted
from virtue.store.opening_queries import Hours
from virtue.store.public_services import Money
from virtue.store.services import Piece

if TYPE_CHECKING:
    from virtue.demo.history import Village

CUSTOMERS = (48, 78)
RETURNED = 0.004
REFILL = 80
SUPPLIER = "黄花滩镇批发部"
UNCLOSED, UNSIGNED = 4, 8
"""Market days of the last days that are not closed, and not signed."""
MISCOUNTED = 0.03
SHEET_DAY = 12
"""Of a quarter's first month: the sheet of the quarter before is made public."""
KEEP = 20
"""Below this many pieces a good is bought again."""


def fit_out(village: "Village", today: date) -> None:
    """Opening hours on the market mornings, the next two fairs, and the money that was given for goods."""
    by, key = village.people["guanli"], keys.new
    hours = (Hours(9 * 60, 12 * 60), Hours(14 * 60 + 30, 17 * 60))
    opening_services.set_weekdays(village.id, village.store_id, {1: hours, 4: hours[:1]}, key=key(), by=by)
    fairs = [today + timedelta(days=number) for number in (4, 9)]
    opening_services.add_days(village.id, village.store_id, fairs, hours[:1], key=key(), by=by)
    clerk, second = village.people["wenshu"], village.people["jianwei"]
    for fen, source, words, days in (
        (2_000_000, "granted", "镇里拨的积分超市补助", 200), (600_000, "collective", "村集体收入", 90),
        (80_000, "donated", "爱心企业", 20),
    ):  # fmt: skip
        money = budget_services.enter_money(
            village.id, fen, source, today - timedelta(days=days), words, key=key(), by=clerk
        )
        if money.result["needs_second"] and source == "granted":
            budget_services.sign_money(village.id, money.result["money_id"], key=key(), by=second)


def morning(village: "Village", day: date, at: Callable[..., AbstractContextManager[None]]) -> None:
    """One market day at the till."""
    with at(day, 8):
        goods = _filled(village, day)
    households = village.some(*CUSTOMERS)
    balances = ledger.balances(households)
    for number, household in enumerate(households):
        with at(day, 9 + number // 30, number % 30 * 2):
            basket = _basket(village, goods, balances[household])
            if basket:
                _serve(village, household, basket)


def evening(village: "Village", day: date, last: date, at: Callable[..., AbstractContextManager[None]]) -> None:
    """The box is counted and the day closed; the last one waits for the keeper, the one before it for a signature."""
    left = (last - day).days
    if left < UNCLOSED:
        return
    with at(day, 18):
        counted = Counted(0) if village.dice.random() > MISCOUNTED else Counted(0, why="点错了一次，重点对上了")
        closed = closes.close_day(
            village.id, village.store_id, day, counted, key=keys.new(), by=village.people["guanli"]
        ).result["close_id"]
    if left >= UNSIGNED:
        with at(day, 18, 30):
            closes.sign_close(village.id, closed, key=keys.new(), by=village.who("jianwei", "wenshu"))


def quarter_sheet(village: "Village", day: date, at: Callable[..., AbstractContextManager[None]]) -> None:
    """After a quarter the clerk draws up the store's public sheet, and a supervisor signs it."""
    with at(day, 15):
        quarter = public_queries.quarters_back(public_queries.quarter_of(day), 2)[1]
        money = Money(150_000, f"村集体账{quarter // 100}年第{quarter % 100 + 20}号凭证，村民代表会议同意")
        drawn = public_services.draft(village.id, quarter, money, key=keys.new(), by=village.people["wenshu"])
    with at(day, 17):
        (sheet,) = public_queries.versions(village.id, quarter)
        shown = public_queries.fingerprint(sheet, public_queries.figures(village.id, quarter))
        by = village.people["jianwei"]
        public_services.sign(village.id, drawn.result["sheet_id"], shown, key=keys.new(), by=by)


def _serve(village: "Village", household: int, basket: list[Piece]) -> None:
    by = village.people["guanli"]
    try:
        order = till.redeem(village.id, village.store_id, household, basket, key=keys.new(), by=by)
    except BrokenRule:
        return
    if village.dice.random() < RETURNED:
        till.give_back(village.id, order.result["order_id"], key=keys.new(), by=by, why="拿错了货")


def _filled(village: "Village", day: date) -> list[Any]:
    goods = store.goods_for_till(store.find_store(village.id), day)  # type: ignore[arg-type]
    short = [good for good in goods if good.left < KEEP and (good.home or 0) <= 40]
    for good in short:
        _buy(village, good)
    return goods if not short else store.goods_for_till(store.find_store(village.id), day)  # type: ignore[arg-type]


def _buy(village: "Village", good: Any) -> None:
    """The keeper enters what came; what is worth much the clerk counts too."""
    line = deliveries.Line(good.id, REFILL, (good.home or good.civility) * 100)
    paper = deliveries.Paper("bought", SUPPLIER)
    by = village.people["guanli"]
    outcome = deliveries.enter(village.id, village.store_id, paper, [line], key=keys.new(), by=by)
    if outcome.result["state"] == "waiting":
        deliveries.confirm(
            village.id, outcome.result["delivery_id"], key=keys.new(), by=village.people["wenshu"]
        )  # fmt: skip


def _basket(village: "Village", goods: list[Any], balance: Any) -> list[Piece]:
    """One to three goods that the larger purse can pay, leaving something for next time."""
    unit = "home" if balance.home >= balance.civility else "civility"
    spend = balance.of(unit)
    wanted = village.dice.randint(1, 3)
    basket: list[Piece] = []
    for good in village.dice.sample(goods, min(12, len(goods))):
        points = getattr(good, unit)
        if points and points <= spend and good.left > 0 and len(basket) < wanted:
            quantity = 2 if points * 2 <= spend and points < 6 else 1
            basket.append(Piece(good.id, quantity, unit, getattr(good, f"{unit}_price_id")))
            spend -= points * quantity
    return basket
