"""What was handed over: orders, their words, the last one at the till, a day's totals."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import selectinload

from virtue import clock
from virtue.extensions import db
from virtue.people import queries as people
from virtue.prepared import Prepared
from virtue.store.models import Item, Order, OrderLine, Return

_ORDER, _LINE, _RETURN = Order.__table__, OrderLine.__table__, Return.__table__

SAME_BASKET_WITHIN = timedelta(minutes=3)

# The newest orders come first by time, which is what the index is led by.
_LAST = (
    select(_ORDER, _RETURN.c.id.label("return_id"))
    .select_from(_ORDER.outerjoin(_RETURN, _RETURN.c.order_id == _ORDER.c.id))
    .where(
        _ORDER.c.drawn_at >= bindparam("since"), _ORDER.c.store_id == bindparam("store_id"),
        _ORDER.c.by_id == bindparam("by_id"),
    )
    .order_by(_ORDER.c.id.desc())
    .limit(1)
)  # fmt: skip
# By the household's lines of the month, which are few, and not by the store's last minutes, which may be busy ones.
_RECENT_LINES = Prepared(
    select(_LINE.c.order_id, _LINE.c.item_id, _LINE.c.quantity, _LINE.c.unit)
    .select_from(
        _LINE.join(_ORDER, _LINE.c.order_id == _ORDER.c.id).outerjoin(_RETURN, _RETURN.c.order_id == _ORDER.c.id)
    )
    .where(
        _LINE.c.month.in_(bindparam("months", expanding=True)), _LINE.c.household_id == bindparam("household_id"),
        _ORDER.c.drawn_at >= bindparam("since"), _ORDER.c.store_id == bindparam("store_id"), _RETURN.c.id.is_(None),
    )
)  # fmt: skip


def find_order(village_id: int, order_id: int) -> Order | None:
    """An order of this village with its lines."""
    return db.session.scalar(
        select(Order).where(Order.id == order_id, Order.village_id == village_id).options(selectinload(Order.lines))
    )


def find_return(order_id: int) -> Return | None:
    """The return of an order, if it was taken back."""
    return db.session.scalar(select(Return).where(Return.order_id == order_id))


def last_order(store_id: int, by: int, since: datetime) -> Any:
    """The keeper's last order at a store since an instant: its columns and return_id; None when there is none."""
    return db.session.execute(_LAST, {"store_id": store_id, "by_id": by, "since": since}).one_or_none()


def find_same_basket(store_id: int, household_id: int, basket: Collection[tuple[int, int, str]]) -> int | None:
    """The order by which this household got exactly this basket within the last minutes; returned ones aside."""
    now = clock.now()
    since = now - SAME_BASKET_WITHIN
    months = {clock.month_of(clock.day_of(instant)) for instant in (since, now)}
    values = {"store_id": store_id, "household_id": household_id, "since": since, "months": months}
    orders: dict[int, list[tuple[int, int, str]]] = {}
    for row in _RECENT_LINES.all(values):
        orders.setdefault(row.order_id, []).append((row.item_id, row.quantity, row.unit))
    wanted = sorted(basket)
    return next((order_id for order_id, lines in orders.items() if sorted(lines) == wanted), None)


@dataclass(frozen=True)
class OrderWords:
    """What a line of a household's history says of an order."""

    order_id: int
    words: str
    """洗衣液 2kg等 3 件."""
    drawn_at: datetime
    by_id: int
    is_returned: bool


def orders_by_ids(order_ids: Iterable[int]) -> dict[int, OrderWords]:
    """The words of these orders by id, for passbook and statements; one statement and a half, whatever their number."""
    wanted = sorted(set(order_ids))
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Order.id, Order.drawn_at, Order.by_id, Order.pieces, Return.id.label("return_id"), Item.name)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Item, Item.id == OrderLine.item_id)
        .join(Return, Return.order_id == Order.id, isouter=True)
        .where(Order.id.in_(wanted))
        .order_by(Order.id, OrderLine.id)
    )
    found: dict[int, tuple[Any, list[str]]] = {}
    for row in rows:
        names = found.setdefault(row.id, (row, []))[1]
        if row.name not in names:
            names.append(row.name)
    return {
        number: OrderWords(number, goods_words(names, row.pieces), row.drawn_at, row.by_id, row.return_id is not None)
        for number, (row, names) in found.items()
    }


def orders_by_returns(return_ids: Iterable[int]) -> dict[int, int]:
    """The order of each of these returns."""
    wanted = sorted(set(return_ids))
    if not wanted:
        return {}
    rows = db.session.execute(select(Return.id, Return.order_id).where(Return.id.in_(wanted)))
    return {row.id: row.order_id for row in rows}


def goods_words(names: Sequence[str], pieces: int) -> str:
    """洗衣液 2kg 1 件; or 洗衣液 2kg等 3 件."""
    if len(names) == 1:
        return gettext("%(name)s %(pieces)s 件", name=names[0], pieces=pieces)
    return gettext("%(name)s等 %(pieces)s 件", name=names[0], pieces=pieces)


def orders_of(village_id: int, *, text: str = "", day: date | None = None, state: str = "") -> Any:
    """The statement that lists orders, newest first: rows of Order and the id of its return.

    ``text``: an order's number, or what finds a household by its number: card, 户号, tail, 3-0147; never a name.
    ``state``: returned, kept, or empty for all.
    """
    query = (
        select(Order, Return.id.label("return_id"))
        .join(Return, Return.order_id == Order.id, isouter=True)
        .where(Order.village_id == village_id)
        .order_by(Order.id.desc())
    )
    if day is not None:
        query = query.where(
            Order.drawn_at >= clock.start_of(day), Order.drawn_at < clock.start_of(day + timedelta(days=1))
        )
    if state:
        query = query.where(Return.id.is_not(None) if state == "returned" else Return.id.is_(None))
    wanted = people.plain(text)
    if wanted:
        households = people.search_households(village_id, wanted if wanted[0].isdigit() else "").order_by(None)
        of_household = Order.household_id.in_(households.with_only_columns(households.selected_columns.id))
        number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0
        query = query.where(or_(Order.id == number, of_household) if wanted[0].isdigit() else Order.id == 0)
    return query
