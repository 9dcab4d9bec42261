"""The till: find a household, fill a basket, confirm, next."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.people import card_cookie, looks, standing
from virtue.people import queries as people
from virtue.store import order_queries, reservation_queries, served, till_search
from virtue.store import till as page
from virtue.store.answer_views import asked, is_htmx, leave_for, serve, shop, shop_id, show, stale
from virtue.store.basket_forms import read_basket
from virtue.store.served import Served
from virtue.store.till import Till

store = Blueprint("store", __name__)


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
        return show(Till(done=page.done_of(village.id, order)))
    who = served.read(word, by=access.by())
    late = _("停得太久了，请重新扫卡。") if word and who is None else None
    return show(Till(who=who, error=late, basket=read_basket(request.args)))


@store.get("/till/shelf")
@permission("store.sell")
def shelf() -> str:
    """The goods as they lie there now, without a basket; fetched after something was handed over."""
    return render_template("store/_shelf.html", state=Till(), **page.draw_shelf(access.village_id(), shop()))


@store.post("/till/find")
@permission("store.sell")
def find() -> Response | str:
    """Find a household by card, household code, the number on its card, or a name; goods chosen before come along."""
    typed, basket = request.form.get("code", ""), read_basket(request.form)
    try:
        found = people.household_by_input(access.village().id, typed)
    except BrokenRule as error:
        if reservation_queries.is_of_code(access.village_id(), typed):
            return leave_for(url_for("store.reservations", q=typed))
        matches = till_search.matches(access.village_id(), typed) if isinstance(error, till_search.SEARCHED) else None
        if matches:
            return show(Till(typed=typed[:80], basket=basket, matches=matches))
        return show(Till(error=str(error), typed=typed[:80], basket=basket), error.status)
    card_id = found.card.id if found.card else None
    return serve(Served(found.household.id, card_id, card_id is not None, shop_id()), basket)


@store.post("/till/choose")
@permission("store.sell")
def choose_household() -> Response | str:
    """One of the households that a name found: without a card, so that the name is checked as after typing a code."""
    who = served.read(request.form.get("who"), by=access.by())
    if who is None:
        return stale()
    return serve(who, read_basket(request.form))


@store.post("/till/reveal")
@permission("store.sell")
def reveal() -> Response | str:
    """核对: show the householder's whole name; the household sees that somebody looked."""
    who, basket = asked()
    if who is None:
        return stale()
    looks.record_look(access.village().id, who.household_id, by=access.by(), what="reveal")
    name = standing.head_name(access.village().id, who.household_id)
    if is_htmx():
        return render_template("store/_name.html", name=name)
    return show(Till(who=who, basket=basket, name=name, key=request.form.get("key")))


def _from_cookie() -> Response:
    """A card that the keeper's phone scanned: taken over here, so that it doesn't linger for the next person."""
    found = card_cookie.read(request.cookies.get(card_cookie.NAME))
    card = people.find_card_in_force(*found) if found else None
    if card is None or card.village_id != access.village().id:
        response = show(Till(error=_("不是本村的卡。") if found else None))
    else:
        response = redirect(
            url_for(
                "store.till", who=served.make(Served(card.household_id, card.id, store_id=shop_id()), by=access.by())
            ),
            303,
        )
    response.delete_cookie(card_cookie.NAME)
    return response


from virtue.store import (  # noqa: E402, F401  their routes join this blueprint
    budget_views,
    close_views,
    goods_views,
    label_views,
    opening_views,
    order_views,
    paper_views,
    parked_views,
    receive_views,
    redeem_views,
    reservation_views,
    shop_views,
    stock_views,
    stocktake_views,
    wish_views,
)

blueprints = (store,)
