"""What was handed over: orders, their words, the last one at the till, a day's totals."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import selectinload

from virtue import clock
from virtue.extensions import db
from virtue.people import queries as people
from virtue.prepared import Prepared
from virtue.store.models import Item, Order, OrderLine, Return, ReturnLine
from virtue.store.paper_models import PaperSlip

_ORDER, _LINE, _ITEM = Order.__table__, OrderLine.__table__, Item.__table__
_RETURN, _BACK = Return.__table__, ReturnLine.__table__

SAME_BASKET_WITHIN = timedelta(minutes=3)

# The newest orders come first by time, which is what the index is led by.
_LAST = (
    select(_ORDER)
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
    .select_from(_LINE.join(_ORDER, _LINE.c.order_id == _ORDER.c.id).outerjoin(_BACK, _BACK.c.line_id == _LINE.c.id))
    .where(
        _LINE.c.month.in_(bindparam("months", expanding=True)), _LINE.c.household_id == bindparam("household_id"),
        _ORDER.c.drawn_at >= bindparam("since"), _ORDER.c.store_id == bindparam("store_id"), _BACK.c.id.is_(None),
    )
)  # fmt: skip


_LINES = Prepared(
    select(
        _LINE.c.id, _LINE.c.order_id, _LINE.c.item_id, _LINE.c.quantity, _LINE.c.unit, _LINE.c.points, _LINE.c.cash_fen,
        _ITEM.c.name, _ITEM.c.measure, _RETURN.c.returned_at,
    )
    .select_from(
        _LINE.join(_ITEM, _ITEM.c.id == _LINE.c.item_id)
        .outerjoin(_BACK, _BACK.c.line_id == _LINE.c.id)
        .outerjoin(_RETURN, _RETURN.c.id == _BACK.c.return_id)
    )
    .where(_LINE.c.order_id.in_(bindparam("order_ids", expanding=True)))
    .order_by(_LINE.c.id)
)  # fmt: skip
_OWN_LINE = _LINE.alias("own")
_LATEST = (
    select(func.max(_OWN_LINE.c.order_id))
    .where(
        _OWN_LINE.c.month.in_(bindparam("months", expanding=True)),
        _OWN_LINE.c.household_id == bindparam("household_id"),
    )
    .scalar_subquery()
)  # fmt: skip
_USUAL = Prepared(
    select(_LINE.c.item_id, _LINE.c.quantity, _LINE.c.unit)
    .select_from(_LINE.outerjoin(_BACK, _BACK.c.line_id == _LINE.c.id))
    .where(_LINE.c.order_id == _LATEST, _BACK.c.id.is_(None))
    .order_by(_LINE.c.id)
)


def find_order(village_id: int, order_id: int) -> Order | None:
    """An order of this village with its lines."""
    return db.session.scalar(
        select(Order).where(Order.id == order_id, Order.village_id == village_id).options(selectinload(Order.lines))
    )


def lines_of(order_ids: Iterable[int]) -> dict[int, list[Any]]:
    """The lines of several orders by order, in one statement.

    Rows: id, order_id, item_id, quantity, unit, points, cash_fen, name, measure, returned_at (None: not taken back).
    """
    wanted = sorted(set(order_ids))
    found: dict[int, list[Any]] = {order_id: [] for order_id in wanted}
    if wanted:
        for row in _LINES.all({"order_ids": wanted}):
            found[row.order_id].append(row)
    return found


def usual_lines(household_id: int) -> list[Any]:
    """What the household took last time in the past year (老样子): item_id, quantity, unit; what came back isn't among it."""
    months = clock.months_back(clock.month_of(clock.today()), 12)
    return _USUAL.all({"household_id": household_id, "months": list(months)})


