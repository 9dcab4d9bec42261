"""Importing a list of goods: new ones with their opening stock, changed ones corrected, twice the same changes nothing."""

from dataclasses import dataclass, field

from virtue import clock
from virtue.core import audit
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.store import goods_services, queries, shop_services, stock_services
from virtue.store.goods_file import GoodsRow, read_goods
from virtue.store.goods_services import ItemFields
from virtue.store.models import Item
from virtue.store.stock_services import Lot
from virtue.transactions import atomic

STORE_NAME = "巾帼家美积分超市"


@dataclass
class ImportReport:
    """What an import did, or why it did nothing."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


def import_goods(village_id: int, data: bytes, *, by: int, store_name: str = STORE_NAME) -> ImportReport:
    """Import a CSV file of goods into the village's store, all or nothing. ``by`` is who received the opening stock."""
    file = read_goods(data)
    report = ImportReport(problems=file.problems)
    if report.problems:
        return report
    with atomic():
        ledger.lock(village_id)
        store = queries.find_store(village_id) or shop_services.open_store(village_id, store_name, by=by)
        known = {item.barcode: item for item in db.session.query(Item).filter_by(village_id=village_id)}
        names = {item.name: item for item in known.values()}
        for row in file.rows:
            item = known.get(row.fields.barcode) if row.fields.barcode else names.get(row.fields.name)
            if item is None:
                _add(village_id, store.id, row, by=by)
                report.new += 1
            elif _change(village_id, item, row, by=by):
                report.changed += 1
            else:
                report.unchanged += 1
        if report.new or report.changed:
            audit.record(
                "store.import_goods", village_id=village_id, by=by, subject="store", subject_id=store.id,
                new=report.new, changed=report.changed, unchanged=report.unchanged,
            )  # fmt: skip
    return report


def _add(village_id: int, store_id: int, row: GoodsRow, *, by: int) -> None:
    item_id = goods_services.add_item(village_id, row.fields, row.prices, by=by, why=row.why)
    if row.opening_stock:
        lot = Lot(item_id, row.opening_stock, "opening", row.fields.cost_fen)
        stock_services.put_in(village_id, store_id, lot, by=by)


def _change(village_id: int, item: Item, row: GoodsRow, *, by: int) -> bool:
    """Correct a known good; its opening stock was received once and is left alone."""
    wanted = {**goods_services.fields_of(item), **{n: getattr(row.fields, n) for n in goods_services.EDITED}}
    changed = bool(goods_services.edit_item(village_id, item.id, ItemFields(**wanted), by=by))
    for unit, points in row.prices.items():
        if goods_services.set_price(village_id, item.id, unit, points, clock.today(), by=by, why=row.why) is not None:
            changed = True
    return changed
