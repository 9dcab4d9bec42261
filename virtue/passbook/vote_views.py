"""Voting in the passbook, with the PIN: who stands, one ballot, and afterwards only the place on the voter list."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import clock
from virtue.access import public
from virtue.core import remarks
from virtue.errors import BrokenRule
from virtue.honours import campaign_queries as queries
from virtue.honours import campaign_words, vote_casting, voter_list
from virtue.passbook.entry_views import Visit, passbook, with_pin


@passbook.get("/passbook/votes")
@public
@with_pin
def votes_page(visit: Visit) -> Response:
    """The votes that run, and which the household has used."""
    return _page(visit)


@passbook.post("/passbook/votes/<int:campaign_id>")
@public
@with_pin
def vote(visit: Visit, campaign_id: int) -> Response:
    """Into the box."""
    household, chosen = visit.household, vote_casting.numbers(request.form.getlist("choice"))
    if campaign_id not in {one.id for one in queries.open_votes(household.village_id, clock.today())}:
        abort(404)
    try:
        done = vote_casting.cast(
            household.village_id, campaign_id, household.id, chosen, key=request.form.get("key", ""), by=None
        )
    except BrokenRule as error:
        return _page(visit, campaign_id, chosen, str(error), error.status)
    flash(_("投好了，选民册第 %(place)s 号。选了谁，谁也查不到。", place=done.result["place"]), "good")
    return redirect(url_for("passbook.votes_page"), 303)


def _page(
    visit: Visit, wrong: int = 0, chosen: list[int] | None = None, error: str | None = None, status: int = 200
) -> Response:
    household = visit.household
    running = queries.open_votes(household.village_id, clock.today())
    page = render_template(
        "passbook/votes.html", household=household, running=running, wrong=wrong, typed=chosen or [], error=error,
        standers={one.id: campaign_words.shown_standers(queries.standing(one.id)) for one in running}, words=campaign_words,
        voters={one.id: voter_list.find_voter(one.id, household.id) for one in running},
        criteria=remarks.texts([one.criteria_id for one in running]),
    )  # fmt: skip
    return make_response(page, status)