def most_fetched(village_id: int, month: int, limit: int = 3) -> list[tuple[str, int]]:
    """The goods most handed over in a month: name and how many orders had them, most wanted first."""
    rows = db.session.execute(
        select(Item.name, func.count(func.distinct(OrderLine.order_id)))
        .join(OrderLine, OrderLine.item_id == Item.id)
        .where(OrderLine.month == month, Item.village_id == village_id)
        .group_by(Item.id, Item.name)
        .order_by(func.count(func.distinct(OrderLine.order_id)).desc(), Item.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def last_order(store_id: int, by: int, since: datetime) -> Any:
    """The keeper's last order at a store since an instant: its columns; None when there is none."""
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
    """What a line of a household's history says of an order, or of what came back of it."""

    order_id: int
    words: str
    """洗衣液 2kg等 3 件."""
    drawn_at: datetime
    by_id: int
    is_returned: bool
    """Nothing of it is left."""
    is_partly_returned: bool = False
    on_paper: date | None = None
    """The day without power on which it was handed over on a slip; NULL at the till."""


_WORDS = (
    select(
        Order.id, Order.drawn_at, Order.by_id, OrderLine.quantity, Item.name, ReturnLine.return_id,
        PaperSlip.day.label("on_paper"),
    )
    .join(OrderLine, OrderLine.order_id == Order.id)
    .join(Item, Item.id == OrderLine.item_id)
    .join(ReturnLine, ReturnLine.line_id == OrderLine.id, isouter=True)
    .join(PaperSlip, PaperSlip.order_id == Order.id, isouter=True)
    .order_by(Order.id, OrderLine.id)
)  # fmt: skip


def orders_by_ids(order_ids: Iterable[int]) -> dict[int, OrderWords]:
    """The words of these orders by id, for passbook and statements; one statement, whatever their number."""
    wanted = sorted(set(order_ids))
    if not wanted:
        return {}
    return _in_words(db.session.execute(_WORDS.where(Order.id.in_(wanted))), lambda row: row.id)


def orders_by_returns(return_ids: Iterable[int]) -> dict[int, OrderWords]:
    """What each of these returns brought back, in the same words: only the lines it took back."""
    wanted = sorted(set(return_ids))
    if not wanted:
        return {}
    rows = db.session.execute(_WORDS.where(ReturnLine.return_id.in_(wanted)))
    return _in_words(rows, lambda row: row.return_id)


def _in_words(rows: Iterable[Any], number_of: Callable[[Any], int]) -> dict[int, OrderWords]:
    groups: dict[int, list[Any]] = {}
    for row in rows:
        groups.setdefault(number_of(row), []).append(row)
    return {number: _words_of(lines) for number, lines in groups.items()}


def _words_of(lines: Sequence[Any]) -> OrderWords:
    names = list(dict.fromkeys(line.name for line in lines))
    back = [line.return_id is not None for line in lines]
    words = goods_words(names, sum(line.quantity for line in lines))
    first = lines[0]
    return OrderWords(
        first.id, words, first.drawn_at, first.by_id, all(back), any(back) and not all(back), first.on_paper
    )


def goods_words(names: Sequence[str], pieces: int) -> str:
    """洗衣液 2kg 1 件; or 洗衣液 2kg等 3 件."""
    if len(names) == 1:
        return gettext("%(name)s %(pieces)s 件", name=names[0], pieces=pieces)
    return gettext("%(name)s等 %(pieces)s 件", name=names[0], pieces=pieces)


def orders_of(village_id: int, *, text: str = "", day: date | None = None, state: str = "") -> Any:
    """The statement that lists orders, newest first.

    ``text``: an order's number, or what finds a household by its number: card, 户号, tail, 3-0147; never a name.
    ``state``: returned (lines of it were taken back, or all), kept, or empty for all.
    """
    query = select(Order).where(Order.village_id == village_id).order_by(Order.id.desc())
    if day is not None:
        query = query.where(
            Order.drawn_at >= clock.start_of(day), Order.drawn_at < clock.start_of(day + timedelta(days=1))
        )
    if state:
        has_return = exists(select(Return.id).where(Return.order_id == Order.id))
        query = query.where(has_return if state == "returned" else ~has_return)
    wanted = people.plain(text)
    if wanted:
        households = people.search_households(village_id, wanted if wanted[0].isdigit() else "").order_by(None)
        of_household = Order.household_id.in_(households.with_only_columns(households.selected_columns.id))
        number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0
        query = query.where(or_(Order.id == number, of_household) if wanted[0].isdigit() else Order.id == 0)
    return query
