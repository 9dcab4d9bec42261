"""Removals of stars: which are open, which stand on a notice, which a household was told of."""

from sqlalchemy import func, select

from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours.star_models import StarRemoval

REMOVALS_OPEN = ("proposed", "told", "decided", "on_notice", "frozen")


def removals(village_id: int, *states: str) -> list[StarRemoval]:
    """A village's removals in these states (all open ones when none is named), the oldest first."""
    wanted = states or REMOVALS_OPEN
    query = select(StarRemoval).where(StarRemoval.village_id == village_id, StarRemoval.state.in_(wanted))
    return list(db.session.scalars(query.order_by(StarRemoval.id)))


def removals_on(notice_id: int) -> list[StarRemoval]:
    """The removals on a notice, by line."""
    query = select(StarRemoval).where(StarRemoval.notice_id == notice_id).order_by(StarRemoval.notice_line)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def removals_of(rating_id: int) -> list[StarRemoval]:
    """The removals of a rating's stars, the latest first."""
    query = select(StarRemoval).where(StarRemoval.rating_id == rating_id).order_by(StarRemoval.id.desc())
    return list(db.session.scalars(query))


def removals_told(household_id: int) -> list[StarRemoval]:
    """What a household was told of taking its stars away, the latest first; for its own passbook."""
    query = select(StarRemoval).where(StarRemoval.household_id == household_id, StarRemoval.told_on.is_not(None))
    return list(db.session.scalars(query.order_by(StarRemoval.id.desc())))


def find_removal(village_id: int, removal_id: int) -> StarRemoval | None:
    """A removal of this village."""
    return db.session.scalar(
        select(StarRemoval).where(StarRemoval.id == removal_id, StarRemoval.village_id == village_id)
    )


def locked_removal(village_id: int, removal_id: int) -> StarRemoval:
    """The same, loaded anew for writing. Raises ``NotFoundHere``."""
    found = db.session.scalar(
        select(StarRemoval)
        .where(StarRemoval.id == removal_id, StarRemoval.village_id == village_id)
        .with_for_update(of=StarRemoval)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundHere
    return found


def count_open(household_id: int) -> int:
    """How many of a household's stars are being taken away."""
    query = select(func.count()).where(
        StarRemoval.household_id == household_id, StarRemoval.state.in_(REMOVALS_OPEN)
    )  # fmt: skip
    return db.session.scalar(query) or 0
