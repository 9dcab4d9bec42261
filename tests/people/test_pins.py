"""The household's PIN: printed once, then chosen; wrong tries wait; staff can only reset it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import HouseholdFactory, UserFactory, VillageFactory
from tests.pages import unchanged
from tests.people.cards import card_of
from virtue import clock
from virtue.core import keys
from virtue.core.models import Audit
from virtue.core.throttle import TooManyTries
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import codes, pin_services, services
from virtue.people.errors import BadPin, HouseholdEnded, SlipPinAgain, WeakPin, WrongPin
from virtue.transactions import atomic


@pytest.fixture
def household(app):
    return HouseholdFactory(tail="2468")


@pytest.fixture
def by(app) -> int:
    return UserFactory().id


def slip(household) -> str:
    return codes.slip_pin(household.id, household.pin_version)


def check(household, pin, address="10.0.0.1"):
    return services.check_pin(household.id, pin, address=address)


def test_printed_pin_holds_until_one_is_chosen(household, real_hashes):
    assert household.pin_hash is None
    assert check(household, slip(household)).needs_change
    services.choose_pin(household.id, "2580")
    assert not check(household, "2580").needs_change
    assert household.pin_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with pytest.raises(WrongPin):
        check(household, slip(household))


def test_full_width_digits_and_blanks_are_digits(household):
    services.choose_pin(household.id, "２５８０ ")
    assert not check(household, " 25 80").needs_change


@pytest.mark.parametrize("pin", ["", "123", "1234567", "25a0", "二五八零", "-258", "2.58", "٢٥٨٠"])
def test_pin_of_wrong_shape_is_refused(app, household, pin):
    with unchanged(app), pytest.raises(BadPin) as refused:
        services.choose_pin(household.id, pin)
    assert str(refused.value) == "密码要4到6位数字。"


@pytest.mark.parametrize("pin", ["0000", "1234", "654321", "1212", "2468"])
def test_weak_pin_is_refused(app, household, pin):
    with unchanged(app), pytest.raises(WeakPin):
        services.choose_pin(household.id, pin)


def test_printed_pin_cannot_be_chosen(app, household):
    with unchanged(app), pytest.raises(SlipPinAgain):
        services.choose_pin(household.id, slip(household))


@pytest.mark.parametrize("pin", ["", "x", "000000", "12345678901234567890"])
def test_wrong_pin_is_refused(app, household, pin):
    with unchanged(app), pytest.raises(WrongPin) as refused:
        check(household, pin)
    assert str(refused.value) == "密码不对。忘了可以到村委会重置。"


def test_wrong_tries_wait_also_for_the_right_pin(app, household):
    for _ in range(pin_services.FREE_TRIES):
        with pytest.raises(WrongPin):
            check(household, "000000")
    with pytest.raises(TooManyTries) as refused:
        check(household, slip(household))
    assert refused.value.status == 429
    with clock.set_to(clock.now() + timedelta(minutes=1)):
        assert check(household, slip(household)).needs_change


def test_one_address_cannot_try_all_households(app):
    households = [HouseholdFactory() for _ in range(pin_services.FREE_TRIES_FROM)]
    for one in households:
        with pytest.raises(WrongPin):
            check(one, "000000")
    with pytest.raises(TooManyTries):
        check(HouseholdFactory(), "000000")
    with pytest.raises(WrongPin):
        check(HouseholdFactory(), "000000", address="10.0.0.2")


def test_right_pin_forgets_the_wrong_tries(household):
    for _ in range(3):
        for _ in range(pin_services.FREE_TRIES - 1):
            with pytest.raises(WrongPin):
                check(household, "000000")
        assert check(household, slip(household)).needs_change


def test_check_inside_a_write_would_lose_its_failures(household):
    with pytest.raises(RuntimeError), atomic():
        check(household, "000000")


def test_reset_makes_a_new_slip(household, by):
    old = slip(household)
    services.choose_pin(household.id, "2580")
    services.reset_pin(household.village_id, household.id, by=by)
    assert (household.pin_hash, household.pin_version) == (None, 2)
    assert slip(household) != old
    assert check(household, slip(household)).needs_change
    for gone in ("2580", old):
        with pytest.raises(WrongPin):
            check(household, gone)
    assert list(db.session.scalars(select(Audit.action))) == ["people.choose_pin", "people.reset_pin"]


def test_reset_ends_the_waiting(household, by):
    for _ in range(pin_services.FREE_TRIES):
        with pytest.raises(WrongPin):
            check(household, "000000")
    services.reset_pin(household.village_id, household.id, by=by)
    assert check(household, slip(household)).needs_change


def test_stamp_changes_with_the_pin(household, by):
    stamps = [check(household, slip(household)).stamp, services.choose_pin(household.id, "2580")]
    assert check(household, "2580").stamp == stamps[-1]
    services.reset_pin(household.village_id, household.id, by=by)
    stamps.append(services.stamp(household))
    assert len(set(stamps)) == 3


def test_pin_survives_a_new_card(household, by):
    card = card_of(household)
    services.choose_pin(household.id, "2580")
    services.reissue(household.village_id, card.id, key=keys.new(), by=by)
    assert not check(household, "2580").needs_change


def test_pins_stand_nowhere_in_the_database(app, household):
    printed = slip(household)
    services.choose_pin(household.id, "258013")
    texts = [repr(tuple(row)) for table in db.metadata.sorted_tables for row in db.session.execute(select(table))]
    assert [text for text in texts if printed in text or "258013" in text] == []


def test_foreign_and_ended_households_are_refused(app, household, by):
    elsewhere = VillageFactory().id
    with unchanged(app), pytest.raises(NotFoundHere):
        services.reset_pin(elsewhere, household.id, by=by)
    services.end_household(household.village_id, household.id, by=by)
    with unchanged(app), pytest.raises(HouseholdEnded):
        services.reset_pin(household.village_id, household.id, by=by)
    with unchanged(app), pytest.raises(HouseholdEnded):
        services.choose_pin(household.id, "2580")
