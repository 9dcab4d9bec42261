"""Who is kin to whom among a village's staff: the own household, and the recusals declared."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select

from virtue.extensions import db
from virtue.people.models import Household, Member, Recusal
from virtue.staff.models import User


@dataclass
class Kin:
    """A user's own household (None: from outside), and all households they may not act for."""

    home: int | None = None
    households: set[int] = field(default_factory=set)


def recusals_of(village_id: int, user_id: int) -> Sequence[Row[Recusal, Household]]:
    """A user's recusals in force with their households, latest first."""
    return db.session.execute(
        select(Recusal, Household)
        .join(Household, Household.id == Recusal.household_id)
        .where(Recusal.user_id == user_id, Recusal.village_id == village_id, Recusal.ended_at.is_(None))
        .order_by(Recusal.id.desc())
    ).all()


def member_of(user: User) -> Member | None:
    """The household member a user is; None: from outside."""
    return db.session.get(Member, user.member_id) if user.member_id is not None else None


def kin_of(user_ids: Collection[int]) -> dict[int, Kin]:
    """The kin of several users, in two questions."""
    found = {user_id: Kin() for user_id in user_ids}
    own = select(User.id, Member.household_id).join(Member, Member.id == User.member_id).where(User.id.in_(user_ids))
    for user_id, household_id in db.session.execute(own):
        found[user_id].home = household_id
        found[user_id].households.add(household_id)
    declared = select(Recusal.user_id, Recusal.household_id).where(
        Recusal.user_id.in_(user_ids), Recusal.ended_at.is_(None)
    )
    for user_id, household_id in db.session.execute(declared):
        found[user_id].households.add(household_id)
    return found


def are_kin(first: Kin, second: Kin) -> bool:
    """Whether one of two users belongs to a household that is kin to the other."""
    return first.home in second.households or second.home in first.households


def members_of(household_ids: Collection[int]) -> dict[int, list[Member]]:
    """The present members of several households, in the order of the sheet."""
    found: dict[int, list[Member]] = {household_id: [] for household_id in household_ids}
    rows = select(Member).where(Member.household_id.in_(household_ids), Member.gone_on.is_(None))
    for member in db.session.scalars(rows.order_by(Member.household_id, Member.position)):
        found[member.household_id].append(member)
    return found


def was_kin(user_id: Any, household_id: Any, at: Any) -> ColumnElement[bool]:
    """Inside a query: whether a user was of a household, or declared kin of it, at an instant."""
    own = (
        select(User.id)
        .join(Member, Member.id == User.member_id)
        .where(User.id == user_id, Member.household_id == household_id)
        .exists()
    )
    declared = (
        select(Recusal.id)
        .where(
            Recusal.user_id == user_id, Recusal.household_id == household_id, Recusal.declared_at <= at,
            or_(Recusal.ended_at.is_(None), Recusal.ended_at > at),
        )
        .exists()
    )  # fmt: skip
    return or_(own, declared)
