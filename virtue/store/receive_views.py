"""Goods that come in: the form, the papers, the second person's word; donors and their wish to be thanked."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, pages
from virtue.access import permission
from virtue.core import keys
from virtue.core.files import Upload
from virtue.core.sending import send_photo
from virtue.errors import BrokenRule
from virtue.people import kept_photos
from virtue.staff import queries as staff
from virtue.store import delivery_services, donor_services, queries, stock_queries
from virtue.store.delivery_forms import TypedDelivery, TypedLine, add_scanned, read_delivery
from virtue.store.donor_services import NewDonor
from virtue.store.stock_errors import EmptyDelivery
from virtue.store.stock_models import Delivery
from virtue.store.views import store

Answer = Response | str | tuple[str, int]


@store.get("/store/receive")
@permission("store.stock")
def receive() -> Answer:
    """The form for goods that come in."""
    typed = TypedDelivery()
    chosen = queries.find_item(access.village().id, pages.number_asked("item") or 0)
    if chosen is not None:
        typed.rows[0] = TypedLine(1, str(chosen.id), cost=f"{chosen.cost_fen / 100:.2f}")
    return _receive(typed)


@store.post("/store/receive")
@permission("store.stock")
def take_in() -> Answer:
    """Write a delivery down; small ones are in stock at once."""
    village, shop = access.village(), stock_queries.store_of(access.village_id(), access.by())
    if shop is None:
        abort(404)
    typed = read_delivery(request.form, {good.id for good in queries.items_of(village.id)})
    photo = _photo(typed)
    if "add" in request.form and request.form.get("scan", "").strip():
        add_scanned(typed, request.form["scan"], stock_queries.goods_by_code(village.id))
        return _receive(typed, photo=photo, status=422 if typed.scan_error else 200)
    if "more" in request.form or "add" in request.form:
        return _receive(typed, photo=photo)
    if not typed.lines and not typed.has_errors:
        typed.error = typed.error or str(EmptyDelivery())
    if typed.has_errors or typed.error:
        return _receive(typed, photo=photo, status=422)
    try:
        outcome = delivery_services.enter(
            village.id,
            shop.id,
            typed.paper,
            typed.lines,
            key=request.form.get("key", ""),
            by=access.by(),
            invoice=photo,
        )
    except BrokenRule as error:
        typed.error = str(error)
        return _receive(typed, photo=photo, status=error.status)
    if outcome.result["state"] == "waiting":
        flash(_("已登记。金额大，要另一个人当面点过，确认以后才入库。"), "good")
    else:
        flash(_("已入库%(quantity)s件。", quantity=sum(line.quantity for line in typed.lines)), "good")
    return redirect(url_for("store.delivery", delivery_id=outcome.result["delivery_id"]), 303)


def _photo(typed: TypedDelivery) -> Upload | None:
    """The invoice's picture, taken now or kept from before; a bad one is told at the form."""
    owner, word = kept_photos.of_staff(access.by()), request.form.get("kept_photo")
    try:
        return kept_photos.take(request.files.get("photo"), word, owner=owner)
    except BrokenRule as error:
        typed.error = str(error)
        return kept_photos.read(word, owner=owner)


def _receive(typed: TypedDelivery, *, photo: Upload | None = None, status: int = 200) -> Answer:
    village_id = access.village_id()
    page = render_template(
        "store/receive.html", typed=typed, goods=queries.items_of(village_id), key=keys.new(),
        donors=stock_queries.donors_of(village_id), codes=_codes(village_id),
        **kept_photos.shown(photo, owner=kept_photos.of_staff(access.by())),
    )  # fmt: skip
    return page if status == 200 else (page, status)


def _codes(village_id: int) -> dict[int, str]:
    """All barcodes of each good, for the scanner on the page."""
    more = stock_queries.codes_of(village_id)
    return {good.id: " ".join([good.barcode, *more.get(good.id, [])]) for good in queries.items_of(village_id)}


