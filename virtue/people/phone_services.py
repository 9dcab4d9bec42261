"""Phones that open the passbook without the card: remembered after the PIN, or linked by a code; ended by either side."""

import secrets
from datetime import timedelta

from sqlalchemy import select, update

from virtue import clock
from virtue.core import audit, throttle
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import codes, phone_queries
from virtue.people.errors import NoPhoneName, TooManyPhones, WrongPhoneCode
from virtue.people.locks import lock_active, lock_household
from virtue.people.models import Card, Household, PhoneCode, RememberedPhone
from virtue.transactions import atomic

DAYS = 180
CODE_LIFETIME = timedelta(minutes=10)
MOST = 10
"""Phones of one household at a time."""
LONGEST_LABEL = 20
FREE_CODES = 5
"""Wrong codes from one address that cost no waiting."""


def remember_phone(card: Card, label: str) -> str:
    """Remember the phone on which a household just gave its PIN; gives the secret for its cookie, to be kept there only.

    Raises NoPhoneName, TooManyPhones, HouseholdEnded.
    """
    name = _name(label)
    with atomic():
        household = lock_active(card.village_id, card.household_id)
        return _remember(household, card.id, name, is_linked=False)


def end_phone(village_id: int, phone_id: int, *, household_id: int, by: int | None) -> None:
    """Let a phone open nothing any more; ``by`` None is the household. Raises NotFoundHere for another household's."""
    with atomic():
        household = lock_household(village_id, household_id)
        phone = db.session.scalar(
            select(RememberedPhone)
            .where(RememberedPhone.id == phone_id, RememberedPhone.household_id == household.id)
            .execution_options(populate_existing=True)
        )
        if phone is None:
            raise NotFoundHere
        if phone.ended_at is None:
            phone.ended_at, phone.ended_by_id = clock.now(), by
            _record("people.end_phone", phone, by=by)


def note_pin_given(phone: RememberedPhone) -> None:
    """Write down that the PIN was given on this phone, so that a strange one shows in the list."""
    phone_id = phone.id
    with atomic():
        db.session.execute(
            update(RememberedPhone)
            .where(RememberedPhone.id == phone_id)
            .values(pin_given_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def make_phone_code(card: Card) -> None:
    """Make a code that links one more phone within ten minutes; an older one of the household is put out of use.

    Raises TooManyPhones, HouseholdEnded.
    """
    with atomic():
        household = lock_active(card.village_id, card.household_id)
        _check_room(household)
        db.session.execute(
            update(PhoneCode)
            .where(PhoneCode.household_id == household.id, PhoneCode.used_at.is_(None))
            .values(used_at=clock.now())
            .execution_options(synchronize_session=False)
        )
        made = _new_code(household, card.id)
        audit.record(
            "people.make_phone_code", village_id=household.village_id, by=None, household_id=household.id,
            subject="phone_code", subject_id=made.id,
        )  # fmt: skip


def link_phone(text: str, label: str, *, address: str) -> str:
    """Remember the phone on which a household's code is typed; gives the secret for its cookie.

    Called before ``atomic()``, since wrong codes are counted in a write of their own. Raises NoPhoneName,
    WrongPhoneCode, TooManyTries, TooManyPhones, HouseholdEnded.
    """
    tries = throttle.bucket("phone-code", address)
    throttle.check(tries)
    name = _name(label)
    digits = codes.clean(text)
    found = _find_code(digits) if codes.is_fetch_code(digits) else None
    if found is None:
        throttle.failed((tries, FREE_CODES))
        raise WrongPhoneCode
    code_id, village_id, household_id = found.id, found.village_id, found.household_id
    with atomic():
        household = lock_active(village_id, household_id)
        code = db.session.scalar(
            select(PhoneCode)
            .join(Card, Card.id == PhoneCode.card_id)
            .where(
                PhoneCode.id == code_id,
                phone_queries.is_open(),
                PhoneCode.pin_version == household.pin_version,
                Card.state == "in_force",
            )
            .execution_options(populate_existing=True)
        )
        if code is None:
            raise WrongPhoneCode
        code.used_at = clock.now()
        return _remember(household, code.card_id, name, is_linked=True)


def _find_code(digits: str) -> PhoneCode | None:
    hmacs = codes.phone_hmacs(digits)
    return db.session.scalar(select(PhoneCode).where(PhoneCode.code_hmac.in_(hmacs), phone_queries.is_open()).limit(1))


def _new_code(household: Household, card_id: int) -> PhoneCode:
    """A code that no other open one equals."""
    while True:
        now = clock.now()
        made = PhoneCode(
            village_id=household.village_id, household_id=household.id, card_id=card_id, code_hmac="", made_at=now,
            pin_version=household.pin_version, key_number=codes.KEY_NUMBER, until=now + CODE_LIFETIME,
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        digits = codes.derive_phone(made.id, made.key_number)
        if _find_code(digits) is None:
            made.code_hmac = codes.phone_hmac(digits, made.key_number)
            db.session.flush()
            return made
        made.used_at = now


def _remember(household: Household, card_id: int, label: str, *, is_linked: bool) -> str:
    _check_room(household)
    secret = secrets.token_urlsafe(32)
    phone = RememberedPhone(
        village_id=household.village_id, household_id=household.id, card_id=card_id, label=label, is_linked=is_linked,
        pin_version=household.pin_version, secret_hash=phone_queries.secret_hash(secret), remembered_at=clock.now(),
        until=clock.end_after(clock.today(), DAYS), pin_given_at=None if is_linked else clock.now(),
    )  # fmt: skip
    db.session.add(phone)
    db.session.flush()
    _record("people.link_phone" if is_linked else "people.remember_phone", phone, by=None)
    return secret


def _check_room(household: Household) -> None:
    if len(phone_queries.phones_of(household.id)) >= MOST:
        raise TooManyPhones(most=MOST)


def _name(label: str) -> str:
    name = " ".join(label.split())
    if not 1 <= len(name) <= LONGEST_LABEL:
        raise NoPhoneName
    return name


def _record(action: str, phone: RememberedPhone, *, by: int | None) -> None:
    db.session.flush()
    audit.record(
        action, village_id=phone.village_id, by=by, household_id=phone.household_id, subject="phone",
        subject_id=phone.id,
    )  # fmt: skip
