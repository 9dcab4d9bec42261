"""Everything that stands in one village's books about points and goods, and what must hold among it after any step.

Told from the rows alone: which points and which goods must have moved is read off the papers (orders, returns,
reservations), and nothing else may have.
"""

from collections import Counter, defaultdict
from typing import Any

import sqlalchemy as sa

from virtue.core.invariants import Run
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.ledger.models import Account, Entry, Transfer
from virtue.office import verify
from virtue.prepared import Prepared
from virtue.store.models import Batch, Item, Movement, Order, OrderLine, Price, Return, ReturnLine
from virtue.store.reservation_models import Reservation, ReservationLine
from virtue.store.stock_models import Delivery, StockTransfer
from virtue.store.stocktake_models import Stocktake, StocktakeGood

Papers = dict[str, list[Any]]

_OWN = (Batch, Movement, Order, Return, Reservation, Account, Entry, Transfer, Delivery, StockTransfer, Stocktake, Audit)  # fmt: skip
_PARTS = (
    (OrderLine, Order, OrderLine.order_id), (ReturnLine, Return, ReturnLine.return_id), (Price, Item, Price.item_id),
    (ReservationLine, Reservation, ReservationLine.reservation_id),
    (StocktakeGood, Stocktake, StocktakeGood.stocktake_id),
)  # fmt: skip
# Read after every act: made ready once.
_READ = {model.__tablename__: Prepared(sa.select(model.__table__).where(model.village_id == sa.bindparam("v")).order_by(model.id))
    for model in _OWN
} | {
    part.__tablename__: Prepared(sa.select(part.__table__).join(whole, whole.id == foreign)
    .where(whole.village_id == sa.bindparam("v")).order_by(part.id))
    for part, whole, foreign in _PARTS
}  # fmt: skip


def everything(village_id: int) -> Papers:
    """All committed rows of a village's books by table."""
    db.session.rollback()
    return {name: query.all({"v": village_id}) for name, query in _READ.items()}


def check(found: Papers) -> None:
    """The laws of points and goods."""
    _check_stock(found)
    _check_sums(found)
    assert _points_moved(found) == _points_due(found), "points moved otherwise than the papers say"
    assert _goods_moved(found) == _goods_due(found), "goods moved otherwise than the papers say"


def broken_laws() -> list[str]:
    """The project's own laws of the stores and the ledger that some row in the database breaks."""
    laws = [law for law in verify.INVARIANTS if law.name.startswith(("store.", "ledger."))]
    return [law.name for law in laws if list(law.rows(Run()))]


def held(found: Papers) -> Counter[str]:
    """What lies in the held accounts, from their transfers, by unit."""
    kinds = {row.id: row.kind for row in found["account"]}
    lying: Counter[str] = Counter()
    for row in found["transfer"]:
        lying[row.unit] += row.points * ((kinds[row.destination_id] == "held") - (kinds[row.source_id] == "held"))
    return +lying


def _check_stock(found: Papers) -> None:
    """Each movement begins where the last one ended, nothing is below zero, and the last one is what lies there."""
    lying: Counter[int] = Counter()
    for row in found["movement"]:
        assert row.before == lying[row.batch_id], f"movement {row.id} begins elsewhere"
        lying[row.batch_id] += row.quantity
        assert row.after == lying[row.batch_id] >= 0, f"movement {row.id} ends elsewhere"
    for batch in found["batch"]:
        assert batch.quantity == lying[batch.id], f"batch {batch.id} isn't the sum of its movements"


def _check_sums(found: Papers) -> None:
    """An order, and a reservation, is the sum of its lines."""
    for whole, part in (("store_order", "order_line"), ("reservation", "reservation_line")):
        lines = _by(found[part], "order_id" if part == "order_line" else "reservation_id")
        for row in found[whole]:
            own = lines[row.id]
            assert own, f"{whole} {row.id} has no lines"
            assert sum(line.quantity for line in own) == row.pieces, f"pieces of {whole} {row.id}"
            points = +Counter({"home": row.home_points, "civility": row.civility_points})
            assert _by_unit(own) == points, f"points of {whole} {row.id}"


def _points_moved(found: Papers) -> dict[tuple[Any, ...], Counter[str]]:
    """By what an entry is about, whose it is, and from where to where: points by unit; awards aside."""
    kinds = {row.id: (row.kind, row.household_id) for row in found["account"]}
    entries = {row.id: row for row in found["entry"]}
    moved: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for row in found["transfer"]:
        entry = entries[row.entry_id]
        if entry.kind != "deed":
            (source, first), (target, second) = kinds[row.source_id], kinds[row.destination_id]
            assert {first, second} <= {None, entry.household_id}, f"transfer {row.id} is on another household's account"
            moved[entry.kind, entry.subject_id, entry.household_id, source, target][row.unit] += row.points
    return moved


def _points_due(found: Papers) -> dict[tuple[Any, ...], Counter[str]]:
    due = {}
    fetched = {row.order_id for row in found["reservation"]}
    for row in found["store_order"]:
        kind, source = ("fetch", "held") if row.id in fetched else ("order", "purse")
        points = +Counter({"home": row.home_points, "civility": row.civility_points})
        due[kind, row.id, row.household_id, source, "till"] = points
    for row, lines in _returns(found):
        due["return", row.id, lines[0].household_id, "till", "purse"] = _by_unit(lines)
    for row in found["reservation"]:
        points = +Counter({"home": row.home_points, "civility": row.civility_points})
        due["reservation", row.id, row.household_id, "purse", "held"] = points
        if row.state == "released":
            due["release", row.id, row.household_id, "held", "purse"] = points
    return due


def _goods_moved(found: Papers) -> Counter[tuple[str, int, int]]:
    """By kind, order or reservation, and good: pieces; what belongs to neither aside."""
    moved: Counter[tuple[str, int, int]] = Counter()
    for row in found["movement"]:
        number = row.order_id if row.kind in {"sold", "fetched", "returned"} else row.reservation_id
        if number is not None:
            moved[row.kind, number, row.item_id] += row.quantity
    return moved


def _goods_due(found: Papers) -> Counter[tuple[str, int, int]]:
    due: Counter[tuple[str, int, int]] = Counter()
    fetched = {row.order_id for row in found["reservation"]}
    for line in found["order_line"]:
        due["fetched" if line.order_id in fetched else "sold", line.order_id, line.item_id] -= line.quantity
    for row, lines in _returns(found):
        for line in lines:
            due["returned", row.order_id, line.item_id] += line.quantity
    states = {row.id: row.state for row in found["reservation"]}
    for line in found["reservation_line"]:
        due["reserved", line.reservation_id, line.item_id] -= line.quantity
        if states[line.reservation_id] in {"released", "fetched"}:
            due["released", line.reservation_id, line.item_id] += line.quantity
    return due


def _returns(found: Papers) -> list[tuple[Any, list[Any]]]:
    """Each return with the order's lines it took back, which are of its order and were taken back this once."""
    lines = {row.id: row for row in found["order_line"]}
    back = _by(found["return_line"], "return_id")
    taken = [row.line_id for row in found["return_line"]]
    assert len(taken) == len(set(taken)), "a line was taken back twice"
    rows = [(row, [lines[one.line_id] for one in back[row.id]]) for row in found["store_return"]]
    assert all({line.order_id for line in own} == {row.order_id} for row, own in rows), "another order's lines"
    return rows


def _by(rows: list[Any], column: str) -> dict[int, list[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found


def _by_unit(lines: list[Any]) -> Counter[str]:
    points: Counter[str] = Counter()
    for line in lines:
        points[line.unit] += line.points
    return points
