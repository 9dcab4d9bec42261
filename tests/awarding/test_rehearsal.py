"""Last year's deeds under a draft: sums, caps, grids in their order, households only as counts; and the store's answer."""

from datetime import date, timedelta

import pytest

from tests import deeds, factories
from tests.awarding import books
from tests.pages import count_queries
from virtue import clock
from virtue.awarding import book_cost, drafts, rehearsal
from virtue.awarding.models import Rulebook
from virtue.core import keys
from virtue.extensions import db
from virtue.store import budget_services


@pytest.fixture
def village(app):
    return factories.VillageFactory()


@pytest.fixture
def grid(village):
    return factories.GridFactory(village=village, number=1, name="第一网格")


@pytest.fixture
def book(village):
    """The book of the past: a yard for 2 home points, 5 a month at most; a deduction of 5; a level rule of 10/5/0."""
    book = factories.RulebookFactory(village_id=village.id)
    factories.RuleFactory(rulebook=book, code="A", name="院子", unit="home", points=2, subject="environment")
    factories.RuleFactory(
        rulebook=book, code="D", name="乱堆", unit="civility", points=-5, route="deduction", entry="scan",
        publish="place_only", subject="environment", position=2,
    )  # fmt: skip
    factories.RuleFactory(
        rulebook=book, code="L", name="月评", unit="home", points=10, levels="10/5/0", subject="environment", position=3
    )
    return book


def months_ago(months: int) -> date:
    """The tenth of a month some months ago."""
    return clock.first_day(rehearsal.last_months(clock.today())[-months]) + timedelta(days=9)


def draft(book, **changes):
    """A draft with the book's rules, each changed as said: ``A={"points": 3}``; None takes a rule out."""
    made = Rulebook(
        village_id=book.village_id, version=99, name="草案", state="draft", entered_at=clock.now(), present=None
    )
    db.session.add(made)
    db.session.flush()
    for rule in list(book.rules):
        change = changes.get(rule.code, {})
        if change is not None:
            columns = {name: getattr(rule, name) for name in drafts._COPIED}
            db.session.add(type(rule)(**{**columns, **change}, rulebook_id=made.id))
    db.session.commit()
    db.session.refresh(made)
    return made


def done(household, book, code, *, months=1, day=None, **fields):
    rule = next(rule for rule in book.rules if rule.code == code)
    return deeds.settled(household, rule, happened_on=day or months_ago(months), **fields)


def line(tried, code, unit="home"):
    found = next(one for one in tried.lines if (one.code, one.unit) == (code, unit))
    return (found.sum.deeds, found.sum.was, found.sum.now)


