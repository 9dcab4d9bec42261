"""Goods and their prices. A price is a row that begins on a day; the past is never edited."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select

from virtue import clock
from virtue.core import audit, files
from virtue.core.files import Upload
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import Unit
from virtue.store.ean import is_ean13, own_code
from virtue.store.errors import (
    BadBarcode,
    BadLimit,
    BarcodeTaken,
    PriceAboveMarket,
    PriceInThePast,
    PriceNeedsReason,
)
from virtue.store.models import Item, Price
from virtue.store.stock_errors import OnlyBarcode
from virtue.store.stock_models import ItemBarcode
from virtue.transactions import atomic


@dataclass(frozen=True)
class ItemFields:
    """What is written of a good. ``barcode`` empty: one of our own is made."""

    name: str
    category: str
    measure: str
    cost_fen: int
    barcode: str = ""
    market_fen: int | None = None
    limit_quantity: int | None = None
    limit_period: str | None = None
    low_stock: int = 0
    needs_best_before: bool = False
    is_active: bool = True


EDITED = (
    "name", "category", "measure", "cost_fen", "market_fen", "limit_quantity", "limit_period", "low_stock",
    "needs_best_before", "is_active",
)  # fmt: skip


def add_item(
    village_id: int, fields: ItemFields, prices: dict[str, int | None], *, by: int | None, why: str = ""
) -> int:
    """A new good with its prices from today; gives its id.

    Raises BadBarcode, BarcodeTaken, BadLimit, PriceAboveMarket, PriceNeedsReason.
    """
    with atomic():
        barcode = _free_barcode(village_id, fields.barcode)
        _check_limit(fields)
        item = Item(village_id=village_id, barcode=barcode, created_at=clock.now())
        for name in EDITED:
            setattr(item, name, getattr(fields, name))
        db.session.add(item)
        db.session.flush()
        audit.record("store.add_item", village_id=village_id, by=by, subject="item", subject_id=item.id)
        for unit, points in prices.items():
            if points is not None:
                _set_price(item, unit, points, clock.today(), by=by, why=why)
        return item.id


def edit_item(village_id: int, item_id: int, fields: ItemFields, *, by: int | None) -> list[str]:
    """Correct a good; gives the names of what changed. Past orders keep their prices. Raises NotFoundHere, BadLimit."""
    with atomic():
        item = _load(village_id, item_id)
        _check_limit(fields)
        changed = [name for name in EDITED if getattr(item, name) != getattr(fields, name)]
        if not changed:
            return []
        for name in changed:
            setattr(item, name, getattr(fields, name))
        db.session.flush()
        audit.record(
            "store.edit_item", village_id=village_id, by=by, subject="item", subject_id=item_id, fields=changed,
            cost_fen=item.cost_fen, market_fen=item.market_fen,
        )  # fmt: skip
        return changed


def set_price(
    village_id: int, item_id: int, unit: str, points: int | None, from_on: date, *, by: int | None, why: str = ""
) -> int | None:
    """A price from a day on (today or later); None ends giving the good in this unit. Gives the price's id.

    The same points as are in force already write nothing (None). Raises NotFoundHere, PriceInThePast, PriceAboveMarket,
    PriceNeedsReason.
    """
    with atomic():
        # A till that has read the old price ends its sale first: no order is later than the price that replaced its own.
        ledger.lock(village_id)
        return _set_price(_load(village_id, item_id), unit, points, from_on, by=by, why=why)


def add_barcode(village_id: int, item_id: int, barcode: str, *, by: int) -> None:
    """One more barcode of a good: another maker's package. Raises NotFoundHere, BadBarcode, BarcodeTaken."""
    with atomic():
        ledger.lock(village_id)
        item = _load(village_id, item_id)
        if not barcode:
            raise BadBarcode
        db.session.add(
            ItemBarcode(village_id=village_id, item_id=item.id, code=_free_barcode(village_id, barcode))
        )  # fmt: skip
        db.session.flush()
        audit.record("store.add_barcode", village_id=village_id, by=by, subject="item", subject_id=item_id)


