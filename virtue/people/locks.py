"""Loading a household for a write, and the audit row such a write leaves.

Locks are of the weaker kind (NO KEY UPDATE): a row elsewhere that merely names the household or village isn't held up,
so that awarding and selling never wait for, or deadlock with, a correction.
"""

from typing import Any

from sqlalchemy import select

from virtue.core import audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people.errors import HouseholdEnded
from virtue.people.models import Household, Member


def lock_household(village_id: int, household_id: int) -> Household:
    """Load a household anew for a write, locked. Raises NotFoundHere for another village's."""
    household = db.session.scalar(
        select(Household)
        .where(Household.id == household_id, Household.village_id == village_id)
        .with_for_update(of=Household, key_share=True)
        .execution_options(populate_existing=True)
    )
    if household is None:
        raise NotFoundHere
    return household


def lock_active(village_id: int, household_id: int) -> Household:
    """The same, of a household that hasn't ended. Raises NotFoundHere, HouseholdEnded."""
    household = lock_household(village_id, household_id)
    if household.state == "ended":
        raise HouseholdEnded
    return household


def record(
    action: str, household: Household, *, by: int | None, member: Member | None = None, why: str | None = None,
    **details: Any,
) -> None:  # fmt: skip
    """Flush, then leave an audit row about a household or one of its members."""
    db.session.flush()
    subject = ("member", member.id) if member else ("household", household.id)
    audit.record(
        action, village_id=household.village_id, by=by, household_id=household.id, subject=subject[0],
        subject_id=subject[1], why=why, **details,
    )  # fmt: skip
