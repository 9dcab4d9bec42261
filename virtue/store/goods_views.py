"""Goods: the list with stock and prices, adding, correcting, pricing, importing, barcodes, pictures."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission, public
from virtue.core import keys
from virtue.core.sending import send_photo
from virtue.errors import BrokenRule
from virtue.people import codes, kept_photos
from virtue.staff import queries as staff
from virtue.store import goods_services, import_services, movement_words, queries, shop_services, stock_queries
from virtue.store.forms import PERIODS, WRITE_OFF_REASONS, ItemForm, NewItemForm, PriceForm, number_of
from virtue.store.goods_services import ItemFields
from virtue.store.models import Item
from virtue.store.views import store

Answer = Response | str | tuple[str, int]
LATEST = 10
"""So many movements stand on a good's page; all of them on a page of their own."""


@store.get("/store/goods")
@permission("store.view")
def goods() -> str:
    """All goods with stock and prices."""
    return _goods()


def _goods(problems: list[str] | None = None) -> str:
    village, args = access.village(), request.args
    shop = stock_queries.store_of(village.id, access.by())
    filters = {"text": args.get("q", "")[:40], "category": args.get("category", ""), "state": args.get("state", "")}
    page = None
    if shop is not None:
        rows = queries.goods_list(shop, clock.today(), **filters)
        page = pages.paged(rows, args.get("page", 1, type=int), scalars=False)
    return render_template(
        "store/goods.html", shop=shop, page=page, q=filters["text"], category=filters["category"],
        state=filters["state"], problems=problems or [], periods=dict(PERIODS),
        choices=[("", _("全部")), *((name, name) for name in queries.categories(village.id))],
    )  # fmt: skip


@store.post("/store/goods/import")
@permission("store.goods")
def import_goods() -> Answer:
    """Import a list of goods; every error by its row."""
    upload = request.files.get("file")
    report = import_services.import_goods(access.village().id, upload.read() if upload else b"", by=access.by())
    if report.problems:
        return _goods(report.problems), 422
    flash(
        _(
            "新增%(new)s种，更新%(changed)s种，不变%(unchanged)s种。",
            new=report.new,
            changed=report.changed,
            unchanged=report.unchanged,
        ),
        "good",
    )
    return redirect(url_for("store.goods"), 303)


@store.get("/store/goods/new")
@permission("store.goods")
def new_item() -> str:
    """The form for a new good."""
    return render_template("store/new_item.html", form=NewItemForm(), error=None)


@store.post("/store/goods/new")
@permission("store.goods")
def add_item() -> Answer:
    """Add a good with its prices from today."""
    form = NewItemForm()
    if not form.validate_on_submit():
        return render_template("store/new_item.html", form=form, error=None), 422
    village = access.village()
    prices = {"home": number_of(form.price_home), "civility": number_of(form.price_civility)}
    try:
        item_id = goods_services.add_item(
            village.id, _fields(form, form.barcode.data or ""), prices, by=access.by(), why=form.why.data or ""
        )
    except BrokenRule as error:
        return render_template("store/new_item.html", form=form, error=str(error)), error.status
    if queries.find_store(village.id) is None:
        shop_services.open_store(village.id, import_services.STORE_NAME, by=access.by())
    flash(_("%(name)s已添加。", name=form.name.data), "good")
    return redirect(url_for("store.item", item_id=item_id), 303)


@store.get("/store/goods/<int:item_id>")
@permission("store.view")
def item(item_id: int) -> str:
    """A good: its stock by batch, its prices, its fields."""
    return item_page(load_item(item_id))


@store.post("/store/goods/<int:item_id>")
@permission("store.goods")
def edit_item(item_id: int) -> Answer:
    """Correct a good."""
    found, form = load_item(item_id), ItemForm()
    if not form.validate_on_submit():
        return item_page(found, form=form), 422
    try:
        changed = goods_services.edit_item(access.village().id, item_id, _fields(form), by=access.by())
    except BrokenRule as error:
        return item_page(found, form=form, error=str(error)), error.status
    flash(_("已保存。") if changed else _("没有改动。"), "good")
    return redirect(url_for("store.item", item_id=item_id), 303)


@store.post("/store/goods/<int:item_id>/price")
@permission("store.goods")
def set_price(item_id: int) -> Answer:
    """A new price from a day on."""
    found, form = load_item(item_id), PriceForm()
    if not form.validate_on_submit():
        return item_page(found, price_form=form), 422
    points, day = number_of(form.points), form.from_on.data or clock.today()
    try:
        goods_services.set_price(
            access.village().id, item_id, form.unit.data, points, day, by=access.by(), why=form.why.data or ""
        )
    except BrokenRule as error:
        return item_page(found, price_form=form, error=str(error)), error.status
    flash(_("价格已定。"), "good")
    return redirect(url_for("store.item", item_id=item_id), 303)


