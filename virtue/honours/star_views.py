"""The desk's stars: a quarter's proposal, its review, a household's rating with its reasons, the notice."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, pages
from virtue.access import permission
from virtue.awarding.words import HOW
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.honours import star_list_queries as lists
from virtue.honours import star_proposing, star_publishing, star_queries, star_risks, star_schemes, star_words, stars
from virtue.honours import star_quarters as quarters
from virtue.honours import star_removal_queries as removal_queries
from virtue.honours.star_models import StarPeriod, StarRating
from virtue.people import queries as people
from virtue.staff import queries as staff

honours = Blueprint("honours", __name__)
blueprints = (honours,)

FILTERS = ("changed", "all", "removing", "warned")


@honours.get("/stars")
@permission("stars.view")
def star_list() -> str:
    """The quarter asked for, or the last that is over: proposed, reviewed, on notice, published."""
    return _list(_quarter_asked())


@honours.post("/stars/<string:quarter>/propose")
@permission("stars.propose")
def propose_stars(quarter: str) -> Response | tuple[str, int]:
    """Propose, or propose again."""
    found = _quarter(quarter)
    try:
        done = star_proposing.propose(access.village_id(), found, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _list(found, str(error)), error.status
    flash(_("已提名 %(count)s 户。下一步：评议小组评，再公示。", count=done.result["households"]), "good")
    return redirect(url_for("honours.star_list", quarter=quarter), 303)


@honours.post("/stars/<string:quarter>/word")
@permission("stars.review")
def give_star_word(quarter: str) -> Response | tuple[str, int]:
    """The review group's word, for all that were ticked."""
    found, form = _quarter(quarter), request.form
    chosen = [int(number) for number in form.getlist("household") if number.isdigit() and len(number) < 16]
    try:
        done = stars.give_word(
            access.village_id(), found, form.get("dimension", ""), chosen, why=form.get("why", "")[:300],
            key=form.get("key", ""), by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _list(found, str(error), why=form.get("why", ""), chosen=set(chosen)), error.status
    flash(_("评给了 %(count)s 户。", count=done.result["given"]), "good")
    if done.result["left_out"]:
        flash(_("有 %(count)s 户是您自己家或亲属家，要由别人评。", count=done.result["left_out"]), "warn")
    return redirect(url_for("honours.star_list", quarter=quarter, grid=request.args.get("grid", "")), 303)


@honours.post("/stars/<string:quarter>/publish")
@permission("stars.notice")
def publish_stars(quarter: str) -> Response | tuple[str, int]:
    """Put the quarter on notice."""
    found = _quarter(quarter)
    try:
        done = star_publishing.publish(access.village_id(), found, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _list(found, str(error)), error.status
    flash(
        _("第%(number)s号公示已发布，%(lines)s 户。", number=done.result["number"], lines=done.result["lines"]), "good"
    )
    return redirect(url_for("honours.star_list", quarter=quarter), 303)


@honours.get("/stars/ratings/<int:rating_id>")
@permission("stars.view")
def star_rating(rating_id: int) -> str:
    """A household's stars in a quarter: each with its reason, what was changed, how far a removal is."""
    return rating_page(load_rating(rating_id))


@honours.post("/stars/ratings/<int:rating_id>/change")
@permission("stars.review")
def change_star(rating_id: int) -> Response | tuple[str, int]:
    """Give one star, or take a given one back."""
    rating, form = load_rating(rating_id), request.form
    try:
        stars.change(
            access.village_id(), rating_id, form.get("dimension", ""), to_held=form.get("to") == "1",
            why=form.get("why", "")[:300], key=form.get("key", ""), by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return rating_page(rating, str(error), why=form.get("why", "")), error.status
    flash(_("已改，理由本户看得到。"), "good")
    return redirect(url_for("honours.star_rating", rating_id=rating_id), 303)


def load_rating(rating_id: int) -> StarRating:
    """A rating of this village, or 404."""
    found = star_queries.rating_here(access.village_id(), rating_id)
    if found is None:
        abort(404)
    return found


def rating_page(rating: StarRating, error: str | None = None, *, why: str = "", words: str = "") -> str:
    """The page of one rating."""
    village_id, scheme = access.village_id(), rating.period.scheme
    household = people.find_household(village_id, rating.household_id)
    changes = star_queries.changes_of([rating.id])[rating.id]
    removals = removal_queries.removals_of(rating.id)
    texts = [number for one in removals for number in (one.reason_id, one.rebuttal_id, one.end_reason_id)]
    reasons = remarks.texts([*(change.reason_id for change in changes), *texts])
    earlier = lists.letters_before(rating.period, [rating.household_id]).get(rating.household_id)
    by = {change.by_id for change in changes} | {one.proposed_by_id for one in removals}
    return render_template(
        "honours/star_rating.html", rating=rating, scheme=scheme, household=household, error=error, why=why, words=words,
        stories=star_words.stories(rating, scheme, changes, reasons), changes=changes, removals=removals, reasons=reasons,
        names=staff.names_of(by), quarter_name=quarters.name(rating.period.quarter), quarter_key=quarters.key(rating.period.quarter),
        moved=lists.movement(rating, scheme, earlier), star_names={star.dimension: star_words.name_of(star) for star in scheme.stars},
        removal_states=star_words.REMOVALS, how=HOW, is_kin=people.is_kin(access.by(), rating.household_id),
        staff=staff.active_staff(village_id),
    )  # fmt: skip


def _quarter(text: str) -> int:
    found = quarters.find(text)
    if found is None:
        abort(404)
    return found


def _quarter_asked() -> int:
    return _quarter(request.args["quarter"]) if request.args.get("quarter") else quarters.last_finished()


def _list(quarter: int, error: str | None = None, *, why: str = "", chosen: set[int] | None = None) -> str:
    village_id = access.village_id()
    period = star_queries.find_period(village_id, quarter)
    return render_template(
        "honours/stars.html", quarter=quarter, quarter_key=quarters.key(quarter), quarter_name=quarters.name(quarter),
        period=period, error=error, why=why, chosen=chosen or set(), key=keys.new(), states=star_words.PERIODS,
        scheme=period.scheme if period else star_schemes.scheme_shown(village_id, quarter), name_of=star_words.name_of,
        quarters=_choices(village_id, quarter), decided=len(removal_queries.removals(village_id, "decided")),
        **(_rows(village_id, period) if period else {"page": None, "counts": {}}),
    )  # fmt: skip


def _choices(village_id: int, quarter: int) -> list[tuple[str, str]]:
    found = {one.quarter for one in star_queries.periods(village_id)} | {quarters.last_finished(), quarter}
    return [(quarters.key(one), quarters.name(one)) for one in sorted(found, reverse=True)]


def _rows(village_id: int, period: StarPeriod) -> dict[str, Any]:
    grid_id, only = pages.number_asked("grid"), request.args.get("only", "")
    text = request.args.get("q", "").strip()[:40]
    query = lists.ratings(period, grid_id=grid_id, only=only if only in FILTERS else "", text=text)
    if only == "warned":
        query = query.where(StarRating.household_id.in_(star_risks.warned(period)))
    page = pages.paged(query, request.args.get("page", 1, type=int), per_page=70, scalars=False)
    earlier = lists.letters_before(period, [rating.household_id for rating, _household in page.rows])
    moved = {
        rating.id: lists.movement(rating, period.scheme, earlier.get(rating.household_id)) for rating, _one in page.rows
    }
    return {
        "page": page, "counts": lists.counts(period), "moved": moved, "grids": people.grids_of(village_id), "grid_id": grid_id,
        "only": only, "q": text, "review_stars": [star for star in period.scheme.stars if star.mode == "review"],
    }  # fmt: skip


from virtue.honours import (  # noqa: E402, F401  their routes join the same blueprint
    black_place_views,
    black_views,
    board_views,
    campaign_views,
    comparison_views,
    red_views,
    star_more_views,
    star_objections,
    star_plate_views,
    star_removal_views,
    title_views,
    wall_views,
)
