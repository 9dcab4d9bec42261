"""What must hold among goods, orders and what was paid for them."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Subquery, and_, case, func, not_, or_, select, true
from sqlalchemy.orm import aliased

from virtue.core.invariants import ALTERED, Invariant, Query, altered_remarks, day_in_shanghai, of_query
from virtue.ledger import queries as ledger
from virtue.people import recusals
from virtue.store.models import Batch, Item, Movement, Order, OrderLine, Price, Return, ReturnLine
from virtue.store.paper_models import PaperSlip
from virtue.store.reservation_models import Reservation
from virtue.store.stock_models import Delivery, DeliveryLine, ItemBarcode, StockTransfer


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


def _moved(*kinds: str) -> Subquery:
    """Pieces that an order moved, by good."""
    return (
        select(Movement.order_id, Movement.item_id, func.sum(Movement.quantity).label("pieces"))
        .where(Movement.kind.in_(kinds))
        .group_by(Movement.order_id, Movement.item_id)
        .subquery(kinds[0])
    )


def _sold() -> Query:
    """An order whose lines and sold pieces differ, or whose returned lines and returned pieces do."""
    sold, returned = _moved("sold", "fetched"), _moved("returned")
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
        .where(
            or_(Movement.kind.in_(("sold", "returned", "fetched")), Movement.order_id.is_not(None)),
            OrderLine.id.is_(None),
        )
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
    """An order without its one entry in the ledger, or paid otherwise than it says: from the purse, or from what was held."""
    booked, fetched = ledger.purse_sums("order"), ledger.fetch_sums()
    home = func.coalesce(-booked.c.home, fetched.c.home)
    civility = func.coalesce(-booked.c.civility, fetched.c.civility)
    household = func.coalesce(booked.c.household_id, fetched.c.household_id)
    return (
        select(Order.id, Order.home_points, Order.civility_points, home.label("home"), civility.label("civility"))
        .outerjoin(booked, booked.c.subject_id == Order.id)
        .outerjoin(fetched, fetched.c.subject_id == Order.id)
        .outerjoin(Reservation, Reservation.order_id == Order.id)
        .where(
            or_(
                (booked.c.subject_id.is_(None)) != (Reservation.id.is_not(None)),
                (fetched.c.subject_id.is_(None)) != (Reservation.id.is_(None)),
                home != Order.home_points, civility != Order.civility_points, household != Order.household_id,
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
    orders, returns, fetches = ledger.purse_sums("order"), ledger.purse_sums("return"), ledger.fetch_sums()
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
    missing_fetched = (
        select(fetches.c.subject_id, fetches.c.seq)
        .outerjoin(Order, Order.id == fetches.c.subject_id)
        .where(Order.id.is_(None))
    )
    return select(missing_orders.union_all(missing_returns, missing_fetched).subquery())


def _wrong_prices() -> Query:
    """A line that wasn't charged at the price in force for its good and unit when it was sold, reserved, or taken on paper."""
    newer = aliased(Price)
    at = func.coalesce(Reservation.reserved_at, Order.drawn_at)
    day = func.coalesce(PaperSlip.day, day_in_shanghai(at))
    was_replaced = (
        select(newer.id)
        .where(
            newer.item_id == Price.item_id, newer.unit == Price.unit, newer.from_on <= day, newer.set_at <= at,
            or_(newer.from_on > Price.from_on, and_(newer.from_on == Price.from_on, newer.id > Price.id)),
        )
        .exists()
    )  # fmt: skip
    return (
        select(OrderLine.id, OrderLine.order_id, OrderLine.points, OrderLine.quantity, Price.points.label("price"))
        .join(Order, Order.id == OrderLine.order_id)
        .join(Price, Price.id == OrderLine.price_id)
        .outerjoin(Reservation, Reservation.order_id == Order.id)
        .outerjoin(PaperSlip, PaperSlip.order_id == Order.id)
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


def _torn_transfers() -> Query:
    """Goods given to another store of which not the same pieces went out here and in there, or which lost what they were."""
    out, into = aliased(Movement), aliased(Movement)
    left, come = aliased(Batch), aliased(Batch)
    moved = StockTransfer.state == "done"
    went = func.coalesce(out.quantity, 0) == -StockTransfer.quantity
    came = func.coalesce(into.quantity, 0) == StockTransfer.quantity
    is_same = and_(
        come.item_id == left.item_id, come.source == left.source, come.cost_fen == left.cost_fen,
        come.best_before.is_not_distinct_from(left.best_before), come.origin_id == left.id,
        come.store_id == StockTransfer.to_store_id, come.village_id == left.village_id,
    )  # fmt: skip
    return (
        select(StockTransfer.id, StockTransfer.quantity, (-out.quantity).label("went"), into.quantity.label("came"))
        .join(left, left.id == StockTransfer.from_batch_id)
        .outerjoin(come, come.id == StockTransfer.to_batch_id)
        .outerjoin(out, and_(out.transfer_id == StockTransfer.id, out.kind == "moved_out"))
        .outerjoin(into, and_(into.transfer_id == StockTransfer.id, into.kind == "moved_in"))
        .where(
            or_(
                and_(moved, func.coalesce(not_(and_(went, came, is_same)), true())),
                and_(not_(moved), or_(out.id.is_not(None), into.id.is_not(None))),
            )
        )
        .order_by(StockTransfer.id)
    )  # fmt: skip


def _wrong_deliveries() -> Query:
    """A line of a delivery whose batch isn't what was written, or is there though nobody confirmed, or isn't."""
    came = Delivery.state == "done"
    is_same = and_(
        Batch.item_id == DeliveryLine.item_id, Batch.cost_fen == DeliveryLine.cost_fen, Batch.delivery_id == Delivery.id,
        Batch.store_id == Delivery.store_id, Batch.source == Delivery.source, Movement.quantity == DeliveryLine.quantity,
        Batch.best_before.is_not_distinct_from(DeliveryLine.best_before),
    )  # fmt: skip
    return (
        select(DeliveryLine.id, DeliveryLine.delivery_id, DeliveryLine.quantity, Movement.quantity.label("came"))
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .outerjoin(Batch, Batch.id == DeliveryLine.batch_id)
        .outerjoin(Movement, and_(Movement.batch_id == Batch.id, Movement.kind == "received"))
        .where(
            or_(
                and_(came, func.coalesce(not_(is_same), true())),
                and_(not_(came), DeliveryLine.batch_id.is_not(None)),
            )
        )
        .order_by(DeliveryLine.id)
    )


def _shared_barcodes() -> Query:
    """A further barcode that is another good's first one."""
    return (
        select(ItemBarcode.id, ItemBarcode.code, Item.id.label("item_id"))
        .join(Item, and_(Item.village_id == ItemBarcode.village_id, Item.barcode == ItemBarcode.code))
        .order_by(ItemBarcode.id)
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
    of_query(
        "store.transfer", _l("调货时这边出多少，那边就进多少，进价、来源和保质期不变"),
        _l("%(id)s 号调货：写 %(quantity)s 件，出 %(went)s 件，进 %(came)s 件，或批次不一样。"), _torn_transfers,
    ),
    of_query(
        "store.delivery", _l("入库单确认了才入库，入的就是写的"),
        _l("%(delivery_id)s 号入库单第 %(id)s 行：写 %(quantity)s 件，入库 %(came)s 件，或批次不一样。"), _wrong_deliveries,
    ),
    of_query("store.barcode", _l("一个条码只是一种商品的"), _l("条码 %(code)s 也是 %(item_id)s 号商品的。"), _shared_barcodes),
    of_query("store.village", _l("兑换的是本村的商品"), _l("%(id)s 号兑换单：商品或户和单上不一样。"), _over_the_border),
    Invariant("store.remark", _l("出库退货的说明没有被改过"), ALTERED, lambda _run: altered_remarks(Movement.__table__)),
    Invariant("store.return_remark", _l("退货的理由没有被改过"), ALTERED, lambda _run: altered_remarks(Return.__table__)),
)  # fmt: skip
