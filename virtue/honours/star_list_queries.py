"""Lists of ratings: a quarter's review list, its counts, movement, the public list, who may be recommended."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import aliased, contains_eager

from virtue.extensions import db
from virtue.honours import star_quarters as quarters
from virtue.honours.star_models import PeriodState, RatingState, Star, StarPeriod, StarRating, StarRemoval, StarScheme
from virtue.honours.star_queries import latest_published
from virtue.honours.star_removal_queries import REMOVALS_OPEN
from virtue.people.models import Household

RECOMMEND_QUARTERS = 12
"""Three years of all stars: a list to recommend upward."""


def ratings(
    period: StarPeriod, *, grid_id: int | None = None, only: str = "", text: str = ""
) -> Select[StarRating, Household]:
    """A quarter's ratings with their households, by grid and code. ``only``: changed, all (every star), none."""
    query: Select[StarRating, Household] = (
        select(StarRating, Household)
        .join(Household, Household.id == StarRating.household_id)
        .where(StarRating.period_id == period.id, StarRating.state != str(RatingState.WITHDRAWN))
        .order_by(StarRating.grid_id, Household.code)
    )
    if grid_id is not None:
        query = query.where(StarRating.grid_id == grid_id)
    if text:
        like = f"%{text}%"
        query = query.where(
            or_(Household.head_name.like(like), Household.initials.like(f"{text.lower()}%"), Household.code.like(like))
        )
    if only == "changed":
        query = query.where(StarRating.held != StarRating.proposed)
    elif only == "all":
        query = query.where(StarRating.stars == len(period.scheme.stars))
    elif only == "removing":
        query = query.where(
            select(StarRemoval.id)
            .where(StarRemoval.rating_id == StarRating.id, StarRemoval.state.in_(REMOVALS_OPEN))
            .exists()
        )
    return query


def counts(period: StarPeriod) -> dict[int, int]:
    """How many households hold how many stars in a quarter."""
    rows = db.session.execute(
        select(StarRating.stars, func.count())
        .where(StarRating.period_id == period.id, StarRating.state != str(RatingState.WITHDRAWN))
        .group_by(StarRating.stars)
        .order_by(StarRating.stars.desc())
    )
    return {stars: count for stars, count in rows}  # noqa: C416 - a Row is no pair to mypy


def given(period_id: int, position: int) -> int:
    """How many hold the star at a position."""
    letter = func.substr(StarRating.held, position, 1)
    query = select(func.count()).where(StarRating.period_id == period_id, letter == "1")
    return db.session.scalar(query) or 0


def letters_before(period: StarPeriod, household_ids: Iterable[int]) -> dict[int, tuple[str, StarScheme]]:
    """What these households held in the last published quarter before, each with that quarter's scheme."""
    earlier, wanted = latest_published(period.village_id, before=period.quarter), list(household_ids)
    if earlier is None or not wanted:
        return {}
    rows = db.session.execute(
        select(StarRating.household_id, StarRating.held).where(
            StarRating.period_id == earlier.id, StarRating.household_id.in_(wanted),
            StarRating.state == str(RatingState.PUBLISHED),
        )
    )  # fmt: skip
    return {row.household_id: (row.held, earlier.scheme) for row in rows}


@dataclass(frozen=True)
class Movement:
    """What changed since the last published quarter."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]


def movement(rating: StarRating, scheme: StarScheme, earlier: tuple[str, StarScheme] | None) -> Movement | None:
    """The stars gained and lost, by subject; None for a household that had no rating then."""
    return moved(rating.held, scheme, earlier)


def risen(held: str, scheme: StarScheme, earlier: tuple[str, StarScheme] | None) -> int:
    """How many stars more a household holds; 0 also where it holds fewer: that is told to nobody."""
    found = moved(held, scheme, earlier)
    return max(0, len(found.gained) - len(found.lost)) if found else 0


def moved(held: str, scheme: StarScheme, earlier: tuple[str, StarScheme] | None) -> Movement | None:
    """The same from a rating's letters."""
    if earlier is None:
        return None
    letters, old_scheme = earlier
    now = {star.dimension for star in scheme.stars if held[star.position - 1] == "1"}
    then = {star.dimension for star in old_scheme.stars if letters[star.position - 1] == "1"}
    known = {star.dimension for star in old_scheme.stars} & {star.dimension for star in scheme.stars}
    names = [star.dimension for star in scheme.stars if star.dimension in known]
    return Movement(
        tuple(name for name in names if name in now - then), tuple(name for name in names if name in then - now)
    )


