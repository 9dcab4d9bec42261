"""Pieces in and out of batches. Every change is a conditional UPDATE of a batch and a movement with before and after.

All of it happens under the village's lock, so that ``before`` is what lies there; the database's CHECK stands behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from virtue import clock
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.prepared import Prepared, into
from virtue.store.errors import (
    BadQuantity,
    BadReason,
    BestBeforeMissing,
    BestBeforePast,
    NotExpired,
    NotInBatch,
    OutOfStock,
    OwnUse,
    ReasonMissing,
    params_of,
)
from virtue.store.models import Batch, Item, Movement, Store

MOST_RECEIVED = 99_999
WRITTEN_OFF = ("broken", "expired", "lost")
OWN_USE = "own_use"

_BATCH, _MOVEMENT = Batch.__table__, Movement.__table__
_BATCHES = Prepared(
    select(_BATCH.c.id, _BATCH.c.item_id, _BATCH.c.quantity)
    .where(
        _BATCH.c.store_id == bindparam("store_id"),
        _BATCH.c.item_id.in_(bindparam("item_ids", expanding=True)),
        _BATCH.c.quantity > 0,
        or_(_BATCH.c.best_before.is_(None), _BATCH.c.best_before >= bindparam("day")),
    )
    .order_by(_BATCH.c.best_before.is_(None), _BATCH.c.best_before, _BATCH.c.id)
)
_TAKE = Prepared(
    update(_BATCH)
    .where(_BATCH.c.id == bindparam("batch"), _BATCH.c.quantity >= bindparam("pieces"))
    .values(quantity=_BATCH.c.quantity - bindparam("pieces"))
)
_PUT = Prepared(
    update(_BATCH).where(_BATCH.c.id == bindparam("batch")).values(quantity=_BATCH.c.quantity + bindparam("pieces"))
)
_NEW_BATCH, _NEW_MOVEMENT = into(_BATCH, "id", returning="id"), into(_MOVEMENT, "id")
# What an order still holds out of each batch: what was sold, less what came back already; the last batch first.
_HELD = Prepared(
    select(
        _MOVEMENT.c.batch_id, _MOVEMENT.c.item_id, (-func.sum(_MOVEMENT.c.quantity)).label("pieces"), _BATCH.c.quantity
    )
    .join(_BATCH, _BATCH.c.id == _MOVEMENT.c.batch_id)
    .where(_MOVEMENT.c.order_id == bindparam("of_order"), _MOVEMENT.c.kind.in_(("sold", "fetched", "returned")))
    .group_by(_MOVEMENT.c.batch_id, _MOVEMENT.c.item_id, _BATCH.c.quantity)
    .having(func.sum(_MOVEMENT.c.quantity) < 0)
    .order_by(func.min(_MOVEMENT.c.id).desc())
)
_KEPT = Prepared(
    select(_MOVEMENT.c.batch_id, _MOVEMENT.c.item_id, (-_MOVEMENT.c.quantity).label("pieces"), _BATCH.c.quantity)
    .join(_BATCH, _BATCH.c.id == _MOVEMENT.c.batch_id)
    .where(_MOVEMENT.c.reservation_id == bindparam("of_reservation"), _MOVEMENT.c.kind == "reserved")
    .order_by(_MOVEMENT.c.id)
)


@dataclass(frozen=True)
class Occasion:
    """What all movements of one act have in common."""

    village_id: int
    by: int | None
    at: datetime
    kind: str
    order_id: int | None = None
    reservation_id: int | None = None
    remark_id: int | None = None
    remark_hash: str | None = None
    transfer_id: int | None = None
    stocktake_id: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Step:
    """Pieces into a batch (positive) or out of it, and what lay there before."""

    batch_id: int
    item_id: int
    quantity: int
    before: int


def take(store_id: int, wanted: dict[int, int], goods: dict[int, Any], day: date) -> list[Step]:
    """Plan which batches the pieces (item id -> pieces) come from: first expired, first out; expired ones stay.

    Raises ``OutOfStock`` for the first good of which too few lie there.
    """
    steps: list[Step] = []
    open_pieces = dict(wanted)
    values = {"store_id": store_id, "item_ids": sorted(wanted), "day": day}
    for batch in _BATCHES.all(values):
        pieces = min(open_pieces[batch.item_id], batch.quantity)
        if pieces:
            open_pieces[batch.item_id] -= pieces
            steps.append(Step(batch.id, batch.item_id, -pieces, batch.quantity))
    for item_id, missing in open_pieces.items():
        if missing:
            quantity = wanted[item_id]
            raise OutOfStock(**params_of(goods[item_id], left=quantity - missing, quantity=quantity))
    return steps


def back_steps(order_id: int, wanted: dict[int, int]) -> list[Step]:
    """What brings pieces of an order (item id -> pieces) back into the batches they came from; last out, first back."""
    steps: list[Step] = []
    open_pieces = dict(wanted)
    for batch in _HELD.all({"of_order": order_id}):
        pieces = min(open_pieces.get(batch.item_id, 0), batch.pieces)
        if pieces:
            open_pieces[batch.item_id] -= pieces
            steps.append(Step(batch.batch_id, batch.item_id, pieces, batch.quantity))
    if any(open_pieces.values()):
        raise RuntimeError(f"order {order_id} was sold fewer pieces than it is to give back")
    return steps


def held_steps(reservation_id: int) -> list[Step]:
    """What brings the pieces held for a reservation back into the batches they came from."""
    return [Step(*row) for row in _KEPT.all({"of_reservation": reservation_id})]


def move(steps: Sequence[Step], occasion: Occasion) -> None:
    """Write the steps: batches by conditional UPDATE, one movement each."""
    for statement, part in (
        (_TAKE, [s for s in steps if s.quantity < 0]),
        (_PUT, [s for s in steps if s.quantity > 0]),
    ):
        changes = [{"batch": step.batch_id, "pieces": abs(step.quantity)} for step in part]
        if statement.run_many(changes) != len(part):
            raise RuntimeError("a batch changed under the village's lock")
    _NEW_MOVEMENT.run_many([_movement(step, occasion) for step in steps])


def _movement(step: Step, occasion: Occasion) -> dict[str, Any]:
    return {
        "village_id": occasion.village_id, "batch_id": step.batch_id, "item_id": step.item_id, "kind": occasion.kind,
        "quantity": step.quantity, "before": step.before, "after": step.before + step.quantity,
        "order_id": occasion.order_id, "reservation_id": occasion.reservation_id, "by_id": occasion.by, "recorded_at": occasion.at,
        "remark_id": occasion.remark_id, "remark_hash": occasion.remark_hash,
        "transfer_id": occasion.transfer_id, "stocktake_id": occasion.stocktake_id, "reason": occasion.reason,
    }  # fmt: skip


@dataclass(frozen=True)
class Lot:
    """Pieces of one good that become a batch. ``cost_fen`` is one piece's; ``source`` see ``Batch``."""

    item_id: int
    quantity: int
    source: str
    cost_fen: int
    best_before: date | None = None
    delivery_id: int | None = None
    origin_id: int | None = None
    received_on: date | None = None
    """Today, unless the pieces came into the village earlier."""


