"""The till: find a household, fill a basket, confirm, next."""

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.people import card_cookie, looks, standing
from virtue.people import queries as people
from virtue.store import order_queries, queries, reservation_queries, served, services, stock_queries
from virtue.store import till as page
from virtue.store.basket_forms import Basket, read_basket
from virtue.store.models import Store
from virtue.store.served import Served
from virtue.store.till import Till

store = Blueprint("store", __name__)

NOT_SWAPPED = {400, 404, 405, 413, 429}
"""Under htmx these answers, and 5xx, carry only a message; the page stays as it is."""


@store.get("/till")
@permission("store.sell")
def till() -> Response | str:
    """The till: empty, with a household, or with what was just handed over."""
    village, word, done = access.village(), request.args.get("who"), request.args.get("done", type=int)
    if card_cookie.NAME in request.cookies and word is None:
        return _from_cookie()
    if done is not None:
        order = order_queries.find_order(village.id, done)
        if order is None or order.by_id != access.by():
            abort(404)
        return _show(Till(done=page.done_of(village.id, order)))
    who = served.read(word, by=access.by())
    stale = _("停得太久了，请重新扫卡。") if word and who is None else None
    return _show(Till(who=who, error=stale, basket=read_basket(request.args)))


@store.get("/till/shelf")
@permission("store.sell")
def shelf() -> str:
    """The goods as they lie there now, without a basket; fetched after something was handed over."""
    return render_template("store/_shelf.html", state=Till(), **page.draw_shelf(access.village_id(), _shop()))


@store.post("/till/find")
@permission("store.sell")
def find() -> Response | str:
    """Find a household by card, household code, or the number on its card; goods chosen before come along."""
    typed, basket = request.form.get("code", ""), read_basket(request.form)
    try:
        found = people.household_by_input(access.village().id, typed)
    except BrokenRule as error:
        if reservation_queries.is_of_code(access.village_id(), typed):
            return _leave_for(url_for("store.reservations", q=typed))
        return _show(Till(error=str(error), typed=typed[:80], basket=basket), error.status)
    card_id = found.card.id if found.card else None
    return _serve(Served(found.household.id, card_id, card_id is not None, _shop_id()), basket)


@store.post("/till/reveal")
@permission("store.sell")
def reveal() -> Response | str:
    """核对: show the householder's whole name; the household sees that somebody looked."""
    who, basket = _asked()
    if who is None:
        return _stale()
    looks.record_look(access.village().id, who.household_id, by=access.by(), what="reveal")
    name = standing.head_name(access.village().id, who.household_id)
    if is_htmx():
        return render_template("store/_name.html", name=name)
    return _show(Till(who=who, basket=basket, name=name, key=request.form.get("key")))


@store.post("/till/basket")
@permission("store.sell")
def check_basket() -> Response | str:
    """Say in words what confirming would do, or go back to the basket; writes nothing."""
    who, basket = _asked()
    if who is None:
        return _stale()
    if "change" in request.form:
        return _show(Till(who=who, basket=basket, key=request.form.get("key")))
    return _ask(who, basket)


@store.post("/till/redeem")
@permission("store.sell")
def redeem() -> Response | str:
    """Hand over: the fresh till for htmx, a 303 for a plain browser."""
    who, basket = _asked()
    if who is None:
        return _stale()
    if basket.errors or not basket.is_shown:
        return _ask(who, basket)
    # Read before the write, all at once: the answer then needs no look at the database any more.
    village_id, by, key = access.village_id(), access.by(), request.form.get("key", "")
    counter = page.find_counter(village_id, who.household_id, who.store_id)
    if counter is None:
        abort(404)
    if not basket.is_again and _is_same_again(counter.store_id, who, basket, key):
        return _ask(who, basket, is_again=True)
    lines, card_id = basket.pieces, who.card_id
    try:
        outcome = services.redeem(
            village_id, counter.store_id, who.household_id, lines, key=key, by=by, card_id=card_id
        )  # fmt: skip
    except BrokenRule as error:
        return _refused(who, basket, error)
    if not is_htmx():
        return redirect(url_for("store.till", done=outcome.result["order_id"]), 303)
    # Only the household's side goes back; the goods are fetched anew while the keeper reads.
    done = page.done_now(counter, outcome.result, is_repeat=outcome.is_repeat)
    return render_template("store/_side.html", **page.draw_side(village_id, Till(done=done, is_fragment=True), by=by))


