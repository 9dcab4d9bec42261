"""What the store can be asked about goods: prices in force, stock, limits, what runs low."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select, union_all
from sqlalchemy.orm import selectinload

from virtue import clock
from virtue.extensions import db
from virtue.prepared import Prepared
from virtue.store.models import Batch, Item, OrderLine, Price, ReturnLine, Store
from virtue.store.reservation_models import Reservation, ReservationLine

_RESERVATION, _RESERVED = Reservation.__table__, ReservationLine.__table__
_ITEM, _BATCH, _LINE, _BACK = Item.__table__, Batch.__table__, OrderLine.__table__, ReturnLine.__table__
_STORE = Store.__table__

EXPIRING_DAYS = 60
"""So many days before its best-before day a batch is flagged."""

# The stock that may be given out, per good; expired batches stay outside.
_STOCK = (
    select(_BATCH.c.item_id, func.sum(_BATCH.c.quantity).label("left"))
    .where(
        _BATCH.c.store_id == bindparam("store_id"),
        _BATCH.c.quantity > 0,
        or_(_BATCH.c.best_before.is_(None), _BATCH.c.best_before >= bindparam("day")),
    )
    .group_by(_BATCH.c.item_id)
    .subquery("stock")
)


def _in_force(unit: str) -> tuple[Any, Any]:
    """The price table of a unit, and the condition that picks the row in force on ``:day``."""
    price, newer = Price.__table__.alias(unit), Price.__table__.alias(f"{unit}_newest")
    newest = (
        select(newer.c.id)
        .where(newer.c.item_id == _ITEM.c.id, newer.c.unit == unit, newer.c.from_on <= bindparam("day"))
        .order_by(newer.c.from_on.desc(), newer.c.id.desc())
        .limit(1)
        .correlate(_ITEM)
        .scalar_subquery()
    )
    return price, price.c.id == newest


_HOME, _IS_HOME = _in_force("home")
_CIVILITY, _IS_CIVILITY = _in_force("civility")
_WITH_PRICES = _ITEM.outerjoin(_HOME, _IS_HOME).outerjoin(_CIVILITY, _IS_CIVILITY)
_PRICED = (
    _ITEM.c.id, _ITEM.c.name, _ITEM.c.category, _ITEM.c.measure, _ITEM.c.barcode, _ITEM.c.low_stock,
    _ITEM.c.limit_quantity, _ITEM.c.limit_period, _ITEM.c.is_active,
    _HOME.c.id.label("home_price_id"), _HOME.c.points.label("home"),
    _CIVILITY.c.id.label("civility_price_id"), _CIVILITY.c.points.label("civility"),
)  # fmt: skip

_GOODS = (
    select(*_PRICED, func.coalesce(_STOCK.c.left, 0).label("left"))
    .select_from(_WITH_PRICES.outerjoin(_STOCK, _STOCK.c.item_id == _ITEM.c.id))
    .where(_ITEM.c.village_id == bindparam("village_id"), _ITEM.c.is_active)
    .order_by(_ITEM.c.barcode)
)
_BASKET_GOODS = Prepared(
    select(*_PRICED)
    .select_from(_WITH_PRICES)
    .where(_ITEM.c.village_id == bindparam("village_id"), _ITEM.c.id.in_(bindparam("item_ids", expanding=True)))
)
# A fetched reservation counts in the month in which it was made, and from then on; what was released doesn't count.
_COUNTS_IN = func.coalesce(_RESERVATION.c.month, _LINE.c.month)
_USAGE = Prepared(
    union_all(
        select(_LINE.c.item_id, _COUNTS_IN.label("month"), func.sum(_LINE.c.quantity).label("pieces"))
        .select_from(
            _LINE.outerjoin(_BACK, _BACK.c.line_id == _LINE.c.id).outerjoin(
                _RESERVATION, _RESERVATION.c.order_id == _LINE.c.order_id
            )
        )
        .where(
            _LINE.c.month.in_(bindparam("months", expanding=True)),
            _LINE.c.household_id == bindparam("household_id"),
            _LINE.c.item_id.in_(bindparam("item_ids", expanding=True)),
            _BACK.c.id.is_(None),
        )
        .group_by(_LINE.c.item_id, _COUNTS_IN),
        select(_RESERVED.c.item_id, _RESERVATION.c.month, func.sum(_RESERVED.c.quantity).label("pieces"))
        .select_from(_RESERVED.join(_RESERVATION, _RESERVATION.c.id == _RESERVED.c.reservation_id))
        .where(
            _RESERVATION.c.month.in_(bindparam("months", expanding=True)),
            _RESERVATION.c.household_id == bindparam("household_id"),
            _RESERVED.c.item_id.in_(bindparam("item_ids", expanding=True)),
            _RESERVATION.c.state.in_(("open", "out")),
        )
        .group_by(_RESERVED.c.item_id, _RESERVATION.c.month),
    )
)

# The store that was asked for, if it is the village's; the village's first where none was asked for.
STORE_ID = (
    select(_STORE.c.id)
    .where(
        _STORE.c.village_id == bindparam("village_id"),
        _STORE.c.id == func.coalesce(bindparam("store_id", type_=_STORE.c.id.type), _STORE.c.id),
    )
    .order_by(_STORE.c.id)
    .limit(1)
)
_STORE_ID = Prepared(STORE_ID)


def find_store(village_id: int, store_id: int | None = None) -> Store | None:
    """A store of the village: the one asked for, else its first; None before goods were set up, or for a foreign one."""
    query = select(Store).where(Store.village_id == village_id).order_by(Store.id).limit(1)
    return db.session.scalar(query if store_id is None else query.where(Store.id == store_id))


def find_store_id(village_id: int, store_id: int | None = None) -> int | None:
    """The same store's id, by a statement built once: the till asks it at every sale."""
    found: int | None = _STORE_ID.scalar({"village_id": village_id, "store_id": store_id})
    return found