@store.get("/store/deliveries")
@permission("store.view")
def deliveries() -> str:
    """All deliveries, newest first."""
    village_id, args = access.village_id(), request.args
    state, source = args.get("state", ""), args.get("source", "")
    found = pages.paged(
        stock_queries.deliveries_of(village_id, state=state, source=source), args.get("page", 1, type=int)
    )
    return render_template(
        "store/deliveries.html", page=found, state=state, source=source,
        shops={one.id: one.name for one in stock_queries.stores_of(village_id)},
        names=staff.names_of({one.entered_by_id for one in found.rows}),
    )  # fmt: skip


@store.get("/store/deliveries/<int:delivery_id>")
@permission("store.view")
def delivery(delivery_id: int) -> Answer:
    """One delivery: its lines, its picture, who entered and who confirmed it."""
    return _delivery(_load(delivery_id))


@store.post("/store/deliveries/<int:delivery_id>/confirm")
@permission("store.stock")
def confirm_delivery(delivery_id: int) -> Answer:
    """The second person has counted it too."""
    found, key = _load(delivery_id), request.form.get("key", "")
    try:
        delivery_services.confirm(found.village_id, delivery_id, key=key, by=access.by())
    except BrokenRule as error:
        return _delivery(_load(delivery_id), error=error)
    flash(_("已确认，入库了。"), "good")
    return redirect(url_for("store.delivery", delivery_id=delivery_id), 303)


@store.post("/store/deliveries/<int:delivery_id>/refuse")
@permission("store.stock")
def refuse_delivery(delivery_id: int) -> Answer:
    """It wasn't as written; nothing comes into stock."""
    found, why = _load(delivery_id), request.form.get("why", "")[:200]
    try:
        delivery_services.refuse(
            found.village_id, delivery_id, why=why, key=request.form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _delivery(_load(delivery_id), error=error, why=why)
    flash(_("已退回，没有入库。"), "good")
    return redirect(url_for("store.delivery", delivery_id=delivery_id), 303)


@store.get("/store/invoices/<string:name>")
@permission("store.view")
def invoice(name: str) -> Response:
    """The picture of a delivery's invoice; ``?small=1``: its small copy."""
    found = stock_queries.invoice_of(access.village_id(), name)
    if found is None:
        abort(404)
    return send_photo(found, small="small" in request.args)


@store.get("/store/donors")
@permission("store.stock")
def donors() -> Answer:
    """Who gave, what came of it, and how each wants to be thanked."""
    return _donors()


@store.post("/store/donors/<int:donor_id>")
@permission("store.stock")
def change_donor(donor_id: int) -> Answer:
    """Another name or another wish."""
    fields = NewDonor(request.form.get("name", ""), request.form.get("thanks", ""))
    try:
        donor_services.change(access.village_id(), donor_id, fields, by=access.by())
    except BrokenRule as error:
        return _donors(str(error)), error.status
    flash(_("已保存。"), "good")
    return redirect(url_for("store.donors"), 303)


def _donors(error: str | None = None) -> str:
    found = pages.paged(
        stock_queries.gifts_of(access.village_id()), request.args.get("page", 1, type=int), scalars=False
    )
    return render_template("store/donors.html", page=found, error=error)


def _load(delivery_id: int) -> Delivery:
    found = stock_queries.find_delivery(access.village_id(), delivery_id)
    if found is None:
        abort(404)
    return found


def _delivery(found: Delivery, *, error: BrokenRule | None = None, why: str = "") -> Answer:
    people: set[int | None] = {found.entered_by_id, found.decided_by_id}
    shown: dict[str, Any] = {
        "delivery": found, "shop": queries.find_store(found.village_id, found.store_id), "why": why,
        "invoice": stock_queries.file_name(found.invoice_id), "names": staff.names_of(people), "me": access.by(),
        "refused_why": stock_queries.remark_text(found.remark_id), "error": str(error) if error else None,
    }  # fmt: skip
    page = render_template("store/delivery.html", **shown)
    return (page, error.status) if error else page
