"""Who is about to lose a star in the quarter that runs: those households are warned, with what would keep it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from virtue import clock
from virtue.extensions import db
from virtue.honours import star_facts, star_queries, star_schemes
from virtue.honours import star_quarters as quarters
from virtue.honours.star_models import RatingState, Star, StarPeriod, StarRating
from virtue.honours.star_rules import Figures, Missing, missing


@dataclass(frozen=True)
class Running:
    """The quarter that runs, up to today."""

    stars: Sequence[Star]
    facts: star_facts.Facts
    is_late: bool
    """In its last month: from then on missing points are a risk too."""

    def figures(self, household_id: int, star: Star) -> Figures:
        """What counts so far."""
        return self.facts.of(household_id, star)

    def is_at_risk(self, lacks: Sequence[Missing]) -> bool:
        """Whether a star that is held would be lost: by what was deducted or vetoed, or in the last month by points."""
        return bool(lacks) and (self.is_late or any(one.kind in {"deducted", "veto"} for one in lacks))


def running(village_id: int, household_id: int | None = None) -> Running:
    """A village's figures of the running quarter, or one household's; in three statements."""
    today = clock.today()
    quarter = quarters.of(today)
    scheme = star_schemes.scheme_shown(village_id, quarter)
    facts = star_facts.read(village_id, quarter, scheme.stars, household_id)
    return Running(scheme.stars, facts, clock.month_of(today) == quarters.months(quarter)[-1])


def warned(period: StarPeriod) -> set[int]:
    """The households of the last published quarter that may lose one of its stars; of an earlier one nobody."""
    latest = star_queries.latest_published(period.village_id)
    if latest is None or latest.id != period.id:
        return set()
    now, places = running(period.village_id), {star.dimension: star.position for star in period.scheme.stars}
    rows = db.session.execute(
        select(StarRating.household_id, StarRating.held).where(
            StarRating.period_id == period.id, StarRating.state == str(RatingState.PUBLISHED)
        )
    )
    return {row.household_id for row in rows if _loses(row.household_id, row.held, now, places)}


def _loses(household_id: int, held: str, now: Running, places: dict[str, int]) -> bool:
    return any(
        held[places[star.dimension] - 1] == "1" and now.is_at_risk(missing(star, now.figures(household_id, star)))
        for star in now.stars
        if star.dimension in places
    )
