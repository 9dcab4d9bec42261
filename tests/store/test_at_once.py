"""Several tills at once, on both databases: what is there is handed over, once, and each answer is a yes or a plain no."""

from collections import Counter

import pytest
import sqlalchemy as sa

from tests import factories
from tests.ledger import crowd
from virtue.core import keys
from virtue.errors import BrokenRule, Busy
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.store import reservation_services, services
from virtue.store.models import Batch, Movement, Order, Return
from virtue.store.services import Piece


class Till:
    """Everything a child process needs to redeem, as plain numbers."""

    def __init__(self, shop, item, **piece):
        self.village_id, self.store_id, self.household_id = shop.village.id, shop.store.id, shop.household.id
        self.by, self.card_id = shop.keeper.id, shop.card.id
        self.piece: Piece = shop.piece(item, **piece)

    def redeem(self, key, household_id=None):
        card_id = self.card_id if household_id is None else None
        return services.redeem(
            self.village_id, self.store_id, household_id or self.household_id, [self.piece],
            key=key, by=self.by, card_id=card_id,
        )  # fmt: skip


def patiently(act, key):
    """What ``act`` answers; told that the till is busy, a keeper presses again, and the form's key is the same."""
    while True:
        try:
            return act(key)
        except Busy:
            continue


def told(act, times):
    """How often each answer came; a refusal by its name."""
    answers = Counter()
    for _ in range(times):
        try:
            patiently(act, keys.new())
            answers["sold"] += 1
        except BrokenRule as error:
            answers[error.code] += 1
    return answers


def deadlocks():
    """How many the database had to break up; SQLite has one writer at a time, and so none."""
    if db.engine.dialect.name == "sqlite":
        return 0
    counted = sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return db.session.scalar(counted)


def check_stock():
    """Each batch holds what its movements add up to; each movement starts where the last one ended."""
    for batch in db.session.scalars(sa.select(Batch)):
        lying = 0
        for movement in db.session.scalars(
            sa.select(Movement).where(Movement.batch_id == batch.id).order_by(Movement.id)
        ):
            assert movement.before == lying
            lying = movement.after
        assert batch.quantity == lying


def test_eight_tills_spend_one_purse(app, shop):
    counter = Till(shop, shop.salt)
    answers = sum(crowd.all_at_once(app, lambda _: told(counter.redeem, 8), processes=8), Counter())
    assert answers == {"sold": 42, "NotEnoughPoints": 22}
    assert ledger.balance(counter.household_id).home == 128 - 42 * 3
    assert shop.left(shop.salt) == 100 - 42
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 42
    check_stock()


def test_eight_tills_hand_out_the_last_pieces(app, shop):
    scarce = factories.stocked(shop.village, 5, by=shop.keeper, home=1, name="书包")
    counter = Till(shop, scarce)
    others = [factories.HouseholdFactory(grid=shop.grid) for _ in range(8)]
    for household in others:
        factories.give(household, home=10)
    ids = [household.id for household in others]

    def act(number):
        return told(lambda key: counter.redeem(key, household_id=ids[number]), 2)

    answers = sum(crowd.all_at_once(app, act, processes=8), Counter())
    assert answers == {"sold": 5, "OutOfStock": 11}
    assert shop.left(scarce) == 0
    assert sum(ledger.balance(number).home for number in ids) == 80 - 5
    check_stock()


def test_two_tills_in_eight_processes_over_one_purse_and_one_last_piece(app, shop):
    """500 attempts and more: two keepers, one household, salt while the purse lasts, one school bag left; no deadlock."""
    before = deadlocks()
    bag = factories.stocked(shop.village, 1, by=shop.keeper, home=2, name="书包")
    tills = [Till(shop, shop.salt), Till(shop, shop.salt)]
    tills[1].by = factories.keeper(shop.village).id
    salt, last = tills[0].piece, shop.piece(bag)

    def act(number):
        till = tills[number % 2]
        answers = Counter()
        for attempt in range(63):
            till.piece = last if attempt % 3 == 0 else salt
            answers += told(till.redeem, 1)
        return answers

    answers = sum(crowd.all_at_once(app, act, processes=8), Counter())
    # The school bag for 2 of the 128 points, then 42 bags of salt for the rest.
    assert sum(answers.values()) == 504
    assert answers["sold"] == 43
    assert answers["NotEnoughPoints"] + answers["OutOfStock"] == 504 - 43
    assert (shop.balance(), shop.left(bag), shop.left(shop.salt)) == ((0, 40), 0, 100 - 42)
    assert deadlocks() == before
    check_stock()


def test_a_last_piece_is_sold_reserved_or_taken_back_but_once(app, shop):
    """Two tills, the household's own telephone, and an undo, all at once: goods and points end where they began."""
    bag = factories.stocked(shop.village, 1, by=shop.keeper, home=2, name="书包")
    till, other = Till(shop, bag), factories.keeper(shop.village).id
    before = deadlocks()

    def sell_and_undo(key):
        order = services.redeem(till.village_id, till.store_id, till.household_id, [till.piece], key=key, by=till.by)
        number, back = order.result["order_id"], services.give_back
        return patiently(lambda k: back(till.village_id, number, key=k, by=till.by), keys.new())

    def reserve_and_give_up(key):
        wanted = reservation_services.Wanted((till.piece,))
        held = reservation_services.reserve(till.village_id, till.household_id, wanted, key=key, by=None)
        number = held.result["reservation_id"]
        cancel = reservation_services.cancel
        return patiently(lambda k: cancel(till.village_id, number, key=k, by=None), keys.new())

    def act(number):
        if number % 2:
            return told(reserve_and_give_up, 12)
        till.by = till.by if number % 4 else other
        return told(sell_and_undo, 12)

    answers = sum(crowd.all_at_once(app, act, processes=8), Counter())
    assert sum(answers.values()) == 96
    assert set(answers) <= {"sold", "OutOfStock"}
    assert answers["sold"]
    assert (shop.balance(), shop.left(bag)) == ((128, 40), 1)
    assert deadlocks() == before
    check_stock()


def test_one_key_sent_sixteen_times_sells_once(app, shop):
    counter, key = Till(shop, shop.soap), keys.new()

    def act(_number):
        outcome = patiently(counter.redeem, key)
        return outcome.result, outcome.is_repeat

    answers = crowd.all_at_once(app, act, processes=4, threads=4)
    assert [result for result, _ in answers] == [answers[0][0]] * 16
    assert Counter(is_repeat for _, is_repeat in answers) == {False: 1, True: 15}
    assert (shop.balance(), shop.left(shop.soap)) == ((106, 40), 9)


def test_a_limit_holds_at_eight_tills(app, shop):
    counter = Till(shop, shop.oil)
    answers = sum(crowd.all_at_once(app, lambda _: told(counter.redeem, 1), processes=8), Counter())
    assert answers == {"sold": 2, "LimitReached": 6}


@pytest.mark.parametrize("people", [1, 8])
def test_an_order_is_given_back_once(app, shop, people):
    order_id = shop.redeem(shop.piece(shop.soap, 2)).result["order_id"]
    village_id = shop.village.id
    helpers = [shop.keeper.id if people == 1 else factories.keeper(shop.village).id for _ in range(8)]

    def act(number):
        return told(lambda key: services.give_back(village_id, order_id, key=key, by=helpers[number], why="退货"), 1)

    answers = sum(crowd.all_at_once(app, act, processes=8), Counter())
    assert answers == {"sold": 1, "AlreadyReturned": 7}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Return)) == 1
    assert (shop.balance(), shop.left(shop.soap)) == ((128, 40), 10)
    check_stock()
