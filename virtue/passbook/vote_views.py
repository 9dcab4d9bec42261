"""Voting in the passbook, with the PIN: who stands, one ballot, and afterwards only the place on the voter list."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import clock
from virtue.access import public
from virtue.core import remarks
from virtue.errors import BrokenRule
from virtue.honours import campaign_ending, campaign_words, vote_casting, voter_list
from virtue.honours import campaign_queries as queries
from virtue.notices.services import Sender
from virtue.passbook import vote_queries
from virtue.passbook.entry_views import Visit, passbook, with_pin
from virtue.quantities import parse_whole


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


@passbook.post("/passbook/votes/<int:campaign_id>/objections")
@public
@with_pin
def object_to_winner(visit: Visit, campaign_id: int) -> Response:
    """Object to a winner while the notice is open."""
    household, form = visit.household, request.form
    if campaign_id not in {one.id for one in vote_queries.told(household.village_id)}:
        abort(404)
    try:
        done = campaign_ending.object_to(
            household.village_id, campaign_id, parse_whole(form.get("line"), most=99_999) or 0, form.get("words", ""),
            Sender(household.id), came_by="passbook", key=form.get("key", ""), by=None,
        )  # fmt: skip
    except BrokenRule as error:
        return _page(visit, campaign_id, error=str(error), status=error.status)
    flash(_("已收到，回执第%(number)s号。提的人是谁，不公开。", number=done.result["number"]), "good")
    return redirect(url_for("passbook.objections_page"), 303)


def _page(
    visit: Visit, wrong: int = 0, chosen: list[int] | None = None, error: str | None = None, status: int = 200
) -> Response:
    household = visit.household
    running = queries.open_votes(household.village_id, clock.today())
    page = render_template(
        "passbook/votes.html", household=household, running=running, wrong=wrong, typed=chosen or [], error=error,
        standers={one.id: campaign_words.shown_standers(queries.standing(one.id)) for one in running}, words=campaign_words,
        voters={one.id: voter_list.find_voter(one.id, household.id) for one in running},
        criteria=remarks.texts([one.criteria_id for one in running]), results=vote_queries.results(household.village_id),
        form=request.form,
    )  # fmt: skip
    return make_response(page, status)
