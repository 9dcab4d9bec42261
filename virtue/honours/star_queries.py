"""Schemes, quarters and ratings: what pages, screens and other rooms may ask about stars."""

from collections.abc import Collection

from sqlalchemy import select

from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours.star_models import (
    PeriodState,
    RatingState,
    Star,
    StarChange,
    StarPeriod,
    StarRating,
    StarScheme,
)


def scheme_for(village_id: int, quarter: int) -> StarScheme | None:
    """The version that rates a quarter; None: the eight stars that come with the program, not written down yet."""
    return db.session.scalar(
        select(StarScheme)
        .where(StarScheme.village_id == village_id, StarScheme.from_quarter <= quarter)
        .order_by(StarScheme.from_quarter.desc(), StarScheme.version.desc())
        .limit(1)
    )


def schemes(village_id: int) -> list[StarScheme]:
    """All versions, newest first."""
    query = select(StarScheme).where(StarScheme.village_id == village_id).order_by(StarScheme.version.desc())
    return list(db.session.scalars(query))


def find_period(village_id: int, quarter: int) -> StarPeriod | None:
    """A quarter's rating."""
    return db.session.scalar(
        select(StarPeriod).where(StarPeriod.village_id == village_id, StarPeriod.quarter == quarter)
    )


def periods(village_id: int) -> list[StarPeriod]:
    """All quarters that were rated, newest first."""
    query = select(StarPeriod).where(StarPeriod.village_id == village_id).order_by(StarPeriod.quarter.desc())
    return list(db.session.scalars(query))


def latest_period(village_id: int) -> StarPeriod | None:
    """The last quarter that was rated, in whatever state."""
    query = select(StarPeriod).where(StarPeriod.village_id == village_id).order_by(StarPeriod.quarter.desc())
    return db.session.scalar(query.limit(1))


def latest_published(village_id: int, before: int | None = None) -> StarPeriod | None:
    """The last quarter whose stars are published (and that lies before another one)."""
    query = select(StarPeriod).where(
        StarPeriod.village_id == village_id, StarPeriod.state == str(PeriodState.PUBLISHED)
    )
    if before is not None:
        query = query.where(StarPeriod.quarter < before)
    return db.session.scalar(query.order_by(StarPeriod.quarter.desc()).limit(1))


def find_period_of_notice(notice_id: int) -> StarPeriod | None:
    """The quarter whose stars stand on a notice."""
    return db.session.scalar(select(StarPeriod).where(StarPeriod.notice_id == notice_id))


def find_rating(period_id: int, household_id: int) -> StarRating | None:
    """A household's rating in a quarter; one that left meanwhile has none (未参评)."""
    return db.session.scalar(
        select(StarRating).where(
            StarRating.period_id == period_id, StarRating.household_id == household_id,
            StarRating.state != str(RatingState.WITHDRAWN),
        )
    )  # fmt: skip


def rating_here(village_id: int, rating_id: int) -> StarRating | None:
    """A rating of this village by id."""
    return db.session.scalar(select(StarRating).where(StarRating.id == rating_id, StarRating.village_id == village_id))


def locked_rating(village_id: int, rating_id: int) -> StarRating:
    """The same, loaded anew for writing. Raises ``NotFoundHere``."""
    found = db.session.scalar(
        select(StarRating)
        .where(StarRating.id == rating_id, StarRating.village_id == village_id)
        .with_for_update(of=StarRating)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundHere
    return found


def star_of(scheme: StarScheme, dimension: str) -> Star | None:
    """A scheme's star by its subject."""
    return next((star for star in scheme.stars if star.dimension == dimension), None)


def held_stars(rating: StarRating, scheme: StarScheme) -> list[Star]:
    """The stars that a rating holds, in the scheme's order."""
    return [star for star in scheme.stars if rating.held[star.position - 1] == "1"]


def changes_of(rating_ids: Collection[int]) -> dict[int, list[StarChange]]:
    """What was changed of these ratings, in its order."""
    found: dict[int, list[StarChange]] = {rating_id: [] for rating_id in rating_ids}
    if found:
        rows = select(StarChange).where(StarChange.rating_id.in_(list(rating_ids))).order_by(StarChange.id)
        for change in db.session.scalars(rows):
            found[change.rating_id].append(change)
    return found


def in_state(period: StarPeriod, state: str) -> list[StarRating]:
    """A quarter's ratings in one state, as they are now; for writing."""
    rows = select(StarRating).where(StarRating.period_id == period.id, StarRating.state == str(state))
    return list(db.session.scalars(rows.order_by(StarRating.id).execution_options(populate_existing=True)))


def in_review(period: StarPeriod) -> list[StarRating]:
    """Those that the review group may still change."""
    return in_state(period, RatingState.REVIEW)
