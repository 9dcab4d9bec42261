"""A deduction in the passbook: opened while the household is away, put right, answered, with every step from the first."""

from datetime import timedelta

import pytest

from tests import deeds, factories
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import deductions, repairs
from virtue.awarding.deductions import Lead, Telling
from virtue.awarding.models import Deduction
from virtue.core import keys
from virtue.extensions import db


@pytest.fixture
def reporter(village):
    return factories.committee(village, name="李执委")


@pytest.fixture
def second(village):
    return factories.committee(village, name="周执委")


@pytest.fixture
def deed_id(village, household, reporter, second):
    rule = deeds.rule_of(
        village.id, name="乱堆乱放", unit="civility", points=-5, route="deduction", publish="place_only", entry="scan"
    )
    lead = Lead(
        household.id, rule.id, clock.today(), "老赵说柴草堆在路边", repair_until=clock.today() + timedelta(days=7)
    )
    found = deductions.lead(village.id, lead, key=keys.new(), by=reporter.id).result["deed_id"]
    deductions.verify(village.id, found, key=keys.new(), by=second.id)
    return found


def facts(deed_id):
    db.session.expire_all()
    return db.session.get(Deduction, deed_id)


def story(page):
    return page("/passbook/deductions")


def test_every_step_shows_from_the_first_and_what_was_reported_not_before_it_is_told(
    page, unlock, village, deed_id, reporter
):
    unlock()
    shown = story(page).words(".deduction")
    assert "有人反映" in shown
    assert "第二个人核实" in shown
    assert "老赵" not in shown
    deductions.tell(village.id, deed_id, Telling("in_person"), key=keys.new(), by=reporter.id)
    assert "事由：老赵说柴草堆在路边" in story(page).words(".deduction")


def test_opening_it_is_being_told(page, unlock, village, deed_id, reporter):
    unlock()
    assert story(page).select("form[action$='/open']") == []
    deductions.offer(village.id, deed_id, key=keys.new(), by=reporter.id)
    shown = story(page)
    assert "老赵" not in shown.words(".deduction")
    page.submit(shown.select_one("form[action$='/open']"), 303)
    kept = facts(deed_id)
    assert (kept.told_how, kept.is_absent, kept.rebuttal_until) == (
        "passbook",
        True,
        clock.today() + timedelta(days=15),
    )
    assert "事由：老赵说柴草堆在路边" in story(page).words(".deduction")


def test_looking_without_opening_tells_nothing(app, page, unlock, village, deed_id, reporter):
    unlock()
    deductions.offer(village.id, deed_id, key=keys.new(), by=reporter.id)
    with unchanged(app):
        story(page)


def test_what_was_not_put_there_cannot_be_opened(app, page, unlock, deed_id):
    unlock()
    with unchanged(app):
        page.post(f"/passbook/deductions/{deed_id}/open", {"key": keys.new()}, 409)


@pytest.mark.parametrize("action", ["open", "repaired"])
def test_anothers_deduction_is_not_found(app, page, unlock, village, household, deed_id, action):
    other = factories.HouseholdFactory(grid=household.grid)
    rule = deeds.rule_of(village.id, name="倒垃圾", unit="civility", points=-5, route="deduction")
    theirs = deeds.deed_of(other, rule)
    unlock()
    with unchanged(app):
        page.post(f"/passbook/deductions/{theirs.id}/{action}", {"key": keys.new()}, 404)


def test_it_says_itself_that_it_is_put_right_and_then_it_is_gone(page, unlock, village, deed_id, reporter):
    unlock()
    page.submit(story(page).select_one("form[action$='/repaired']"), 303)
    assert "等另一个人来复查" in story(page).words(".deduction")
    repairs.pass_repair(village.id, deed_id, key=keys.new(), by=reporter.id)
    assert "已撤销，不扣" in story(page).words(".deduction")
    facts(deed_id).repair_checked_on = clock.today() - timedelta(days=31)
    db.session.commit()
    assert story(page).select(".deduction") == []


def test_too_late_to_put_right_is_said(app, page, unlock, deed_id):
    unlock()
    facts(deed_id).repair_until = clock.today() - timedelta(days=1)
    db.session.commit()
    assert story(page).select("form[action$='/repaired']") == []
    with unchanged(app):
        again = page.post(f"/passbook/deductions/{deed_id}/repaired", {"key": keys.new()}, 422)
    assert "期限已过" in again.words(".form-error")
