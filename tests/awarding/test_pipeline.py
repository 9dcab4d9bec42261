"""The pipeline from a proposal to the purse, with the guards on its way, on both databases."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import events, queries, rulebooks, services, settling
from virtue.awarding.errors import (
    AlreadyInEvent,
    AlreadySigned,
    CapReached,
    EventNotOpen,
    NotARulebook,
    OwnProposal,
    SecondPersonCloses,
    WrongState,
)
from virtue.awarding.models import DeedState
from virtue.awarding.services import Proposal
from virtue.awarding.states import STEPS, target
from virtue.core import keys
from virtue.ledger import queries as ledger

RULES = Path(__file__).parents[2] / "virtue/demo/data/rules.csv"


@pytest.fixture
def village(app):
    """A village with the whole rulebook in force."""
    village = factories.VillageFactory()
    adoption = rulebooks.Adoption(
        clock.today(), adopted_on=date(2026, 1, 5), present=80, in_favour=70, women_present=30
    )
    rulebooks.adopt_book(village.id, "细则", RULES.read_bytes(), "rules.csv", adoption, by=None)
    return village


@pytest.fixture
def household(village):
    return factories.HouseholdFactory(grid__village=village)


def rule(village, code):
    return queries.find_rule_by_code(village.id, code).id


def propose(village, household, code, by, **fields):
    proposal = Proposal(household.id, rule(village, code), fields.pop("day", clock.today()), **fields)
    return services.propose(village.id, proposal, key=keys.new(), by=by.id).result


def test_the_whole_book_is_read(village):
    assert len(queries.rules_in_force(village.id)) == 66


def test_a_proposal_is_reviewed_published_and_settled_once(village, household):
    member, judge, clerk = (
        make(village) for make in (factories.committee, factories.reviewer, factories.village_admin)
    )
    deed_id = propose(village, household, "J16", member)["deed_id"]
    assert services.approve(village.id, deed_id, key=keys.new(), by=judge.id).result["state"] == "approved"
    assert settling.publish_notice(village.id, key=keys.new(), by=clerk.id).result["lines"] == 1
    assert settling.settle_due(village.id) == 0
    with clock.set_to(clock.now() + timedelta(days=6)):
        assert settling.settle_due(village.id) == 1
        assert settling.settle_due(village.id) == 0
    assert ledger.balance(household.id).home == 5
    assert queries.find_deed(village.id, deed_id).settled_points == 5


def test_an_open_event_books_at_once_and_each_household_once(app, village, household):
    member, other = factories.committee(village), factories.committee(village)
    opened = events.open_event(village.id, "渠道清理", "三支渠", clock.today(), key=keys.new(), by=member.id)
    event_id = opened.result["event_id"]
    done = propose(village, household, "J05", member, way="event", event_id=event_id)
    assert (done["state"], done["booked"], done["balance"]) == ("settled", 2, 2)
    with unchanged(app), pytest.raises(AlreadyInEvent):
        propose(village, household, "J05", member, way="event", event_id=event_id)
    with unchanged(app), pytest.raises(SecondPersonCloses):
        events.close_event(village.id, event_id, key=keys.new(), by=member.id)
    events.close_event(village.id, event_id, key=keys.new(), by=other.id)
    with unchanged(app), pytest.raises(EventNotOpen):
        propose(village, household, "J11", member, way="event", event_id=event_id)


def test_a_cap_cuts_and_then_refuses(app, village, household):
    member = factories.committee(village)
    assert propose(village, household, "J14", member)["points"] == 5
    with unchanged(app), pytest.raises(CapReached):
        propose(village, household, "J14", member)


def test_from_twenty_points_two_must_agree(app, village, household):
    member, first, second = factories.committee(village), factories.reviewer(village), factories.reviewer(village)
    deed_id = propose(village, household, "W01", member)["deed_id"]
    assert services.approve(village.id, deed_id, key=keys.new(), by=first.id).result["state"] == "proposed"
    with unchanged(app), pytest.raises(AlreadySigned):
        services.approve(village.id, deed_id, key=keys.new(), by=first.id)
    assert services.approve(village.id, deed_id, key=keys.new(), by=second.id).result["state"] == "approved"


def test_nobody_decides_an_own_proposal(app, village, household):
    both = factories.staff_of(village, "committee", "reviewer")
    deed_id = propose(village, household, "J16", both)["deed_id"]
    with unchanged(app), pytest.raises(OwnProposal):
        services.approve(village.id, deed_id, key=keys.new(), by=both.id)


def test_an_own_scan_is_taken_back(village, household):
    member = factories.committee(village)
    deed_id = propose(village, household, "J16", member)["deed_id"]
    services.take_back(village.id, deed_id, key=keys.new(), by=member.id)
    assert queries.find_deed(village.id, deed_id).state == "withdrawn"


def test_a_reversal_owes_what_was_spent(village, household):
    member, supervisor = factories.committee(village), factories.supervisor(village)
    opened = events.open_event(village.id, "培训", "农民夜校", clock.today(), key=keys.new(), by=member.id)
    done = propose(village, household, "J22", member, way="event", event_id=opened.result["event_id"])
    settling.reverse(village.id, done["deed_id"], why="扫错了卡", key=keys.new(), by=supervisor.id)
    assert ledger.balance(household.id).home == 0
    assert queries.find_deed(village.id, done["deed_id"]).state == "reversed"


@pytest.mark.parametrize("subject", ["belief", "petitioning", "health", "poverty"])
def test_a_forbidden_subject_is_refused_with_its_row(app, village, subject):
    data = RULES.read_text().replace(",environment,", f",{subject},", 1).encode()
    with unchanged(app), app.test_request_context(), pytest.raises(NotARulebook) as refused:
        rulebooks.adopt_book(
            village.id, "新", data, "rules.csv", rulebooks.Adoption(clock.today(), is_trial=True), by=None
        )
    assert "第 3 行" in refused.value.params["problems"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_action_from_every_state_moves_or_is_refused(app):
    for action, step in STEPS.items():
        for state in DeedState:
            if state in step.sources:
                assert target(action, state) == step.target
            else:
                with pytest.raises(WrongState):
                    target(action, state)
