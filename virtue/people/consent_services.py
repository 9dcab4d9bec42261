"""Consents of a household, and the recusals of users."""

from sqlalchemy import select, update

from virtue import clock
from virtue.core import audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import queries
from virtue.people.errors import AlreadyRecused, HouseholdEnded, OwnRecusal
from virtue.people.locks import lock_household
from virtue.people.models import Consent, Household, Recusal
from virtue.people.states import CONSENT_PURPOSES, CONSENT_WAYS, KIN
from virtue.places.models import Village
from virtue.transactions import atomic


def give_consent(village_id: int, household_id: int, purpose: str, how: str, *, by: int | None) -> None:
    """Write down a household's word for a purpose; a word that stands already stays as it is.

    ``by`` None is the household itself, in the passbook. Raises HouseholdEnded.
    """
    _ = CONSENT_PURPOSES[purpose], CONSENT_WAYS[how]
    with atomic():
        household = lock_household(village_id, household_id)
        if household.state == "ended":
            raise HouseholdEnded
        if household_id in queries.has_consent([household_id], purpose):
            return
        db.session.add(
            Consent(
                village_id=village_id, household_id=household_id, purpose=purpose, how=how, given_at=clock.now(),
                recorded_by_id=by,
            )
        )  # fmt: skip
        _consent_changed("people.give_consent", household, purpose, by=by)


def withdraw_consent(village_id: int, household_id: int, purpose: str, *, by: int | None) -> None:
    """Take a household's word back: gone from screens at their next refresh."""
    with atomic():
        household = lock_household(village_id, household_id)
        if household_id in queries.has_consent([household_id], purpose):
            _withdraw(household, purpose, by=by)


def withdraw_all(household: Household, *, by: int | None) -> None:
    """Take back every word of a household that ends. Inside a write."""
    for purpose in CONSENT_PURPOSES:
        if household.id in queries.has_consent([household.id], purpose):
            _withdraw(household, purpose, by=by)


def raise_board_version(village_id: int) -> None:
    """Let the village's screens and public pages be drawn anew. Inside a write."""
    db.session.execute(
        update(Village)
        .where(Village.id == village_id)
        .values(board_version=Village.board_version + 1)
        .execution_options(synchronize_session=False)
    )


def declare_recusal(village_id: int, user_id: int, household_id: int, relation: str, *, by: int) -> Recusal:
    """Declare that a user is kin to a household and so may not act for it (回避). Raises AlreadyRecused."""
    _ = KIN[relation]
    with atomic():
        household = lock_household(village_id, household_id)
        standing = select(Recusal.id).where(
            Recusal.user_id == user_id, Recusal.household_id == household_id, Recusal.ended_at.is_(None)
        )
        if db.session.scalar(standing.limit(1)) is not None:
            raise AlreadyRecused
        recusal = Recusal(
            village_id=village_id, user_id=user_id, household_id=household.id, relation=relation,
            declared_at=clock.now(), declared_by_id=by,
        )  # fmt: skip
        db.session.add(recusal)
        db.session.flush()
        _recusal_changed("people.declare_recusal", recusal, by=by)
        return recusal


def end_recusal(village_id: int, recusal_id: int, *, by: int) -> Recusal:
    """End a recusal that no longer holds; never one's own. Raises OwnRecusal."""
    with atomic():
        recusal = db.session.scalar(
            select(Recusal)
            .where(Recusal.id == recusal_id, Recusal.village_id == village_id)
            .with_for_update(key_share=True)
        )
        if recusal is None:
            raise NotFoundHere
        if recusal.user_id == by:
            raise OwnRecusal
        if recusal.ended_at is None:
            recusal.ended_at = clock.now()
            _recusal_changed("people.end_recusal", recusal, by=by)
        return recusal


def _withdraw(household: Household, purpose: str, *, by: int | None) -> None:
    db.session.execute(
        update(Consent)
        .where(Consent.household_id == household.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now(), withdrawn_by_id=by)
        .execution_options(synchronize_session=False)
    )
    _consent_changed("people.withdraw_consent", household, purpose, by=by)


def _consent_changed(action: str, household: Household, purpose: str, *, by: int | None) -> None:
    db.session.flush()
    raise_board_version(household.village_id)
    audit.record(action, village_id=household.village_id, by=by, household_id=household.id, purpose=purpose)


def _recusal_changed(action: str, recusal: Recusal, *, by: int) -> None:
    db.session.flush()
    audit.record(
        action, village_id=recusal.village_id, by=by, household_id=recusal.household_id, subject="recusal",
        subject_id=recusal.id, user=recusal.user_id,
    )  # fmt: skip
