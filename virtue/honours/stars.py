"""The review group's hand in a quarter's stars: a star given with a reason, the group's word for many at once.

A proposed star is never simply struck out: see ``star_removals``.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, update

from virtue import clock
from virtue.awarding import checks
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours import star_queries
from virtue.honours.star_errors import NobodyChosen, NothingChanges, NotTheGroupsStar, RemovalNeeded, UnknownStar
from virtue.honours.star_models import Mode, Star, StarChange, StarRating
from virtue.honours.star_rules import count, with_letter
from virtue.honours.star_states import RATING_STEPS, target
from virtue.ledger import services as ledger
from virtue.people import queries as people
from virtue.prepared import Prepared

_RATING = StarRating.__table__
_HOLD = Prepared(
    update(_RATING)
    .where(_RATING.c.id == bindparam("of_rating"))
    .values(held=bindparam("letters"), stars=bindparam("number"))
)


def change(
    village_id: int, rating_id: int, dimension: str, *, to_held: bool, why: str, key: str, by: int
) -> Outcome:  # fmt: skip
    """Give a star that wasn't proposed, or take back one that was given so, with a reason that the household reads.

    Raises UnknownStar, NothingChanges, RemovalNeeded, OwnKin, ReasonNeeded, StarsMovedOn.
    """

    def work() -> dict[str, Any]:
        rating = star_queries.locked_rating(village_id, rating_id)
        target(RATING_STEPS, "change", rating.state)
        checks.not_own(rating.household_id, by=by)
        star = star_of(rating, dimension)
        if (rating.held[star.position - 1] == "1") == to_held:
            raise NothingChanges
        if not to_held and rating.proposed[star.position - 1] == "1":
            raise RemovalNeeded
        set_star(rating, star, is_held=to_held, occasion="review", why=checks.reason(why), by=by)
        return {"rating_id": rating_id, "stars": rating.stars}

    return once("honours.change_star", village_id, [rating_id, dimension, to_held, why, by], work, key=key)


def give_word(
    village_id: int, quarter: int, dimension: str, household_ids: Collection[int], *, why: str, key: str, by: int
) -> Outcome:  # fmt: skip
    """The review group's word: give its star (评议得星) to these households. Own kin's are left out, for somebody else.

    Gives ``given`` and ``left_out``. Raises UnknownStar, NotTheGroupsStar, NobodyChosen, ReasonNeeded, StarsMovedOn.
    """

    def work() -> dict[str, Any]:
        period = star_queries.find_period(village_id, quarter)
        if period is None:
            raise NotFoundHere
        target(RATING_STEPS, "give_word", period.state)
        star = star_queries.star_of(period.scheme, dimension)
        if star is None:
            raise UnknownStar
        if star.mode != Mode.REVIEW:
            raise NotTheGroupsStar
        wanted = set(household_ids)
        free = wanted - people.kin_household_ids(by)
        rows = [row for row in star_queries.in_review(period) if row.household_id in free]
        rows = [row for row in rows if row.held[star.position - 1] == "0"]
        if not rows:
            raise NobodyChosen
        _give_many(rows, star, checks.reason(why), by=by)
        return {"given": len(rows), "left_out": len(wanted - free)}

    contents = [quarter, dimension, sorted(set(household_ids)), why, by]
    return once("honours.give_star_word", village_id, contents, work, key=key)


def _give_many(rows: Sequence[StarRating], star: Star, why: str, *, by: int) -> None:
    """One reason for all of them, and a change and a line of the trail for each."""
    village_id = rows[0].village_id
    words_id, words_hash = remarks.keep(why, village_id=village_id)
    held = [with_letter(row.held, star.position, is_held=True) for row in rows]
    _HOLD.run_many([
        {"of_rating": row.id, "letters": letters, "number": count(letters)}
        for row, letters in zip(rows, held, strict=True)
    ])  # fmt: skip
    shared = {
        "dimension": star.dimension, "to_held": True, "occasion": "review", "by_id": by, "at": clock.now(),
        "reason_id": words_id, "reason_hash": words_hash,
    }  # fmt: skip
    db.session.execute(insert(StarChange.__table__), [{**shared, "rating_id": row.id} for row in rows])
    audit.record_many([
        {
            "village_id": village_id, "by_id": by, "action": "honours.give_star", "household_id": row.household_id,
            "subject": "star_rating", "subject_id": row.id, "details": {"star": star.position},
        }
        for row in rows
    ])  # fmt: skip
    db.session.expire_all()


def star_of(rating: StarRating, dimension: str) -> Star:
    """The star of a rating's own scheme. Raises ``UnknownStar``."""
    star = star_queries.star_of(rating.period.scheme, dimension)
    if star is None:
        raise UnknownStar
    return star


def set_star(rating: StarRating, star: Star, *, is_held: bool, occasion: str, why: str | None, by: int | None) -> None:
    """Change one star of a rating and write down why; who may, the caller has checked. Inside a write."""
    rating.held = with_letter(rating.held, star.position, is_held=is_held)
    rating.stars = count(rating.held)
    words_id, words_hash = remarks.keep(why, village_id=rating.village_id)
    db.session.add(
        StarChange(
            rating_id=rating.id, dimension=star.dimension, to_held=is_held, occasion=occasion, by_id=by, at=clock.now(),
            reason_id=words_id, reason_hash=words_hash,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(
        "honours.give_star" if is_held else "honours.take_star", village_id=rating.village_id, by=by,
        household_id=rating.household_id, subject="star_rating", subject_id=rating.id, star=star.position,
    )  # fmt: skip


def once(purpose: str, village_id: int, contents: list[Any], work: Callable[[], Any], *, key: str) -> Outcome:
    """A keyed write under the village's lock."""
    return keys.run_once(
        key, purpose, [village_id, *contents], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
