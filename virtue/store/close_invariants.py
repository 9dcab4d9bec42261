"""What must hold of daily closes: each order and return belongs to exactly one, and their figures are what they cover."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Subquery, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from virtue.core.invariants import ALTERED, Invariant, Query, altered_remarks, of_query
from virtue.store.close_models import StoreClose
from virtue.store.close_queries import returned_sums
from virtue.store.models import Order, Return


def _gaps() -> Query:
    """A close that doesn't begin where the store's last one ended: something falls between, or counts twice."""

    def before(column: InstrumentedAttribute[int]) -> ColumnElement[Any]:
        return func.coalesce(func.lag(column).over(partition_by=StoreClose.store_id, order_by=StoreClose.day), 0)

    rows = select(
        StoreClose.id, StoreClose.after_order_id, StoreClose.after_return_id,
        before(StoreClose.last_order_id).label("due_order"), before(StoreClose.last_return_id).label("due_return"),
    ).subquery("closes")  # fmt: skip
    wrong = or_(rows.c.after_order_id != rows.c.due_order, rows.c.after_return_id != rows.c.due_return)
    return select(rows.c.id).where(wrong).order_by(rows.c.id)


def _wrong_sums() -> Query:
    """A close whose figures aren't those of the orders and returns it covers."""
    went = _sums(StoreClose.last_order_id, Order.id, returns=False)
    came = _sums(StoreClose.last_return_id, Return.id, returns=True)
    pairs = [
        (StoreClose.orders, went.c.orders), (StoreClose.pieces, went.c.pieces), (StoreClose.home_points, went.c.home),
        (StoreClose.civility_points, went.c.civility), (StoreClose.returns, came.c.orders),
        (StoreClose.returned_pieces, came.c.pieces), (StoreClose.returned_home, came.c.home),
        (StoreClose.returned_civility, came.c.civility),
    ]  # fmt: skip
    cash = func.coalesce(went.c.cash, 0) - func.coalesce(came.c.cash, 0)
    wrong = [kept != func.coalesce(summed, 0) for kept, summed in pairs]
    return (
        select(StoreClose.id)
        .outerjoin(went, went.c.close_id == StoreClose.id)
        .outerjoin(came, came.c.close_id == StoreClose.id)
        .where(or_(*wrong, StoreClose.cash_fen != cash))
        .order_by(StoreClose.id)
    )


def _sums(end: InstrumentedAttribute[int], number: InstrumentedAttribute[int], *, returns: bool) -> Subquery:
    """By close: what the orders (or what came back) add up to, each given to the first close that reaches its id."""
    owner = (
        select(StoreClose.id)
        .where(StoreClose.store_id == Order.store_id, end >= number)
        .order_by(end, StoreClose.day)
        .limit(1)
        .correlate(Order, Return)
        .scalar_subquery()
    )
    if returns:
        back = returned_sums()
        figures = (back.c.pieces, back.c.home, back.c.civility, back.c.cash)
        rows = select(owner.label("close_id"), *figures).select_from(Return)
        rows = rows.join(Order, Order.id == Return.order_id).join(back, back.c.return_id == Return.id)
    else:
        rows = select(
            owner.label("close_id"), Order.pieces, Order.home_points.label("home"),
            Order.civility_points.label("civility"), Order.cash_fen.label("cash"),
        )  # fmt: skip
    each = rows.subquery()
    return (
        select(
            each.c.close_id, func.count().label("orders"), func.sum(each.c.pieces).label("pieces"),
            func.sum(each.c.home).label("home"), func.sum(each.c.civility).label("civility"),
            func.sum(each.c.cash).label("cash"),
        )
        .where(each.c.close_id.is_not(None))
        .group_by(each.c.close_id)
        .subquery("came" if returns else "went")
    )  # fmt: skip


INVARIANTS: tuple[Invariant, ...] = (
    of_query(
        "store.close", _l("每张兑换单、每次撤单都在一次日结里，只在一次"),
        _l("%(id)s 号日结没有接着上一次日结，中间漏了或者重了。"), _gaps,
    ),
    of_query(
        "store.close_sums", _l("日结上的数就是那些单据的数"), _l("%(id)s 号日结上的数和它包括的单据加起来不一样。"), _wrong_sums
    ),
    Invariant("store.close_remark", _l("日结的说明没有被改过"), ALTERED, lambda _run: altered_remarks(StoreClose.__table__)),
)  # fmt: skip
