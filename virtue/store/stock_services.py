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
from virtue.store.errors import BadQuantity, BestBeforePast, NotInBatch, OutOfStock, ReasonMissing, params_of
from virtue.store.models import Batch, Item, Movement, Store
from virtue.transactions import atomic

MOST_RECEIVED = 99_999

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
    .where(_MOVEMENT.c.order_id == bindparam("of_order"), _MOVEMENT.c.kind.in_(("sold", "returned")))
    .group_by(_MOVEMENT.c.batch_id, _MOVEMENT.c.item_id, _BATCH.c.quantity)
    .having(func.sum(_MOVEMENT.c.quantity) < 0)
    .order_by(func.min(_MOVEMENT.c.id).desc())
)


@dataclass(frozen=True)
class Occasion:
    """What all movements of one act have in common."""

    village_id: int
    by: int
    at: datetime
    kind: str
    order_id: int | None = None
    remark_id: int | None = None
    remark_hash: str | None = None


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
        "order_id": occasion.order_id, "by_id": occasion.by, "recorded_at": occasion.at,
        "remark_id": occasion.remark_id, "remark_hash": occasion.remark_hash,
    }  # fmt: skip


def open_store(village_id: int, name: str, *, by: int | None) -> Store:
    """The village's store of this name, made when it isn't there yet."""
    with atomic():
        store = db.session.scalar(select(Store).where(Store.village_id == village_id, Store.name == name))
        if store is None:
            store = Store(village_id=village_id, name=name)
            db.session.add(store)
            db.session.flush()
            audit.record("store.open", village_id=village_id, by=by, subject="store", subject_id=store.id)
    return store


@dataclass(frozen=True)
class Delivery:
    """Goods that come in together: bought, donated, or the opening stock. ``cost_fen`` is one piece's."""

    item_id: int
    quantity: int
    source: str
    cost_fen: int
    best_before: date | None = None


def receive(village_id: int, store_id: int, delivery: Delivery, *, key: str, by: int) -> Outcome:
    """Take goods in as a batch of their own, once per key. Raises BadQuantity, BestBeforePast."""

    def work() -> dict[str, Any]:
        return {"batch_id": put_in(village_id, store_id, delivery, by=by)}

    contents = [
        by,
        store_id,
        delivery.item_id,
        delivery.quantity,
        delivery.source,
        delivery.cost_fen,
        delivery.best_before,
    ]
    return keys.run_once(
        key, "store.receive", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def put_in(village_id: int, store_id: int, delivery: Delivery, *, by: int) -> int:
    """The same inside a write that holds the village's lock (an import's opening stock); gives the batch's id."""
    if not 1 <= delivery.quantity <= MOST_RECEIVED:
        raise BadQuantity(most=MOST_RECEIVED)
    if delivery.best_before is not None and delivery.best_before < clock.today():
        raise BestBeforePast
    owned = select(Item.id).where(Item.id == delivery.item_id, Item.village_id == village_id)
    housed = select(Store.id).where(Store.id == store_id, Store.village_id == village_id)
    if db.session.scalar(owned) is None or db.session.scalar(housed) is None:
        raise NotFoundHere
    row = {
        "village_id": village_id, "store_id": store_id, "item_id": delivery.item_id, "source": delivery.source,
        "received_on": clock.today(), "best_before": delivery.best_before, "cost_fen": delivery.cost_fen, "quantity": 0,
    }  # fmt: skip
    batch_id: int = _NEW_BATCH.scalar(row)
    occasion = Occasion(village_id, by, clock.now(), "received")
    move([Step(batch_id, delivery.item_id, delivery.quantity, 0)], occasion)
    audit.record(
        "store.receive", village_id=village_id, by=by, subject="batch", subject_id=batch_id, item_id=delivery.item_id,
        quantity=delivery.quantity, cost_fen=delivery.cost_fen, source=delivery.source,
    )  # fmt: skip
    return batch_id


def write_off(village_id: int, batch_id: int, quantity: int, *, why: str, key: str, by: int) -> Outcome:
    """Take broken or expired pieces out of a batch, with a reason. Raises ReasonMissing, BadQuantity, NotInBatch."""

    def work() -> dict[str, Any]:
        batch = db.session.execute(
            select(_BATCH.c.item_id, _BATCH.c.quantity).where(
                _BATCH.c.id == batch_id, _BATCH.c.village_id == village_id
            )
        ).one_or_none()
        if batch is None:
            raise NotFoundHere
        if not why.strip():
            raise ReasonMissing
        if quantity < 1:
            raise BadQuantity(most=batch.quantity)
        if batch.quantity < quantity:
            raise NotInBatch(left=batch.quantity, quantity=quantity)
        remark_id, remark_hash = remarks.keep(why, village_id=village_id)
        occasion = Occasion(
            village_id, by, clock.now(), "written_off", remark_id=remark_id, remark_hash=remark_hash
        )  # fmt: skip
        move([Step(batch_id, batch.item_id, -quantity, batch.quantity)], occasion)
        audit.record(
            "store.write_off", village_id=village_id, by=by, subject="batch", subject_id=batch_id,
            item_id=batch.item_id, quantity=quantity,
        )  # fmt: skip
        return {"batch_id": batch_id, "left": batch.quantity - quantity}

    return keys.run_once(
        key, "store.write_off", [by, batch_id, quantity, why], work,
        village_id=village_id, lock=lambda: ledger.lock(village_id),
    )  # fmt: skip
