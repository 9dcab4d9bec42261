"""Where points may go, what stops them, and what an entry says afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import factories
from tests.ledger import books, laws
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.extensions import db
from virtue.ledger import queries, services
from virtue.ledger.errors import AlreadyReversed, NotEnoughPoints, NotReversible
from virtue.ledger.models import Account, Entry, EntryKind, Transfer
from virtue.ledger.services import Flow, Move, Posting
from virtue.places.models import Village
from virtue.transactions import atomic

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def book(app):
    village, (household, other) = books.open_village(households=2)
    return village.village_id, household, other


def post(village_id, household, *moves, kind=EntryKind.DEED, by=None):
    posting = Posting(kind, books.subject(), household, tuple(Move(*move) for move in moves))
    with atomic():
        return services.post(village_id, [posting], by=by)[0]


def reverse(posted):
    with atomic():
        return services.reverse(posted.entry_id, by=7)


def balance(household):
    found = queries.balance(household)
    return found.home, found.civility, found.home_owed, found.civility_owed


def transfers(posted) -> list[tuple]:
    kinds = {row.id: row.kind for row in db.session.query(Account)}
    rows = db.session.query(Transfer).filter_by(entry_id=posted.entry_id).order_by(Transfer.id)
    return [(kinds[row.source_id], kinds[row.destination_id], row.points, row.balance_after) for row in rows]


def test_an_award_fills_the_purse(book):
    village_id, household, other = book
    with clock.set_to(NOON):
        posted = post(village_id, household, ("home", 5, Flow.AWARD), by=3)
    assert (posted.seq, posted.moved, posted.balance) == (1, {"home": 5}, {"home": 5})
    assert transfers(posted) == [("fund", "purse", 5, 5)]
    assert balance(household) == (5, 0, 0, 0)
    assert balance(other) == (0, 0, 0, 0)
    entry = db.session.get(Entry, posted.entry_id)
    assert (entry.id, entry.village_id, entry.by_id) == (village_id * 10**10 + 1, village_id, 3)
    assert (entry.day.isoformat(), entry.month, entry.recorded_at) == ("2026-03-02", 202603, NOON)


def test_a_deduction_takes_only_what_is_there(book):
    village_id, household, _ = book
    post(village_id, household, ("civility", 3, Flow.AWARD))
    posted = post(village_id, household, ("civility", 5, Flow.DEDUCT))
    assert (posted.moved, posted.balance) == ({"civility": -3}, {"civility": 0})
    assert transfers(posted) == [("purse", "fund", 3, 0)]
    assert balance(household) == (0, 0, 0, 0)


def test_a_deduction_from_nothing_is_an_entry_without_transfers(book):
    village_id, household, _ = book
    posted = post(village_id, household, ("civility", 5, Flow.DEDUCT))
    assert transfers(posted) == []
    assert (posted.seq, posted.moved, posted.balance) == (1, {"civility": 0}, {"civility": 0})
    laws.check(books.everything(village_id), village_id)


@pytest.mark.parametrize(("flow", "kind"), [
    (Flow.SPEND, EntryKind.ORDER), (Flow.HOLD, EntryKind.RESERVATION), (Flow.LAPSE, EntryKind.LAPSE),
])  # fmt: skip
def test_what_is_spent_must_be_there_to_the_last_point(app, book, flow, kind):
    village_id, household, _ = book
    post(village_id, household, ("home", 5, Flow.AWARD), ("civility", 50, Flow.AWARD))
    with unchanged(app), pytest.raises(NotEnoughPoints) as refused:
        post(village_id, household, ("home", 6, flow), kind=kind)
    assert refused.value.params == {"unit": "home", "balance": 5, "points": 6}
    assert str(refused.value) == "家美积分不够：还有 5 分，要 6 分。"
    assert post(village_id, household, ("home", 5, flow), kind=kind).balance == {"home": 0}


def test_two_units_are_paid_together_or_not_at_all(app, book):
    village_id, household, _ = book
    post(village_id, household, ("home", 5, Flow.AWARD), ("civility", 2, Flow.AWARD))
    with unchanged(app), pytest.raises(NotEnoughPoints):
        post(village_id, household, ("home", 5, Flow.SPEND), ("civility", 3, Flow.SPEND), kind=EntryKind.ORDER)
    posted = post(village_id, household, ("home", 5, Flow.SPEND), ("civility", 2, Flow.SPEND), kind=EntryKind.ORDER)
    assert posted.balance == {"home": 0, "civility": 0}


def test_one_refused_entry_refuses_the_whole_batch(app, book):
    village_id, household, other = book
    post(village_id, household, ("home", 5, Flow.AWARD))
    batch = [
        Posting(EntryKind.DEED, books.subject(), other, (Move("home", 2, Flow.AWARD),)),
        Posting(EntryKind.ORDER, books.subject(), household, (Move("home", 6, Flow.SPEND),)),
    ]
    with unchanged(app), pytest.raises(NotEnoughPoints), atomic():
        services.post(village_id, batch, by=None)


def test_what_is_held_comes_back_or_is_fetched(book):
    village_id, household, _ = book
    post(village_id, household, ("home", 5, Flow.AWARD))
    post(village_id, household, ("home", 4, Flow.HOLD), kind=EntryKind.RESERVATION)
    assert transfers(post(village_id, household, ("home", 1, Flow.RELEASE), kind=EntryKind.RELEASE)) == [
        ("held", "purse", 1, 2)
    ]
    assert transfers(post(village_id, household, ("home", 3, Flow.FETCH), kind=EntryKind.FETCH)) == [
        ("held", "till", 3, None)
    ]
    assert balance(household) == (2, 0, 0, 0)


def test_a_reversed_award_that_was_spent_is_owed_and_later_awards_pay_it_first(book):
    village_id, household, _ = book
    awarded = post(village_id, household, ("home", 5, Flow.AWARD))
    post(village_id, household, ("home", 3, Flow.SPEND), kind=EntryKind.ORDER)
    back = reverse(awarded)
    assert transfers(back) == [("purse", "fund", 2, 0), ("owed", "fund", 3, -3)]
    assert (back.moved, balance(household)) == ({"home": -2}, (0, 0, 3, 0))
    assert transfers(post(village_id, household, ("home", 2, Flow.AWARD))) == [("fund", "owed", 2, -1)]
    more = post(village_id, household, ("home", 5, Flow.AWARD))
    assert transfers(more) == [("fund", "owed", 1, 0), ("fund", "purse", 4, 4)]
    assert (more.moved, balance(household)) == ({"home": 4}, (4, 0, 0, 0))
    laws.check(books.everything(village_id), village_id)


def test_an_award_that_paid_a_debt_is_reversed_whole(book):
    village_id, household, _ = book
    first = post(village_id, household, ("home", 5, Flow.AWARD))
    post(village_id, household, ("home", 5, Flow.SPEND), kind=EntryKind.ORDER)
    reverse(first)
    second = post(village_id, household, ("home", 7, Flow.AWARD))
    assert balance(household) == (2, 0, 0, 0)
    reverse(second)
    assert balance(household) == (0, 0, 5, 0)


def test_a_reversed_deduction_gives_back_what_was_taken(book):
    village_id, household, _ = book
    post(village_id, household, ("civility", 3, Flow.AWARD))
    deducted = post(village_id, household, ("civility", 10, Flow.DEDUCT))
    assert transfers(reverse(deducted)) == [("fund", "purse", 3, 3)]
    assert balance(household) == (0, 3, 0, 0)


def test_an_entry_that_moved_nothing_is_reversed_by_one_that_moves_nothing(book):
    village_id, household, _ = book
    back = reverse(post(village_id, household, ("civility", 10, Flow.DEDUCT)))
    assert (transfers(back), back.moved, back.seq) == ([], {}, 2)


def test_a_reversal_stands_once(app, book):
    village_id, household, _ = book
    posted = post(village_id, household, ("home", 5, Flow.AWARD))
    back = reverse(posted)
    with unchanged(app), pytest.raises(AlreadyReversed):
        reverse(posted)
    with unchanged(app), pytest.raises(NotReversible):
        reverse(back)


def test_goods_are_not_reversed(app, book):
    village_id, household, _ = book
    post(village_id, household, ("home", 5, Flow.AWARD))
    order = post(village_id, household, ("home", 3, Flow.SPEND), kind=EntryKind.ORDER)
    with unchanged(app), pytest.raises(NotReversible):
        reverse(order)


@pytest.mark.parametrize("points", [0, -1, 1.5, True, "5", None])
def test_only_whole_points_above_zero_move(app, book, points):
    village_id, household, _ = book
    with unchanged(app), pytest.raises((ValueError, TypeError)):
        post(village_id, household, ("home", points, Flow.AWARD))


def test_points_stay_in_their_village(app, book):
    _, household, _ = book
    elsewhere = factories.HouseholdFactory()
    with atomic():
        services.lock(elsewhere.village_id)
    for _ in range(2):
        with unchanged(app), pytest.raises(RuntimeError, match="another village"):
            post(elsewhere.village_id, household, ("home", 5, Flow.AWARD))
        post(book[0], household, ("home", 5, Flow.AWARD))


def test_points_move_inside_a_write_only(app, book):
    with pytest.raises(RuntimeError, match="outside atomic"):
        services.post(book[0], [], by=None)


def test_nothing_to_post_writes_no_entry(book):
    with atomic():
        assert services.post(book[0], [], by=None) == []
    assert db.session.query(Entry).count() == 0


def test_the_clock_set_back_does_not_turn_time_back(book):
    village_id, household, _ = book
    with clock.set_to(NOON):
        post(village_id, household, ("home", 1, Flow.AWARD))
    with clock.set_to(NOON - timedelta(days=3)):
        post(village_id, household, ("home", 1, Flow.AWARD))
    entries = db.session.query(Entry).order_by(Entry.id).all()
    assert [entry.recorded_at for entry in entries] == [NOON, NOON]
    laws.check(books.everything(village_id), village_id)


def test_a_batch_costs_the_same_statements_for_one_and_for_sixty(app, book):
    village_id, household, _ = book
    grid = factories.GridFactory(village=db.session.get(Village, village_id))
    many = [factories.HouseholdFactory(grid=grid).id for _ in range(60)]
    for each in (household, *many):
        post(village_id, each, ("home", 9, Flow.AWARD))
    counts = []
    for some in ([household], many):
        postings = [Posting(EntryKind.DEED, books.subject(), each, (Move("home", 1, Flow.AWARD),)) for each in some]
        with count_queries(app) as queries_run, atomic():
            services.post(village_id, postings, by=None, batch="notice:1")
        counts.append(len(queries_run))
    assert counts[0] == counts[1] <= 7


def test_a_household_twice_in_one_batch_sees_its_first_entry(book):
    village_id, household, _ = book
    postings = [
        Posting(EntryKind.DEED, books.subject(), household, (Move("home", 2, Flow.AWARD),)),
        Posting(EntryKind.DEED, books.subject(), household, (Move("home", 5, Flow.DEDUCT),)),
        Posting(EntryKind.DEED, books.subject(), household, (Move("home", 3, Flow.AWARD),)),
    ]
    with atomic():
        posted = services.post(village_id, postings, by=None, batch="b")
    assert [entry.balance["home"] for entry in posted] == [2, 0, 3]
    assert balance(household) == (3, 0, 0, 0)
    laws.check(books.everything(village_id), village_id)


def test_a_statement_tells_every_entry_newest_first(book):
    village_id, household, other = book
    with clock.set_to(NOON):
        awarded = post(village_id, household, ("home", 5, Flow.AWARD))
        post(village_id, other, ("home", 9, Flow.AWARD))
        post(village_id, household, ("home", 3, Flow.SPEND), kind=EntryKind.ORDER)
        post(village_id, household, ("civility", 1, Flow.DEDUCT))
        reverse(awarded)
    rows = queries.statement(household, [202603])
    told = [(row.seq, row.kind, row.unit, row.change, row.balance_after, row.account_kind) for row in rows]
    assert told == [
        (5, "reversal", "home", -2, 0, "purse"), (5, "reversal", "home", -3, -3, "owed"), (4, "deed", None, 0, None, None),
        (3, "order", "home", -3, 2, "purse"), (1, "deed", "home", 5, 5, "purse"),
    ]  # fmt: skip
    assert queries.statement(household, [202602]) == []


def test_balances_are_zero_where_nothing_was_booked(book):
    assert queries.balances([]) == {}
    assert balance(book[1]) == (0, 0, 0, 0)
