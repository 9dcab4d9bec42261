"""The household's PIN: the printed one-time PIN until the household chooses its own; checked, chosen, reset."""

import hmac
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from virtue.core import audit, throttle
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import codes
from virtue.people.errors import BadPin, HouseholdEnded, SlipPinAgain, WeakPin, WrongPin
from virtue.people.locks import lock_household
from virtue.people.models import Household
from virtue.transactions import atomic, in_atomic

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
FREE_TRIES = 5
FREE_TRIES_FROM = 30
"""Failures that cost no waiting: for one household, and from one address (or card) whatever the household."""


@dataclass(frozen=True)
class PinChecked:
    """A right PIN. ``needs_change``: it was the printed one, the household must choose its own before anything else.

    ``stamp`` goes into the passbook's cookie: it no longer fits once the PIN was changed or reset.
    """

    household_id: int
    needs_change: bool
    stamp: str


def check_pin(household_id: int, pin: str, *, address: str) -> PinChecked:
    """Whether this is the household's PIN. ``address``: where the try comes from (an address, or a card's id).

    Called before ``atomic()``, since failures are counted in a write of their own. Raises WrongPin, TooManyTries.
    """
    if in_atomic():
        raise RuntimeError("a PIN is checked before the write begins, else its failures are not counted")
    buckets = (throttle.bucket("pin", str(household_id)), throttle.bucket("pin-from", address))
    throttle.check(*buckets)
    household = db.session.get(Household, household_id)
    if household is None:
        raise NotFoundHere
    if not _is_right(household, _digits(pin)):
        throttle.failed((buckets[0], FREE_TRIES), (buckets[1], FREE_TRIES_FROM))
        raise WrongPin
    checked = PinChecked(household.id, household.pin_hash is None, stamp(household))
    throttle.succeeded(buckets[0])
    return checked


def choose_pin(household_id: int, pin: str, *, by: int | None = None) -> str:
    """Let a household (whose PIN was just checked) choose its own; gives the new stamp.

    Raises BadPin, WeakPin, SlipPinAgain, HouseholdEnded.
    """
    digits = _digits(pin)
    household = db.session.get(Household, household_id)
    if household is None:
        raise NotFoundHere
    check_choice(household, digits)
    # Made before the write lock is taken: it is slow on purpose.
    pin_hash, version = HASHER.hash(digits), household.pin_version
    with atomic():
        household = lock_household(household.village_id, household_id)
        if household.state == "ended":
            raise HouseholdEnded
        if household.pin_version != version:
            raise WrongPin
        household.pin_hash = pin_hash
        db.session.flush()
        audit.record("people.choose_pin", village_id=household.village_id, by=by, household_id=household_id)
        return stamp(household)


def reset_pin(village_id: int, household_id: int, *, by: int) -> Household:
    """Forget a household's PIN: a new slip with a new one-time PIN is to be printed. Raises HouseholdEnded."""
    with atomic():
        household = lock_household(village_id, household_id)
        if household.state == "ended":
            raise HouseholdEnded
        household.pin_hash = None
        household.pin_version += 1
        db.session.flush()
        audit.record("people.reset_pin", village_id=village_id, by=by, household_id=household_id)
    throttle.succeeded(throttle.bucket("pin", str(household_id)))
    return household


def check_choice(household: Household, digits: str) -> None:
    """Raise what is wrong with a PIN that a household wants. Raises BadPin, WeakPin, SlipPinAgain."""
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 6):
        raise BadPin
    if codes.is_weak(digits) or digits == household.tail:
        raise WeakPin
    if digits == codes.slip_pin(household.id, household.pin_version):
        raise SlipPinAgain


def stamp(household: Household) -> str:
    """A short fingerprint of the PIN in force, that changes with it."""
    return codes.code_hmac(f"pin:{household.id}:{household.pin_version}:{household.pin_hash or ''}")[:16]


def _is_right(household: Household, digits: str) -> bool:
    if household.pin_hash is None:
        return hmac.compare_digest(codes.slip_pin(household.id, household.pin_version), digits)
    try:
        return HASHER.verify(household.pin_hash, digits)
    except (VerificationError, InvalidHashError):
        return False


def _digits(pin: str) -> str:
    """Full-width digits made plain, blanks dropped; anything else stays and is wrong."""
    plain = "".join(unicodedata.normalize("NFKC", (pin or "")[:40]).split())
    return plain if plain.isascii() else ""
