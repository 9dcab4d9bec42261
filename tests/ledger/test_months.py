"""A month is closed by two people after its end, and nothing gets in afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import factories
from tests.ledger import books
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.ledger import queries
from virtue.ledger.errors import MonthClosed, MonthNotOver, SecondPersonNeeded
from virtue.ledger.models import Checkpoint, Entry
from virtue.ledger.months import sign_month

APRIL = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def village(app):
    return factories.VillageFactory()


@pytest.fixture
def two(village):
    return factories.supervisor(village).id, factories.village_admin(village).id


def sign(village, month, by, at=APRIL):
    with clock.set_to(at):
        return sign_month(village.id, month, by=by)


def test_two_people_close_a_month(village, two):
    sign(village, 202603, two[0])
    assert queries.is_closed(village.id, 202603) is False
    row = sign(village, 202603, two[1], APRIL + timedelta(hours=1))
    assert (row.first_by_id, row.second_by_id, row.second_at) == (*two, APRIL + timedelta(hours=1))
    assert queries.is_closed(village.id, 202603) is True
    assert queries.closed_months(village.id) == {202603}
    assert [row.action for row in db.session.query(Audit)] == ["ledger.sign_month"] * 2


def test_one_person_does_not_sign_twice(app, village, two):
    sign(village, 202603, two[0])
    with unchanged(app), pytest.raises(SecondPersonNeeded):
        sign(village, 202603, two[0])


def test_a_month_that_is_not_over_stays_open(app, village, two):
    for month in (202604, 202605, 202701):
        with unchanged(app), pytest.raises(MonthNotOver):
            sign(village, month, two[0])
    last_moment = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    with unchanged(app), pytest.raises(MonthNotOver):
        sign(village, 202603, two[0], last_moment)
    sign(village, 202603, two[0], last_moment + timedelta(minutes=1))


def test_a_closed_month_is_not_signed_again(app, village, two):
    for by in two:
        sign(village, 202603, by)
    third = factories.supervisor(village).id
    with unchanged(app), pytest.raises(MonthClosed, match="2026-03 已经结账"):
        sign(village, 202603, third)


@pytest.mark.parametrize("month", [0, 202600, 202513, 3])
def test_what_is_no_month_is_not_closed(app, village, two, month):
    with unchanged(app), pytest.raises(ValueError, match="month"):
        sign(village, month, two[0])


def test_villages_close_apart(village, two):
    other = factories.VillageFactory()
    for by in two:
        sign(village, 202603, by)
    assert queries.is_closed(other.id, 202603) is False


def test_a_deed_of_a_closed_month_counts_in_the_earliest_open_one(village, two):
    for month in (202511, 202512, 202602):
        for by in two:
            sign(village, month, by)
    sign(village, 202601, two[0])
    found = {month: queries.earliest_open(village.id, month) for month in (202510, 202511, 202512, 202601, 202602)}
    assert found == {202510: 202510, 202511: 202601, 202512: 202601, 202601: 202601, 202602: 202603}


def test_a_clock_set_back_books_nothing_into_a_closed_month(village, two):
    """No entry since before the close, and the machine's clock jumps back into the closed month."""
    own = books.Books(village.id)
    grid = factories.GridFactory(village=village)
    household = factories.HouseholdFactory(grid=grid).id
    with clock.set_to(APRIL - timedelta(days=20)):
        own.settle(keys.new(), [(household, "home", 1, "-")])
    last = queries.current_seal(village.id).seal
    for by in two:
        sign(village, 202603, by)
    with clock.set_to(APRIL - timedelta(days=2)):
        own.settle(keys.new(), [(household, "home", 1, "-")])
    assert [entry.month for entry in db.session.query(Entry).order_by(Entry.id)] == [202603, 202604]
    kept = db.session.query(Checkpoint).one()
    assert (kept.day.isoformat(), kept.seal) == ("2026-03-12", last)


def test_the_days_check_words_survive_a_close(village, two):
    own = books.Books(village.id)
    household = factories.HouseholdFactory(grid=factories.GridFactory(village=village)).id
    with clock.set_to(APRIL - timedelta(days=20)):
        own.settle(keys.new(), [(household, "home", 1, "-")])
    with clock.set_to(APRIL):
        before = queries.day_seal(village.id)
    sign(village, 202603, two[0])
    with clock.set_to(APRIL):
        assert queries.day_seal(village.id) == before
