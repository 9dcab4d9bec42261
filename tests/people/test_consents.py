"""Consents are given and taken back; recusals are declared, and never ended by oneself."""

import pytest
from sqlalchemy import select

from tests.factories import HouseholdFactory, UserFactory, VillageFactory
from tests.pages import unchanged
from virtue.core.models import Audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import queries, services
from virtue.people.errors import AlreadyRecused, OwnRecusal
from virtue.people.models import Consent
from virtue.places.models import Village

NAME = "name_on_board"


@pytest.fixture
def household(app):
    return HouseholdFactory()


@pytest.fixture
def by(app) -> int:
    return UserFactory().id


def version(household) -> int:
    return db.session.scalar(select(Village.board_version).where(Village.id == household.village_id))


def test_consent_given_and_withdrawn(household, by):
    other, before = HouseholdFactory(grid=household.grid), version(household)
    services.give_consent(household.village_id, household.id, NAME, "by_mouth", by=by)
    services.give_consent(household.village_id, household.id, NAME, "signed", by=by)
    assert queries.has_consent([household.id, other.id], NAME) == {household.id}
    services.withdraw_consent(household.village_id, household.id, NAME, by=None)
    services.withdraw_consent(household.village_id, household.id, NAME, by=by)
    assert queries.has_consent([household.id, other.id], NAME) == set()
    row = db.session.scalars(select(Consent)).one()
    assert (row.how, row.recorded_by_id, row.withdrawn_by_id, row.withdrawn_at is not None) == (
        "by_mouth",
        by,
        None,
        True,
    )
    assert version(household) == before + 2
    assert list(db.session.scalars(select(Audit.action))) == ["people.give_consent", "people.withdraw_consent"]


def test_consent_given_again_is_a_new_word(household, by):
    for _ in range(2):
        services.give_consent(household.village_id, household.id, NAME, "passbook", by=None)
        services.withdraw_consent(household.village_id, household.id, NAME, by=None)
    assert len(db.session.scalars(select(Consent)).all()) == 2


def test_no_consent_for_nobody(app):
    assert queries.has_consent([], NAME) == set()


def test_recusal_declared_once(app, household, by):
    recusal = services.declare_recusal(household.village_id, by, household.id, "parent", by=by)
    assert (recusal.relation, recusal.declared_by_id, recusal.ended_at) == ("parent", by, None)
    with unchanged(app), pytest.raises(AlreadyRecused):
        services.declare_recusal(household.village_id, by, household.id, "child", by=by)


def test_recusal_is_ended_by_somebody_else(app, household, by):
    recusal, other = services.declare_recusal(household.village_id, by, household.id, "parent", by=by), UserFactory().id
    with unchanged(app), pytest.raises(OwnRecusal):
        services.end_recusal(household.village_id, recusal.id, by=by)
    elsewhere = VillageFactory().id
    with unchanged(app), pytest.raises(NotFoundHere):
        services.end_recusal(elsewhere, recusal.id, by=other)
    services.end_recusal(household.village_id, recusal.id, by=other)
    assert not queries.is_kin(by, household.id)
    assert list(db.session.scalars(select(Audit.action))) == ["people.declare_recusal", "people.end_recusal"]
