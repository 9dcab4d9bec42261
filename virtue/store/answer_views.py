"""How the till answers, whichever of its forms was sent: the whole till, its section for htmx, or another page."""

from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.errors import BrokenRule
from virtue.store import queries, served, stock_queries
from virtue.store import till as page
from virtue.store.basket_forms import Basket, read_basket
from virtue.store.models import Store
from virtue.store.reservation_releasing import release_due
from virtue.store.served import Served
from virtue.store.till import Till

NOT_SWAPPED = {400, 404, 405, 413, 429}
"""Under htmx these answers, and 5xx, carry only a message; the page stays as it is."""


def is_htmx() -> bool:
    """Whether the request comes from htmx."""
    return bool(request.headers.get("HX-Request"))


def show(state: Till, status: int = 200) -> Response:
    """The whole till, or its section for htmx, wherever the request wanted to put its answer."""
    template = "store/_till.html" if is_htmx() else "store/till.html"
    response = make_response(render_template(template, **page.draw(access.village().id, state, by=access.by())), status)
    if is_htmx():
        response.headers["HX-Retarget"] = "#till"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def asked() -> tuple[Served | None, Basket]:
    """Whom the form serves (None: nobody that was checked, or too long ago), and its basket."""
    who = served.read(request.form.get("who"), by=access.by())
    return (who if who is not None and who.is_checked else None), read_basket(request.form)


def stale() -> Response:
    """The household on the page was found too long ago."""
    return show(Till(error=_("停得太久了，请重新扫卡。")), 422)


def refused(who: Served | None, basket: Basket, error: BrokenRule) -> Response:
    """The page that says no: what was typed stays, and a new key comes with it, unless the same one may be sent again."""
    again = error.status >= 500
    if is_htmx() and (again or error.status in NOT_SWAPPED):
        raise error
    key = request.form.get("key") if again else None
    return show(Till(who=who, basket=basket, error=str(error), key=key), error.status)


def leave_for(target: str) -> Response:
    """Another page, also under htmx."""
    if not is_htmx():
        return redirect(target, 303)
    response = make_response("")
    response.headers["HX-Redirect"] = target
    return response


def serve(who: Served, basket: Basket) -> Response:
    """A household was found: its side of the till, once what it didn't fetch in time is its own again."""
    release_due(access.village_id(), who.household_id)
    if is_htmx():
        return show(Till(who=who, basket=basket))
    fields: dict[str, Any] = dict(basket.fields) if basket.typed else {}
    return redirect(url_for("store.till", who=served.make(who, by=access.by()), **fields), 303)


def shop() -> Store | None:
    """The store at which the keeper works."""
    return stock_queries.store_of(access.village_id(), access.by())


def shop_id() -> int | None:
    """Its id; None while the village has no store."""
    found = shop()
    return found.id if found else None


def store_id(who: Served) -> int:
    """The store at which a household is served; 404 without one."""
    found = queries.find_store_id(access.village().id, who.store_id)
    if found is None:
        abort(404)
    return found
