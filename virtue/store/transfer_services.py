"""Goods given to another store of the village, in one act: out of one batch, into a new one that keeps source, cost and
best-before day. Where the village wants it, the act waits until a second person takes the goods over.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.core import audit, keys, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.store import stock_services
from virtue.store.models import Store
from virtue.store.stock_errors import BatchExpired, SameStore, SecondPersonTakesOver, StepOver
from virtue.store.stock_models import StepState, StockTransfer
from virtue.store.stock_services import Lot, Occasion, Step


def give_to_store(village_id: int, batch_id: int, quantity: int, to_store_id: int, *, key: str, by: int) -> Outcome:
    """Give pieces of a batch to another store, once per key; at once, or when a second person takes them over.

    Gives ``transfer_id``, ``state``, ``to_batch_id`` (None while it waits). Raises NotFoundHere, SameStore, BatchExpired,
    BadQuantity, NotInBatch.
    """

    def work() -> dict[str, Any]:
        batch = stock_services.find_batch(village_id, batch_id)
        if db.session.scalar(select(Store.id).where(Store.id == to_store_id, Store.village_id == village_id)) is None:
            raise NotFoundHere
        if batch.store_id == to_store_id:
            raise SameStore
        _check(batch, quantity)
        transfer = StockTransfer(
            village_id=village_id, item_id=batch.item_id, from_batch_id=batch_id, to_store_id=to_store_id,
            quantity=quantity, needs_second=settings.value("transfer_second", village_id), state=StepState.WAITING,
            sent_by_id=by, sent_at=clock.now(),
        )  # fmt: skip
        db.session.add(transfer)
        db.session.flush()
        _note("give_to_store", transfer, by=by, item_id=batch.item_id, quantity=quantity)
        if not transfer.needs_second:
            _carry_over(transfer, batch, by=by)
        return {"transfer_id": transfer.id, "state": str(transfer.state), "to_batch_id": transfer.to_batch_id}

    return keys.run_once(
        key, "store.give_to_store", [by, batch_id, quantity, to_store_id], work,
        village_id=village_id, lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def take_over(village_id: int, transfer_id: int, *, key: str, by: int) -> Outcome:
    """The second person has the goods. Raises SecondPersonTakesOver, StepOver, BatchExpired, NotInBatch."""

    def work(transfer: StockTransfer) -> dict[str, Any]:
        if by == transfer.sent_by_id:
            raise SecondPersonTakesOver
        batch = stock_services.find_batch(village_id, transfer.from_batch_id)
        _check(batch, transfer.quantity)
        _carry_over(transfer, batch, by=by)
        _note("take_over", transfer, by=by)
        return {"transfer_id": transfer_id, "to_batch_id": transfer.to_batch_id}

    return _decide("take_over", village_id, transfer_id, work, key=key, by=by)


def call_back(village_id: int, transfer_id: int, *, key: str, by: int) -> Outcome:
    """They didn't go, or didn't arrive: nothing has moved. By anybody who may receive. Raises StepOver."""

    def work(transfer: StockTransfer) -> dict[str, Any]:
        _end(transfer, StepState.REFUSED, by=by)
        _note("call_back", transfer, by=by)
        return {"transfer_id": transfer_id}

    return _decide("call_back", village_id, transfer_id, work, key=key, by=by)


def _check(batch: Any, quantity: int) -> None:
    if batch.best_before is not None and batch.best_before < clock.today():
        raise BatchExpired
    stock_services.check_pieces(batch, quantity)


def _carry_over(transfer: StockTransfer, batch: Any, *, by: int) -> None:
    """Both movements at once: out here, into a new batch there."""
    at = clock.now()
    step = Step(batch.id, batch.item_id, -transfer.quantity, batch.quantity)
    stock_services.move([step], Occasion(transfer.village_id, by, at, "moved_out", transfer_id=transfer.id))
    lot = Lot(
        batch.item_id, transfer.quantity, batch.source, batch.cost_fen, batch.best_before, batch.delivery_id, batch.id,
        batch.received_on,
    )  # fmt: skip
    occasion = Occasion(transfer.village_id, by, at, "moved_in", transfer_id=transfer.id)
    transfer.to_batch_id = stock_services.new_batch(transfer.to_store_id, lot, occasion)
    _end(transfer, StepState.DONE, by=by)


def _end(transfer: StockTransfer, state: StepState, *, by: int) -> None:
    transfer.state, transfer.decided_by_id, transfer.decided_at = state, by, clock.now()
    db.session.flush()


def _decide(
    action: str, village_id: int, transfer_id: int, work: Callable[[StockTransfer], dict[str, Any]], *, key: str, by: int
) -> Outcome:  # fmt: skip
    def decide() -> dict[str, Any]:
        transfer = db.session.scalar(
            select(StockTransfer)
            .where(StockTransfer.id == transfer_id, StockTransfer.village_id == village_id)
            .with_for_update(key_share=True, of=StockTransfer)
        )
        if transfer is None:
            raise NotFoundHere
        if transfer.state != StepState.WAITING:
            raise StepOver
        return work(transfer)

    return keys.run_once(
        key, f"store.{action}", [by, transfer_id], decide, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def _note(action: str, transfer: StockTransfer, *, by: int, **details: Any) -> None:
    audit.record(
        f"store.{action}", village_id=transfer.village_id, by=by, subject="stock_transfer", subject_id=transfer.id,
        **details,
    )  # fmt: skip
