"""Pieces out of a batch and from store to store: writing off, giving to another store, every movement of a good."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.people import exports
from virtue.quantities import parse_id
from virtue.staff import queries as staff
from virtue.store import movement_words, queries, stock_queries, stock_services, transfer_services
from virtue.store.forms import PiecesForm, WriteOffForm
from virtue.store.goods_views import item_page, load_item
from virtue.store.models import Batch
from virtue.store.views import store

Answer = Response | str | tuple[str, int]
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_EXPORTED = 50_000


@store.post("/store/batches/<int:batch_id>/write-off")
@permission("store.stock")
def write_off(batch_id: int) -> Answer:
    """Take broken, expired or lost pieces out of a batch."""
    batch, form = _batch(batch_id), WriteOffForm()
    if not form.validate_on_submit():
        return _told(batch, _first(form.errors), 422, "off")
    try:
        stock_services.write_off(
            batch.village_id, batch_id, form.quantity.number, reason=form.reason.data, why=form.why.data,
            key=form.key.data or "", by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _told(batch, str(error), error.status, "off")
    flash(_("已报损。"), "good")
    return redirect(url_for("store.item", item_id=batch.item_id), 303)


@store.post("/store/batches/<int:batch_id>/give")
@permission("store.stock")
def give_to_store(batch_id: int) -> Answer:
    """Give pieces of a batch to another store of the village."""
    batch, form, to_store = _batch(batch_id), PiecesForm(), parse_id(request.form.get("store"))
    if not form.validate_on_submit():
        return _told(batch, _first(form.errors), 422, "give")
    if queries.find_store(batch.village_id, to_store or 0) is None:
        abort(404)
    try:
        outcome = transfer_services.give_to_store(
            batch.village_id, batch_id, form.quantity.number, to_store or 0, key=form.key.data or "", by=access.by()
        )
    except BrokenRule as error:
        return _told(batch, str(error), error.status, "give")
    waits = outcome.result["state"] == "waiting"
    flash(_("已登记，等那边的人收下。收下之前，货还算在这边。") if waits else _("已调过去。"), "good")
    return redirect(url_for("store.transfers"), 303)


@store.get("/store/transfers")
@permission("store.view")
def transfers() -> Answer:
    """Goods given from store to store, newest first."""
    return _transfers()


@store.post("/store/transfers/<int:transfer_id>/<any('take-over', 'call-back'):act>")
@permission("store.stock")
def decide_transfer(transfer_id: int, act: str) -> Answer:
    """Take over what came, or say that nothing went."""
    village_id, key = access.village_id(), request.form.get("key", "")
    if stock_queries.find_transfer(village_id, transfer_id) is None:
        abort(404)
    decide = transfer_services.take_over if act == "take-over" else transfer_services.call_back
    try:
        decide(village_id, transfer_id, key=key, by=access.by())
    except BrokenRule as error:
        return _transfers(str(error)), error.status
    flash(_("已收下。") if act == "take-over" else _("已取消，货还在原来的店。"), "good")
    return redirect(url_for("store.transfers"), 303)


def _transfers(error: str | None = None) -> str:
    village_id = access.village_id()
    found = pages.paged(stock_queries.transfers_of(village_id), request.args.get("page", 1, type=int))
    batches = stock_queries.batches_by_ids({one.from_batch_id for one in found.rows})
    people = {person for one in found.rows for person in (one.sent_by_id, one.decided_by_id) if person}
    return render_template(
        "store/transfers.html", page=found, error=error, me=access.by(), names=staff.names_of(people),
        shops={one.id: one.name for one in stock_queries.stores_of(village_id)},
        sources={number: batch.store_id for number, batch in batches.items()},
    )  # fmt: skip


@store.get("/store/goods/<int:item_id>/movements")
@permission("store.view")
def movements(item_id: int) -> str:
    """Every piece of a good in and out: who, why, before, after."""
    item, (shop_id, kind) = load_item(item_id), _asked()
    query = stock_queries.movements(item.village_id, item_id, store_id=shop_id, kind=kind)
    shops = stock_queries.stores_of(item.village_id)
    found = pages.paged(query, request.args.get("page", 1, type=int), scalars=False)
    return render_template(
        "store/movements.html", item=item, page=found, shop_id=shop_id or "", kind=kind, kinds=movement_words.KINDS,
        shops=shops, shop_choices=[("", _("全部")), *((one.id, one.name) for one in shops)], names=staff.names_of({row.by_id for row in found.rows}),
        what=movement_words.what,
    )  # fmt: skip


@store.get("/store/goods/<int:item_id>/movements.<any('xlsx', 'csv'):ending>")
@permission("store.view")
def export_movements(item_id: int, ending: str) -> Response:
    """The same as a workbook or a CSV file."""
    item, (shop_id, kind) = load_item(item_id), _asked()
    rows = stock_queries.all_rows(
        stock_queries.movements(item.village_id, item_id, store_id=shop_id, kind=kind).limit(MOST_EXPORTED)
    )
    lines = movement_words.lines(rows, staff.names_of({row.by_id for row in rows}))
    is_excel = ending == "xlsx"
    data = exports.xlsx(lines, title=_("出入库")) if is_excel else exports.csv_file(lines)
    response = Response(data, mimetype=EXCEL if is_excel else "text/csv; charset=utf-8")
    name = f"movements-{item.barcode}-{clock.today():%Y%m%d}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked() -> tuple[int | None, str]:
    kind = request.args.get("kind", "")
    return pages.number_asked("store"), kind if kind in movement_words.KINDS else ""


def _batch(batch_id: int) -> Batch:
    found = queries.find_batch(access.village_id(), batch_id)
    if found is None:
        abort(404)
    return found


def _first(errors: dict[Any, Any]) -> str:
    return str(next(text for texts in errors.values() for text in texts))


def _told(batch: Batch, sentence: str, status: int, act: str) -> Answer:
    """The good's page with the refused form open, the sentence in it, and all that was typed."""
    return item_page(load_item(batch.item_id), refused=(act, batch.id), sentence=sentence, typed=request.form), status
