"""What happens to the shelves in the story's last weeks: gifts, a stocktake with a difference, a second store, things that wait."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from virtue import clock
from virtue.core import keys
from virtue.store import delivery_services as deliveries
from virtue.store import paper_queries, paper_services, stocktake_queries, stocktake_services, transfer_services
from virtue.store import queries as store
from virtue.store import shop_services as shops
from virtue.store import stock_queries as stock
from virtue.store import stocktake_booking_services as booking
from virtue.store.donor_services import NewDonor

if TYPE_CHECKING:
    from virtue.demo.history import Village

At = Callable[..., AbstractContextManager[None]]
GIFTS_LEFT, TAKEN_LEFT, SECOND_LEFT, PAPER_LEFT, DARK_LEFT = 26, 12, 5, 9, 4
"""So many days before the story's last one."""
BRANCH, BRANCH_PLACE = "第三网格便民点", "第三网格活动室"
SHORT = 2
"""So many pieces are missing in the stocktake."""


def happen(village: "Village", day: date, last: date, at: At) -> None:
    """What belongs to this day."""
    left = (last - day).days
    if left == GIFTS_LEFT:
        with at(day, 15):
            _gift(village, NewDonor("老字号粮油店（演示）", "named"), None)
    if left == TAKEN_LEFT:
        with at(day, 16):
            _stocktake(village)
    if left == PAPER_LEFT:
        with at(day, 8):
            paper_services.print_slips(village.id, 2, key=keys.new(), by=village.people["guanli"])
    if left == DARK_LEFT:
        with at(day, 18):
            _dark_day(village)
    if left == SECOND_LEFT:
        with at(day, 11):
            _branch(village)
    if left == 0:
        with at(day, 21):
            _gift(village, NewDonor("王先生"), last + timedelta(days=21))
            _waiting(village)


def _gift(village: "Village", donor: NewDonor, until: date | None) -> None:
    """Somebody gives; what has a best-before day is soon flagged."""
    paper = deliveries.Paper("donated", new_donor=donor)
    line = deliveries.Line(_goods(village)[0 if until is None else 1].id, 6, 800, until)
    deliveries.enter(village.id, village.store_id, paper, [line], key=keys.new(), by=village.people["guanli"])


def _dark_day(village: "Village") -> None:
    """In the afternoon the power was gone: one household got its goods on a slip, typed in in the evening."""
    good = next(one for one in _goods(village) if one.left and 0 < (one.home or 0) <= 20)
    slip = paper_queries.slips_between(village.id, 1, 1)[0]
    written = paper_services.Written(
        paper_queries.printed_number(slip), village.households[11], clock.today(), ((good.id, 1, "home"),)
    )
    paper_services.enter(village.id, village.store_id, written, key=keys.new(), by=village.people["guanli"])


def _stocktake(village: "Village") -> None:
    """The keeper and the clerk count everything; two pieces are missing."""
    pair = village.people["guanli"], village.people["wenshu"]
    take_id, numbers = _begun(village, "", pair[0])
    short = next(good for good, pieces in numbers.items() if pieces > SHORT)
    numbers[short] -= SHORT
    for by in pair:
        stocktake_services.join(village.id, take_id, key=keys.new(), by=by)
        stocktake_services.count(village.id, take_id, numbers, key=keys.new(), by=by)
        stocktake_services.hand_in(village.id, take_id, key=keys.new(), by=by)
    stocktake_services.recount(village.id, take_id, short, numbers[short], key=keys.new(), by=pair[0])
    outcome = booking.propose(
        village.id, take_id, {short: "lost"}, why="货架、库房都找过，没有找到", key=keys.new(), by=pair[1]
    )
    if outcome.result["state"] == "to_sign":
        booking.sign(village.id, take_id, key=keys.new(), by=village.people["jianwei"])


def _begun(village: "Village", category: str, by: int) -> tuple[int, dict[int, int]]:
    """A stocktake, and what the books say of its goods."""
    opened = stocktake_services.open_take(village.id, village.store_id, category, key=keys.new(), by=by)
    take_id = opened.result["stocktake_id"]
    return take_id, {
        good.id: stocktake_queries.book(village.store_id, good.item_id, None)[0]
        for good in stocktake_queries.goods_of(take_id)
    }


def _branch(village: "Village") -> None:
    """A second store begins with some of the first one's goods."""
    by = village.people["wenshu"]
    branch = shops.add_store(village.id, BRANCH, by=by, place=BRANCH_PLACE)
    for good in [good for good in _goods(village) if good.left >= 20][:4]:
        batch = next(one for one in stock.batches_of_good(good.id)[village.store_id] if one.quantity >= 5)
        transfer_services.give_to_store(village.id, batch.id, 5, branch, key=keys.new(), by=by)


def _waiting(village: "Village") -> None:
    """A large delivery waits for a second person; a stocktake of one category is half counted."""
    by, goods = village.people["guanli"], _goods(village)
    lines = [deliveries.Line(good.id, 40, 1500) for good in goods[:3]]
    paper = deliveries.Paper("bought", "黄花滩镇批发部")
    deliveries.enter(village.id, village.store_id, paper, lines, key=keys.new(), by=by)
    take_id, numbers = _begun(village, goods[0].category, by)
    stocktake_services.join(village.id, take_id, key=keys.new(), by=by)
    stocktake_services.count(village.id, take_id, dict(list(numbers.items())[:2]), key=keys.new(), by=by)


def _goods(village: "Village") -> list[Any]:
    shop = store.find_store(village.id, village.store_id)
    return store.goods_for_till(shop, clock.today()) if shop else []
