"""Goods that come in: one paper with its lines, bought or donated. At or above the village's sum it waits for a second
person, and until then nothing of it is in stock.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.core import audit, files, keys, remarks, settings
from virtue.core.files import Upload
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.store import donor_services, stock_services
from virtue.store.donor_services import NewDonor
from virtue.store.errors import ReasonMissing
from virtue.store.models import Store
from virtue.store.stock_errors import DonorMissing, EmptyDelivery, SecondPersonReceives, StepOver, TooManyLines
from virtue.store.stock_models import Delivery, DeliveryLine, StepState
from virtue.store.stock_services import Lot

MOST_LINES = 40


@dataclass(frozen=True)
class Line:
    """Pieces of one good; ``cost_fen`` is one piece's."""

    item_id: int
    quantity: int
    cost_fen: int
    best_before: date | None = None


@dataclass(frozen=True)
class Paper:
    """From whom: a supplier's name for what was bought; for gifts a donor known by id, or a new one."""

    source: str
    supplier: str = ""
    donor_id: int | None = None
    new_donor: NewDonor | None = None


def enter(
    village_id: int, store_id: int, paper: Paper, lines: Sequence[Line], *, key: str, by: int, invoice: Upload | None = None
) -> Outcome:  # fmt: skip
    """Write a delivery down, once per key; below the village's sum it is in stock at once.

    Gives ``delivery_id``, ``state``, ``batch_ids``. Raises NotFoundHere, EmptyDelivery, TooManyLines, BadQuantity,
    BestBeforePast, BestBeforeMissing, DonorMissing, DonorNameMissing.
    """

    def work() -> dict[str, Any]:
        _check(village_id, store_id, paper, lines)
        total = sum(line.quantity * line.cost_fen for line in lines)
        delivery = Delivery(
            village_id=village_id, store_id=store_id, source=paper.source, total_fen=total,
            supplier=(paper.supplier.strip() or None) if paper.source == "bought" else None,
            donor_id=_donor(village_id, paper, by=by), needs_second=needs_second(village_id, total),
            invoice_id=files.claim_picture(invoice, village_id, by=by) if invoice else None,
            state=StepState.WAITING, entered_by_id=by, entered_at=clock.now(),
            lines=[DeliveryLine(**vars(line)) for line in lines],
        )  # fmt: skip
        db.session.add(delivery)
        db.session.flush()
        _note("enter_delivery", delivery, by=by, total_fen=total, source=paper.source)
        batch_ids = [] if delivery.needs_second else _take_in(delivery, by=by)
        return {"delivery_id": delivery.id, "state": str(delivery.state), "batch_ids": batch_ids}

    contents = [
        by, store_id, paper.source, paper.supplier, paper.donor_id, paper.new_donor and astuple(paper.new_donor),
        [[line.item_id, line.quantity, line.cost_fen, line.best_before] for line in lines], invoice and invoice.sha256,
    ]  # fmt: skip
    return keys.run_once(
        key, "store.enter_delivery", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def needs_second(village_id: int, total_fen: int) -> bool:
    """Whether goods of this worth need a second person. A village may switch that off with 0."""
    limit = settings.value("receive_second_from_yuan", village_id) * 100
    return bool(limit) and total_fen >= limit


def confirm(village_id: int, delivery_id: int, *, key: str, by: int) -> Outcome:
    """The second person has counted it too: into stock. Raises SecondPersonReceives, StepOver, BestBeforePast."""

    def work(delivery: Delivery) -> dict[str, Any]:
        if by == delivery.entered_by_id:
            raise SecondPersonReceives
        batch_ids = _take_in(delivery, by=by)
        _note("confirm_delivery", delivery, by=by)
        return {"delivery_id": delivery_id, "batch_ids": batch_ids}

    return _decide("confirm_delivery", village_id, delivery_id, [], work, key=key, by=by)


def refuse(village_id: int, delivery_id: int, *, why: str, key: str, by: int) -> Outcome:
    """It wasn't as written: nothing comes into stock. By anybody who may receive. Raises ReasonMissing, StepOver."""

    def work(delivery: Delivery) -> dict[str, Any]:
        if not why.strip():
            raise ReasonMissing
        delivery.remark_id, delivery.remark_hash = remarks.keep(why, village_id=village_id)
        _end(delivery, StepState.REFUSED, by=by)
        _note("refuse_delivery", delivery, by=by)
        return {"delivery_id": delivery_id}

    return _decide("refuse_delivery", village_id, delivery_id, [why], work, key=key, by=by)


def _check(village_id: int, store_id: int, paper: Paper, lines: Sequence[Line]) -> None:
    if not lines:
        raise EmptyDelivery
    if len(lines) > MOST_LINES:
        raise TooManyLines(most=MOST_LINES)
    if db.session.scalar(select(Store.id).where(Store.id == store_id, Store.village_id == village_id)) is None:
        raise NotFoundHere
    for line in lines:
        stock_services.check_lot(village_id, _lot(paper.source, line))
    if paper.source == "donated" and paper.donor_id is None and paper.new_donor is None:
        raise DonorMissing


def _donor(village_id: int, paper: Paper, *, by: int) -> int | None:
    if paper.source != "donated":
        return None
    if paper.donor_id is not None:
        return donor_services.load(village_id, paper.donor_id).id
    return donor_services.add(village_id, paper.new_donor, by=by) if paper.new_donor else None


def _lot(source: str, line: Line | DeliveryLine, delivery_id: int | None = None) -> Lot:
    return Lot(line.item_id, line.quantity, source, line.cost_fen, line.best_before, delivery_id)


def _take_in(delivery: Delivery, *, by: int) -> list[int]:
    """Every line becomes a batch; gives their ids."""
    for line in delivery.lines:
        lot = _lot(delivery.source, line, delivery.id)
        line.batch_id = stock_services.put_in(delivery.village_id, delivery.store_id, lot, by=by)
    _end(delivery, StepState.DONE, by=by)
    return [line.batch_id for line in delivery.lines if line.batch_id is not None]


def _end(delivery: Delivery, state: StepState, *, by: int) -> None:
    delivery.state, delivery.decided_by_id, delivery.decided_at = state, by, clock.now()
    db.session.flush()


def _decide(
    action: str, village_id: int, delivery_id: int, contents: Sequence[Any],
    work: Callable[[Delivery], dict[str, Any]], *, key: str, by: int,
) -> Outcome:  # fmt: skip
    def decide() -> dict[str, Any]:
        delivery = db.session.scalar(
            select(Delivery)
            .where(Delivery.id == delivery_id, Delivery.village_id == village_id)
            .with_for_update(key_share=True, of=Delivery)
        )
        if delivery is None:
            raise NotFoundHere
        if delivery.state != StepState.WAITING:
            raise StepOver
        return work(delivery)

    return keys.run_once(
        key, f"store.{action}", [by, delivery_id, *contents], decide,
        village_id=village_id, lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def _note(action: str, delivery: Delivery, *, by: int, **details: Any) -> None:
    audit.record(
        f"store.{action}", village_id=delivery.village_id, by=by, subject="delivery", subject_id=delivery.id, **details
    )
