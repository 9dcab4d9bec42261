"""The wish list in the passbook, with the PIN: up to three things the household would like to find at the store."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue.access import public
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.passbook.entry_views import Visit, passbook, with_pin
from virtue.store import queries, wish_queries, wish_services


@passbook.get("/passbook/wishes")
@public
@with_pin
def wishes_page(visit: Visit) -> Response:
    """The household's wishes, and a form for one more."""
    return _page(visit)


@passbook.post("/passbook/wishes")
@public
@with_pin
def add_wish(visit: Visit) -> Response:
    """One more wish: one of the goods, or in own words."""
    form, household = request.form, visit.household
    item_id, text = form.get("item", type=int), form.get("words", "")[:200]
    try:
        wish_services.wish(
            household.village_id, household.id, item_id=item_id if item_id and not text.strip() else None, text=text,
            key=form.get("key", ""), by=None,
        )  # fmt: skip
    except BrokenRule as error:
        return _page(visit, str(error), text, item_id, error.status)
    flash(_("写进心愿单了。"), "good")
    return redirect(url_for("passbook.wishes_page"), 303)


@passbook.post("/passbook/wishes/<int:wish_id>/remove")
@public
@with_pin
def remove_wish(visit: Visit, wish_id: int) -> Response:
    """Take a wish off the list."""
    household = visit.household
    if wish_id not in {one.id for one in wish_queries.wishes_of(household.id)}:
        abort(404)
    wish_services.unwish(household.village_id, household.id, wish_id, key=request.form.get("key", ""), by=None)
    flash(_("已去掉。"), "good")
    return redirect(url_for("passbook.wishes_page"), 303)


def _page(
    visit: Visit, error: str | None = None, text: str = "", item_id: int | None = None, status: int = 200
) -> Response:
    household = visit.household
    page = render_template(
        "passbook/wishes.html", household=household, wishes=wish_queries.wishes_of(household.id), error=error, text=text,
        chosen=item_id, items=queries.items_of(household.village_id), most=wish_services.MOST, key=keys.new(),
    )  # fmt: skip
    return make_response(page, status)