def put_in(village_id: int, store_id: int, lot: Lot, *, by: int) -> int:
    """Take pieces in as a batch, inside a write that holds the village's lock; gives the batch's id.

    Raises NotFoundHere, BadQuantity, BestBeforePast, BestBeforeMissing.
    """
    check_lot(village_id, lot)
    batch_id = new_batch(store_id, lot, Occasion(village_id, by, clock.now(), "received"))
    audit.record(
        "store.receive", village_id=village_id, by=by, subject="batch", subject_id=batch_id, item_id=lot.item_id,
        quantity=lot.quantity, cost_fen=lot.cost_fen, source=lot.source,
    )  # fmt: skip
    return batch_id


def check_lot(village_id: int, lot: Lot) -> None:
    """Whether these pieces may be taken in today. Raises NotFoundHere, BadQuantity, BestBeforePast, BestBeforeMissing."""
    if not 1 <= lot.quantity <= MOST_RECEIVED:
        raise BadQuantity(most=MOST_RECEIVED)
    if lot.best_before is not None and lot.best_before < clock.today():
        raise BestBeforePast
    good = db.session.execute(
        select(Item.name, Item.needs_best_before).where(Item.id == lot.item_id, Item.village_id == village_id)
    ).one_or_none()
    if good is None:
        raise NotFoundHere
    # What lay there before the village began is taken over as it is.
    if good.needs_best_before and lot.best_before is None and lot.source != "opening":
        raise BestBeforeMissing(name=good.name)


