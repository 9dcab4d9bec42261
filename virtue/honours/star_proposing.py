"""A quarter's stars as the system proposes them, from the tallies; again until the notice, and what the review group gave stays."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, update

from virtue import clock
from virtue.core import audit
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.honours import star_facts, star_queries, star_schemes
from virtue.honours import star_quarters as quarters
from virtue.honours.star_errors import NobodyToRate, QuarterNotOver, QuarterTooOld
from virtue.honours.star_facts import Proposal
from virtue.honours.star_models import PeriodState, RatingState, StarChange, StarPeriod, StarRating, StarScheme
from virtue.honours.star_rules import count, with_letter
from virtue.honours.star_states import PERIOD_STEPS, RATING_STEPS, target
from virtue.honours.stars import once
from virtue.prepared import Prepared, into

QUARTERS_BACK = 4
"""How many finished quarters back a rating may begin."""

_RATING = StarRating.__table__
_NEW = into(_RATING, "id", "notice_line")
_AGAIN = Prepared(
    update(_RATING)
    .where(_RATING.c.id == bindparam("of_rating"))
    .values(
        proposed=bindparam("letters"), held=bindparam("with_changes"), stars=bindparam("number"),
        marks=bindparam("figures"),
    )
)  # fmt: skip


def propose(village_id: int, quarter: int, *, key: str, by: int) -> Outcome:
    """Propose a finished quarter's stars for every household that takes part, from the tallies; again until the notice.

    Raises QuarterNotOver, QuarterTooOld, NobodyToRate, StarsMovedOn.
    """

    def work() -> dict[str, Any]:
        if quarter > quarters.last_finished():
            raise QuarterNotOver
        period = _period_for(village_id, quarter, by=by)
        found = star_facts.proposals(village_id, quarter, period.scheme.stars)
        if not found:
            raise NobodyToRate
        _write(period, found)
        audit.record(
            "honours.propose_stars", village_id=village_id, by=by, subject="star_period", subject_id=period.id, quarter=quarter,
            households=len(found),
        )  # fmt: skip
        return {"quarter": quarter, "households": len(found)}

    return once("honours.propose_stars", village_id, [quarter, by], work, key=key)


def _period_for(village_id: int, quarter: int, *, by: int) -> StarPeriod:
    """The quarter's row: the one that stands in review, or a new one."""
    period, latest = star_queries.find_period(village_id, quarter), star_queries.latest_period(village_id)
    if period is not None:
        period.state = target(PERIOD_STEPS, "propose", period.state)
        period.proposed_by_id, period.proposed_at = by, clock.now()
        return period
    if latest is not None and latest.quarter > quarter:
        raise QuarterTooOld
    if quarter not in quarters.back(quarters.last_finished(), QUARTERS_BACK):
        raise QuarterTooOld
    scheme = star_schemes.scheme_kept(village_id, quarter)
    period = StarPeriod(
        village_id=village_id, quarter=quarter, scheme_id=scheme.id, scheme=scheme, state=str(PeriodState.REVIEW),
        proposed_by_id=by, proposed_at=clock.now(),
    )  # fmt: skip
    db.session.add(period)
    db.session.flush()
    return period


def _write(period: StarPeriod, found: Sequence[Proposal]) -> None:
    """New households' ratings, and those that stand with new figures; what the review group changed stays."""
    standing = {row.household_id: row for row in star_queries.in_review(period)}
    rows, again = [], []
    changes = star_queries.changes_of([row.id for row in standing.values()]) if standing else {}
    for one in found:
        row = standing.pop(one.household_id, None)
        if row is None:
            rows.append({
                "village_id": period.village_id, "period_id": period.id, "household_id": one.household_id,
                "grid_id": one.grid_id, "state": str(RatingState.REVIEW), "proposed": one.letters, "held": one.letters,
                "stars": count(one.letters), "marks": one.marks,
            })  # fmt: skip
            continue
        held = _with_changes(one.letters, period.scheme, changes.get(row.id, []))
        again.append({
            "of_rating": row.id, "letters": one.letters, "with_changes": held, "number": count(held),
            "figures": one.marks,
        })  # fmt: skip
    _NEW.run_many(rows)
    _AGAIN.run_many(again)
    for row in standing.values():
        row.state = target(RATING_STEPS, "leave", row.state)
    db.session.flush()
    db.session.expire_all()


def _with_changes(letters: str, scheme: StarScheme, changes: Iterable[StarChange]) -> str:
    """The proposal with what the review group gave last; a star that is proposed by now needs nobody's gift."""
    given = {one.dimension: one.to_held for one in changes if one.occasion == "review"}
    for star in scheme.stars:
        if given.get(star.dimension):
            letters = with_letter(letters, star.position, is_held=True)
    return letters
