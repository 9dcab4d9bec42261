"""A household's own stars, with the PIN: why, what is still missing, and the answer to a star's removal."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import clock
from virtue.access import public
from virtue.errors import BrokenRule
from virtue.honours import star_removals
from virtue.passbook import star_queries
from virtue.passbook.entry_views import Visit, passbook, with_pin


@passbook.get("/passbook/stars")
@public
@with_pin
def stars_page(visit: Visit) -> Response:
    """The last rating with its reasons, and the running quarter."""
    return _page(visit)


@passbook.post("/passbook/stars/removals/<int:removal_id>/answer")
@public
@with_pin
def answer_removal(visit: Visit, removal_id: int) -> Response:
    """陈述申辩 to a star's removal."""
    household, words = visit.household, request.form.get("words", "")[:500]
    if removal_id not in {one.id for one in star_queries.told(household)}:
        abort(404)
    try:
        star_removals.answer(household.village_id, removal_id, words, key=request.form.get("key", ""), by=None)
    except BrokenRule as error:
        return _page(visit, removal_id, words, str(error), error.status)
    flash(_("已收到您家的申辩，评议员决定以前会看。"), "good")
    return redirect(url_for("passbook.stars_page"), 303)


def _page(visit: Visit, wrong: int = 0, words: str = "", error: str | None = None, status: int = 200) -> Response:
    household = visit.household
    page = render_template(
        "passbook/stars.html", household=household, own=star_queries.own_stars(household), told=star_queries.told(household),
        hanging=star_queries.on_notice(household), today=clock.today(),
        outlook=star_queries.outlook(household) if household.takes_part else [], wrong=wrong, words=words, error=error,
    )  # fmt: skip
    return make_response(page, status)
