"""Where a member may award: the whole village, or some grids."""

from sqlalchemy import bindparam, select

from virtue.prepared import Prepared
from virtue.staff.models import RoleGrant

_GRANTS = RoleGrant.__table__
_FIND = Prepared(
    select(_GRANTS.c.grid_id).where(
        _GRANTS.c.user_id == bindparam("user_id"),
        _GRANTS.c.village_id == bindparam("village_id"),
        _GRANTS.c.role == "committee",
        _GRANTS.c.ended_at.is_(None),
    )
)


def award_grids(village_id: int, user_id: int) -> set[int] | None:
    """The grids a committee member awards in; None means the whole village."""
    grids = {row.grid_id for row in _FIND.all({"user_id": user_id, "village_id": village_id})}
    return None if None in grids or not grids else {grid for grid in grids if grid is not None}
