"""What hangs at a door: the stars that a household holds by its last published rating, with the door's code.

Only what is held: no plate tells what is missing. A household that takes no part, that wants to be on no board, or that
holds no star has no plate, and at its door stands 未参评 whatever the reason.
"""

from dataclasses import dataclass

from sqlalchemy import func, select

from virtue.extensions import db
from virtue.honours import star_quarters as quarters
from virtue.honours import star_queries, star_words
from virtue.honours.star_models import RatingState, StarPeriod, StarRating
from virtue.people import door_queries
from virtue.people.door_queries import Plate
from virtue.people.models import DoorCode, Household


@dataclass(frozen=True)
class DoorStars:
    """What a door tells everybody: no name, balance or score."""

    quarter: str
    stars: int
    names: tuple[str, ...]
    title: str
    """八星级文明户, for who holds them all."""


@dataclass(frozen=True)
class StarPlate:
    """One A5 sheet."""

    door: Plate
    shown: DoorStars


@dataclass(frozen=True)
class PlateCount:
    """A grid's plates: how many there are to print, and how many of these households have no door code yet."""

    grid_id: int
    plates: int
    without_code: int


def published_rating(household: Household) -> StarRating | None:
    """The rating of the last published quarter; None: 未参评, whatever the reason."""
    period = star_queries.latest_published(household.village_id)
    rating = star_queries.find_rating(period.id, household.id) if period and household.takes_part else None
    return rating if rating is not None and rating.state == RatingState.PUBLISHED else None


def at_door(household: Household) -> DoorStars | None:
    """What its door shows; None: 未参评."""
    rating = None if household.board_opt_out else published_rating(household)
    return None if rating is None else _shown(rating, rating.period)


def plates(period: StarPeriod, grid_id: int, base_url: str, household_id: int | None = None) -> list[StarPlate]:
    """The plates of a grid, or of one of its households, by household code; only of a published quarter."""
    rows = db.session.scalars(_due(period).where(Household.grid_id == grid_id))
    ratings = {row.household_id: row for row in rows if household_id in {None, row.household_id}}
    doors = door_queries.plates(period.village_id, grid_id, base_url, household_id) if ratings else []
    return [
        StarPlate(door, _shown(ratings[door.household_id], period)) for door in doors if door.household_id in ratings
    ]


def counts(period: StarPeriod) -> list[PlateCount]:
    """By grid."""
    due = _due(period).subquery()
    rows = db.session.execute(
        select(Household.grid_id, func.count(), func.count(DoorCode.id))
        .join(due, due.c.household_id == Household.id)
        .outerjoin(DoorCode, DoorCode.household_id == Household.id)
        .group_by(Household.grid_id)
    )
    return [PlateCount(grid_id, doors, total - doors) for grid_id, total, doors in rows]


def _due(period: StarPeriod):  # type: ignore[no-untyped-def]  # a Select of ratings
    return (
        select(StarRating)
        .join(Household, Household.id == StarRating.household_id)
        .where(
            StarRating.period_id == period.id, StarRating.state == str(RatingState.PUBLISHED), StarRating.stars > 0,
            Household.state == "active", Household.left_on.is_(None), Household.board_opt_out.is_(False),
        )
    )  # fmt: skip


def _shown(rating: StarRating, period: StarPeriod) -> DoorStars:
    scheme = period.scheme
    names = tuple(star_words.name_of(star) for star in star_queries.held_stars(rating, scheme))
    title = scheme.title if rating.stars == len(scheme.stars) else ""
    return DoorStars(quarters.name(period.quarter), rating.stars, names, title)


door_queries.shown_at_doors.append(at_door)
