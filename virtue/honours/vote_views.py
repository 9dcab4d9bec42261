"""Votes at the desk: a household's ballot with its card, papers numbered, handed out, and typed in by two."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.honours import campaign_queries as queries
from virtue.honours import campaign_words, vote_casting, voter_list
from virtue.honours.campaign_models import Campaign, CampaignState
from virtue.honours.campaign_views import load_campaign
from virtue.honours.star_views import honours
from virtue.people import queries as people
from virtue.quantities import parse_whole

Answer = Response | tuple[str, int]


@honours.get("/campaigns/<int:campaign_id>/desk")
@permission("campaigns.desk")
def vote_desk(campaign_id: int) -> str:
    """The ballot on the desk's screen: the household chooses, then its card is scanned."""
    return _desk(_running(campaign_id))


@honours.post("/campaigns/<int:campaign_id>/desk")
@permission("campaigns.desk")
def vote_at_desk(campaign_id: int) -> Answer:
    """Into the box, or a paper handed out."""
    found, form = _running(campaign_id), request.form
    village_id, key, by = found.village_id, form.get("key", ""), access.by()
    try:
        household = people.card_by_code(form.get("card", ""), village_id=village_id).household
        if form.get("act") == "paper":
            done = vote_casting.give_paper(village_id, campaign_id, household.id, key=key, by=by)
        else:
            chosen = vote_casting.numbers(form.getlist("choice"))
            done = vote_casting.cast(village_id, campaign_id, household.id, chosen, key=key, by=by)
    except BrokenRule as error:
        return _desk(found, str(error)), 422 if error.status == 404 else error.status
    place = done.result["place"]
    flash(_("办好了：选民册第 %(place)s 号。", place=place), "good")
    return redirect(url_for("honours.vote_desk", campaign_id=campaign_id, place=place), 303)


@honours.get("/campaigns/<int:campaign_id>/slip/<int:place>")
@permission("campaigns.desk")
def vote_slip(campaign_id: int, place: int) -> str:
    """A slip for who voted or took a paper: proves the place in the voter list, and nothing else; no time, no choice."""
    found = _running(campaign_id)
    way = voter_list.way_at(campaign_id, place)
    if way is None:
        abort(404)
    return render_template(
        "honours/print_vote_slip.html",
        village=access.village(),
        campaign=found,
        place=place,
        way=campaign_words.WAYS[way],
    )


@honours.get("/campaigns/<int:campaign_id>/papers")
@permission("campaigns.desk")
def vote_papers(campaign_id: int) -> str:
    """Number papers, print them, type in what came out of the box."""
    return _papers(_running(campaign_id))


@honours.post("/campaigns/<int:campaign_id>/papers")
@permission("campaigns.desk")
def number_papers(campaign_id: int) -> Answer:
    """Number so many more."""
    found = _running(campaign_id)
    count = parse_whole(request.form.get("count")) or 0
    try:
        done = vote_casting.print_papers(
            found.village_id, campaign_id, count, key=request.form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _papers(found, str(error)), error.status
    return redirect(url_for("honours.print_papers", campaign_id=campaign_id, first=done.result["first"]), 303)


@honours.get("/campaigns/<int:campaign_id>/papers/print")
@permission("campaigns.desk")
def print_papers(campaign_id: int) -> str:
    """The numbered papers, four to a sheet."""
    found = _running(campaign_id)
    last = vote_casting.papers(campaign_id)["all"]
    first = min(max(1, request.args.get("first", 1, type=int)), max(1, last))
    return render_template(
        "honours/print_papers.html", campaign=found, numbers=list(range(first, last + 1)), village=access.village(),
        standers=campaign_words.shown_standers(queries.standing(campaign_id)),
    )  # fmt: skip


@honours.post("/campaigns/<int:campaign_id>/papers/read")
@permission("campaigns.desk")
def read_paper(campaign_id: int) -> Answer:
    """One paper, once."""
    found, form = _running(campaign_id), request.form
    chosen = [] if form.get("spoilt") == "1" else vote_casting.numbers(form.getlist("choice")) or [0]
    number = parse_whole(form.get("number"), most=99_999) or 0
    try:
        done = vote_casting.read_paper(
            found.village_id, campaign_id, number, chosen, key=form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _papers(found, str(error)), error.status
    state = done.result["state"]
    said = {
        "first": _("录了第一遍，请另一个人再录一遍。"), "done": _("两遍一样，进箱了。"),
        "differs": _("两遍不一样，都不算。请对着原票各自重录。"),
    }  # fmt: skip
    flash(said[state], "warn" if state == "differs" else "good")
    return redirect(url_for("honours.vote_papers", campaign_id=campaign_id), 303)


def _running(campaign_id: int) -> Campaign:
    found = load_campaign(campaign_id)
    if found.state != CampaignState.OPEN or found.how != "vote":
        abort(404)
    return found


def _desk(found: Campaign, error: str | None = None) -> str:
    chosen = vote_casting.numbers(request.form.getlist("choice")) if error else []
    return render_template(
        "honours/vote_desk.html", campaign=found, error=error, chosen=chosen, key=keys.new(), is_over=found.vote_until < clock.today(),
        standers=campaign_words.shown_standers(queries.standing(found.id)), turnout=voter_list.turnout(found.id),
        criteria=remarks.texts([found.criteria_id]).get(found.criteria_id or 0, ""),
        place=None if error else pages.number_asked("place"),
    )  # fmt: skip


def _papers(found: Campaign, error: str | None = None) -> str:
    return render_template(
        "honours/vote_papers.html", campaign=found, error=error, key=keys.new(), papers=vote_casting.papers(found.id),
        turnout=voter_list.turnout(found.id), standers=campaign_words.shown_standers(queries.standing(found.id)),
        typed=request.form if error else {}, chosen=vote_casting.numbers(request.form.getlist("choice")) if error else [],
    )  # fmt: skip
