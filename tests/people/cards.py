"""Cards for tests: issued as in life, with their digits."""

from virtue.extensions import db
from virtue.people import codes, services
from virtue.people.models import Card, Household


def card_of(household: Household) -> Card:
    """A household's card in force; issued if it has none."""
    found = db.session.query(Card).filter_by(household_id=household.id, state="in_force").first()
    if found is None:
        services.issue_cards(household.village_id, household.grid_id, by=None)
        found = db.session.query(Card).filter_by(household_id=household.id, state="in_force").one()
    return found


def digits_of(card: Card) -> str:
    """What is printed on a card."""
    return codes.derive(card)