def _is_same_again(store_id: int, who: Served, basket: Basket, key: str) -> bool:
    """Whether to ask first: the same basket within three minutes, and not just the same form sent twice."""
    if order_queries.find_same_basket(store_id, who.household_id, basket.lines) is None:
        return False
    try:
        return keys.find_outcome(key) is None
    except BrokenRule:
        return False


def _ask(who: Served, basket: Basket, *, is_again: bool = False) -> Response | str:
    """The basket in words, to be confirmed; a basket that can't be had comes back with the reason."""
    if basket.errors:
        sentence = next(iter(basket.errors.values()))
        return _show(Till(who=who, basket=basket, error=sentence, key=request.form.get("key")), 422)
    village_id, store_id = access.village().id, _store_id(who)
    try:
        quote = services.quote(
            village_id, store_id, who.household_id, basket.pieces, by=access.by(), card_id=who.card_id
        )
    except BrokenRule as error:
        return _refused(who, basket, error)
    return _show(Till(who=who, basket=basket, quote=quote, is_again=is_again, key=request.form.get("key")))


def _refused(who: Served, basket: Basket, error: BrokenRule) -> Response:
    """The page that says no: what was typed stays, and a new key comes with it, unless the same one may be sent again."""
    again = error.status >= 500
    if is_htmx() and (again or error.status in NOT_SWAPPED):
        raise error
    key = request.form.get("key") if again else None
    return _show(Till(who=who, basket=basket, error=str(error), key=key), error.status)


def _asked() -> tuple[Served | None, Basket]:
    who = served.read(request.form.get("who"), by=access.by())
    return (who if who is not None and who.is_checked else None), read_basket(request.form)


def _stale() -> Response:
    return _show(Till(error=_("停得太久了，请重新扫卡。")), 422)


def _leave_for(target: str) -> Response:
    if not is_htmx():
        return redirect(target, 303)
    response = make_response("")
    response.headers["HX-Redirect"] = target
    return response


def _serve(who: Served, basket: Basket) -> Response:
    if is_htmx():
        return _show(Till(who=who, basket=basket))
    fields: dict[str, Any] = dict(basket.fields) if basket.typed else {}
    return redirect(url_for("store.till", who=served.make(who, by=access.by()), **fields), 303)


def _from_cookie() -> Response:
    """A card that the keeper's phone scanned: taken over here, so that it doesn't linger for the next person."""
    found = card_cookie.read(request.cookies.get(card_cookie.NAME))
    card = people.find_card_in_force(*found) if found else None
    if card is None or card.village_id != access.village().id:
        response = _show(Till(error=_("不是本村的卡。") if found else None))
    else:
        response = redirect(
            url_for(
                "store.till", who=served.make(Served(card.household_id, card.id, store_id=_shop_id()), by=access.by())
            ),
            303,
        )
    response.delete_cookie(card_cookie.NAME)
    return response


def _store_id(who: Served) -> int:
    store_id = queries.find_store_id(access.village().id, who.store_id)
    if store_id is None:
        abort(404)
    return store_id


def _shop() -> Store | None:
    """The store at which the keeper works."""
    return stock_queries.store_of(access.village_id(), access.by())


def _shop_id() -> int | None:
    shop = _shop()
    return shop.id if shop else None


def _show(state: Till, status: int = 200) -> Response:
    """The whole till, or its section for htmx, wherever the request wanted to put its answer."""
    template = "store/_till.html" if is_htmx() else "store/till.html"
    response = make_response(render_template(template, **page.draw(access.village().id, state, by=access.by())), status)
    if is_htmx():
        response.headers["HX-Retarget"] = "#till"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def is_htmx() -> bool:
    """Whether the request comes from htmx."""
    return bool(request.headers.get("HX-Request"))


from virtue.store import (  # noqa: E402, F401  their routes join this blueprint
    budget_views,
    close_views,
    goods_views,
    label_views,
    opening_views,
    order_views,
    receive_views,
    reservation_views,
    shop_views,
    stock_views,
    stocktake_views,
    wish_views,
)

blueprints = (store,)