def goods_for_till(store: Store, day: date) -> list[Any]:
    """Every good given out, with its stock in a store and both prices in force: one statement.

    Rows: id, name, category, measure, barcode, low_stock, limit_quantity, limit_period, home, home_price_id, civility,
    civility_price_id, left.
    """
    values = {"village_id": store.village_id, "store_id": store.id, "day": day}
    return list(db.session.execute(_GOODS, values))


def basket_goods(village_id: int, item_ids: Iterable[int], day: date) -> dict[int, Any]:
    """The goods of a basket with both prices in force, by id; without their stock."""
    values = {"village_id": village_id, "item_ids": sorted(item_ids), "day": day}
    return {row.id: row for row in _BASKET_GOODS.all(values)}


def months_of_period(period: str, day: date) -> list[int]:
    """The months (202611) of the calendar month, quarter or year that ``day`` falls in."""
    if period == "month":
        return [clock.month_of(day)]
    if period == "quarter":
        return list(clock.months_of_quarter(day))
    return [day.year * 100 + month for month in range(1, 13)]


def next_period(period: str, day: date) -> date:
    """The first day of the calendar period after the one of ``day``."""
    return clock.first_day(clock.next_month(months_of_period(period, day)[-1]))


def usage(household_id: int, periods: dict[int, str], day: date) -> dict[int, int]:
    """How many pieces of these goods (item id -> its limit's period) a household got or reserved in the period.

    Returns and released reservations aside.
    """
    if not periods:
        return {}
    months = {item_id: set(months_of_period(period, day)) for item_id, period in periods.items()}
    values = {
        "household_id": household_id, "item_ids": sorted(periods), "months": sorted(set().union(*months.values())),
    }  # fmt: skip
    used: dict[int, int] = defaultdict(int)
    for row in _USAGE.all(values):
        if row.month in months[row.item_id]:
            used[row.item_id] += row.pieces
    return used


@dataclass(frozen=True)
class Limit:
    """What a household may still have of a good in the limit's period, and from which day more."""

    left: int
    next_on: date


def limits_left(household_id: int, goods: Iterable[Any], day: date) -> dict[int, Limit]:
    """The limits of those of these goods that have one, by good, as this household stands on a day: one statement."""
    limited = {good.id: good for good in goods if good.limit_quantity}
    used = usage(household_id, {item_id: good.limit_period for item_id, good in limited.items()}, day)
    return {
        item_id: Limit(max(0, good.limit_quantity - used.get(item_id, 0)), next_period(good.limit_period, day))
        for item_id, good in limited.items()
    }


