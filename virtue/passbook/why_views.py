"""Why the household has what it has, opened with its PIN: balance, score, what is owed, caps, one entry, one deed."""

from flask import abort, render_template, request

from virtue import clock
from virtue.access import public
from virtue.awarding import public_queries as awarding
from virtue.honours import star_queries
from virtue.honours.star_models import RatingState
from virtue.passbook.entry_views import Visit, passbook, with_pin
from virtue.why import periods, queries, star_chains
from virtue.why.queries import HOUSEHOLD

TOLD = {RatingState.ON_NOTICE, RatingState.FROZEN, RatingState.PUBLISHED}
"""The states in which a household reads its rating."""


@passbook.get("/passbook/balance/<any(home,civility):unit>")
@public
@with_pin
def balance_chain(visit: Visit, unit: str) -> str:
    """What the household can spend, entry by entry."""
    return _page(visit, "balance", unit, queries.balance(visit.household.id, unit, HOUSEHOLD, number=_number()))


@passbook.get("/passbook/owed/<any(home,civility):unit>")
@public
@with_pin
def owed_chain(visit: Visit, unit: str) -> str:
    """What the household still owes after reversals."""
    return _page(visit, "owed", unit, queries.owed(visit.household.id, unit, HOUSEHOLD, number=_number()))


@passbook.get("/passbook/score/<any(home,civility):unit>/<string:period>")
@public
@with_pin
def score_chain(visit: Visit, unit: str, period: str) -> str:
    """What the household scored in a month, a quarter or a year."""
    asked = periods.find(period)
    if asked is None:
        abort(404)
    chain = queries.score(visit.household.id, unit, asked.months, HOUSEHOLD, number=_number())
    return _page(visit, "score", unit, chain, period=asked)


@passbook.get("/passbook/stars/<int:rating_id>/<int:position>")
@public
@with_pin
def star_chain(visit: Visit, rating_id: int, position: int) -> str:
    """One of the household's own stars, once its notice hangs."""
    rating = star_queries.rating_here(visit.household.village_id, rating_id)
    if rating is None or rating.household_id != visit.household.id or rating.state not in TOLD:
        abort(404)
    star = star_chains.of_rating(rating, position, HOUSEHOLD)
    if star is None:
        abort(404)
    return render_template("passbook/star_why.html", household=visit.household, star=star)


@passbook.get("/passbook/entries/<int:seq>")
@public
@with_pin
def ledger_entry(visit: Visit, seq: int) -> str:
    """One of the household's own entries."""
    story = queries.entry(visit.household.village_id, seq, HOUSEHOLD)
    if story is None or story.household_id != visit.household.id:
        abort(404)
    return render_template("passbook/ledger_entry.html", household=visit.household, story=story)


@passbook.get("/passbook/deeds/<int:deed_id>")
@public
@with_pin
def deed(visit: Visit, deed_id: int) -> str:
    """One of the household's own deeds; a deduction that was dropped leaves none."""
    found = awarding.deeds_by_id([deed_id]).get(deed_id)
    if found is None or found.household_id != visit.household.id or found.state == "dropped":
        abort(404)
    line = queries.deed(found, HOUSEHOLD)
    return render_template("passbook/deed.html", household=visit.household, deed=found, line=line)


@passbook.get("/passbook/caps/<int:rule_id>")
@public
@with_pin
def cap_chain(visit: Visit, rule_id: int) -> str:
    """What the household used of a rule's caps."""
    rule = awarding.find_rule(visit.household.village_id, rule_id)
    if rule is None:
        abort(404)
    day = clock.today()
    caps = queries.cap(visit.household.id, rule, day, HOUSEHOLD)
    return render_template("passbook/cap.html", household=visit.household, rule=rule, day=day, caps=caps)


def _number() -> int:
    return request.args.get("page", 1, type=int)


def _page(visit: Visit, kind: str, unit: str, chain: queries.Chain, period: periods.Period | None = None) -> str:
    return render_template(
        "passbook/why.html", household=visit.household, kind=kind, unit=unit, chain=chain, period=period
    )
