"""What a store's daily close covers: spans of orders and returns by id, their sums, the days that are still open.

An id is given under the village's lock, so within a store ids grow with time: a span of ids leaves nothing between
two closes, whatever the clock says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, cast, func, select

from virtue import clock
from virtue.core.invariants import day_in_shanghai
from virtue.extensions import db
from virtue.store.close_models import StoreClose, StoreCloseCount
from virtue.store.models import Batch, Item, Order, OrderLine, Return, ReturnLine


@dataclass(frozen=True)
class Span:
    """The orders and returns after the last close, up to and with these ids."""

    after_order: int
    last_order: int
    after_return: int
    last_return: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies in it."""
        return self.last_order == self.after_order and self.last_return == self.after_return


@dataclass(frozen=True)
class Totals:
    """What a span adds up to; units are told apart, what came back stands beside what went out."""

    by_keeper: list[Any]
    """Rows: by_id, orders, pieces, home, civility, cash."""
    returned_by: list[Any]
    """The same of what was taken back, by who took it."""
    by_item: list[Any]
    """Rows: item_id, name, measure, pieces, home, civility; most pieces first."""
    returned_items: list[Any]
    first_day: date | None
    """The earliest day with an order or a return in it."""

    def sum(self, name: str) -> int:
        """One figure over all keepers: orders, pieces, home, civility, cash."""
        return sum(getattr(row, name) for row in self.by_keeper)

    def returned(self, name: str) -> int:
        """The same of what was taken back."""
        return sum(getattr(row, name) for row in self.returned_by)

    @property
    def cash_due(self) -> int:
        """What should lie in the box, in fen."""
        return self.sum("cash") - self.returned("cash")


def find_last(store_id: int) -> StoreClose | None:
    """A store's newest close."""
    query = select(StoreClose).where(StoreClose.store_id == store_id).order_by(StoreClose.day.desc()).limit(1)
    return db.session.scalar(query)


def find_close(village_id: int, close_id: int) -> StoreClose | None:
    """A close of this village."""
    return db.session.scalar(select(StoreClose).where(StoreClose.id == close_id, StoreClose.village_id == village_id))


def closes(store_id: int) -> Select[StoreClose]:
    """A store's closes, unsigned ones first, then the newest; to be paged."""
    is_signed = StoreClose.signed_at.is_not(None)
    return select(StoreClose).where(StoreClose.store_id == store_id).order_by(is_signed, StoreClose.day.desc())


def counts_of(close_id: int) -> list[Any]:
    """What was counted at a close: rows name, measure, recorded, counted."""
    query = (
        select(Item.name, Item.measure, StoreCloseCount.recorded, StoreCloseCount.counted)
        .join(Item, Item.id == StoreCloseCount.item_id)
        .where(StoreCloseCount.close_id == close_id)
        .order_by(Item.barcode)
    )
    return list(db.session.execute(query))


def _after(last: StoreClose | None) -> tuple[int, int]:
    return (last.last_order_id, last.last_return_id) if last is not None else (0, 0)


def open_span(store_id: int, day: date) -> Span:
    """What is still open of a store up to the end of a day."""
    after_order, after_return = _after(find_last(store_id))
    before = clock.start_of(day + timedelta(days=1))
    order = select(func.max(Order.id)).where(
        Order.id > after_order, Order.store_id == store_id, Order.drawn_at < before
    )
    back = (
        select(func.max(Return.id))
        .join(Order, Order.id == Return.order_id)
        .where(Return.id > after_return, Order.store_id == store_id, Return.returned_at < before)
    )
    row = db.session.execute(select(order.scalar_subquery(), back.scalar_subquery())).one()
    return Span(after_order, row[0] or after_order, after_return, row[1] or after_return)


def span_of(close: StoreClose) -> Span:
    """What a close covers."""
    return Span(close.after_order_id, close.last_order_id, close.after_return_id, close.last_return_id)


@dataclass(frozen=True)
class OpenDay:
    """A day on which something happened that no close covers yet."""

    day: date
    orders: int
    pieces: int
    home: int
    civility: int
    returns: int


def open_days(store_id: int) -> list[OpenDay]:
    """The days that wait for their close, the latest first.

    What happened on a closed day after its close counts to the day after.
    """
    last = find_last(store_id)
    after_order, after_return = _after(last)
    ordered = day_in_shanghai(Order.drawn_at).label("day")
    orders = db.session.execute(
        select(
            ordered, func.count(), func.sum(Order.pieces), func.sum(Order.home_points), func.sum(Order.civility_points)
        )
        .where(Order.id > after_order, Order.store_id == store_id)
        .group_by(ordered)
    )
    returned = day_in_shanghai(Return.returned_at).label("day")
    returns = db.session.execute(
        select(returned, func.count())
        .join(Order, Order.id == Return.order_id)
        .where(Return.id > after_return, Order.store_id == store_id)
        .group_by(returned)
    )
    days: dict[date, list[int]] = {}
    for day, *figures in [*(tuple(row) for row in orders), *((day, 0, 0, 0, 0, count) for day, count in returns)]:
        at = _counts_on(day, last)
        padded = [*figures, 0][:5]
        days[at] = [int(a) + int(b) for a, b in zip(days.get(at, [0] * 5), padded, strict=True)]
    return [OpenDay(day, *figures) for day, figures in sorted(days.items(), reverse=True)]


