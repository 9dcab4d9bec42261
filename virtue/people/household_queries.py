"""What stands on a household's page, and beside each household of a list."""

import json
from collections.abc import Collection, Sequence

from sqlalchemy import Row, Select, select

from virtue.extensions import db
from virtue.people.models import Card, Consent, Member, Participation, Recusal, RegisterChange
from virtue.staff.models import User


def card_states(household_ids: Collection[int]) -> dict[int, str]:
    """For a list of households: the state of their best card; households without any card are missing."""
    order = {"in_force": 3, "lost": 2, "replaced": 1, "ended": 0}
    best: dict[int, str] = {}
    rows = db.session.execute(select(Card.household_id, Card.state).where(Card.household_id.in_(household_ids)))
    for household_id, state in rows:
        if order[state] > order.get(best.get(household_id, ""), -1):
            best[household_id] = state
    return best


def members_of(household_id: int) -> list[Member]:
    """A household's members, those that are gone last."""
    return list(
        db.session.scalars(
            select(Member)
            .where(Member.household_id == household_id)
            .order_by(Member.gone_on.is_not(None), Member.position)
        )
    )


def cards_of(household_id: int) -> list[Card]:
    """A household's cards, newest first."""
    return list(db.session.scalars(select(Card).where(Card.household_id == household_id).order_by(Card.id.desc())))


def consents_of(household_id: int) -> list[Consent]:
    """A household's consents, also those taken back, newest first."""
    return list(
        db.session.scalars(select(Consent).where(Consent.household_id == household_id).order_by(Consent.id.desc()))
    )


def spells_of(household_id: int) -> list[Participation]:
    """A household's spells of 暂不参加, newest first."""
    return list(
        db.session.scalars(
            select(Participation).where(Participation.household_id == household_id).order_by(Participation.id.desc())
        )
    )


def recusals_of_household(household_id: int) -> Sequence[Row[Recusal, str]]:
    """Who may not act for a household: recusals in force, with the user's name."""
    return db.session.execute(
        select(Recusal, User.name)
        .join(User, User.id == Recusal.user_id)
        .where(Recusal.household_id == household_id, Recusal.ended_at.is_(None))
        .order_by(Recusal.id)
    ).all()


def changes_of(household_id: int) -> Select[RegisterChange]:
    """The statement that lists the corrections of a household and its members, newest first."""
    return select(RegisterChange).where(RegisterChange.household_id == household_id).order_by(RegisterChange.id.desc())


def before_and_after(changes: Sequence[RegisterChange], texts: dict[int, str]) -> dict[int, tuple[str, str]]:
    """The values of corrections, before and after; a forgotten remark leaves its correction without them."""
    found = {}
    for change in changes:
        text = texts.get(change.remark_id or 0)
        if text is not None and text.startswith("["):
            before, after = json.loads(text)
            found[change.id] = (_shown(before), _shown(after))
    return found


def _shown(value: object) -> str:
    return "" if value is None else str(value)
