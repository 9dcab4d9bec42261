"""A household with a card, and the way in."""

import pytest

from tests import factories
from tests.pages import Page, Visitor


@pytest.fixture
def village(app):
    return factories.VillageFactory(name="富民新村", slug="fumin")


@pytest.fixture
def household(village):
    grid = factories.GridFactory(village=village, number=3, name="第三网格")
    return factories.HouseholdFactory(grid=grid, head_name="王永智", code="622100000147")


@pytest.fixture
def card(household):
    return factories.card_of(household)


@pytest.fixture
def scan(page):
    """Opens a card's address, then the passbook it leads to."""

    def open_card(card, visitor: Visitor | None = None) -> Page:
        person = visitor or page
        assert person(f"/C/{factories.digits_of(card)}", 303).location == "/passbook"
        return person("/passbook")

    return open_card


@pytest.fixture
def unlock(page, scan, household, card):
    """Scans the card, gives the printed PIN and chooses 270593."""

    def open_all(visitor: Visitor | None = None) -> Page:
        person = visitor or page
        scan(card, person)
        form = person("/passbook/pin").select_one("#pin-form")
        assert person.submit(form, 303, pin=factories.pin_of(household)).location == "/passbook/new-pin"
        form = person("/passbook/new-pin").select_one("#new-pin-form")
        assert person.submit(form, 303, pin="270593", again="270593").location == "/passbook"
        return person("/passbook")

    return open_all