def _counts_on(day: date | str, last: StoreClose | None) -> date:
    happened = date.fromisoformat(day) if isinstance(day, str) else day
    return happened if last is None else max(happened, last.day + timedelta(days=1))


def is_open_before(store_id: int, day: date) -> bool:
    """Whether something that happened before a day still waits for its close."""
    last = find_last(store_id)
    after_order, after_return = _after(last)
    if last is not None and last.day >= day - timedelta(days=1):
        return False
    before = clock.start_of(day)
    orders = select(Order.id).where(Order.id > after_order, Order.store_id == store_id, Order.drawn_at < before)
    returns = (
        select(Return.id)
        .join(Order, Order.id == Return.order_id)
        .where(Return.id > after_return, Order.store_id == store_id, Return.returned_at < before)
    )
    found = db.session.execute(select(orders.limit(1).scalar_subquery(), returns.limit(1).scalar_subquery())).one()
    return found[0] is not None or found[1] is not None


def unsigned(store_id: int, user_id: int) -> int:
    """How many closes wait for somebody else's signature than their keeper's: those this user may sign."""
    query = select(func.count()).where(
        StoreClose.store_id == store_id, StoreClose.signed_at.is_(None), StoreClose.closed_by_id != user_id
    )
    return db.session.scalar(query) or 0


def stock_of(store_id: int, item_ids: Iterable[int]) -> dict[int, int]:
    """How many pieces of these goods should lie in a store, expired ones with them."""
    wanted = sorted(item_ids)
    rows = db.session.execute(
        select(Batch.item_id, func.sum(Batch.quantity))
        .where(Batch.store_id == store_id, Batch.item_id.in_(wanted))
        .group_by(Batch.item_id)
    )
    found = {item_id: int(pieces) for item_id, pieces in rows}
    return {item_id: found.get(item_id, 0) for item_id in wanted}


def returned_sums() -> Subquery:
    """By return (return_id): the pieces, home and civility points and cash of the lines it took back."""

    def whole(figure: ColumnElement[Any]) -> ColumnElement[int]:
        # PostgreSQL makes a sum of sums a decimal.
        return cast(func.coalesce(figure, 0), Integer)

    def points(unit: str) -> ColumnElement[int]:
        return whole(func.sum(OrderLine.points).filter(OrderLine.unit == unit)).label(unit)

    return (
        select(
            ReturnLine.return_id, whole(func.sum(OrderLine.quantity)).label("pieces"), points("home"), points("civility"),
            whole(func.sum(OrderLine.cash_fen)).label("cash"),
        )
        .join(OrderLine, OrderLine.id == ReturnLine.line_id)
        .group_by(ReturnLine.return_id)
        .subquery("returned_sums")
    )  # fmt: skip


def totals(store_id: int, span: Span) -> Totals:
    """What a span adds up to, in five statements whatever its size."""
    went = (Order.id > span.after_order, Order.id <= span.last_order, Order.store_id == store_id)
    came = (Return.id > span.after_return, Return.id <= span.last_return, Order.store_id == store_id)
    figures = (
        func.count().label("orders"), func.sum(Order.pieces).label("pieces"), func.sum(Order.home_points).label("home"),
        func.sum(Order.civility_points).label("civility"), func.sum(Order.cash_fen).label("cash"),
    )  # fmt: skip
    keepers = select(Order.by_id, *figures).where(*went).group_by(Order.by_id).order_by(Order.by_id)
    back = returned_sums()
    takers = (
        select(
            Return.by_id, func.count().label("orders"), func.sum(back.c.pieces).label("pieces"),
            func.sum(back.c.home).label("home"), func.sum(back.c.civility).label("civility"),
            func.sum(back.c.cash).label("cash"),
        )
        .join(back, back.c.return_id == Return.id)
        .join(Order, Order.id == Return.order_id)
        .where(*came)
        .group_by(Return.by_id)
        .order_by(Return.by_id)
    )  # fmt: skip
    first_order = select(func.min(Order.drawn_at)).where(*went)
    first_return = select(func.min(Return.returned_at)).join(Order, Order.id == Return.order_id).where(*came)
    firsts = db.session.execute(select(first_order.scalar_subquery(), first_return.scalar_subquery())).one()
    instants = [instant for instant in firsts if instant is not None]
    return Totals(
        list(db.session.execute(keepers)), list(db.session.execute(takers)),
        list(db.session.execute(_by_item(*went))),
        list(db.session.execute(_by_item(*came, joins_returns=True))),
        clock.day_of(min(instants)) if instants else None,
    )  # fmt: skip


def _by_item(*where: ColumnElement[bool], joins_returns: bool = False) -> Select[*tuple[Any, ...]]:
    pieces = func.sum(OrderLine.quantity).label("pieces")

    def points(unit: str) -> ColumnElement[Any]:
        return func.coalesce(func.sum(OrderLine.points).filter(OrderLine.unit == unit), 0).label(unit)

    query = (
        select(Item.id.label("item_id"), Item.name, Item.measure, pieces, points("home"), points("civility"))
        .join(OrderLine, OrderLine.item_id == Item.id)
        .join(Order, Order.id == OrderLine.order_id)
    )
    if joins_returns:
        query = query.join(ReturnLine, ReturnLine.line_id == OrderLine.id).join(
            Return, Return.id == ReturnLine.return_id
        )
    return query.where(*where).group_by(Item.id, Item.name, Item.measure).order_by(pieces.desc(), Item.id)