def test_the_same_book_changes_nothing(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    for months in (1, 2, 12):
        done(household, book, "A", months=months)
    tried = rehearsal.rehearse(village.id, draft(book))
    assert line(tried, "A") == (3, 6, 6)
    assert (tried.totals["home"].difference, tried.bands["home"]["same"]) == (0, 1)


def test_deeds_of_this_month_and_of_more_than_a_year_ago_stay_outside(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    done(household, book, "A", day=clock.today().replace(day=1))
    done(household, book, "A", day=months_ago(12) - timedelta(days=20))
    assert rehearsal.rehearse(village.id, draft(book)).is_empty


def test_only_settled_deeds_of_this_village_that_score_count(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    other = factories.HouseholdFactory()
    rule = book.rules[0]
    done(household, book, "A")
    deeds.deed_of(household, rule, happened_on=months_ago(1))
    deeds.settled(other, rule, happened_on=months_ago(1))
    bonus = factories.RuleFactory(rulebook=book, code="J00", scores=False, subject="opening", position=9)
    deeds.settled(household, bonus, happened_on=months_ago(1))
    tried = rehearsal.rehearse(village.id, draft(book))
    assert [(one.code, one.sum.deeds) for one in tried.lines] == [("A", 1)]


def test_points_quantity_and_levels_are_priced_anew(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    done(household, book, "A", quantity=3, points=6)
    done(household, book, "L", points=5)
    done(household, book, "L", points=10, months=2)
    tried = rehearsal.rehearse(village.id, draft(book, A={"points": 3}, L={"points": 5, "levels": "5/3/0"}))
    assert line(tried, "A") == (1, 6, 9)
    assert line(tried, "L") == (2, 15, 8)


def test_caps_of_month_year_and_ever_are_applied_anew(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    for months in (1, 1, 1, 2, 2, 2):
        done(household, book, "A", months=months)
    tried = rehearsal.rehearse(village.id, draft(book, A={"cap_month": 4}))
    assert line(tried, "A") == (6, 12, 8)
    assert line(rehearsal.rehearse(village.id, draft_again(book, A={"cap_month": 4, "cap_ever": 5})), "A") == (6, 12, 5)
    same_year = rehearsal.last_months(clock.today())[-1] // 100 == rehearsal.last_months(clock.today())[-2] // 100
    by_year = line(rehearsal.rehearse(village.id, draft_again(book, A={"cap_year": 5})), "A")
    assert by_year == ((6, 12, 5) if same_year else (6, 12, 10))


def draft_again(book, **changes):
    """One more draft; the one before goes."""
    for old in db.session.query(Rulebook).filter_by(version=99):
        old.version = 100 + old.id
    db.session.commit()
    return draft(book, **changes)


def test_a_cap_on_deductions_cuts_towards_zero(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    factories.give(household, civility=100)
    for _ in range(3):
        done(household, book, "D")
    tried = rehearsal.rehearse(village.id, draft(book, D={"points": -4, "cap_month": 10}))
    assert line(tried, "D", "civility") == (3, -15, -10)
    assert (tried.totals["civility"].difference, tried.earned["civility"]) == (5, 0)
    assert tried.bands["civility"] == {"less_much": 0, "less": 0, "same": 0, "more": 1, "more_much": 0}


def test_a_rule_that_is_gone_or_changes_its_unit_is_told_apart(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    done(household, book, "A")
    done(household, book, "L")
    tried = rehearsal.rehearse(village.id, draft(book, A=None, L={"unit": "civility"}))
    assert [(one.code, one.is_removed) for one in tried.lines if one.code == "A"] == [("A", True)]
    assert (line(tried, "A"), line(tried, "L"), line(tried, "L", "civility")) == ((1, 2, 0), (1, 10, 0), (1, 0, 10))


def test_grids_stand_in_their_order_and_households_only_as_counts(village, grid, book):
    second = factories.GridFactory(village=village, number=2, name="第二网格")
    few, many = factories.HouseholdFactory(grid=grid), factories.HouseholdFactory(grid=second)
    done(few, book, "A")
    for months in range(1, 13):
        done(many, book, "A", months=months)
    tried = rehearsal.rehearse(village.id, draft(book, A={"points": 4}))
    assert [(name, sums["home"].was, sums["home"].now) for name, sums in tried.grids] == [
        ("第一网格", 2, 4), ("第二网格", 24, 48),
    ]  # fmt: skip
    assert tried.bands["home"] == {"less_much": 0, "less": 0, "same": 0, "more": 1, "more_much": 1}
    assert not hasattr(tried, "households")


def test_the_statements_are_as_many_whatever_the_past(app, village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    one = draft(book)
    done(household, book, "A", months=12)
    with count_queries(app) as few:
        rehearsal.rehearse(village.id, one)
    for months in range(1, 13):
        for code in ("A", "L"):
            done(factories.HouseholdFactory(grid=grid), book, code, months=months)
    with count_queries(app) as more:
        rehearsal.rehearse(village.id, one)
    assert len(more) == len(few)


# ---- the store --------------------------------------------------------------------------------------------------


def cost(village, book):
    return book_cost.cost_of(village.id, book, rehearsal.rehearse(village.id, book))


def test_goods_last_by_what_a_month_hands_out(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    for months in (1, 2, 3, 4):
        done(household, book, "A", months=months, quantity=5, points=10)
    keeper = factories.keeper(village)
    factories.stocked(village, 10, by=keeper, home=4)
    found = cost(village, draft(book, A={"points": 4}, L=None, D=None))
    assert (found.months, found.home, found.civility, found.goods) == (4, 20, 0, 40)
    assert (found.months_left, found.level, found.is_estimate) == (2.0, "warn", False)


@pytest.mark.parametrize(("pieces", "level"), [(1, "bad"), (4, "bad"), (5, "warn"), (14, "warn"), (15, "good")])
def test_a_book_that_empties_the_store_says_so(village, grid, book, pieces, level):
    household = factories.HouseholdFactory(grid=grid)
    done(household, book, "A", quantity=10, points=20)
    factories.stocked(village, pieces, by=factories.keeper(village), home=4)
    assert cost(village, draft(book, L=None, D=None)).level == level


def test_each_piece_counts_once_whatever_it_may_be_paid_with(village, grid, book):
    keeper = factories.keeper(village)
    factories.stocked(village, 10, by=keeper, home=4, civility=6)
    factories.stocked(village, 10, by=keeper, home=None, civility=7)
    assert cost(village, book).goods == 110


def test_without_a_past_it_is_a_plain_estimate(village, grid, book):
    for _ in range(24):
        factories.HouseholdFactory(grid=grid)
    found = cost(village, draft(book, A={"cap_ever": 1}))
    assert (found.is_estimate, found.home, found.civility) == (True, round((1 + 10) * 24 / 12), 0)
    assert (found.goods, found.level) == (0, "bad")


def test_a_new_rule_is_estimated_beside_the_past(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    done(household, book, "A")
    found = cost(village, draft(book, L={"code": "N", "points": 12, "levels": None}, D=None))
    assert (found.home, found.untried_home) == (2 + 1, 1)


def test_a_book_without_awards_costs_nothing(village, grid, book):
    found = cost(village, draft(book, A=None, L=None))
    assert (found.months_left, found.level) == (None, "good")


def test_the_countys_book_is_rehearsed_in_a_village_without_past(village):
    clerk = factories.village_admin(village)
    made = books.draft(village, clerk)
    tried = rehearsal.rehearse(village.id, made)
    assert (tried.is_empty, len(tried.untried)) == (
        True,
        len([rule for rule in made.rules if rule.subject != "opening"]),
    )


def test_money_for_goods_counts_and_what_a_month_hands_out_is_warned_of(village, grid, book):
    household = factories.HouseholdFactory(grid=grid)
    done(household, book, "A", quantity=10, points=20)
    keeper = factories.keeper(village)
    factories.stocked(village, 5, by=keeper, home=4)
    version = draft(book, L=None, D=None)
    before = cost(village, version)
    assert (before.money, before.level) == (0, "warn")
    assert before.warning.startswith("货和钱不够了")
    budget_services.enter_money(village.id, 50_000, "granted", clock.today(), "", key=keys.new(), by=keeper.id)
    after = cost(village, version)
    assert (after.money, after.level, after.warning) == (500, "good", "")
    assert after.months_left > before.months_left
