"""Why a household has what it has, as the desk reads it: balance, score, what is owed, caps, one entry.

The household's whole pages are looks, written down before they are read. The keeper and the members see a masked name.
"""

from datetime import date
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.awarding import public_queries as awarding
from virtue.honours import star_queries
from virtue.office.household_views import looked_at
from virtue.office.views import office
from virtue.people import standing
from virtue.people.models import Household
from virtue.store import served
from virtue.why import periods, queries, star_chains
from virtue.why.queries import DESK, KEEPER


@office.get("/households/<int:household_id>/balance/<any(home,civility):unit>")
@permission("people.history")
def balance_chain(household_id: int, unit: str) -> str:
    """What a household can spend, entry by entry; up to the end of a day, if asked."""
    found = looked_at(household_id, "why")
    last = day_asked()
    chain = queries.balance(found.id, unit, DESK, number=page_asked(), last=last)
    return _page(found, "balance", unit, chain=chain)


@office.get("/households/<int:household_id>/owed/<any(home,civility):unit>")
@permission("people.history")
def owed_chain(household_id: int, unit: str) -> str:
    """What a household still owes after reversals."""
    found = looked_at(household_id, "why")
    return _page(found, "owed", unit, chain=queries.owed(found.id, unit, DESK, number=page_asked()))


@office.get("/households/<int:household_id>/score/<any(home,civility):unit>/<string:period>")
@permission("people.history")
def score_chain(household_id: int, unit: str, period: str) -> str:
    """What a household scored in a month, a quarter or a year."""
    asked = periods.find(period)
    if asked is None:
        abort(404)
    found = looked_at(household_id, "why")
    chain = queries.score(found.id, unit, asked.months, DESK, number=page_asked())
    return _page(found, "score", unit, chain=chain, period=asked)


@office.get("/stars/ratings/<int:rating_id>/stars/<int:position>")
@permission("people.history")
def star_chain(rating_id: int, position: int) -> str:
    """A star of a rating: the deeds it comes from, or why it is missing."""
    rating = star_queries.rating_here(access.village_id(), rating_id)
    if rating is None or not 1 <= position <= len(rating.period.scheme.stars):
        abort(404)
    found = looked_at(rating.household_id, "why")
    rating = star_queries.rating_here(found.village_id, rating_id)
    star = star_chains.of_rating(rating, position, DESK) if rating is not None else None
    return render_template("office/star_why.html", household=found, star=star)


@office.get("/entries/<int:seq>")
@permission("people.history")
def ledger_entry(seq: int) -> str:
    """第N笔 of this village's ledger."""
    story = queries.entry(access.village().id, seq, DESK)
    if story is None:
        abort(404)
    found = looked_at(story.household_id, "why")
    return render_template("office/ledger_entry.html", household=found, story=story)


@office.get("/households/<int:household_id>/caps/<int:rule_id>")
@permission("awarding.view")
def cap_chain(household_id: int, rule_id: int) -> str:
    """What is used of a rule's caps, deed by deed."""
    village_id, day = access.village().id, day_asked() or clock.today()
    rule, face = awarding.find_rule(village_id, rule_id), standing.find_face(village_id, household_id)
    if rule is None or face is None:
        abort(404)
    return render_template(
        "office/cap.html", face=face, rule=rule, day=day, caps=queries.cap(household_id, rule, day, DESK)
    )


@office.get("/till/balance")
@permission("store.sell")
def till_balance() -> Response | str:
    """At the till: what went over the counter line by line, all else as one sum."""
    unit, who = request.args.get("unit", "home"), served.read(request.args.get("who"), by=access.by())
    if unit not in {"home", "civility"}:
        abort(404)
    face = standing.find_face(access.village().id, who.household_id) if who is not None and who.is_checked else None
    if who is None or face is None:
        return redirect(url_for("store.till"), 303)
    chain = queries.balance(who.household_id, unit, KEEPER, number=page_asked())
    return render_template("office/till_balance.html", face=face, unit=unit, kind="balance", chain=chain)


def page_asked() -> int:
    """The page of the address; the first for nonsense."""
    return request.args.get("page", 1, type=int)


def day_asked() -> date | None:
    """The day of the address; None for none, and for nonsense."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


def _page(found: Household, kind: str, unit: str, **more: Any) -> str:
    return render_template("office/why.html", household=found, kind=kind, unit=unit, **{"period": None, **more})
