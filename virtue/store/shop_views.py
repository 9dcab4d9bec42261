"""The village's stores: which there are, opening one, and at which of them the signed-in person works."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.quantities import parse_id
from virtue.staff import held
from virtue.store import shop_services, stock_queries
from virtue.store.models import Store
from virtue.store.views import store

Answer = Response | str | tuple[str, int]


@store.get("/store/stores")
@permission("store.view")
def stores() -> Answer:
    """All stores with what lies in them."""
    return _stores()


@store.post("/store/stores")
@permission("store.goods")
def save_store() -> Answer:
    """Open one more store, or give one another name or place (``store``: its id)."""
    village_id, name = access.village_id(), " ".join(request.form.get("name", "").split())
    place, store_id = request.form.get("place", "")[:60], parse_id(request.form.get("store"))
    if not 1 <= len(name) <= 40:
        return _stores(_("请填1到40个字。"), store_id, name, place), 422
    try:
        if store_id is None:
            shop_services.add_store(village_id, name, by=access.by(), place=place)
        else:
            shop_services.edit_store(village_id, store_id, name, by=access.by(), place=place)
    except BrokenRule as error:
        return _stores(str(error), store_id, name, place), error.status
    flash(_("已保存。") if store_id else _("%(name)s已开。现在可以入库，或从别的店调货过来。", name=name), "good")
    return redirect(url_for("store.stores"), 303)


@store.post("/store/choose")
@permission("store.view")
def choose_store() -> Response:
    """From now on at this store, on whatever device; back to the page where it was chosen."""
    store_id = parse_id(request.form.get("store")) or 0
    shop_services.take_seat(access.village_id(), store_id, by=access.by())
    back = held.local_part(request.form.get("next"), request.host)
    return redirect(back or url_for("store.stores"), 303)


def _stores(error: str | None = None, store_id: int | None = None, name: str = "", place: str = "") -> str:
    village_id = access.village_id()
    here = stock_queries.store_of(village_id, access.by())
    return render_template(
        "store/stores.html", shops=stock_queries.stores_of(village_id), worth=stock_queries.worth_of_stores(village_id),
        here=here, error=error, wrong_id=store_id, name=name, place=place,
    )  # fmt: skip


def _choice() -> tuple[list[Store], Store | None]:
    """The village's stores, and the one at which the signed-in person works."""
    village_id = access.village_id()
    return stock_queries.stores_of(village_id), stock_queries.store_of(village_id, access.by())


@store.app_context_processor
def _in_templates() -> dict[str, object]:
    return {"store_choice": _choice}
