"""By what the county's pot is divided among villages: asked for all of them at once."""

from collections.abc import Collection

from sqlalchemy import func, select

from virtue.extensions import db
from virtue.honours import title_queries as honours
from virtue.people.models import Household


def weights(key: str, year: int, village_ids: Collection[int]) -> dict[int, int]:
    """By village, what it counts under a key; a village without any may be missing."""
    if key == "equal":
        return dict.fromkeys(village_ids, 1)
    if key == "shares":
        return honours.shares_by_village(year, village_ids)
    rows = db.session.execute(
        select(Household.village_id, func.count())
        .where(Household.village_id.in_(village_ids), Household.state == "active", Household.left_on.is_(None))
        .group_by(Household.village_id)
    )
    return {row[0]: int(row[1]) for row in rows}
