"""Eight tills at one purse, one key sent sixteen times: on both databases exactly what is there is taken, once."""

from collections import Counter

import pytest

from tests.ledger import books, crowd, laws
from virtue.core import keys
from virtue.errors import KeyReused
from virtue.extensions import db
from virtue.ledger import queries
from virtue.ledger.errors import NotEnoughPoints
from virtue.ledger.models import Entry


@pytest.mark.parametrize(("points", "spend"), [(40, 1), (45, 2)])
def test_eight_processes_spend_exactly_what_one_purse_holds(app, points, spend):
    village, (household, neighbour) = books.open_village(households=2)
    books.give(household, village.village_id, civility=points)
    books.give(neighbour, village.village_id, civility=5)

    def act(_number):
        told = Counter()
        for _ in range(8):
            try:
                village.redeem(keys.new(), household, civility=spend)
                told["spent"] += 1
            except NotEnoughPoints as error:
                assert error.params["balance"] < spend
                told["not enough"] += 1
        return told

    answers = crowd.all_at_once(app, act, processes=8)
    assert sum(answers, Counter()) == {"spent": points // spend, "not enough": 64 - points // spend}
    assert queries.balance(household).civility == points % spend
    assert queries.balance(neighbour).civility == 5
    laws.check(books.everything(village.village_id), village.village_id)


def test_one_key_sent_sixteen_times_at_once_books_once(app):
    village, (household,) = books.open_village(households=1)
    books.give(household, village.village_id, home=10)
    key = keys.new()

    def act(_number):
        outcome = village.redeem(key, household, home=3)
        return outcome.result, outcome.is_repeat

    answers = crowd.all_at_once(app, act, processes=4, threads=4)
    results = [result for result, _ in answers]
    assert results == [results[0]] * 16
    assert Counter(is_repeat for _, is_repeat in answers) == {False: 1, True: 15}
    assert queries.balance(household).home == 7
    assert len(books.everything(village.village_id)["entry"]) == 2


def test_one_key_refused_sixteen_times_at_once_gives_one_answer(app):
    village, (household,) = books.open_village(households=1)
    books.give(household, village.village_id, home=2)
    key = keys.new()

    def act(_number):
        try:
            village.redeem(key, household, home=3)
        except NotEnoughPoints as error:
            return error.params

    answers = crowd.all_at_once(app, act, processes=4, threads=4)
    assert answers == [{"unit": "home", "balance": 2, "points": 3}] * 16
    assert queries.balance(household).home == 2


def test_a_key_without_a_lock_does_its_work_once_too(app):
    """A card is issued under no village's lock: the key itself must keep the second one waiting."""
    village, _ = books.open_village(households=1)
    key = keys.new()

    def act(_number):
        def work():
            return {"remark": books.remarks.keep("办卡", village_id=village.village_id)[0]}

        return keys.run_once(key, "test.unlocked", [], work, village_id=village.village_id).result["remark"]

    answers = crowd.all_at_once(app, act, processes=4, threads=2)
    assert answers == [answers[0]] * 8
    assert [row.id for row in books.everything(village.village_id)["remark"]] == [answers[0]]


def test_one_key_with_two_contents_at_once_does_one_and_refuses_the_other(app):
    village, (household,) = books.open_village(households=1)
    books.give(household, village.village_id, home=10)
    key = keys.new()

    def act(number):
        try:
            village.redeem(key, household, home=1 + number % 2)
        except KeyReused:
            return "reused"
        return 1 + number % 2

    answers = Counter(crowd.all_at_once(app, act, processes=4, threads=2))
    (points,) = set(answers) - {"reused"}
    assert answers == {"reused": 4, points: 4}
    assert queries.balance(household).home == 10 - points


def test_the_first_writers_of_a_village_make_one_chain(app):
    village, (first, second) = books.open_village(households=2)

    def act(number):
        village.settle(keys.new(), [((first, second)[number % 2], "home", 1, "-")])
        return "settled"

    assert crowd.all_at_once(app, act, processes=4) == ["settled"] * 4
    assert db.session.query(Entry).count() == 4
    laws.check(books.everything(village.village_id), village.village_id)
