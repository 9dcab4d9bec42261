"""Which phones open a household's passbook without its card. Decided at every read; no day's run is needed."""

import hashlib

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import contains_eager

from virtue import clock
from virtue.extensions import db
from virtue.people.models import Card, Household, PhoneCode, RememberedPhone


def secret_hash(secret: str) -> str:
    """What the database keeps of a phone's secret. It is random and long: a plain hash can't be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_phone(secret: str) -> RememberedPhone | None:
    """The phone with this secret, its card and household loaded, if it still opens the passbook."""
    return db.session.scalar(
        select(RememberedPhone)
        .join(RememberedPhone.card)
        .join(Card.household)
        .where(RememberedPhone.secret_hash == secret_hash(secret), *in_force())
        .options(contains_eager(RememberedPhone.card).contains_eager(Card.household))
    )


def phones_of(household_id: int) -> list[RememberedPhone]:
    """The phones that open a household's passbook today, newest first."""
    return list(
        db.session.scalars(
            select(RememberedPhone)
            .join(RememberedPhone.card)
            .join(Card.household)
            .where(RememberedPhone.household_id == household_id, *in_force())
            .order_by(RememberedPhone.id.desc())
        )
    )


def in_force() -> tuple[ColumnElement[bool], ...]:
    """What must hold today, of a phone joined with its card and household."""
    return (
        RememberedPhone.ended_at.is_(None),
        RememberedPhone.until >= clock.today(),
        RememberedPhone.pin_version == Household.pin_version,
        Card.state == "in_force",
        Household.state == "active",
    )


def open_code(household_id: int) -> PhoneCode | None:
    """The household's code that may still be used, if there is one."""
    return db.session.scalar(
        select(PhoneCode)
        .where(PhoneCode.household_id == household_id, is_open())
        .order_by(PhoneCode.id.desc())
        .limit(1)
    )


def is_open() -> ColumnElement[bool]:
    """A code that wasn't used and whose minutes aren't over."""
    return and_(PhoneCode.used_at.is_(None), PhoneCode.until > clock.now())
