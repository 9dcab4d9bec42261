"""A county's stars: 23 villages of 665 households, each quarter proposed and written; beside a plain grouping of its tallies."""

import time
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tests import factories
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.honours import star_facts, star_proposing, star_schemes
from virtue.honours import star_quarters as quarters
from virtue.honours.star_models import StarPeriod, StarRating
from virtue.people.models import Household, Member
from virtue.scores.models import Tally
from virtue.transactions import atomic

VILLAGES, HOUSEHOLDS = 23, 665
QUARTER = 202604
NOW = datetime(2026, 7, 12, 2, 0, tzinfo=UTC)
SUBJECTS = 8


def fill(years: int) -> list[tuple[int, int]]:
    """The county, and so many years of tallies behind the quarter; gives (village, clerk) pairs."""
    pairs = []
    subjects = [star.dimension for star in star_schemes.default_stars()]
    with clock.set_to(NOW):
        for number in range(VILLAGES):
            village = factories.VillageFactory()
            grid = factories.GridFactory(village=village)
            pairs.append((village.id, factories.village_admin(village).id))
            _village(village.id, grid.id, number, subjects, years)
    return pairs


def _village(village_id: int, grid_id: int, number: int, subjects: list[str], years: int) -> None:
    households = [
        {
            "village_id": village_id, "grid_id": grid_id, "code": f"6206{number:03d}{each:05d}", "tail": f"{each:04d}"[-4:],
            "head_name": "王某", "initials": "wm", "members_count": 1, "state": "active", "created_at": clock.now(),
        }
        for each in range(HOUSEHOLDS)
    ]  # fmt: skip
    with atomic():
        ids = list(
            db.session.scalars(sa.insert(Household).returning(Household.id, sort_by_parameter_order=True), households)
        )
        db.session.execute(sa.insert(Member), [
            {
                "village_id": village_id, "household_id": one, "name": "王某", "initials": "wm", "relation": "户主", "sex": "男",
                "birth_year": 1940 + one % 60, "is_head": True, "position": 1,
            }
            for one in ids
        ])  # fmt: skip
        for quarter in quarters.back(QUARTER, 1 + years * 4):
            db.session.execute(sa.insert(Tally), _tallies(village_id, ids, quarter, subjects))


def _tallies(village_id: int, ids: list[int], quarter: int, subjects: list[str]) -> list[dict[str, Any]]:
    """Each household has something in five of the eight subjects, in each month of the quarter."""
    return [
        {
            "month": month, "village_id": village_id, "household_id": one, "dimension": subjects[(one + place) % SUBJECTS],
            "unit": "home" if place < 4 else "civility", "earned": place, "deducted": int(place == 4 and one % 9 == 0) * 3,
            "deeds": 1, "last_seq": one,
        }
        for month in quarters.months(quarter)
        for one in ids
        for place in range(5)
    ]  # fmt: skip


def propose(pairs: list[tuple[int, int]]) -> float:
    """Seconds to propose the whole county's quarter, written and committed village by village."""
    with atomic():
        for model in (StarRating, StarPeriod):
            db.session.execute(sa.delete(model))
    with clock.set_to(NOW):
        start = time.perf_counter()
        for village_id, clerk in pairs:
            star_proposing.propose(village_id, QUARTER, key=keys.new(), by=clerk)
        return time.perf_counter() - start


def group(pairs: list[tuple[int, int]]) -> float:
    """Seconds for the reference: the county's tallies of the quarter grouped by household and subject, and fetched."""
    query = (
        sa.select(Tally.household_id, Tally.dimension, sa.func.sum(Tally.earned), sa.func.sum(Tally.deducted))
        .where(Tally.month.in_(quarters.months(QUARTER)), Tally.village_id.in_([pair[0] for pair in pairs]))
        .group_by(Tally.household_id, Tally.dimension)
    )
    start = time.perf_counter()
    rows = db.session.execute(query).all()
    seconds = time.perf_counter() - start
    assert len(rows) == VILLAGES * HOUSEHOLDS * 5
    db.session.rollback()
    return seconds


def compute(pairs: list[tuple[int, int]]) -> float:
    """Seconds to compute the whole county's proposals, without writing them."""
    start = time.perf_counter()
    for village_id, _clerk in pairs:
        scheme = star_schemes.scheme_shown(village_id, QUARTER)
        found = star_facts.proposals(village_id, QUARTER, scheme.stars)
        assert len(found) == HOUSEHOLDS
    seconds = time.perf_counter() - start
    db.session.rollback()
    return seconds
