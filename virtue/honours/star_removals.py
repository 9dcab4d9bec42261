"""Taking a star away, with the due process of a deduction: told, days to answer, two who decide, a notice of its own.

Until all that is done the household holds the star. Whoever proposed it doesn't decide it; nobody acts for own kin.
"""

from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.awarding import checks, deductions
from virtue.awarding.deductions import Telling
from virtue.awarding.errors import AbsentByPhone
from virtue.core import audit, remarks, settings
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.honours import star_queries
from virtue.honours import star_removal_queries as removal_queries
from virtue.honours.star_errors import (
    NotHeld,
    OwnRemoval,
    RemovalOpen,
    SignedRemoval,
    StarAnswerOver,
    StarAnswerStillRunning,
    StarNotTold,
    StarsMovedOn,
)
from virtue.honours.star_models import RatingState, RemovalState, StarRating, StarRemoval
from virtue.honours.star_states import RATING_STEPS, REMOVAL_STEPS, target
from virtue.honours.stars import once, star_of


def remove(village_id: int, rating_id: int, dimension: str, *, why: str, key: str, by: int) -> Outcome:
    """Propose to take a star away, with a reason that the household is told. Gives ``removal_id``.

    Raises UnknownStar, NotHeld, RemovalOpen, OwnKin, ReasonNeeded, StarsMovedOn.
    """

    def work() -> dict[str, Any]:
        rating = star_queries.locked_rating(village_id, rating_id)
        checks.not_own(rating.household_id, by=by)
        target(RATING_STEPS, "remove", rating.state)
        return {"removal_id": begin(rating, dimension, why=checks.reason(why), by=by).id}

    return once("honours.remove_star", village_id, [rating_id, dimension, why, by], work, key=key)


def begin(rating: StarRating, dimension: str, *, why: str, by: int) -> StarRemoval:
    """Begin a removal inside a write. Raises UnknownStar, NotHeld, RemovalOpen."""
    star = star_of(rating, dimension)
    latest = star_queries.latest_published(rating.village_id)
    is_over = rating.state == RatingState.PUBLISHED and latest is not None and rating.period_id != latest.id
    if rating.held[star.position - 1] == "0" or is_over:
        raise NotHeld
    standing = select(StarRemoval.id).where(
        StarRemoval.rating_id == rating.id, StarRemoval.dimension == dimension,
        StarRemoval.state.in_(removal_queries.REMOVALS_OPEN),
    )  # fmt: skip
    if db.session.scalar(standing) is not None:
        raise RemovalOpen
    words_id, _hash = remarks.keep(why, village_id=rating.village_id)
    removal = StarRemoval(
        village_id=rating.village_id, rating_id=rating.id, household_id=rating.household_id, dimension=dimension,
        state=str(RemovalState.PROPOSED), reason_id=words_id, proposed_by_id=by, proposed_at=clock.now(),
    )  # fmt: skip
    db.session.add(removal)
    db.session.flush()
    note("remove_star", removal, by=by)
    return removal


def tell(village_id: int, removal_id: int, telling: Telling, *, key: str, by: int) -> Outcome:
    """Record that and how the household was told; from now on it may answer, 3 days, or 15 when absent."""

    def work() -> dict[str, Any]:
        removal = _open(village_id, removal_id, by=by)
        to_state = target(REMOVAL_STEPS, "tell", removal.state)
        if telling.how not in deductions.HOW:
            raise StarsMovedOn
        if telling.is_absent and telling.how != "phone":
            raise AbsentByPhone
        if telling.how == "refused":
            deductions.check_witnesses(village_id, telling, by=by)
            removal.witness_1_id, removal.witness_2_id = telling.witness_1_id, telling.witness_2_id
        removal.told_on, removal.told_by_id, removal.told_how = clock.today(), by, telling.how
        days = settings.value("rebuttal_days_absent" if telling.is_absent else "rebuttal_days", village_id)
        removal.state, removal.rebuttal_until = to_state, clock.end_after(clock.today(), days)
        db.session.flush()
        note("tell_star", removal, by=by, how=telling.how)
        return {"removal_id": removal_id, "state": removal.state}

    contents = [removal_id, *[str(value) for value in vars(telling).values()], by]
    return once("honours.tell_star", village_id, contents, work, key=key)


def answer(village_id: int, removal_id: int, words: str, *, key: str, by: int | None) -> Outcome:
    """The household's answer (陈述申辩); ``by`` took it down, None: from the passbook. Raises StarAnswerOver."""

    def work() -> dict[str, Any]:
        removal = removal_queries.locked_removal(village_id, removal_id)
        target(REMOVAL_STEPS, "answer", removal.state)
        if removal.rebuttal_until is not None and clock.today() > removal.rebuttal_until:
            raise StarAnswerOver
        removal.rebuttal_id, _hash = remarks.keep(checks.reason(words), village_id=village_id)
        removal.rebuttal_at, removal.rebuttal_by_id = clock.now(), by
        db.session.flush()
        note("answer_star", removal, by=by)
        return {"removal_id": removal_id, "state": removal.state}

    return once("honours.answer_star", village_id, [removal_id, words, by], work, key=key)


def sign(village_id: int, removal_id: int, *, key: str, by: int) -> Outcome:
    """A reviewer finds for taking it away, after the days to answer; two are needed, not the one who proposed it."""

    def work() -> dict[str, Any]:
        removal = _open(village_id, removal_id, by=by)
        if removal.state == RemovalState.PROPOSED:
            raise StarNotTold
        to_state = target(REMOVAL_STEPS, "sign", removal.state)
        if removal.rebuttal_until is None or clock.today() <= removal.rebuttal_until:
            raise StarAnswerStillRunning(until=str(removal.rebuttal_until))
        if by == removal.proposed_by_id:
            raise OwnRemoval
        if by == removal.first_by_id:
            raise SignedRemoval
        if removal.first_by_id is None:
            removal.first_by_id = by
        else:
            removal.second_by_id, removal.state, removal.decided_at = by, to_state, clock.now()
        db.session.flush()
        note("sign_removal", removal, by=by)
        return {"removal_id": removal_id, "state": removal.state}

    return once("honours.sign_removal", village_id, [removal_id, by], work, key=key)


def drop(village_id: int, removal_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Let a removal fall, at any step before it is done, with a reason."""

    def work() -> dict[str, Any]:
        removal = _open(village_id, removal_id, by=by)
        let_fall(removal, why=checks.reason(why), by=by)
        return {"removal_id": removal_id, "state": removal.state}

    return once("honours.drop_removal", village_id, [removal_id, why, by], work, key=key)


def let_fall(removal: StarRemoval, *, why: str, by: int) -> None:
    """The same inside a write; who may, the caller has checked."""
    removal.state = target(REMOVAL_STEPS, "drop", removal.state)
    removal.end_reason_id, _hash = remarks.keep(why, village_id=removal.village_id)
    removal.ended_at, removal.ended_by_id = clock.now(), by
    db.session.flush()
    note("drop_removal", removal, by=by)


def note(action: str, removal: StarRemoval, *, by: int | None, **details: Any) -> None:
    """A line of the trail."""
    audit.record(
        f"honours.{action}", village_id=removal.village_id, by=by, household_id=removal.household_id,
        subject="star_removal", subject_id=removal.id, **details,
    )  # fmt: skip


def _open(village_id: int, removal_id: int, *, by: int) -> StarRemoval:
    """A removal for writing, by somebody who may act for this household. Raises OwnKin, TwoHats."""
    removal = removal_queries.locked_removal(village_id, removal_id)
    checks.not_own(removal.household_id, by=by)
    return removal
