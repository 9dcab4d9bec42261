"""The supervisor's comparison: who gives to whom, beside the others, nobody ranked."""

from datetime import datetime, timedelta

import pytest

from tests.deeds import deed_of, rule_of, step
from tests.factories import (
    GridFactory,
    HouseholdFactory,
    VillageFactory,
    committee,
    reviewer,
    supervisor,
    village_admin,
)
from tests.pages import count_queries
from virtue import clock
from virtue.people import consent_services
from virtue.reports import fairness_queries as fairness

DAY = datetime(2026, 11, 12, 3, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture
def village(app):
    with clock.set_to(DAY.replace(hour=10)):
        yield VillageFactory()


@pytest.fixture
def homes(village):
    grid = GridFactory(village=village)
    return [HouseholdFactory(grid=grid) for _number in range(12)]


def month():
    return clock.month_of(clock.today())


def figures(found, user):
    return next(person for person in found if person.user_id == user.id)


def test_shares_are_of_points_and_counted_by_household(village, homes):
    rule, member = rule_of(village.id, points=2), committee(village)
    for home in homes[:6]:
        deed_of(home, rule, by=member)
    deed_of(homes[0], rule, by=member, points=8)
    mine = figures(fairness.awarders(village.id, month()), member)
    assert (mine.deeds, mine.points, mine.households) == (7, 20, 6)
    # 10 for the first, 2 for each of five: the five with the most have 18 of 20.
    assert (mine.few, mine.top, mine.night, mine.own_grid, mine.kin) == (90, None, 0, None, 0)


def test_what_was_refused_or_takes_points_is_not_given(village, homes):
    member = committee(village)
    rule, bad = rule_of(village.id), rule_of(village.id, code="K1", points=-2, unit="civility", route="deduction")
    for state in ("rejected", "withdrawn"):
        deed_of(homes[0], rule, by=member, state=state)
    deed_of(homes[1], bad, by=member)
    assert fairness.awarders(village.id, month()) == []


def test_own_grid_is_where_one_works_or_lives(village, homes):
    other = HouseholdFactory(grid__village=village)
    rule = rule_of(village.id, points=3)
    worker, neighbour = committee(village, grid=homes[0].grid), committee(village, member_id=other.members[0].id)
    for member in (worker, neighbour):
        deed_of(homes[1], rule, by=member)
        deed_of(homes[2], rule, by=member)
        deed_of(other, rule, by=member, points=2)
    found = fairness.awarders(village.id, month())
    assert (figures(found, worker).own_grid, figures(found, neighbour).own_grid) == (75, 25)


def test_kin_declared_later_shows(village, homes):
    rule, member = rule_of(village.id), committee(village)
    deed_of(homes[0], rule, by=member)
    consent_services.declare_recusal(village.id, member.id, homes[0].id, "sibling", by=member.id)
    assert figures(fairness.awarders(village.id, month()), member).kin == 1


def test_night_and_top_level(village, homes):
    levels = rule_of(village.id, points=2, levels="2/1/0")
    member = committee(village)
    with clock.set_to(DAY):  # 3:00 in the night
        deed_of(homes[0], levels, by=member, points=2)
    deed_of(homes[1], levels, by=member, points=1)
    deed_of(homes[2], levels, by=member, points=2)
    mine = figures(fairness.awarders(village.id, month()), member)
    assert (mine.night, mine.top) == (33, 67)


def test_a_share_far_above_the_others_is_marked_with_their_median(village, homes):
    rule = rule_of(village.id, points=1)
    fair, other, unfair, small = (committee(village) for _number in range(4))
    for member in (fair, other):
        for home in homes:
            deed_of(home, rule, by=member)
    for _number in range(10):
        deed_of(homes[0], rule, by=unfair)
    deed_of(homes[0], rule, by=small)
    found = fairness.awarders(village.id, month())
    assert figures(found, fair).few == 42
    assert figures(found, unfair).marks == {"few": 42}
    assert [figures(found, member).marks for member in (fair, other, small)] == [{}, {}, {}]
    assert fairness.medians(found)["few"] == 71


def test_reviewers_are_compared_by_what_they_approved(village, homes):
    rule, member, judge = rule_of(village.id, points=4, route="review"), committee(village), reviewer(village)
    with clock.set_to(DAY - timedelta(days=3)):
        deeds = [deed_of(home, rule, by=member) for home in homes[:4]]
    for deed in deeds[:3]:
        step(deed, "approve", "approved", by=judge)
    step(deeds[3], "reject", "rejected", by=judge)
    mine = figures(fairness.reviewers(village.id, month()), judge)
    assert (mine.deeds, mine.approved, mine.points, mine.households, mine.days) == (4, 75, 12, 3, 3)


def test_a_deed_approved_amended_and_approved_again_is_one_decision(village, homes):
    rule, member, judge = rule_of(village.id, points=4, route="review"), committee(village), reviewer(village)
    deed = deed_of(homes[0], rule, by=member)
    for action, state in (("approve", "approved"), ("amend", "proposed"), ("approve", "approved")):
        step(deed, action, state, by=judge)
    refused = deed_of(homes[1], rule, by=member)
    for action, state in (("approve", "approved"), ("amend", "proposed"), ("reject", "rejected")):
        step(refused, action, state, by=judge)
    mine = figures(fairness.reviewers(village.id, month()), judge)
    assert (mine.deeds, mine.approved) == (2, 50)


def test_another_village_or_month_is_not_counted(village, homes):
    elsewhere = HouseholdFactory()
    rule, member = rule_of(village.id), committee(village)
    deed_of(homes[0], rule, by=member, happened_on=clock.today() - timedelta(days=30))
    deed_of(elsewhere, rule_of(elsewhere.village_id), by=member)
    assert fairness.awarders(village.id, month()) == []


def test_the_page_lists_people_by_name(village, homes, page):
    rule = rule_of(village.id)
    busy, idle = committee(village, name="B执委"), committee(village, name="A执委")
    for member, count in ((busy, 3), (idle, 1)):
        for home in homes[:count]:
            deed_of(home, rule, by=member)
    page.sign_in(supervisor(village))
    shown = page("/reports/fairness")
    assert [row.th.text.strip() for row in shown.select("#awarders tbody tr")] == ["A执委", "B执委"]
    closer = page(f"/reports/fairness/{busy.id}")
    assert len(closer.select("#households tbody tr")) == 3
    assert homes[0].head_name not in closer.text
    assert "村监会签字" in page("/reports/fairness/print").text


def test_an_empty_month_says_so(village, page):
    page.sign_in(supervisor(village))
    assert "这个月没有" in page("/reports/fairness?month=202610").words("main")
    assert "2026年11月" in page("/reports/fairness?month=190001").select_one("option[selected]").text


def test_only_the_supervision_committee_sees_it(village, page, visitor):
    stranger = committee(VillageFactory())
    page.sign_in(supervisor(village))
    page(f"/reports/fairness/{stranger.id}", 404)
    for other in (village_admin(village), committee(village), reviewer(village)):
        person = visitor().sign_in(other)
        for address in ("/reports/fairness", "/reports/fairness/print", f"/reports/fairness/{other.id}"):
            person(address, 403)


def test_the_page_costs_the_same_for_one_and_for_many(app, village, homes, page):
    rule = rule_of(village.id)
    page.sign_in(supervisor(village))
    deed_of(homes[0], rule, by=committee(village))
    page("/reports/fairness")
    with count_queries(app) as one:
        page("/reports/fairness")
    for home in homes:
        deed_of(home, rule, by=committee(village))
    with count_queries(app) as many:
        page("/reports/fairness")
    assert len(many) == len(one)
