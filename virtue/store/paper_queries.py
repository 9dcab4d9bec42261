"""What can be asked about numbered slips."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from virtue.extensions import db
from virtue.ledger.models import Unit
from virtue.people import codes
from virtue.store.close_queries import Span
from virtue.store.models import Order, OrderLine, ReturnLine
from virtue.store.paper_models import PaperSlip, SlipState

_DIGITS = 6


def printed_number(slip: PaperSlip) -> str:
    """As it stands on the paper: the village's number, six digits, a check digit over both: 3-000042-7."""
    body = f"{slip.number:0{_DIGITS}d}"
    return f"{slip.village_id}-{body}-{codes.check_digit(f'{slip.village_id}{body}')}"


def read_number(village_id: int, text: str) -> int | None:
    """The number that was typed as printed; None when a digit was misread, or it is another village's."""
    digits = codes.clean(text)
    village, number, check = digits[: -_DIGITS - 1], digits[-_DIGITS - 1 : -1], digits[-1:]
    if not (village.isascii() and village.isdigit()) or int(village[:15]) != village_id:
        return None
    return int(number) if codes.check_digit(f"{village_id}{number}") == check else None


def slips(village_id: int, *, state: str = "") -> Select[PaperSlip]:
    """All slips, newest number first; to be paged."""
    query = select(PaperSlip).where(PaperSlip.village_id == village_id).order_by(PaperSlip.number.desc())
    return query.where(PaperSlip.state == state) if state else query


def find_slip(village_id: int, slip_id: int) -> PaperSlip | None:
    """A slip of this village."""
    return db.session.scalar(select(PaperSlip).where(PaperSlip.id == slip_id, PaperSlip.village_id == village_id))


def slips_between(village_id: int, first: int, last: int) -> list[PaperSlip]:
    """The slips with these numbers that can still be filled, for one printing."""
    query = select(PaperSlip).where(
        PaperSlip.village_id == village_id, PaperSlip.number.between(first, last),
        PaperSlip.state == str(SlipState.PRINTED),
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(PaperSlip.number)))


def last_number(village_id: int) -> int:
    """The highest number that was ever printed; 0 before the first."""
    return db.session.scalar(select(func.max(PaperSlip.number)).where(PaperSlip.village_id == village_id)) or 0


def taken_on(household_id: int, day: date) -> dict[str, int]:
    """What a household has taken on paper of one day, by unit; lines that came back aside."""
    rows = db.session.execute(
        select(OrderLine.unit, func.sum(OrderLine.points))
        .join(PaperSlip, PaperSlip.order_id == OrderLine.order_id)
        .outerjoin(ReturnLine, ReturnLine.line_id == OrderLine.id)
        .where(PaperSlip.household_id == household_id, PaperSlip.day == day, ReturnLine.id.is_(None))
        .group_by(OrderLine.unit)
    )
    return dict.fromkeys(map(str, Unit), 0) | {unit: int(points) for unit, points in rows}


def of_orders(order_ids: Iterable[int]) -> dict[int, PaperSlip]:
    """By order the slip it was typed in from; orders of the till aside."""
    wanted = sorted(set(order_ids))
    if not wanted:
        return {}
    found = db.session.scalars(select(PaperSlip).where(PaperSlip.order_id.in_(wanted)))
    return {slip.order_id: slip for slip in found if slip.order_id is not None}


def in_span(store_id: int, span: Span) -> list[Any]:
    """What a close covers that was typed in from paper: rows slip, order, by number."""
    query = (
        select(PaperSlip.day, PaperSlip.number, PaperSlip.village_id, Order.id.label("order_id"), Order.home_points,
               Order.civility_points, Order.pieces)
        .join(Order, Order.id == PaperSlip.order_id)
        .where(Order.store_id == store_id, Order.id > span.after_order, Order.id <= span.last_order)
        .order_by(PaperSlip.day, PaperSlip.number)
    )  # fmt: skip
    return list(db.session.execute(query))
