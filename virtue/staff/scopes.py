"""Where a member may award: the whole village, or some grids."""

from sqlalchemy import select

from virtue.extensions import db
from virtue.staff.models import RoleGrant


def award_grids(village_id: int, user_id: int) -> set[int] | None:
    """The grids a committee member awards in; None means the whole village."""
    grids = set(
        db.session.scalars(
            select(RoleGrant.grid_id).where(
                RoleGrant.user_id == user_id,
                RoleGrant.village_id == village_id,
                RoleGrant.role == "committee",
                RoleGrant.ended_at.is_(None),
            )
        )
    )
    return None if None in grids or not grids else {grid for grid in grids if grid is not None}
