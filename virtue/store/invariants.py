"""What must hold among goods, orders and what was paid for them."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from virtue.core.invariants import ALTERED, Invariant, Query, altered_remarks, day_in_shanghai, of_query
from virtue.ledger import queries as ledger
from virtue.people import recusals
from virtue.store.models import Batch, Item, Movement, Order, OrderLine, Price, Return, ReturnLine


def _wrong_stock() -> Query:
    moved = (
        select(Movement.batch_id, func.sum(Movement.quantity).label("due"))
        .group_by(Movement.batch_id)
        .subquery("moved")
    )
    due = func.coalesce(moved.c.due, 0)
    return (
        select(Batch.id, Batch.quantity, due.label("due"))
        .outerjoin(moved, moved.c.batch_id == Batch.id)
        .where(due != Batch.quantity)
        .order_by(Batch.id)
    )


def _broken_movements() -> Query:
    """A movement that doesn't begin where the batch's last one ended, ends below zero, or is of another good."""
    before = func.lag(Movement.after).over(partition_by=Movement.batch_id, order_by=Movement.id)
    rows = select(
        Movement.id, Movement.batch_id, Movement.item_id, Movement.before, Movement.after, Movement.quantity,
        func.coalesce(before, 0).label("due"),
    ).subquery("moves")  # fmt: skip
    wrong = or_(
        rows.c.before != rows.c.due, rows.c.after != rows.c.before + rows.c.quantity, rows.c.after < 0,
        rows.c.item_id != Batch.item_id,
    )  # fmt: skip
    return (
        select(rows.c.id, rows.c.batch_id, rows.c.before, rows.c.due, rows.c.after)
        .join(Batch, Batch.id == rows.c.batch_id)
        .where(wrong)
        .order_by(rows.c.id)
    )


def _moved(kind: str) -> Subquery:
    """Pieces that an order moved, by good."""
    return (
        select(Movement.order_id, Movement.item_id, func.sum(Movement.quantity).label("pieces"))
        .where(Movement.kind == kind)
        .group_by(Movement.order_id, Movement.item_id)
        .subquery(kind)
    )


def _sold() -> Query:
    """An order whose lines and sold pieces differ, or whose returned lines and returned pieces do."""
    sold, returned = _moved("sold"), _moved("returned")
    back = func.sum(case((ReturnLine.id.is_(None), 0), else_=OrderLine.quantity)).label("back")
    lines = (
        select(OrderLine.order_id, OrderLine.item_id, func.sum(OrderLine.quantity).label("pieces"), back)
        .outerjoin(ReturnLine, ReturnLine.line_id == OrderLine.id)
        .group_by(OrderLine.order_id, OrderLine.item_id)
        .subquery("lines")
    )
    return (
        select(lines.c.order_id, lines.c.item_id, lines.c.pieces, (-func.coalesce(sold.c.pieces, 0)).label("moved"))
        .outerjoin(sold, and_(sold.c.order_id == lines.c.order_id, sold.c.item_id == lines.c.item_id))
        .outerjoin(returned, and_(returned.c.order_id == lines.c.order_id, returned.c.item_id == lines.c.item_id))
        .where(
            or_(
                func.coalesce(sold.c.pieces, 0) != -lines.c.pieces,
                func.coalesce(returned.c.pieces, 0) != lines.c.back,
            )
        )
        .order_by(lines.c.order_id)
    )


def _strays() -> Query:
    """Pieces that moved for an order which has no such line."""
    return (
        select(Movement.id, Movement.order_id)
        .outerjoin(OrderLine, and_(OrderLine.order_id == Movement.order_id, OrderLine.item_id == Movement.item_id))
        .where(or_(Movement.kind.in_(("sold", "returned")), Movement.order_id.is_not(None)), OrderLine.id.is_(None))
        .order_by(Movement.id)
    )


def _wrong_totals() -> Query:
    """An order whose lines don't add up to its points and pieces."""

    def total(unit: str) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((OrderLine.unit == unit, OrderLine.points), else_=0)), 0)

    lines = (
        select(
            OrderLine.order_id, total("home").label("home"), total("civility").label("civility"),
            func.sum(OrderLine.quantity).label("pieces"), func.sum(OrderLine.cash_fen).label("cash_fen"),
        )
        .group_by(OrderLine.order_id)
        .subquery("lines")
    )  # fmt: skip
    return (
        select(Order.id, lines.c.home, lines.c.civility)
        .outerjoin(lines, lines.c.order_id == Order.id)
        .where(
            or_(
                lines.c.order_id.is_(None), lines.c.home != Order.home_points, lines.c.civility != Order.civility_points,
                lines.c.pieces != Order.pieces, lines.c.cash_fen != Order.cash_fen,
            )
        )
        .order_by(Order.id)
    )  # fmt: skip


