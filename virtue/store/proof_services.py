"""The PIN or a second person behind a big basket ("above a village-set amount", product.md's Redeem).

Both are looked at before the write begins, since that is slow on purpose and failures are counted in a write of their
own; what was looked at is compared once more under the village's lock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from virtue.core import throttle
from virtue.extensions import db
from virtue.people import pin_services
from virtue.people import queries as people
from virtue.people.errors import WrongPin
from virtue.people.models import Household
from virtue.staff import passwords
from virtue.staff import queries as staff
from virtue.staff.models import User
from virtue.staff.services import clean_username
from virtue.store.proof_errors import ProofNeeded, SecondIsKeeper, SecondIsKin, WrongSecond
from virtue.store.proof_models import OrderProof

FREE = 5
"""Wrong passwords that cost no waiting."""


@dataclass(frozen=True)
class Proof:
    """Who stood behind a basket, and what was looked at: the PIN's stamp, or the second person's password hash."""

    kind: str
    """pin or second"""
    checked: str
    second_id: int | None = None

    @property
    def asked(self) -> list[Any]:
        """What a key remembers of it; nothing of the secret."""
        return [self.kind, self.second_id]


def by_pin(household_id: int, pin: str, *, by: int) -> Proof:
    """The household typed its PIN at the keeper's till. Raises WrongPin, TooManyTries."""
    return Proof("pin", pin_services.check_pin(household_id, pin, address=f"till-{by}").stamp)


def by_second(village_id: int, username: str, password: str, *, by: int) -> Proof:
    """Another member of the village's staff stands beside the keeper. Raises SecondIsKeeper, WrongSecond, TooManyTries."""
    name = clean_username(username)[:100]
    tries, of_keeper = throttle.bucket("till-second", name), throttle.bucket("till-second-by", str(by))
    throttle.check(tries, of_keeper)
    user = next((one for one in staff.active_staff(village_id) if one.username == name), None)
    if user is not None and user.id == by:
        raise SecondIsKeeper
    # Who isn't of the staff takes as long as a wrong password, and reads the same.
    checked = user.password_hash if user is not None and not user.must_change_password else None
    if not passwords.matches(checked, password) or user is None or checked is None:
        throttle.failed((tries, FREE), (of_keeper, FREE * 2))
        raise WrongSecond
    throttle.succeeded(tries)
    return Proof("second", checked, user.id)


def is_needed(least: int, points: Mapping[str, int]) -> bool:
    """Whether a basket reaches the village's amount; 0 asks never.

    Both units count together, so that nobody slips under the amount by dividing a basket over them.
    """
    return bool(least) and sum(points.values()) >= least


def check(household_id: int, points: Mapping[str, int], proof: Proof | None, *, least: int) -> None:
    """Under the lock: that a big basket has its proof, and that this still holds.

    Raises ProofNeeded, WrongPin, WrongSecond, SecondIsKin.
    """
    if proof is None:
        if is_needed(least, points):
            raise ProofNeeded(points=least)
    elif proof.second_id is None:
        household = db.session.get(Household, household_id, populate_existing=True)
        if household is None or pin_services.stamp(household) != proof.checked:
            raise WrongPin
    else:
        second = db.session.get(User, proof.second_id, populate_existing=True)
        if second is None or not second.is_active or second.password_hash != proof.checked:
            raise WrongSecond
        if people.is_kin(proof.second_id, household_id):
            raise SecondIsKin


def note(order_id: int, proof: Proof) -> None:
    """Write beside the order who stood behind it."""
    row = {"order_id": order_id, "kind": proof.kind, "second_id": proof.second_id}
    db.session.execute(insert(OrderProof.__table__), row)
