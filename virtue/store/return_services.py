"""Taking an order back: points in the units paid, goods into the batches they came from, once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select

from virtue import clock
from virtue.core import audit, keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind
from virtue.ledger.services import Flow, Move, Posting
from virtue.people import standing
from virtue.people.errors import HouseholdEnded
from virtue.store import stock_services
from virtue.store.errors import AlreadyReturned, ReasonMissing, UndoNeedsAnother
from virtue.store.models import Order, Return
from virtue.store.stock_services import Occasion

_ORDER, _RETURN = Order.__table__, Return.__table__
_NEW_RETURN = insert(_RETURN).returning(_RETURN.c.id)
_FIND_ORDER = select(_ORDER).where(_ORDER.c.id == bindparam("order_id"), _ORDER.c.village_id == bindparam("village_id"))
_FIND_RETURN = select(_RETURN.c.id).where(_RETURN.c.order_id == bindparam("order_id"))


def give_back(village_id: int, order_id: int, *, key: str, by: int, why: str = "") -> Outcome:
    """Take a whole order back: points in the units that were paid, pieces into the batches they came from. Once.

    The keeper of the order within some minutes, later another person, with a reason. The result: return_id, order_id,
    seq, points and balance by unit. Raises NotFoundHere, AlreadyReturned, UndoNeedsAnother, ReasonMissing, OwnKin,
    HouseholdEnded.
    """
    chain: list[Any] = []

    def work() -> dict[str, Any]:
        order = db.session.execute(_FIND_ORDER, {"order_id": order_id, "village_id": village_id}).one_or_none()
        if order is None:
            raise NotFoundHere
        at = max(clock.now(), chain[0].recorded_at)
        _check_return(order, by=by, why=why, at=at)
        return _take_back(order, by=by, why=why, at=at)

    return keys.run_once(
        key, "store.give_back", [by, order_id, why], work,
        village_id=village_id, lock=lambda: chain.append(ledger.lock(village_id)),
    )  # fmt: skip


def return_ends(drawn_at: datetime, village_id: int) -> datetime:
    """Until when the keeper of an order may take it back alone."""
    return drawn_at + timedelta(minutes=settings.value("return_minutes", village_id))


def _check_return(order: Any, *, by: int, why: str, at: datetime) -> None:
    if db.session.scalar(_FIND_RETURN, {"order_id": order.id}) is not None:
        raise AlreadyReturned
    minutes = settings.value("return_minutes", order.village_id)
    in_time = at <= order.drawn_at + timedelta(minutes=minutes)
    if by == order.by_id and not in_time:
        raise UndoNeedsAnother(minutes=minutes)
    if by != order.by_id and not why.strip():
        raise ReasonMissing
    household = standing.standing(order.village_id, order.household_id, None, by=by)
    if household is None or household.state == "ended":
        raise HouseholdEnded
    if household.is_kin:
        raise OwnKin


def _take_back(order: Any, *, by: int, why: str, at: datetime) -> dict[str, Any]:
    remark_id, remark_hash = remarks.keep(why, village_id=order.village_id)
    row = {
        "village_id": order.village_id, "order_id": order.id, "returned_at": at, "by_id": by, "remark_id": remark_id,
        "remark_hash": remark_hash,
    }  # fmt: skip
    return_id: int = db.session.execute(_NEW_RETURN, row).scalar_one()
    occasion = Occasion(order.village_id, by, at, "returned", order.id)
    stock_services.move(stock_services.sold_steps(order.id), occasion)
    points = {unit: n for unit, n in (("home", order.home_points), ("civility", order.civility_points)) if n}
    moves = tuple(Move(unit, n, Flow.RETURN) for unit, n in points.items())
    posting = Posting(EntryKind.RETURN, return_id, order.household_id, moves, (order.id,))
    posted = ledger.post(order.village_id, [posting], by=by)[0]
    audit.record(
        "store.return", village_id=order.village_id, by=by, household_id=order.household_id, subject="order",
        subject_id=order.id, return_id=return_id, points=points,
    )  # fmt: skip
    return {
        "return_id": return_id, "order_id": order.id, "seq": posted.seq, "points": points, "balance": posted.balance,
    }  # fmt: skip