def _unpaid_orders() -> Query:
    """An order without its one entry in the ledger, or paid otherwise than it says."""
    booked = ledger.purse_sums("order")
    return (
        select(Order.id, Order.home_points, Order.civility_points, booked.c.home, booked.c.civility)
        .outerjoin(booked, booked.c.subject_id == Order.id)
        .where(
            or_(
                booked.c.subject_id.is_(None), booked.c.home != -Order.home_points,
                booked.c.civility != -Order.civility_points, booked.c.household_id != Order.household_id,
            )
        )
        .order_by(Order.id)
    )  # fmt: skip


def _unpaid_returns() -> Query:
    """A return without its one entry, of no line or of another order's, or paid back otherwise than its lines cost."""
    booked = ledger.purse_sums("return")

    def total(unit: str) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((OrderLine.unit == unit, OrderLine.points), else_=0)), 0)

    lines = (
        select(
            ReturnLine.return_id, total("home").label("home"), total("civility").label("civility"),
            func.min(OrderLine.order_id).label("first"), func.max(OrderLine.order_id).label("last"),
        )
        .join(OrderLine, OrderLine.id == ReturnLine.line_id)
        .group_by(ReturnLine.return_id)
        .subquery("back")
    )  # fmt: skip
    return (
        select(Return.id, Return.order_id)
        .join(Order, Order.id == Return.order_id)
        .outerjoin(lines, lines.c.return_id == Return.id)
        .outerjoin(booked, booked.c.subject_id == Return.id)
        .where(
            or_(
                booked.c.subject_id.is_(None), lines.c.return_id.is_(None), lines.c.first != Return.order_id,
                lines.c.last != Return.order_id, booked.c.home != lines.c.home,
                booked.c.civility != lines.c.civility, booked.c.household_id != Order.household_id,
            )
        )
        .order_by(Return.id)
    )  # fmt: skip


def _orderless() -> Query:
    """An entry that says it paid an order, or a return, that isn't there."""
    orders, returns = ledger.purse_sums("order"), ledger.purse_sums("return")
    missing_orders = (
        select(orders.c.subject_id, orders.c.seq)
        .outerjoin(Order, Order.id == orders.c.subject_id)
        .where(Order.id.is_(None))
    )
    missing_returns = (
        select(returns.c.subject_id, returns.c.seq)
        .outerjoin(Return, Return.id == returns.c.subject_id)
        .where(Return.id.is_(None))
    )
    return select(missing_orders.union_all(missing_returns).subquery())


def _wrong_prices() -> Query:
    """A line that wasn't charged at the price then in force for its good and unit."""
    newer = aliased(Price)
    day = day_in_shanghai(Order.drawn_at)
    was_replaced = (
        select(newer.id)
        .where(
            newer.item_id == Price.item_id, newer.unit == Price.unit, newer.from_on <= day, newer.set_at <= Order.drawn_at,
            or_(newer.from_on > Price.from_on, and_(newer.from_on == Price.from_on, newer.id > Price.id)),
        )
        .exists()
    )  # fmt: skip
    return (
        select(OrderLine.id, OrderLine.order_id, OrderLine.points, OrderLine.quantity, Price.points.label("price"))
        .join(Order, Order.id == OrderLine.order_id)
        .join(Price, Price.id == OrderLine.price_id)
        .where(
            or_(
                Price.points.is_(None), OrderLine.points != OrderLine.quantity * Price.points,
                Price.item_id != OrderLine.item_id, Price.unit != OrderLine.unit, Price.from_on > day, was_replaced,
            )
        )
        .order_by(OrderLine.id)
    )  # fmt: skip


