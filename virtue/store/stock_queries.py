"""What can be asked about stock: the village's stores, deliveries, donors, goods on the way, movements, what expires."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from virtue import clock
from virtue.core.models import Remark, StoredFile
from virtue.extensions import db
from virtue.store.models import Batch, Item, Movement, Store
from virtue.store.queries import EXPIRING_DAYS
from virtue.store.stock_models import Delivery, Donor, ItemBarcode, StepState, StockTransfer, StoreSeat


def stores_of(village_id: int) -> list[Store]:
    """The village's stores, the first one first."""
    return list(db.session.scalars(select(Store).where(Store.village_id == village_id).order_by(Store.id)))


def store_of(village_id: int, user_id: int) -> Store | None:
    """The store at which this person works: the one chosen last, else the village's first. None before there is one."""
    seat = and_(StoreSeat.store_id == Store.id, StoreSeat.user_id == user_id)
    return db.session.scalar(
        select(Store)
        .outerjoin(StoreSeat, seat)
        .where(Store.village_id == village_id)
        .order_by(StoreSeat.id.is_(None), Store.id)
        .limit(1)
    )


def shelves_of(village_id: int, day: date) -> dict[int, list[str]]:
    """By good, the names of the stores in which some that may be given out on a day lies, the first store first."""
    rows = db.session.execute(
        select(Batch.item_id, Store.name)
        .join(Store, Store.id == Batch.store_id)
        .where(
            Batch.village_id == village_id, Batch.quantity > 0,
            or_(Batch.best_before.is_(None), Batch.best_before >= day),
        )
        .group_by(Batch.item_id, Store.id, Store.name)
        .order_by(Store.id)
    )  # fmt: skip
    found: dict[int, list[str]] = {}
    for item_id, name in rows:
        found.setdefault(item_id, []).append(name)
    return found


def worth_of_stores(village_id: int) -> dict[int, Any]:
    """By store id: kinds, pieces and cost (fen) of what lies there."""
    rows = db.session.execute(
        select(
            Batch.store_id, func.count(Batch.item_id.distinct()).label("kinds"), func.sum(Batch.quantity).label("pieces"),
            func.sum(Batch.quantity * Batch.cost_fen).label("cost_fen"),
        )
        .where(Batch.village_id == village_id, Batch.quantity > 0)
        .group_by(Batch.store_id)
    )  # fmt: skip
    return {row.store_id: row for row in rows}


def deliveries_of(
    village_id: int, *, state: str = "", source: str = "", store_id: int | None = None
) -> Select[Delivery]:
    """Deliveries, newest first; to be paged."""
    query = select(Delivery).where(Delivery.village_id == village_id).options(joinedload(Delivery.donor))
    if state:
        query = query.where(Delivery.state == state)
    if source:
        query = query.where(Delivery.source == source)
    if store_id is not None:
        query = query.where(Delivery.store_id == store_id)
    return query.order_by(Delivery.id.desc())


def find_delivery(village_id: int, delivery_id: int) -> Delivery | None:
    """A delivery of this village."""
    return db.session.scalar(select(Delivery).where(Delivery.id == delivery_id, Delivery.village_id == village_id))


def deliveries_to_confirm(village_id: int, user_id: int) -> int:
    """How many wait for somebody else's eyes than the one's who entered them: this person's."""
    query = select(func.count()).where(
        Delivery.village_id == village_id, Delivery.state == StepState.WAITING, Delivery.entered_by_id != user_id
    )
    return db.session.scalar(query) or 0


def transfers_of(village_id: int) -> Select[StockTransfer]:
    """Goods given to another store, newest first; to be paged."""
    return select(StockTransfer).where(StockTransfer.village_id == village_id).order_by(StockTransfer.id.desc())


def find_transfer(village_id: int, transfer_id: int) -> StockTransfer | None:
    """One of them."""
    return db.session.scalar(
        select(StockTransfer).where(StockTransfer.id == transfer_id, StockTransfer.village_id == village_id)
    )