def history(household_id: int) -> list[StarRating]:
    """A household's published ratings, the newest first, each with its quarter."""
    return list(
        db.session.scalars(
            select(StarRating)
            .join(StarRating.period)
            .where(StarRating.household_id == household_id, StarRating.state == str(RatingState.PUBLISHED))
            .options(contains_eager(StarRating.period))
            .order_by(StarPeriod.quarter.desc())
        )
    )


def listed(period: StarPeriod) -> list[Row[int, int, str]]:
    """Who may stand in the public list: (household, stars, letters), from six stars up; the most stars first, then by code."""
    return list(
        db.session.execute(
            select(StarRating.household_id, StarRating.stars, StarRating.held)
            .join(Household, Household.id == StarRating.household_id)
            .where(
                StarRating.period_id == period.id, StarRating.state == str(RatingState.PUBLISHED),
                StarRating.stars >= period.scheme.listed_from, Household.state == "active", Household.left_on.is_(None),
                Household.board_opt_out.is_(False),
            )
            .order_by(StarRating.stars.desc(), Household.code)
        )
    )  # fmt: skip


def to_recommend(village_id: int) -> list[int]:
    """The households that held every star in each of the last twelve quarters: three years, none left out."""
    last = latest_published(village_id)
    if last is None:
        return []
    scheme, star = aliased(StarScheme), aliased(Star)
    most = select(func.count(star.id)).where(star.scheme_id == scheme.id).correlate(scheme).scalar_subquery()
    rows = db.session.execute(
        select(StarRating.household_id)
        .join(StarPeriod, StarPeriod.id == StarRating.period_id)
        .join(scheme, scheme.id == StarPeriod.scheme_id)
        .join(Household, Household.id == StarRating.household_id)
        .where(
            StarPeriod.village_id == village_id, StarPeriod.quarter.in_(quarters.back(last.quarter, RECOMMEND_QUARTERS)),
            StarPeriod.state == str(PeriodState.PUBLISHED),
            StarRating.state == str(RatingState.PUBLISHED), StarRating.stars == most,
            Household.state == "active", Household.left_on.is_(None),
        )
        .group_by(StarRating.household_id)
        .having(func.count() == RECOMMEND_QUARTERS)
        .order_by(StarRating.household_id)
    )  # fmt: skip
    return [row.household_id for row in rows]


def stars_by_village() -> dict[int, tuple[int, int]]:
    """By village, how many stars its last published quarter gave, and to how many rated households."""
    latest = (
        select(StarPeriod.village_id, func.max(StarPeriod.quarter).label("quarter"))
        .where(StarPeriod.state == str(PeriodState.PUBLISHED))
        .group_by(StarPeriod.village_id)
        .subquery()
    )
    rows = db.session.execute(
        select(StarPeriod.village_id, func.sum(StarRating.stars), func.count())
        .join(StarPeriod, StarPeriod.id == StarRating.period_id)
        .join(latest, (latest.c.village_id == StarPeriod.village_id) & (latest.c.quarter == StarPeriod.quarter))
        .where(StarRating.state == str(RatingState.PUBLISHED))
        .group_by(StarPeriod.village_id)
    )
    return {village_id: (int(stars), households) for village_id, stars, households in rows}