def new_batch(store_id: int, lot: Lot, occasion: Occasion) -> int:
    """A batch of a store with its first movement; gives its id. Raises NotFoundHere for another village's store."""
    housed = select(Store.id).where(Store.id == store_id, Store.village_id == occasion.village_id)
    if db.session.scalar(housed) is None:
        raise NotFoundHere
    row = {
        "village_id": occasion.village_id, "store_id": store_id, "item_id": lot.item_id, "source": lot.source,
        "received_on": lot.received_on or clock.today(), "best_before": lot.best_before, "cost_fen": lot.cost_fen,
        "quantity": 0, "delivery_id": lot.delivery_id, "origin_id": lot.origin_id,
    }  # fmt: skip
    batch_id: int = _NEW_BATCH.scalar(row)
    move([Step(batch_id, lot.item_id, lot.quantity, 0)], occasion)
    return batch_id


def write_off(
    village_id: int, batch_id: int, quantity: int, *, reason: str, why: str, key: str, by: int
) -> Outcome:  # fmt: skip
    """Take broken, expired or lost pieces out of a batch, with words. Own use is none of these.

    Raises OwnUse, BadReason, NotExpired, ReasonMissing, BadQuantity, NotInBatch.
    """

    def work() -> dict[str, Any]:
        batch = find_batch(village_id, batch_id)
        _check_reason(batch, reason)
        if not why.strip():
            raise ReasonMissing
        check_pieces(batch, quantity)
        remark_id, remark_hash = remarks.keep(why, village_id=village_id)
        occasion = Occasion(
            village_id, by, clock.now(), "written_off", remark_id=remark_id, remark_hash=remark_hash, reason=reason
        )  # fmt: skip
        move([Step(batch_id, batch.item_id, -quantity, batch.quantity)], occasion)
        audit.record(
            "store.write_off", village_id=village_id, by=by, subject="batch", subject_id=batch_id,
            item_id=batch.item_id, quantity=quantity, reason=reason,
        )  # fmt: skip
        return {"batch_id": batch_id, "left": batch.quantity - quantity}

    return keys.run_once(
        key, "store.write_off", [by, batch_id, quantity, reason, why], work,
        village_id=village_id, lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def _check_reason(batch: Any, reason: str) -> None:
    if reason == OWN_USE:
        raise OwnUse
    if reason not in WRITTEN_OFF:
        raise BadReason
    if reason == "expired" and (batch.best_before is None or batch.best_before >= clock.today()):
        raise NotExpired


def find_batch(village_id: int, batch_id: int) -> Any:
    """A batch's row as it lies there now, under the village's lock. Raises NotFoundHere."""
    batch = db.session.execute(
        select(_BATCH).where(_BATCH.c.id == batch_id, _BATCH.c.village_id == village_id)
    ).one_or_none()
    if batch is None:
        raise NotFoundHere
    return batch


def check_pieces(batch: Any, quantity: int) -> None:
    """Whether so many pieces may be taken out of a batch. Raises BadQuantity, NotInBatch."""
    if quantity < 1:
        raise BadQuantity(most=batch.quantity)
    if batch.quantity < quantity:
        raise NotInBatch(left=batch.quantity, quantity=quantity)