def transfers_to_take_over(village_id: int, user_id: int) -> int:
    """How many wait for this person (or anybody else than who sent them)."""
    query = select(func.count()).where(
        StockTransfer.village_id == village_id, StockTransfer.state == StepState.WAITING,
        StockTransfer.sent_by_id != user_id,
    )  # fmt: skip
    return db.session.scalar(query) or 0


def donors_of(village_id: int) -> list[Donor]:
    """Everybody who gave, the latest first."""
    return list(db.session.scalars(select(Donor).where(Donor.village_id == village_id).order_by(Donor.id.desc())))


def gifts_of(village_id: int) -> Select[Any]:
    """Donors with what came of them: rows of Donor, gifts, total_fen, last_at; to be paged."""
    gifts = (
        select(
            Delivery.donor_id, func.count().label("gifts"), func.sum(Delivery.total_fen).label("total_fen"),
            func.max(Delivery.entered_at).label("last_at"),
        )
        .where(Delivery.village_id == village_id, Delivery.state == StepState.DONE)
        .group_by(Delivery.donor_id)
        .subquery("gifts")
    )  # fmt: skip
    return (
        select(Donor, func.coalesce(gifts.c.gifts, 0).label("gifts"), gifts.c.total_fen, gifts.c.last_at)
        .outerjoin(gifts, gifts.c.donor_id == Donor.id)
        .where(Donor.village_id == village_id)
        .order_by(Donor.id.desc())
    )


@dataclass(frozen=True)
class Thanks:
    """Whom the village thanks in public: names of those who agreed, and how many wanted no name."""

    names: list[str]
    others: int


def thanks(village_id: int, since: date) -> Thanks:
    """Donors whose gifts came into stock since a day; names only of those who agreed to be named."""
    rows = db.session.execute(
        select(Donor.id, Donor.name, Donor.thanks)
        .join(Delivery, Delivery.donor_id == Donor.id)
        .where(
            Donor.village_id == village_id, Delivery.state == StepState.DONE,
            Delivery.decided_at >= clock.start_of(since),
        )
        .group_by(Donor.id, Donor.name, Donor.thanks)
        .order_by(func.max(Delivery.decided_at).desc(), Donor.id)
    ).all()  # fmt: skip
    named = [row.name for row in rows if row.thanks == "named" and row.name]
    return Thanks(named, len(rows) - len(named))


def barcodes_of(item_id: int) -> list[ItemBarcode]:
    """A good's further barcodes, in the order in which they were added."""
    query = select(ItemBarcode).where(ItemBarcode.item_id == item_id).order_by(ItemBarcode.id)
    return list(db.session.scalars(query))


def picture_of_good(name: str) -> str | None:
    """The name, if a good shows that picture: such pictures are for everybody."""
    query = select(StoredFile.name).join(Item, Item.picture_id == StoredFile.id).where(StoredFile.name == name)
    return db.session.scalar(query.limit(1))


def invoice_of(village_id: int, name: str) -> str | None:
    """The name, if a delivery of this village shows that picture."""
    query = (
        select(StoredFile.name)
        .join(Delivery, Delivery.invoice_id == StoredFile.id)
        .where(StoredFile.name == name, Delivery.village_id == village_id)
    )
    return db.session.scalar(query.limit(1))


def file_name(file_id: int | None) -> str | None:
    """A stored picture's random name."""
    return db.session.scalar(select(StoredFile.name).where(StoredFile.id == file_id)) if file_id else None


