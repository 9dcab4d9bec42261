"""Opening balances: from a document, entered by one, checked and booked by another."""

import pytest

from tests import factories
from tests.awarding.work import deed, state
from tests.pages import unchanged
from virtue.awarding import queries, rulebooks, services
from virtue.awarding.errors import (
    DocumentNeeded,
    OwnProposal,
    SecondPersonReverses,
    TooLateToTakeBack,
    WrongQuantity,
    WrongState,
)
from virtue.awarding.rulebooks import Opening
from virtue.core import keys
from virtue.core.invariants import Run
from virtue.errors import KeyReused, NotFoundHere
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.office.verify import findings
from virtue.scores.models import Tally


def enter(work, *openings, document="2025 年底册子", by="village_admin", key=None):
    key = key or keys.new()
    return rulebooks.propose_openings(work.village.id, list(openings), document, key=key, by=work.id(by)).result


def book(work, by):
    return rulebooks.book_openings(work.village.id, key=keys.new(), by=work.id(by)).result


@pytest.fixture
def other_clerk(work):
    work.staff["other_clerk"] = factories.village_admin(work.village)
    return "other_clerk"


def test_two_people_and_no_score(app, work, other_clerk):
    first, second = work.household(), work.household()
    assert enter(work, Opening(first.id, home=120, civility=30), Opening(second.id, home=7)) == {"deeds": 3}
    assert ledger.balance(first.id).home == 0
    with unchanged(app), pytest.raises(OwnProposal):
        book(work, "village_admin")
    assert book(work, other_clerk) == {"deeds": 3}
    balance = ledger.balance(first.id)
    assert (balance.home, balance.civility, ledger.balance(second.id).home) == (120, 30, 7)
    assert db.session.query(Tally).count() == 0
    assert book(work, other_clerk) == {"deeds": 0}
    assert [finding for finding in findings(Run()) if finding.faults] == []


def test_what_waits_breaks_no_law_and_waits_for_no_reviewer(app, work):
    enter(work, Opening(work.household().id, home=12))
    assert [finding for finding in findings(Run()) if finding.faults] == []
    judge = work.id("reviewer")
    assert db.session.scalars(queries.review_queue(work.village.id, judge)).all() == []
    deed_id = rulebooks.openings_waiting(work.village.id)[0].id
    with unchanged(app):
        for refuse in (
            lambda: work.approve(deed_id),
            lambda: services.reject(work.village.id, deed_id, why="不对", key=keys.new(), by=judge),
        ):
            with pytest.raises(WrongState):
                refuse()
        many = services.approve_many(work.village.id, [deed_id], key=keys.new(), by=judge)
        assert many.result == {"approved": [], "whole": 0, "refused": {str(deed_id): "WrongState"}}


def test_who_entered_it_neither_undoes_nor_reverses_it(app, work, other_clerk):
    household = work.household()
    enter(work, Opening(household.id, home=12))
    deed_id = rulebooks.openings_waiting(work.village.id)[0].id
    book(work, other_clerk)
    assert [step.action for step in deed(deed_id).steps] == ["propose", "countersign", "book"]
    with unchanged(app):
        with pytest.raises(TooLateToTakeBack):
            work.take_back(deed_id, "village_admin")
        for name in ("village_admin", other_clerk):
            with pytest.raises(SecondPersonReverses):
                work.reverse(deed_id, by=name)
    work.reverse(deed_id)
    assert (state(deed_id), ledger.balance(household.id).home) == ("reversed", 0)


def test_what_was_entered_wrong_is_refused_as_a_whole(app, work):
    household, foreign = work.household(), factories.HouseholdFactory()
    with unchanged(app):
        for openings, document, refusal in (
            ([Opening(household.id, home=5)], " ", DocumentNeeded),
            ([Opening(household.id, home=-1)], "册子", WrongQuantity),
            ([Opening(household.id, home=100_001)], "册子", WrongQuantity),
            ([Opening(household.id)], "册子", WrongQuantity),
            ([], "册子", WrongQuantity),
            ([Opening(household.id, home=5), Opening(foreign.id, home=5)], "册子", NotFoundHere),
        ):
            with pytest.raises(refusal):
                enter(work, *openings, document=document)


def test_a_key_enters_one_list(app, work):
    household, key = work.household(), keys.new()
    assert enter(work, Opening(household.id, home=5), key=key) == {"deeds": 1}
    with unchanged(app):
        assert enter(work, Opening(household.id, home=5), key=key) == {"deeds": 1}
        with pytest.raises(KeyReused):
            enter(work, Opening(household.id, home=6), key=key)
