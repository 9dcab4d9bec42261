"""Goods: the list with stock and prices, adding, correcting, pricing, importing, receiving, writing off."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.store import goods_services, import_services, queries, stock_services
from virtue.store.forms import PERIODS, ItemForm, NewItemForm, PriceForm, ReceiveForm, WriteOffForm, number_of
from virtue.store.goods_services import ItemFields
from virtue.store.models import Item
from virtue.store.stock_services import Delivery
from virtue.store.views import store

Answer = Response | str | tuple[str, int]


@store.get("/store/goods")
@permission("store.view")
def goods() -> str:
    """All goods with stock and prices."""
    return _goods()


def _goods(problems: list[str] | None = None) -> str:
    village, args = access.village(), request.args
    shop = queries.find_store(village.id)
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
        stock_services.open_store(village.id, import_services.STORE_NAME, by=access.by())
    flash(_("%(name)s已添加。", name=form.name.data), "good")
    return redirect(url_for("store.item", item_id=item_id), 303)


@store.get("/store/goods/<int:item_id>")
@permission("store.view")
def item(item_id: int) -> str:
    """A good: its stock by batch, its prices, its fields."""
    return _item(_load(item_id))


@store.post("/store/goods/<int:item_id>")
@permission("store.goods")
def edit_item(item_id: int) -> Answer:
    """Correct a good."""
    found, form = _load(item_id), ItemForm()
    if not form.validate_on_submit():
        return _item(found, form=form), 422
    try:
        changed = goods_services.edit_item(access.village().id, item_id, _fields(form), by=access.by())
    except BrokenRule as error:
        return _item(found, form=form, error=str(error)), error.status
    flash(_("已保存。") if changed else _("没有改动。"), "good")
    return redirect(url_for("store.item", item_id=item_id), 303)


@store.post("/store/goods/<int:item_id>/price")
@permission("store.goods")
def set_price(item_id: int) -> Answer:
    """A new price from a day on."""
    found, form = _load(item_id), PriceForm()
    if not form.validate_on_submit():
        return _item(found, price_form=form), 422
    points, day = number_of(form.points), form.from_on.data or clock.today()
    try:
        goods_services.set_price(
            access.village().id, item_id, form.unit.data, points, day, by=access.by(), why=form.why.data or ""
        )
    except BrokenRule as error:
        return _item(found, price_form=form, error=str(error)), error.status
    flash(_("价格已定。"), "good")
    return redirect(url_for("store.item", item_id=item_id), 303)


@store.post("/store/batches/<int:batch_id>/write-off")
@permission("store.stock")
def write_off(batch_id: int) -> Answer:
    """Take broken or expired pieces out of a batch."""
    village, form = access.village(), WriteOffForm()
    batch = queries.find_batch(village.id, batch_id)
    if batch is None:
        abort(404)
    found = _load(batch.item_id)
    if not form.validate_on_submit():
        sentence = next(text for texts in form.errors.values() for text in texts)
        return _item(found, error=str(sentence)), 422
    try:
        stock_services.write_off(
            village.id, batch_id, form.quantity.number, why=form.why.data, key=form.key.data or "", by=access.by()
        )
    except BrokenRule as error:
        return _item(found, error=str(error)), error.status
    flash(_("已报损。"), "good")
    return redirect(url_for("store.item", item_id=found.id), 303)


@store.get("/store/receive")
@permission("store.stock")
def receive() -> Answer:
    """The form for goods that come in."""
    form = ReceiveForm(key=keys.new())
    chosen = queries.find_item(access.village().id, request.args.get("item", 0, type=int))
    if chosen is not None:
        form.item.data, form.cost.data = chosen.id, f"{chosen.cost_fen / 100:.2f}"
    return _receive(form)


@store.post("/store/receive")
@permission("store.stock")
def take_in() -> Answer:
    """Take goods in as a batch."""
    village, form = access.village(), ReceiveForm()
    _offer(form, village.id)
    if not form.validate_on_submit():
        return _receive(form), 422
    shop = queries.find_store(village.id)
    if shop is None:
        abort(404)
    delivery = Delivery(form.item.data, form.quantity.number, form.source.data, form.cost.fen, form.best_before.data)
    try:
        stock_services.receive(village.id, shop.id, delivery, key=form.key.data or "", by=access.by())
    except BrokenRule as error:
        form.key.data = keys.new()
        return _receive(form, error=str(error)), error.status
    flash(_("已入库%(quantity)s件。", quantity=delivery.quantity), "good")
    return redirect(url_for("store.item", item_id=delivery.item_id), 303)


def _offer(form: ReceiveForm, village_id: int) -> None:
    form.item.choices = [(good.id, good.name) for good in queries.items_of(village_id)]


def _receive(form: ReceiveForm, *, error: str | None = None) -> str:
    _offer(form, access.village().id)
    return render_template("store/receive.html", form=form, error=error)


def _load(item_id: int) -> Item:
    found = queries.find_item(access.village().id, item_id)
    if found is None:
        abort(404)
    return found


def _item(found: Item, **parts: Any) -> str:
    """A good's page; ``parts`` are a form that came back with errors, or the sentence on top."""
    village = access.village()
    shop = queries.find_store(village.id)
    movements = pages.paged(queries.movements_of(found.id), request.args.get("page", 1, type=int), per_page=20)
    shown: dict[str, Any] = {
        "form": None, "price_form": None, "error": None, "item": found, "today": clock.today(),
        "batches": queries.batches_of(shop.id, found.id) if shop else [], "movements": movements,
        "prices": queries.find_price_history(found.id), "new_key": keys.new, **parts,
    }  # fmt: skip
    shown["form"] = shown["form"] or ItemForm(formdata=None, **_shown(found))
    shown["price_form"] = shown["price_form"] or PriceForm(formdata=None, from_on=clock.today())
    return render_template("store/item.html", **shown)


def _shown(found: Item) -> dict[str, Any]:
    """A good's fields as the form shows them."""
    return {
        "name": found.name, "category": found.category, "measure": found.measure,
        "cost": _yuan(found.cost_fen), "market": _yuan(found.market_fen), "limit_quantity": found.limit_quantity or "",
        "limit_period": found.limit_period or "", "low_stock": str(found.low_stock), "is_active": found.is_active,
    }  # fmt: skip


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"


def _fields(form: ItemForm, barcode: str = "") -> ItemFields:
    return ItemFields(
        barcode=barcode, name=form.name.data.strip(), category=form.category.data.strip(),
        measure=form.measure.data.strip(), cost_fen=form.cost.fen,
        market_fen=form.market.fen if form.market.data else None, limit_quantity=number_of(form.limit_quantity),
        limit_period=form.limit_period.data or None, low_stock=number_of(form.low_stock) or 0,
        is_active=bool(form.is_active.data),
    )  # fmt: skip