def movements(village_id: int, item_id: int, *, store_id: int | None = None, kind: str = "") -> Select[Any]:
    """A good's movements with store, other store, who and why, newest first: for a page or a file."""
    out, other = aliased(Batch), aliased(Store)
    there = or_(
        and_(Movement.kind == "moved_out", other.id == StockTransfer.to_store_id),
        and_(Movement.kind == "moved_in", other.id == out.store_id),
    )
    query: Any = (
        select(
            Movement.id, Movement.kind, Movement.quantity, Movement.before, Movement.after, Movement.order_id,
            Movement.reason, Movement.recorded_at, Movement.batch_id, Movement.stocktake_id, Batch.delivery_id,
            Movement.by_id, Store.name.label("store"), other.name.label("other"), Remark.text.label("why"),
        )
        .join(Batch, Batch.id == Movement.batch_id)
        .join(Store, Store.id == Batch.store_id)
        .outerjoin(Remark, Remark.id == Movement.remark_id)
        .outerjoin(StockTransfer, StockTransfer.id == Movement.transfer_id)
        .outerjoin(out, out.id == StockTransfer.from_batch_id)
        .outerjoin(other, there)
        .where(Movement.item_id == item_id, Movement.village_id == village_id)
        .order_by(Movement.id.desc())
    )  # fmt: skip
    if store_id is not None:
        query = query.where(Batch.store_id == store_id)
    if kind:
        query = query.where(Movement.kind == kind)
    return query


@dataclass(frozen=True)
class Expiring:
    """Kinds of goods of a village whose batches are over their day, or will be in 60 days; the first names in words."""

    expired: int
    soon: int
    first_on: date | None


def expiring(village_id: int, day: date) -> Expiring:
    """How many batches are over their day (to be written off), and how many soon will be."""
    rows = db.session.execute(
        select(Batch.best_before, func.count().label("batches"))
        .where(
            Batch.village_id == village_id, Batch.quantity > 0, Batch.best_before.is_not(None),
            Batch.best_before <= day + timedelta(days=EXPIRING_DAYS),
        )
        .group_by(Batch.best_before)
    ).all()  # fmt: skip
    soon = [row for row in rows if row.best_before >= day]
    return Expiring(
        sum(row.batches for row in rows if row.best_before < day),
        sum(row.batches for row in soon),
        min((row.best_before for row in soon), default=None),
    )


def remark_text(remark_id: int | None) -> str:
    """What a remark says; empty for none, or one that was forgotten."""
    return db.session.scalar(select(Remark.text).where(Remark.id == remark_id)) or "" if remark_id else ""


def all_rows(query: Select[Any]) -> list[Any]:
    """The rows of a list as a whole, for a file."""
    return list(db.session.execute(query))


def batches_by_ids(batch_ids: set[int]) -> dict[int, Batch]:
    """Batches by id."""
    if not batch_ids:
        return {}
    return {batch.id: batch for batch in db.session.scalars(select(Batch).where(Batch.id.in_(batch_ids)))}


def batches_of_good(item_id: int) -> dict[int, list[Batch]]:
    """What lies of a good, by store id, each in the order in which it is given out."""
    query = select(Batch).where(Batch.item_id == item_id, Batch.quantity > 0)
    found: dict[int, list[Batch]] = {}
    for batch in db.session.scalars(query.order_by(Batch.best_before.is_(None), Batch.best_before, Batch.id)):
        found.setdefault(batch.store_id, []).append(batch)
    return found


def pictures_of(village_id: int) -> dict[int, str]:
    """The names of the goods' pictures, by good."""
    rows = db.session.execute(
        select(Item.id, StoredFile.name)
        .join(StoredFile, StoredFile.id == Item.picture_id)
        .where(Item.village_id == village_id)
    )
    return {row.id: row.name for row in rows}


def goods_by_code(village_id: int) -> dict[str, Item]:
    """Every good that is given out, by each of its barcodes."""
    items = {
        item.id: item for item in db.session.scalars(select(Item).where(Item.village_id == village_id, Item.is_active))
    }
    found = {item.barcode: item for item in items.values()}
    for item_id, further in codes_of(village_id).items():
        if item_id in items:
            found |= dict.fromkeys(further, items[item_id])
    return found


def codes_of(village_id: int) -> dict[int, list[str]]:
    """Further barcodes, by good."""
    rows = db.session.execute(
        select(ItemBarcode.item_id, ItemBarcode.code)
        .where(ItemBarcode.village_id == village_id)
        .order_by(ItemBarcode.id)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.item_id, []).append(row.code)
    return found
