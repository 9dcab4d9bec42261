"""Taking an order back, whole or line by line: points in the units paid, goods into the batches they came from, once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from virtue import clock
from virtue.core import audit, keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere, OwnKin
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind
from virtue.ledger.services import Flow, Move, Posting
from virtue.people import standing
from virtue.people.errors import HouseholdEnded
from virtue.prepared import Prepared, into
from virtue.store import order_queries, paper_queries, stock_services
from virtue.store.errors import AlreadyReturned, LineReturned, NoLineChosen, ReasonMissing, UndoNeedsAnother
from virtue.store.models import Order, Return, ReturnLine
from virtue.store.stock_services import Occasion

_ORDER = Order.__table__
_NEW_RETURN, _NEW_BACK = into(Return.__table__, "id", returning="id"), into(ReturnLine.__table__, "id")
_FIND_ORDER = Prepared(
    select(_ORDER).where(_ORDER.c.id == bindparam("order_id"), _ORDER.c.village_id == bindparam("village_id"))
)


def give_back(
    village_id: int, order_id: int, *, key: str, by: int, why: str = "", lines: Collection[int] | None = None
) -> Outcome:
    """Take lines of an order back: points in the units that were paid, pieces into the batches they came from. Each once.

    ``lines``: the ids of the order's lines; None for all that weren't taken back yet. The keeper of the order within some
    minutes, later another person, with a reason. The result: return_id, order_id, seq, points and balance by unit,
    pieces, cash_fen (to be handed back), is_whole (nothing of the order is left). Raises NotFoundHere, NoLineChosen,
    AlreadyReturned, LineReturned, UndoNeedsAnother, ReasonMissing, OwnKin, HouseholdEnded.
    """
    chain: list[Any] = []

    def work() -> dict[str, Any]:
        order = _FIND_ORDER.first({"order_id": order_id, "village_id": village_id})
        if order is None:
            raise NotFoundHere
        known = order_queries.lines_of([order_id])[order_id]
        chosen = _chosen(known, lines)
        at = max(clock.now(), chain[0].recorded_at)
        _check_return(order, by=by, why=why, at=at)
        is_whole = len(chosen) == sum(line.returned_at is None for line in known)
        return {**_take_back(order, chosen, by=by, why=why, at=at), "is_whole": is_whole}

    contents = [by, order_id, why] + ([] if lines is None else [sorted(set(lines))])
    return keys.run_once(
        key, "store.give_back", contents, work,
        village_id=village_id, lock=lambda: chain.append(ledger.lock(village_id)),
    )  # fmt: skip


def return_ends(drawn_at: datetime, village_id: int) -> datetime:
    """Until when the keeper of an order may take it back alone."""
    return drawn_at + timedelta(minutes=settings.value("return_minutes", village_id))


def _chosen(known: Sequence[Any], lines: Collection[int] | None) -> list[Any]:
    """The lines to take back, of which none was before."""
    if all(line.returned_at is not None for line in known):
        raise AlreadyReturned
    if lines is None:
        return [line for line in known if line.returned_at is None]
    if not lines:
        raise NoLineChosen
    by_id = {line.id: line for line in known}
    if not by_id.keys() >= set(lines):
        raise NotFoundHere
    chosen = [by_id[line_id] for line_id in sorted(set(lines))]
    gone = next((line for line in chosen if line.returned_at is not None), None)
    if gone is not None:
        raise LineReturned(name=gone.name)
    return chosen


def _check_return(order: Any, *, by: int, why: str, at: datetime) -> None:
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


def _take_back(order: Any, lines: Sequence[Any], *, by: int, why: str, at: datetime) -> dict[str, Any]:
    remark_id, remark_hash = remarks.keep(why, village_id=order.village_id)
    row = {
        "village_id": order.village_id, "order_id": order.id, "returned_at": at, "by_id": by, "remark_id": remark_id,
        "remark_hash": remark_hash,
    }  # fmt: skip
    return_id: int = _NEW_RETURN.scalar(row)
    _NEW_BACK.run_many([{"return_id": return_id, "line_id": line.id} for line in lines])
    pieces, points = sums_of(lines)
    occasion = Occasion(order.village_id, by, at, "returned", order.id)
    stock_services.move(stock_services.back_steps(order.id, pieces), occasion)
    # What was taken on paper may have been owed: then the debt goes first.
    flow = Flow.TAKEN_BACK if paper_queries.of_orders([order.id]) else Flow.RETURN
    moves = tuple(Move(unit, n, flow) for unit, n in points.items())
    # The seal covers which order, and which of its lines.
    words = (order.id, [line.id for line in lines])
    posting = Posting(EntryKind.RETURN, return_id, order.household_id, moves, words)
    posted = ledger.post(order.village_id, [posting], by=by)[0]
    audit.record(
        "store.return", village_id=order.village_id, by=by, household_id=order.household_id, subject="order",
        subject_id=order.id, return_id=return_id, points=points, lines=len(lines),
    )  # fmt: skip
    return {
        "return_id": return_id, "order_id": order.id, "seq": posted.seq, "points": points, "balance": posted.balance,
        "pieces": sum(pieces.values()), "cash_fen": sum(line.cash_fen for line in lines),
    }  # fmt: skip


def sums_of(lines: Sequence[Any]) -> tuple[dict[int, int], dict[str, int]]:
    """Pieces by good and points by unit of some order lines; home points first."""
    pieces: dict[int, int] = {}
    points: dict[str, int] = {}
    for line in lines:
        pieces[line.item_id] = pieces.get(line.item_id, 0) + line.quantity
        points[line.unit] = points.get(line.unit, 0) + line.points
    return pieces, {unit: points[unit] for unit in ("home", "civility") if unit in points}
