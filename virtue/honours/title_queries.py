"""Titles and honours: what stands, for which year, with which shares, and what may be shown."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Select, func, or_, select

from virtue.awarding.models import Deed, DeedState
from virtue.extensions import db
from virtue.honours.title_models import Honour, HonourConsent, HonourState, Title
from virtue.people.models import Household
from virtue.people.queries import search_households

STANDING = (HonourState.ENTERED, HonourState.CONFIRMED)
_DEAD = (DeedState.REJECTED, DeedState.REVERSED, DeedState.WITHDRAWN, DeedState.DROPPED)


def titles(village_id: int) -> list[Title]:
    """All titles of a village, those of one group together."""
    return list(db.session.scalars(select(Title).where(Title.village_id == village_id).order_by(Title.group, Title.id)))


def find_title(village_id: int, title_id: int) -> Title | None:
    """A title of this village."""
    return db.session.scalar(select(Title).where(Title.id == title_id, Title.village_id == village_id))


def find_honour(village_id: int, honour_id: int) -> Honour | None:
    """An honour of this village."""
    return db.session.scalar(select(Honour).where(Honour.id == honour_id, Honour.village_id == village_id))


def honours(
    village_id: int,
    *,
    year: int | None = None,
    state: str = "",
    title_id: int | None = None,
    level: str = "",
    text: str = "",
) -> Select[Honour]:
    """The statement that lists honours, newest first; ``text`` names a household as the register's search does."""
    query = select(Honour).where(Honour.village_id == village_id).order_by(Honour.year.desc(), Honour.id.desc())
    if year is not None:
        query = query.where(Honour.year == year)
    if title_id is not None:
        query = query.where(Honour.title_id == title_id)
    if level:
        query = query.where(Honour.level == level)
    if text:
        named = search_households(village_id, text).with_only_columns(Household.id).order_by(None)
        query = query.where(Honour.household_id.in_(named))
    return query.where(Honour.state == state) if state else query


def years(village_id: int) -> list[int]:
    """The years in which honours stand, the latest first."""
    return list(
        db.session.scalars(
            select(Honour.year).where(Honour.village_id == village_id).distinct().order_by(Honour.year.desc())
        )
    )


def seats_taken(village_id: int, year: int) -> dict[int, int]:
    """By title, how many of its seats are taken in a year."""
    rows = db.session.execute(
        select(Honour.title_id, func.count())
        .where(Honour.village_id == village_id, Honour.year == year, Honour.state.in_(STANDING))
        .group_by(Honour.title_id)
    )
    return {row[0]: row[1] for row in rows}


def consents_given(honour_id: int) -> list[HonourConsent]:
    """Every consent of an honour, withdrawn ones too, the latest first."""
    query = select(HonourConsent).where(HonourConsent.honour_id == honour_id)
    return list(db.session.scalars(query.order_by(HonourConsent.id.desc())))


def standing_count(title_id: int, year: int) -> int:
    """How many of a title's seats are taken in a year."""
    query = select(func.count()).where(Honour.title_id == title_id, Honour.year == year, Honour.state.in_(STANDING))
    return db.session.scalar(query) or 0


def stands(title_id: int, household_id: int, year: int) -> bool:
    """Whether a household has, or is entered for, a title in a year."""
    query = select(Honour.id).where(
        Honour.title_id == title_id,
        Honour.household_id == household_id,
        Honour.year == year,
        Honour.state.in_(STANDING),
    )
    return db.session.scalar(query.limit(1)) is not None


def points_given(household_id: int, group: str, year: int, unit: str) -> int:
    """The points of a unit that titles of a group have brought, or are bringing, a household in a year."""
    query = (
        select(func.sum(func.coalesce(Deed.settled_points, Deed.points)))
        .join(Honour, Honour.deed_id == Deed.id)
        .where(
            Honour.household_id == household_id, Honour.group == group, Honour.year == year, Deed.unit == unit,
            Deed.state.not_in(_DEAD),
        )
    )  # fmt: skip
    return int(db.session.scalar(query) or 0)


def shares_of_year(village_id: int, year: int) -> dict[int, int]:
    """By household, its civility shares in the county pot of a year: of each group the highest title, confirmed ones alone."""
    rows = db.session.execute(
        select(Honour.household_id, func.max(Honour.shares))
        .where(Honour.village_id == village_id, Honour.year == year, Honour.state == HonourState.CONFIRMED)
        .group_by(Honour.household_id, Honour.group)
    )
    found: dict[int, int] = {}
    for household_id, shares in rows:
        found[household_id] = found.get(household_id, 0) + int(shares)
    return {household_id: shares for household_id, shares in found.items() if shares}


def shares_by_village(year: int, village_ids: Collection[int]) -> dict[int, int]:
    """By village, the civility shares of a year of all its households together."""
    highest = (
        select(Honour.village_id, func.max(Honour.shares).label("shares"))
        .where(Honour.village_id.in_(village_ids), Honour.year == year, Honour.state == HonourState.CONFIRMED)
        .group_by(Honour.village_id, Honour.household_id, Honour.group)
        .subquery()
    )
    rows = db.session.execute(select(highest.c.village_id, func.sum(highest.c.shares)).group_by(highest.c.village_id))
    return {row[0]: int(row[1]) for row in rows}


def share_titles(household_id: int, year: int) -> list[Honour]:
    """The confirmed titles that carry a household's civility shares of a year: of each group the highest."""
    query = select(Honour).where(
        Honour.household_id == household_id, Honour.year == year, Honour.state == HonourState.CONFIRMED, Honour.shares > 0
    )  # fmt: skip
    highest: dict[str, Honour] = {}
    for honour in db.session.scalars(query.order_by(Honour.shares.desc(), Honour.id)):
        highest.setdefault(honour.group, honour)
    return list(highest.values())


def consents_of(honour_ids: Collection[int]) -> dict[int, set[str]]:
    """By honour, the purposes for which it may be shown."""
    rows = db.session.execute(
        select(HonourConsent.honour_id, HonourConsent.purpose).where(
            HonourConsent.honour_id.in_(list(honour_ids)), HonourConsent.withdrawn_at.is_(None)
        )
    )
    found: dict[int, set[str]] = {}
    for honour_id, purpose in rows:
        found.setdefault(honour_id, set()).add(purpose)
    return found


def shown(village_id: int, day: date) -> list[Honour]:
    """The honours that may be shown on a day, the highest level first: confirmed, not over, with consent for the name."""
    return list(
        db.session.scalars(
            select(Honour)
            .join(HonourConsent, HonourConsent.honour_id == Honour.id)
            .where(
                Honour.village_id == village_id, Honour.state == HonourState.CONFIRMED, HonourConsent.purpose == "name",
                HonourConsent.withdrawn_at.is_(None), or_(Honour.ends_on.is_(None), Honour.ends_on >= day),
            )
            .order_by(Honour.year.desc(), Honour.given_on.desc(), Honour.id)
        )
    )  # fmt: skip
