"""What must hold among reservations, the points that are held for them, and the goods put aside."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select

from virtue.core.invariants import ALTERED, Invariant, Query, altered_remarks, of_query
from virtue.ledger import queries as ledger
from virtue.store.models import Batch, Movement, Order, OrderLine
from virtue.store.reservation_models import Reservation, ReservationLine

_HELD = Reservation.state.in_(("open", "out"))


def _wrong_held() -> Query:
    """A village whose held points of a unit aren't those of what is reserved and not yet fetched."""
    lying, due = ledger.held_sums(), _held_points()
    wanted = func.coalesce(due.c.points, 0)
    return (
        select(lying.c.village_id, lying.c.unit, lying.c.points.label("lying"), wanted.label("due"))
        .outerjoin(due, and_(due.c.village_id == lying.c.village_id, due.c.unit == lying.c.unit))
        .where(lying.c.points != wanted)
        .order_by(lying.c.village_id, lying.c.unit)
    )


def _held_points() -> Subquery:
    return (
        select(Reservation.village_id, ReservationLine.unit, func.sum(ReservationLine.points).label("points"))
        .join(ReservationLine, ReservationLine.reservation_id == Reservation.id)
        .where(_HELD)
        .group_by(Reservation.village_id, ReservationLine.unit)
        .subquery("due")
    )


def _wrong_entries() -> Query:
    """A reservation that wasn't taken from its household's purse, or whose release didn't bring it back there."""
    held, back = ledger.purse_sums("reservation"), ledger.purse_sums("release")
    is_released = Reservation.state == "released"
    due_home = case((is_released, Reservation.home_points), else_=0)
    due_civility = case((is_released, Reservation.civility_points), else_=0)
    return (
        select(Reservation.id)
        .outerjoin(held, held.c.subject_id == Reservation.id)
        .outerjoin(back, back.c.subject_id == Reservation.id)
        .where(
            or_(
                held.c.subject_id.is_(None), held.c.household_id != Reservation.household_id,
                held.c.home != -Reservation.home_points, held.c.civility != -Reservation.civility_points,
                (back.c.subject_id.is_(None)) == is_released,
                func.coalesce(back.c.home, 0) != due_home, func.coalesce(back.c.civility, 0) != due_civility,
                func.coalesce(back.c.household_id, Reservation.household_id) != Reservation.household_id,
            )
        )
        .order_by(Reservation.id)
    )  # fmt: skip


def _wrong_goods() -> Query:
    """A good of a reservation of which other pieces were put aside, brought back, or handed over than it says."""
    lines = (
        select(
            ReservationLine.reservation_id, ReservationLine.item_id, func.sum(ReservationLine.quantity).label("pieces")
        )
        .group_by(ReservationLine.reservation_id, ReservationLine.item_id)
        .subquery("lines")
    )
    moved = (
        select(
            Movement.reservation_id, Movement.item_id, _pieces("reserved"), _pieces("released"), _pieces("fetched"),
        )
        .where(Movement.reservation_id.is_not(None))
        .group_by(Movement.reservation_id, Movement.item_id)
        .subquery("moved")
    )  # fmt: skip
    back = case((_HELD, 0), else_=lines.c.pieces)
    out = case((Reservation.state == "fetched", lines.c.pieces), else_=0)
    return (
        select(lines.c.reservation_id, lines.c.item_id, lines.c.pieces)
        .join(Reservation, Reservation.id == lines.c.reservation_id)
        .outerjoin(
            moved, and_(moved.c.reservation_id == lines.c.reservation_id, moved.c.item_id == lines.c.item_id)
        )
        .where(
            or_(
                func.coalesce(moved.c.reserved, 0) != -lines.c.pieces, func.coalesce(moved.c.released, 0) != back,
                func.coalesce(moved.c.fetched, 0) != -out,
            )
        )
        .order_by(lines.c.reservation_id)
    )  # fmt: skip


def _pieces(kind: str) -> ColumnElement[Any]:
    return func.sum(case((Movement.kind == kind, Movement.quantity), else_=0)).label(kind)


def _strays() -> Query:
    """Pieces moved for a reservation that has no such line, or into another batch than they came from."""
    aside = Movement.__table__.alias("aside")
    from_there = (
        select(aside.c.id)
        .where(
            aside.c.reservation_id == Movement.reservation_id, aside.c.batch_id == Movement.batch_id,
            aside.c.kind == "reserved", func.abs(aside.c.quantity) == func.abs(Movement.quantity),
        )
        .exists()
    )  # fmt: skip
    has_line = (
        select(ReservationLine.id)
        .where(
            ReservationLine.reservation_id == Movement.reservation_id, ReservationLine.item_id == Movement.item_id
        )
        .exists()
    )  # fmt: skip
    return (
        select(Movement.id, Movement.reservation_id)
        .where(Movement.reservation_id.is_not(None), or_(~has_line, ~from_there))
        .order_by(Movement.id)
    )