def popular(village_id: int, day: date, limit: int = 12) -> list[int]:
    """The goods most handed over in the last three months, most wanted first; by how many orders had them."""
    months = clock.months_back(clock.month_of(day), 3)
    rows = db.session.execute(
        select(OrderLine.item_id)
        .join(Item, Item.id == OrderLine.item_id)
        .where(OrderLine.month.in_(months), Item.village_id == village_id)
        .group_by(OrderLine.item_id)
        .order_by(func.count().desc(), OrderLine.item_id)
        .limit(limit)
    )
    return [row.item_id for row in rows]


def low_stock(store: Store, day: date) -> list[Any]:
    """The goods at or below their mark, emptiest first: rows as of ``goods_for_till``."""
    low = [good for good in goods_for_till(store, day) if good.left <= good.low_stock]
    return sorted(low, key=lambda good: (good.left, good.barcode))


def worth_in_points(village_id: int, day: date) -> int:
    """What lies in a village's stores for how many points altogether: each piece at its price, home points first."""
    stores = db.session.scalars(select(Store).where(Store.village_id == village_id)).all()
    goods = [good for store in stores for good in goods_for_till(store, day)]
    return sum(good.left * (good.home or good.civility or 0) for good in goods)


def goods_list(
    store: Store, day: date, *, text: str = "", category: str = "", state: str = ""
) -> Select[tuple[Any, ...]]:
    """The statement that lists goods with stock and prices, for ``pages.paged(..., scalars=False)``.

    ``state``: low (at or below the mark), out, expiring (or expired), off (no longer given out); empty for all that are given out.
    """
    left = func.coalesce(_STOCK.c.left, 0)
    # The first day on which pieces that lie there are, or will be, over their time.
    first_on = (
        select(func.min(_BATCH.c.best_before))
        .where(_BATCH.c.item_id == _ITEM.c.id, _BATCH.c.store_id == store.id, _BATCH.c.quantity > 0)
        .correlate(_ITEM)
        .scalar_subquery()
    )
    query = (
        select(*_PRICED, _ITEM.c.cost_fen, _ITEM.c.market_fen, left.label("left"), first_on.label("first_on"))
        .select_from(_WITH_PRICES.outerjoin(_STOCK, _STOCK.c.item_id == _ITEM.c.id))
        .where(_ITEM.c.village_id == store.village_id, _ITEM.c.is_active.is_(state != "off"))
        .order_by(_ITEM.c.category, _ITEM.c.barcode)
    )
    if text:
        query = query.where(
            or_(_ITEM.c.name.contains(text, autoescape=True), _ITEM.c.barcode.startswith(text, autoescape=True))
        )
    if category:
        query = query.where(_ITEM.c.category == category)
    if state == "low":
        query = query.where(left <= _ITEM.c.low_stock)
    if state == "expiring":
        query = query.where(first_on <= day + timedelta(days=EXPIRING_DAYS))
    if state == "out":
        query = query.where(left == 0)
    return query.params(store_id=store.id, day=day)


def categories(village_id: int) -> list[str]:
    """The categories of a village's goods, in the order of their first good's barcode."""
    rows = db.session.execute(
        select(Item.category, func.min(Item.barcode))
        .where(Item.village_id == village_id)
        .group_by(Item.category)
        .order_by(func.min(Item.barcode))
    )
    return [row.category for row in rows]


def find_item(village_id: int, item_id: int) -> Item | None:
    """A good of this village, its prices loaded."""
    return db.session.scalar(
        select(Item).where(Item.id == item_id, Item.village_id == village_id).options(selectinload(Item.prices))
    )


def items_of(village_id: int) -> list[Item]:
    """All goods that are given out, for a choice."""
    query = select(Item).where(Item.village_id == village_id, Item.is_active).order_by(Item.category, Item.barcode)
    return list(db.session.scalars(query))


def find_batch(village_id: int, batch_id: int) -> Batch | None:
    """A batch of this village."""
    return db.session.scalar(select(Batch).where(Batch.id == batch_id, Batch.village_id == village_id))


def find_price_history(item_id: int) -> list[Price]:
    """All prices of a good, newest first."""
    query = select(Price).where(Price.item_id == item_id).order_by(Price.from_on.desc(), Price.id.desc())
    return list(db.session.scalars(query))
