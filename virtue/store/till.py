"""What the till's page shows: goods on one side, the household with its basket, or what was just handed over, on the other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from virtue import clock
from virtue.core import keys, settings
from virtue.ledger import queries as ledger
from virtue.people import standing
from virtue.pinyin import initials
from virtue.prepared import Prepared
from virtue.store import opening_words, order_queries, parked_queries, queries, served, stock_queries
from virtue.store.basket_forms import Basket, basket_of
from virtue.store.models import Order, Store
from virtue.store.return_services import sums_of
from virtue.store.served import Served
from virtue.store.till_search import Matches
from virtue.store.till_state import Almost, Counter, Done, Last, Till

ICONS = {
    "日化": "bottle", "粮油": "bag", "食品": "bag", "家电": "box", "文具": "book", "农资": "tool",
}  # fmt: skip
"""A drawn picture per category; a plain box for any other."""

A_LITTLE = 10
"""So many missing points, or fewer, are said: 还差 3 分可换…"""

FEW = 4
"""With fewer goods than these the tab 常换 only says what it is for."""


_COUNTER = Prepared(
    standing.FACE.add_columns(
        queries.STORE_ID.scalar_subquery().label("store_id"), settings.column("return_minutes").label("return_minutes")
    )
)


def draw(village_id: int, state: Till, *, by: int) -> dict[str, Any]:
    """All that the whole till needs."""
    shop = _shop(village_id, state.who, by=by)
    shelf, side = draw_shelf(village_id, shop), draw_side(village_id, state, by=by)
    return {**shelf, **side, **_chances(shelf["goods"], state, side["balance"]), "last": _last(shop, by=by)}


def _shop(village_id: int, who: Served | None, *, by: int) -> Store | None:
    """The store at which a household is being served; before that the one at which the keeper works."""
    if who is not None and who.store_id is not None:
        return queries.find_store(village_id, who.store_id)
    return stock_queries.store_of(village_id, by)


def _chances(goods: Sequence[Any], state: Till, balance: Any) -> dict[str, Any]:
    """What this household may still have of limited goods, what it nearly can, and what it took last time."""
    if state.who is None or not state.who.is_checked or state.quote is not None or balance is None:
        return {"limits": {}, "almost": None, "usual": None}
    limits = queries.limits_left(state.who.household_id, goods, clock.today())
    free = {good.id: min(good.left, limits[good.id].left) if good.id in limits else good.left for good in goods}
    usual = None if state.basket.typed else _usual(state.who.household_id, free)
    return {"limits": limits, "almost": _almost(goods, balance, free), "usual": usual}


def _almost(goods: Sequence[Any], balance: Any, free: dict[int, int]) -> Almost | None:
    """The good that is nearest out of reach, by a little; None where all that lies there can be had, or much is missing."""
    found = [
        Almost(good.name, unit, price - balance.of(unit))
        for good in goods
        for unit, price in (("home", good.home), ("civility", good.civility))
        if price and free[good.id] and 0 < price - balance.of(unit) <= A_LITTLE
    ]
    within = {
        good.name
        for good in goods
        for unit in ("home", "civility")
        if 0 < (getattr(good, unit) or 0) <= balance.of(unit)
    }
    return min((one for one in found if one.name not in within), key=lambda one: one.missing, default=None)


def _usual(household_id: int, free: dict[int, int]) -> Basket | None:
    """The last basket again, as far as it lies there; None without one."""
    basket = basket_of(line for line in order_queries.usual_lines(household_id) if free.get(line.item_id))
    for item_id, typed in basket.typed.items():
        if int(typed.qty) > free[item_id]:
            typed.qty, typed.civ = str(free[item_id]), ""
    return basket if basket.typed else None


def draw_shelf(village_id: int, shop: Store | None) -> dict[str, Any]:
    """The goods with their groups; ``shop`` None while the village has no store."""
    if shop is None:
        return {
            "shop": None,
            "parked": [],
            "goods": [],
            "groups": [],
            "often": [],
            "icons": ICONS,
            "pictures": {},
            "more_codes": {},
        }
    goods = queries.goods_for_till(shop, clock.today())
    often = queries.popular(village_id, clock.today())
    if len(often) < FEW:
        often = []
    groups = list(dict.fromkeys(good.category for good in goods))
    return {
        "shop": shop, "parked": parked_queries.waiting(shop.id), "goods": _often_first(goods, often), "groups": groups, "often": often, "icons": ICONS,
        "initials": initials, "pictures": stock_queries.pictures_of(village_id),
        "more_codes": stock_queries.codes_of(village_id),
    }  # fmt: skip


def _often_first(goods: Sequence[Any], often: list[int]) -> list[Any]:
    rank = {item_id: place for place, item_id in enumerate(often)}
    return sorted(goods, key=lambda good: rank.get(good.id, len(rank)))


def draw_side(village_id: int, state: Till, *, by: int) -> dict[str, Any]:
    """The household's side; without the goods, so that the answer to a confirmation stays small."""
    face, balance = None, None
    if state.who is not None:
        face = standing.find_face(village_id, state.who.household_id)
        balance = ledger.balance(state.who.household_id)
    return {
        "state": state, "face": face, "balance": balance, "key": state.key or keys.new(),
        "word": served.make(state.who, by=by) if state.who else "",
        "checked_word": served.make(replace(state.who, is_checked=True), by=by) if state.who else "",
        "match_words": _match_words(village_id, state.matches, by=by), "last": None,
        "closed": None if state.done else _closed_words(_shop(village_id, state.who, by=by)),
    }  # fmt: skip