def _wrong_totals() -> Query:
    """A reservation whose lines don't add up to its points and pieces."""

    def total(unit: str) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((ReservationLine.unit == unit, ReservationLine.points), else_=0)), 0)

    lines = (
        select(
            ReservationLine.reservation_id, total("home").label("home"), total("civility").label("civility"),
            func.sum(ReservationLine.quantity).label("pieces"),
        )
        .group_by(ReservationLine.reservation_id)
        .subquery("lines")
    )  # fmt: skip
    return (
        select(Reservation.id)
        .outerjoin(lines, lines.c.reservation_id == Reservation.id)
        .where(
            or_(
                lines.c.reservation_id.is_(None), lines.c.home != Reservation.home_points,
                lines.c.civility != Reservation.civility_points, lines.c.pieces != Reservation.pieces,
            )
        )
        .order_by(Reservation.id)
    )  # fmt: skip


def _wrong_orders() -> Query:
    """An order out of a reservation that isn't of its household, its store, or its lines."""
    ordered = (
        select(OrderLine.order_id, func.count().label("lines"), func.sum(OrderLine.points).label("points"))
        .group_by(OrderLine.order_id)
        .subquery("ordered")
    )
    reserved = (
        select(
            ReservationLine.reservation_id,
            func.count().label("lines"),
            func.sum(ReservationLine.points).label("points"),
        )
        .group_by(ReservationLine.reservation_id)
        .subquery("reserved")
    )
    return (
        select(Reservation.id, Reservation.order_id)
        .join(Order, Order.id == Reservation.order_id)
        .join(ordered, ordered.c.order_id == Order.id)
        .join(reserved, reserved.c.reservation_id == Reservation.id)
        .where(
            or_(
                Order.household_id != Reservation.household_id, Order.store_id != Reservation.store_id,
                Order.home_points != Reservation.home_points, Order.civility_points != Reservation.civility_points,
                ordered.c.lines != reserved.c.lines, ordered.c.points != reserved.c.points,
            )
        )
        .order_by(Reservation.id)
    )  # fmt: skip


def _gone_off() -> Query:
    """Goods put aside for longer than they stay good."""
    return (
        select(Movement.id, Movement.reservation_id)
        .join(Reservation, Reservation.id == Movement.reservation_id)
        .join(Batch, Batch.id == Movement.batch_id)
        .where(Movement.kind == "reserved", Batch.best_before < Reservation.fetch_by)
        .order_by(Movement.id)
    )


INVARIANTS: tuple[Invariant, ...] = (
    of_query(
        "store.held", _l("预留的积分正好是没取的预约"),
        _l("村 %(village_id)s，%(unit)s：预留着 %(lying)s 分，没取的预约是 %(due)s 分。"), _wrong_held,
    ),
    of_query(
        "store.reservation_paid", _l("每份预约都从那一户预留，放回的正好退给那一户"),
        _l("%(id)s 号预约：账上没有这一笔，或分数不一样。"), _wrong_entries,
    ),
    of_query(
        "store.reservation_goods", _l("预约的商品就是留下、放回、取走的件数"),
        _l("%(reservation_id)s 号预约：%(item_id)s 号商品写 %(pieces)s 件，进出的不是这么多。"), _wrong_goods,
    ),
    of_query(
        "store.reservation_stray", _l("留下的商品放回原来的批次"),
        _l("%(id)s 号进出：和 %(reservation_id)s 号预约的商品或批次不一样。"), _strays,
    ),
    of_query("store.reservation_total", _l("预约的积分等于各行之和"), _l("%(id)s 号预约：各行加起来和单上不一样。"), _wrong_totals),
    of_query(
        "store.reservation_order", _l("取走的就是预约的"),
        _l("%(id)s 号预约：%(order_id)s 号兑换单和它不一样。"), _wrong_orders,
    ),
    of_query(
        "store.reservation_best_before", _l("留着的商品到期以前都没过保质期"),
        _l("%(id)s 号进出：%(reservation_id)s 号预约留的商品到期前就过了保质期。"), _gone_off,
    ),
    Invariant(
        "store.reservation_remark", _l("取消预约的说明没有被改过"), ALTERED,
        lambda _run: altered_remarks(Reservation.__table__),
    ),
)  # fmt: skip