def _own_keepers() -> Query:
    """Goods handed over, or taken back, by somebody of the household or declared kin."""
    sales = select(Order.id, Order.by_id.label("user_id"), Order.household_id, Order.drawn_at.label("at"))
    returns = select(Order.id, Return.by_id, Order.household_id, Return.returned_at).join(
        Order, Order.id == Return.order_id
    )
    acts = sales.union_all(returns).subquery("acts")
    return (
        select(acts.c.id, acts.c.user_id, acts.c.household_id)
        .where(recusals.was_kin(acts.c.user_id, acts.c.household_id, acts.c.at))
        .order_by(acts.c.id)
    )


def _over_the_border() -> Query:
    return (
        select(Order.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Item, Item.id == OrderLine.item_id)
        .where(or_(Item.village_id != Order.village_id, OrderLine.household_id != Order.household_id))
        .order_by(Order.id)
    )


INVARIANTS: tuple[Invariant, ...] = (
    of_query("store.stock", _l("库存等于进出之和"), _l("%(id)s 号批次：库存是 %(quantity)s，应为 %(due)s。"), _wrong_stock),
    of_query(
        "store.movement", _l("每次进出接着上一次，从不小于零"),
        _l("%(id)s 号进出（%(batch_id)s 号批次）：从 %(before)s 起到 %(after)s，应从 %(due)s 起。"), _broken_movements,
    ),
    of_query(
        "store.sold", _l("兑换单上的件数就是出库的件数，退回的正好是换走的"),
        _l("%(order_id)s 号兑换单：%(item_id)s 号商品写 %(pieces)s 件，出库 %(moved)s 件，或退回的不对。"), _sold,
    ),
    of_query("store.stray", _l("出库都有兑换单"), _l("%(id)s 号进出：%(order_id)s 号兑换单上没有这样商品。"), _strays),
    of_query(
        "store.total", _l("兑换单的积分等于各行之和"),
        _l("%(id)s 号兑换单：各行加起来是家美 %(home)s、文明 %(civility)s，和单上不一样。"), _wrong_totals,
    ),
    of_query(
        "store.paid", _l("每张兑换单都从那一户的账上扣了，正好这么多"), _l("%(id)s 号兑换单：账上没有这一笔，或分数不一样。"), _unpaid_orders
    ),
    of_query(
        "store.returned", _l("每次退货都把积分退回了那一户"), _l("%(order_id)s 号兑换单的退货（%(id)s 号）：账上没有，或分数不一样。"), _unpaid_returns
    ),
    of_query("store.orderless", _l("兑换和退货的流水都有单据"), _l("流水 %(seq)s：没有 %(subject_id)s 号单据。"), _orderless),
    of_query(
        "store.price", _l("按当时的价格收积分"),
        _l("%(order_id)s 号兑换单：%(quantity)s 件收了 %(points)s 分，当时的价格不是这样。"), _wrong_prices,
    ),
    of_query(
        "store.kin", _l("不给自己家和亲属家办兑换"), _l("%(id)s 号兑换单：%(user_id)s 号用户给自己家或亲属家（%(household_id)s 号户）办的。"), _own_keepers
    ),
    of_query("store.village", _l("兑换的是本村的商品"), _l("%(id)s 号兑换单：商品或户和单上不一样。"), _over_the_border),
    Invariant("store.remark", _l("出库退货的说明没有被改过"), ALTERED, lambda _run: altered_remarks(Movement.__table__)),
    Invariant("store.return_remark", _l("退货的理由没有被改过"), ALTERED, lambda _run: altered_remarks(Return.__table__)),
)  # fmt: skip
