"""Baskets put aside at the till and taken up again."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.store import parked_services, served
from virtue.store.answer_views import leave_for, refused, serve, shop_id, show, stale
from virtue.store.basket_forms import read_basket
from virtue.store.served import Served
from virtue.store.till import Till
from virtue.store.views import store


@store.post("/till/park")
@permission("store.sell")
def park() -> Response:
    """Put the basket aside, with its household or before a card was scanned."""
    word, basket = request.form.get("who", ""), read_basket(request.form)
    who = served.read(word, by=access.by()) if word else None
    if word and (who is None or not who.is_checked):
        return stale()
    store_id = who.store_id if who is not None and who.store_id is not None else shop_id()
    if store_id is None:
        abort(404)
    if basket.errors:
        return show(Till(who=who, basket=basket, error=next(iter(basket.errors.values()))), 422)
    household = (who.household_id, who.card_id) if who is not None else None
    try:
        parked_services.park(
            access.village_id(), store_id, household, basket.fields, basket.pieces,
            key=request.form.get("key", ""), by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return refused(who, basket, error)
    flash(_("已经暂存，一小时内可以接着办。暂存不占货，也不扣分。"), "good")
    return leave_for(url_for("store.till"))


@store.post("/till/parked/<int:parked_id>/take-up")
@permission("store.sell")
def take_up(parked_id: int) -> Response:
    """Go on with a basket that was put aside."""
    store_id = shop_id()
    if store_id is None:
        abort(404)
    try:
        taken = parked_services.take_up(
            access.village_id(), store_id, parked_id, key=request.form.get("key", ""), by=access.by()
        ).result
    except BrokenRule as error:
        if error.status == 404:
            raise
        return show(Till(error=str(error)), error.status)
    fields = dict(taken["fields"])
    if taken["household_id"] is None:
        return redirect(url_for("store.till", **fields), 303)
    who = Served(taken["household_id"], taken["card_id"], taken["is_checked"], store_id)
    return serve(who, read_basket(fields))