@store.post("/store/goods/<int:item_id>/barcodes")
@permission("store.goods")
def change_barcodes(item_id: int) -> Answer:
    """One more barcode, or one less."""
    found, code = load_item(item_id), codes.clean(request.form.get("code", ""))
    try:
        if "drop" in request.form:
            goods_services.drop_barcode(found.village_id, item_id, request.form["drop"][:13], by=access.by())
        else:
            goods_services.add_barcode(found.village_id, item_id, code[:20], by=access.by())
    except BrokenRule as error:
        return item_page(found, error=str(error)), error.status
    flash(_("条码已改。"), "good")
    return redirect(url_for("store.item", item_id=item_id), 303)


@store.post("/store/goods/<int:item_id>/picture")
@permission("store.goods")
def show_picture(item_id: int) -> Answer:
    """Another picture of a good; ``drop``: none any more."""
    found, photo = load_item(item_id), None
    try:
        if "drop" not in request.form:
            photo = kept_photos.take(request.files.get("photo"), None, owner=kept_photos.of_staff(access.by()))
            if photo is None:
                return item_page(found, error=_("请先拍一张或选一张照片。")), 422
        goods_services.show_picture(found.village_id, item_id, photo, by=access.by())
    except BrokenRule as error:
        return item_page(found, error=str(error)), error.status
    flash(_("图片已换。") if photo else _("图片已去掉。"), "good")
    return redirect(url_for("store.item", item_id=item_id), 303)


@store.get("/goods-pictures/<string:name>")
@public
def goods_picture(name: str) -> Response:
    """A picture of a good; ``?small=1``: its small copy. What the store gives out is for everybody to see."""
    found = stock_queries.picture_of_good(name)
    if found is None:
        abort(404)
    return send_photo(found, small="small" in request.args)


def load_item(item_id: int) -> Item:
    """A good of this village; 404 for any other."""
    found = queries.find_item(access.village().id, item_id)
    if found is None:
        abort(404)
    return found


def item_page(found: Item, **parts: Any) -> str:
    """A good's page; ``parts`` are a form that came back with errors, or the sentence on top."""
    village = access.village()
    shop, shops = stock_queries.store_of(village.id, access.by()), stock_queries.stores_of(village.id)
    latest = stock_queries.all_rows(stock_queries.movements(village.id, found.id).limit(LATEST))
    prices = queries.find_price_history(found.id)
    people = {row.by_id for row in latest} | {price.set_by_id for price in prices if price.set_by_id}
    shown: dict[str, Any] = {
        "form": None, "price_form": None, "error": None, "refused": None, "typed": {}, "item": found, "today": clock.today(), "shop": shop,
        "shops": shops, "batches": stock_queries.batches_of_good(found.id), "movements": latest, "prices": prices,
        "names": staff.names_of(people), "what": movement_words.what, "barcodes": stock_queries.barcodes_of(found.id),
        "picture": stock_queries.file_name(found.picture_id), "new_key": keys.new, "reasons": WRITE_OFF_REASONS,
        "expiring_days": stock_queries.EXPIRING_DAYS, **parts,
    }  # fmt: skip
    shown["form"] = shown["form"] or ItemForm(formdata=None, **_shown(found))
    shown["price_form"] = shown["price_form"] or PriceForm(formdata=None, from_on=clock.today())
    return render_template("store/item.html", **shown)


def _shown(found: Item) -> dict[str, Any]:
    """A good's fields as the form shows them."""
    return {
        "name": found.name, "category": found.category, "measure": found.measure,
        "cost": _yuan(found.cost_fen), "market": _yuan(found.market_fen), "limit_quantity": found.limit_quantity or "",
        "limit_period": found.limit_period or "", "low_stock": str(found.low_stock),
        "needs_best_before": found.needs_best_before, "is_active": found.is_active,
    }  # fmt: skip


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"


def _fields(form: ItemForm, barcode: str = "") -> ItemFields:
    return ItemFields(
        barcode=barcode, name=form.name.data.strip(), category=form.category.data.strip(),
        measure=form.measure.data.strip(), cost_fen=form.cost.fen,
        market_fen=form.market.fen if form.market.data else None, limit_quantity=number_of(form.limit_quantity),
        limit_period=form.limit_period.data or None, low_stock=number_of(form.low_stock) or 0,
        needs_best_before=bool(form.needs_best_before.data), is_active=bool(form.is_active.data),
    )  # fmt: skip
