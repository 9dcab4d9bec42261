"""A span of time in the stock: what lay there at first, what came and went by kind, what lay there at last."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from virtue.extensions import db
from virtue.store.models import Batch, Item, Movement

COLUMNS = ("opened", "bought", "donated", "out", "back", "lost", "moved", "counted", "held")
"""How movements are told apart; each kind stands in one of them."""

OF_KIND = {
    "sold": "out", "returned": "back", "written_off": "lost", "moved_out": "moved", "moved_in": "moved",
    "counted": "counted", "reserved": "held", "released": "held", "fetched": "out",
}  # fmt: skip
OF_SOURCE = {"opening": "opened", "bought": "bought", "donated": "donated"}
"""What was received, by where the batch came from."""


@dataclass(frozen=True)
class StockLine:
    """One good: opening plus all columns is closing."""

    item: Item
    opening: int
    moved: Mapping[str, int]
    closing: int


def stock_lines(village_id: int, start: datetime, end: datetime) -> list[StockLine]:
    """The goods that lay there or moved between two instants, all stores of a village together, by barcode.

    Reckoned back from what lies there now, so that it reads the movements since ``start`` and none before.
    """
    lying = _sums(
        select(Batch.item_id, func.sum(Batch.quantity))
        .where(Batch.village_id == village_id, Batch.quantity > 0)
        .group_by(Batch.item_id)
    )
    since = _sums(
        select(Movement.item_id, func.sum(Movement.quantity))
        .where(Movement.recorded_at >= end, Movement.village_id == village_id)
        .group_by(Movement.item_id)
    )
    moved = _moved(village_id, start, end)
    items = db.session.scalars(select(Item).where(Item.village_id == village_id).order_by(Item.barcode)).all()
    lines = []
    for item in items:
        kinds = moved.get(item.id, {})
        closing = lying.get(item.id, 0) - since.get(item.id, 0)
        if kinds or closing:
            lines.append(StockLine(item, closing - sum(kinds.values()), kinds, closing))
    return lines


def spent(village_id: int, start: datetime, end: datetime) -> dict[str, int]:
    """What was received between two instants cost, in fen, by where it came from."""
    rows = db.session.execute(
        select(Batch.source, func.sum(Movement.quantity * Batch.cost_fen))
        .join(Batch, Batch.id == Movement.batch_id)
        .where(
            Movement.recorded_at >= start, Movement.recorded_at < end, Movement.village_id == village_id,
            Movement.kind == "received",
        )
        .group_by(Batch.source)
    )  # fmt: skip
    return {source: int(total) for source, total in rows}


def _sums(query: Any) -> dict[int, int]:
    return {row[0]: int(row[1]) for row in db.session.execute(query)}


def _moved(village_id: int, start: datetime, end: datetime) -> dict[int, dict[str, int]]:
    """By good, what each column counts."""
    rows = db.session.execute(
        select(Movement.item_id, Movement.kind, Batch.source, func.sum(Movement.quantity))
        .join(Batch, Batch.id == Movement.batch_id)
        .where(Movement.recorded_at >= start, Movement.recorded_at < end, Movement.village_id == village_id)
        .group_by(Movement.item_id, Movement.kind, Batch.source)
    )
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for item_id, kind, source, pieces in rows:
        found[item_id][OF_SOURCE[source] if kind == "received" else OF_KIND[kind]] += int(pieces)
    return found
