"""What must hold among stocktakes, their numbers and the stock."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, or_, select

from virtue.core.invariants import ALTERED, Invariant, Query, altered_remarks, of_query
from virtue.store.models import Batch, Movement
from virtue.store.stocktake_models import Stocktake, StocktakeCount, StocktakeGood, StocktakeSeat


def _wrong_differences() -> Query:
    """A good whose difference wasn't booked, not exactly, or before the stocktake was over."""
    booked = (
        select(Movement.stocktake_id, Movement.item_id, func.sum(Movement.quantity).label("pieces"))
        .where(Movement.kind == "counted")
        .group_by(Movement.stocktake_id, Movement.item_id)
        .subquery("booked")
    )
    due = func.coalesce(StocktakeGood.difference, 0)
    pieces = func.coalesce(booked.c.pieces, 0)
    return (
        select(StocktakeGood.id, StocktakeGood.stocktake_id, due.label("difference"), pieces.label("pieces"))
        .join(Stocktake, Stocktake.id == StocktakeGood.stocktake_id)
        .outerjoin(
            booked,
            and_(booked.c.stocktake_id == StocktakeGood.stocktake_id, booked.c.item_id == StocktakeGood.item_id),
        )
        .where(
            or_(
                and_(Stocktake.state == "booked", pieces != due),
                and_(Stocktake.state != "booked", pieces != 0),
            )
        )
        .order_by(StocktakeGood.id)
    )


def _wrong_books() -> Query:
    """A number beside which the books of its moment aren't what the movements say."""
    said = (
        select(func.coalesce(func.sum(Movement.quantity), 0))
        .join(Batch, Batch.id == Movement.batch_id)
        .where(
            Batch.store_id == Stocktake.store_id, Movement.item_id == StocktakeGood.item_id,
            Movement.id <= StocktakeCount.movement_id,
        )
        .correlate(Stocktake, StocktakeGood, StocktakeCount)
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(StocktakeCount.id, StocktakeGood.stocktake_id, StocktakeCount.book, said.label("due"))
        .join(StocktakeGood, StocktakeGood.id == StocktakeCount.good_id)
        .join(Stocktake, Stocktake.id == StocktakeGood.stocktake_id)
        .where(said != StocktakeCount.book)
        .order_by(StocktakeCount.id)
    )


def _counted_alone() -> Query:
    """A stocktake past counting that fewer than two handed in."""
    both = (
        select(func.count())
        .where(StocktakeSeat.stocktake_id == Stocktake.id, StocktakeSeat.handed_in_at.is_not(None))
        .correlate(Stocktake)
        .scalar_subquery()
    )
    return (
        select(Stocktake.id, both.label("counters"))
        .where(Stocktake.state.in_(("compared", "to_sign", "booked")), both < 2)
        .order_by(Stocktake.id)
    )


INVARIANTS: tuple[Invariant, ...] = (
    of_query(
        "store.counted", _l("盘点的差数就是入账的件数"),
        _l("第 %(stocktake_id)s 次盘点（%(id)s 号）：差 %(difference)s 件，入账 %(pieces)s 件。"), _wrong_differences,
    ),
    of_query(
        "store.count_book", _l("盘点时记的账上数就是那一刻的账"),
        _l("第 %(stocktake_id)s 次盘点的 %(id)s 号点数：账上写 %(book)s 件，应是 %(due)s 件。"), _wrong_books,
    ),
    of_query("store.count_two", _l("盘点由两个人点"), _l("第 %(id)s 次盘点：只有 %(counters)s 个人点完。"), _counted_alone),
    Invariant(
        "store.count_remark", _l("盘点的说明没有被改过"), ALTERED, lambda _run: altered_remarks(Stocktake.__table__)
    ),
)  # fmt: skip