def drop_barcode(village_id: int, item_id: int, barcode: str, *, by: int) -> None:
    """A further barcode is no longer this good's. Raises NotFoundHere, OnlyBarcode for the first one."""
    with atomic():
        ledger.lock(village_id)
        item = _load(village_id, item_id)
        if barcode == item.barcode:
            raise OnlyBarcode
        gone = delete(ItemBarcode).where(ItemBarcode.item_id == item_id, ItemBarcode.code == barcode)
        if db.session.execute(gone).rowcount != 1:  # type: ignore[attr-defined]
            raise NotFoundHere
        audit.record("store.drop_barcode", village_id=village_id, by=by, subject="item", subject_id=item_id)


def show_picture(village_id: int, item_id: int, upload: Upload | None, *, by: int) -> None:
    """Another picture of a good, or none. Raises NotFoundHere, PictureGone."""
    with atomic():
        item = _load(village_id, item_id)
        old, item.picture_id = item.picture_id, None
        db.session.flush()
        if old is not None:
            files.forget_picture(old)
        if upload is not None:
            item.picture_id = files.claim_picture(upload, village_id, by=by)
        db.session.flush()
        audit.record("store.show_picture", village_id=village_id, by=by, subject="item", subject_id=item_id)


def norm(cost_fen: int) -> int:
    """The usual price: the cost in yuan, rounded up; one point is one yuan."""
    return max(1, -(-cost_fen // 100))


def check_price(points: int, cost_fen: int, market_fen: int | None, *, why: str) -> None:
    """The law of prices: above the cost only by a recorded decision, never above the market price."""
    if market_fen is not None and points * 100 > max(market_fen, 100):
        raise PriceAboveMarket(market=f"{market_fen / 100:.2f}", most=max(1, market_fen // 100))
    if points > norm(cost_fen) and not why.strip():
        raise PriceNeedsReason(norm=norm(cost_fen))


def _set_price(item: Item, unit: str, points: int | None, from_on: date, *, by: int | None, why: str) -> int | None:
    if from_on < clock.today():
        raise PriceInThePast
    if points is not None:
        check_price(points, item.cost_fen, item.market_fen, why=why)
    if points == _in_force(item.id, unit, from_on):
        return None
    price = Price(item_id=item.id, unit=Unit(unit), points=points, from_on=from_on, set_by_id=by, set_at=clock.now())
    db.session.add(price)
    db.session.flush()
    audit.record(
        "store.set_price", village_id=item.village_id, by=by, subject="item", subject_id=item.id, why=why or None,
        unit=unit, points=points, from_on=from_on.isoformat(), price_id=price.id,
    )  # fmt: skip
    return price.id


def _in_force(item_id: int, unit: str, day: date) -> int | None:
    return db.session.scalar(
        select(Price.points)
        .where(Price.item_id == item_id, Price.unit == unit, Price.from_on <= day)
        .order_by(Price.from_on.desc(), Price.id.desc())
        .limit(1)
    )


def _load(village_id: int, item_id: int) -> Item:
    item = db.session.scalar(
        select(Item).where(Item.id == item_id, Item.village_id == village_id).with_for_update(key_share=True)
    )
    if item is None:
        raise NotFoundHere
    return item


def _free_barcode(village_id: int, barcode: str) -> str:
    if not barcode:
        count = db.session.scalar(select(func.count()).select_from(Item).where(Item.village_id == village_id)) or 0
        while _owner(village_id, own_code(count + 1)) is not None:
            count += 1
        return own_code(count + 1)
    if not is_ean13(barcode):
        raise BadBarcode
    owner = _owner(village_id, barcode)
    if owner is not None:
        raise BarcodeTaken(name=owner)
    return barcode


def _owner(village_id: int, barcode: str) -> str | None:
    first = select(Item.name).where(Item.village_id == village_id, Item.barcode == barcode)
    further = select(Item.name).join(ItemBarcode, ItemBarcode.item_id == Item.id)
    return db.session.scalar(first) or db.session.scalar(
        further.where(ItemBarcode.village_id == village_id, ItemBarcode.code == barcode)
    )


def _check_limit(fields: ItemFields) -> None:
    if (fields.limit_quantity is None) != (fields.limit_period is None):
        raise BadLimit


def fields_of(item: Item) -> dict[str, Any]:
    """A good's fields as ``ItemFields`` takes them."""
    return {"barcode": item.barcode, **{name: getattr(item, name) for name in EDITED}}