def _match_words(village_id: int, matches: Matches | None, *, by: int) -> dict[int, str]:
    """By household, the word that chooses it from the list: without a card, its name not checked yet."""
    if matches is None:
        return {}
    shop = _shop(village_id, None, by=by)
    store_id = shop.id if shop is not None else None
    return {face.id: served.make(Served(face.id, None, False, store_id), by=by) for face in matches.faces}


def _closed_words(shop: Store | None) -> str | None:
    """What the till says while the store is closed; None in opening hours, and where none are known."""
    said = opening_words.of_store(shop.village_id, shop.id) if shop is not None else None
    return said.words if said is not None and not said.is_open else None


def done_of(village_id: int, order: Order) -> Done | None:
    """What stands on the till after an order, when its page is opened anew."""
    face = standing.find_face(village_id, order.household_id)
    if face is None:
        return None
    points, balance = points_of(order), ledger.balance(order.household_id)
    left = {unit: balance.of(unit) for unit in points}
    lines = _open_lines(order.id)
    return Done(order.id, face, points, left, _until(village_id, order.drawn_at), order.cash_fen, lines=lines)


def _open_lines(order_id: int) -> list[Any]:
    return [line for line in order_queries.lines_of([order_id])[order_id] if line.returned_at is None]


def find_counter(village_id: int, household_id: int, store_id: int | None = None) -> Counter | None:
    """What a confirmation needs around the sale, in one statement; None without such a household or a store."""
    row = _COUNTER.first({"village_id": village_id, "household_id": household_id, "store_id": store_id})
    if row is None or row.store_id is None:
        return None
    minutes = settings.or_default("return_minutes", row.return_minutes)
    return Counter(row.store_id, standing.face_of(row), timedelta(minutes=minutes))


def done_now(counter: Counter, result: dict[str, Any], *, is_repeat: bool) -> Done:
    """What stands on the till right after a confirmation, from the service's own answer."""
    until = datetime.fromisoformat(result["drawn_at"]) + counter.undo
    return Done(
        result["order_id"], counter.face, result["points"], result["balance"], until, result["cash_fen"], is_repeat
    )


def points_of(order: Any) -> dict[str, int]:
    """The points of an order by unit; units it didn't touch are left out."""
    return {unit: n for unit, n in (("home", order.home_points), ("civility", order.civility_points)) if n}


def _until(village_id: int, drawn_at: datetime) -> datetime:
    return drawn_at + timedelta(minutes=settings.value("return_minutes", village_id))


def _last(shop: Store | None, *, by: int) -> Last | None:
    if shop is None:
        return None
    village_id = shop.village_id
    since = clock.now() - timedelta(minutes=settings.value("return_minutes", village_id))
    order = order_queries.last_order(shop.id, by, since)
    lines = _open_lines(order.id) if order else []
    face = standing.find_face(village_id, order.household_id) if lines else None
    if face is None:
        return None
    return Last(order.id, face, sums_of(lines)[1], _until(village_id, order.drawn_at), lines)
