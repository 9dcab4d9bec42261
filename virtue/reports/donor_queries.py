"""Where gifts went: donor, goods, how many households got some of them. Whoever didn't agree to be named is nobody here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Subquery, and_, case, func, select

from virtue.extensions import db
from virtue.store.donor_services import NAMED
from virtue.store.models import Batch, Item, Movement, Order
from virtue.store.stock_models import Delivery, Donor

_GIVEN = ("sold", "fetched", "returned")


@dataclass(frozen=True)
class Gift:
    """One kind of goods of one donor: pieces that came, were handed over, were lost, lie there; and worth in fen."""

    name: str
    measure: str
    came: int
    given: int
    lost: int
    left: int
    worth_fen: int
    households: int


@dataclass(frozen=True)
class Donations:
    """All of one donor in a span; ``donor_id`` None: everybody who stays unnamed, together."""

    donor_id: int | None
    name: str | None
    gifts: Sequence[Gift]
    households: int
    """Each counted once, whatever it got."""

    @property
    def worth_fen(self) -> int:
        """What all of it was worth when it came."""
        return sum(gift.worth_fen for gift in self.gifts)


def donations(village_id: int, first: date, last: date, donor_id: int | None = None) -> list[Donations]:
    """What was given between two days (both with it), and where it went until now; the named first, by name.

    ``donor_id``: only this one. Four statements, whatever their number.
    """
    lots = _lots(village_id, first, last)
    came = db.session.execute(
        select(
            lots.c.donor_id, lots.c.item_id, Item.name, Item.measure,
            func.sum(Movement.quantity).label("came"), func.sum(Movement.quantity * Batch.cost_fen).label("worth_fen"),
        )
        .join(Movement, and_(Movement.batch_id == lots.c.batch_id, Movement.kind == "received"))
        .join(Batch, Batch.id == lots.c.batch_id)
        .join(Item, Item.id == lots.c.item_id)
        .group_by(lots.c.donor_id, lots.c.item_id, Item.name, Item.measure, Item.barcode)
        .order_by(Item.barcode)
    ).all()  # fmt: skip
    moved = _moved(lots)
    reached, all_reached = _reached(lots, lots.c.donor_id, lots.c.item_id), _reached(lots, lots.c.donor_id)
    gifts: dict[int | None, list[Gift]] = {}
    for row in came:
        given, lost, left = moved.get((row.donor_id, row.item_id), (0, 0, 0))
        households = reached.get((row.donor_id, row.item_id), 0)
        gifts.setdefault(row.donor_id, []).append(
            Gift(row.name, row.measure, int(row.came), given, lost, left, int(row.worth_fen), households)
        )
    names = _names(gifts)
    found = [Donations(key, names.get(key), some, all_reached.get((key,), 0)) for key, some in gifts.items()]
    found.sort(key=lambda one: (one.name is None, one.name or ""))
    return [one for one in found if donor_id is None or one.donor_id == donor_id]


def named_donor(village_id: int, donor_id: int) -> Donor | None:
    """A donor of this village who agreed to be thanked by name."""
    query = select(Donor).where(Donor.id == donor_id, Donor.village_id == village_id, Donor.thanks == NAMED)
    return db.session.scalar(query)


def _lots(village_id: int, first: date, last: date) -> Subquery:
    """The batches that were given in a span, wherever they lie now, with their donor; NULL for whoever stays unnamed."""
    donor = case((Donor.thanks == NAMED, Donor.id)).label("donor_id")
    return (
        select(Batch.id.label("batch_id"), Batch.item_id, donor)
        .join(Delivery, Delivery.id == Batch.delivery_id)
        .outerjoin(Donor, Donor.id == Delivery.donor_id)
        .where(
            Batch.village_id == village_id, Batch.source == "donated", Batch.received_on >= first,
            Batch.received_on <= last,
        )
        .subquery("lots")
    )  # fmt: skip


def _moved(lots: Subquery) -> dict[tuple[int | None, int], tuple[int, int, int]]:
    """By donor and good: pieces handed over, lost or not found in a count, and lying there (those set aside with them)."""

    def total(*kinds: str) -> Any:
        return func.coalesce(func.sum(Movement.quantity).filter(Movement.kind.in_(kinds)), 0)

    rows = db.session.execute(
        select(
            lots.c.donor_id, lots.c.item_id, (-total(*_GIVEN)).label("given"),
            (-total("written_off", "counted")).label("lost"),
            (func.sum(Movement.quantity) - total("reserved", "released")).label("left"),
        )
        .join(Movement, Movement.batch_id == lots.c.batch_id)
        .group_by(lots.c.donor_id, lots.c.item_id)
    )  # fmt: skip
    return {(row.donor_id, row.item_id): (int(row.given), int(row.lost), int(row.left)) for row in rows}


def _reached(lots: Subquery, *by: Any) -> dict[tuple[Any, ...], int]:
    """How many households got pieces of it and kept them, by these columns."""
    kept = (
        select(*by, Order.household_id)
        .join(Movement, and_(Movement.batch_id == lots.c.batch_id, Movement.kind.in_(_GIVEN)))
        .join(Order, Order.id == Movement.order_id)
        .group_by(*by, Order.household_id)
        .having(func.sum(Movement.quantity) < 0)
        .subquery("kept")
    )
    groups = [column for column in kept.c if column.key != "household_id"]
    rows = db.session.execute(select(*groups, func.count(kept.c.household_id.distinct())).group_by(*groups))
    return {tuple(row)[:-1]: int(row[-1]) for row in rows}


def _names(keys: Any) -> dict[int | None, str | None]:
    wanted = [key for key in keys if key is not None]
    if not wanted:
        return {}
    rows = db.session.execute(select(Donor.id, Donor.name).where(Donor.id.in_(wanted)))
    return {row.id: row.name for row in rows}
