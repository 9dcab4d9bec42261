"""Taking an order back: points in the units paid, goods into their batches, once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.core.invariants import Run
from virtue.core.models import Audit, Remark
from virtue.errors import KeyReused, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger.models import Entry
from virtue.people.errors import HouseholdEnded
from virtue.store import errors, order_queries, services, stock_services
from virtue.store.invariants import INVARIANTS
from virtue.store.models import Batch, Movement, OrderLine, Return, ReturnLine


def sell(shop):
    outcome = shop.redeem(shop.piece(shop.soap, 2), shop.piece(shop.salt, 1, "civility"))
    return outcome.result["order_id"]


def give_back(shop, order_id, **options):
    options = {"key": keys.new(), "by": shop.keeper.id, **options}
    return services.give_back(shop.village.id, order_id, **options)


def test_points_and_goods_come_back_together(app, shop):
    order_id = sell(shop)
    outcome = give_back(shop, order_id)
    assert outcome.result["points"] == {"home": 44, "civility": 5}
    assert shop.balance() == (128, 40)
    assert (shop.left(shop.soap), shop.left(shop.salt)) == (10, 100)
    back = db.session.scalars(sa.select(Return)).one()
    entry = db.session.scalar(sa.select(Entry).where(Entry.kind == "return", Entry.subject_id == back.id))
    lines = db.session.scalars(sa.select(OrderLine.id).order_by(OrderLine.id)).all()
    assert (entry.seq, entry.words) == (outcome.result["seq"], [order_id, lines])
    trail = db.session.scalars(sa.select(Audit).where(Audit.action == "store.return")).one()
    assert (trail.household_id, trail.subject_id) == (shop.household.id, order_id)


def test_goods_go_into_the_batches_they_came_from(app, shop):
    row = {"village_id": shop.village.id, "store_id": shop.store.id, "item_id": shop.soap.id, "source": "bought"}
    first = Batch(**row, received_on=clock.today(), cost_fen=1, quantity=1, best_before=clock.today())
    db.session.add(first)
    db.session.commit()
    order_id = sell(shop)
    give_back(shop, order_id)
    quantities = db.session.execute(sa.select(Batch.id, Batch.quantity).where(Batch.item_id == shop.soap.id)).all()
    assert sorted(quantity for _, quantity in quantities) == [1, 10]
    returned = db.session.scalars(sa.select(Movement).where(Movement.kind == "returned")).all()
    assert {(m.quantity, m.order_id) for m in returned} == {(1, order_id)}


def test_the_same_key_gives_back_once(app, shop):
    order_id, key = sell(shop), keys.new()
    first = give_back(shop, order_id, key=key)
    with unchanged(app):
        assert give_back(shop, order_id, key=key).result == first.result


def refused(app, shop, error, order_id, **options):
    with unchanged(app), pytest.raises(error):
        give_back(shop, order_id, **options)


def test_an_order_is_taken_back_once(app, shop):
    order_id = sell(shop)
    give_back(shop, order_id)
    refused(app, shop, errors.AlreadyReturned, order_id)
    refused(app, shop, errors.AlreadyReturned, order_id, by=factories.keeper(shop.village).id, why="退货")


def test_a_key_used_for_another_order_is_refused(app, shop):
    one, two, key = sell(shop), sell(shop), keys.new()
    give_back(shop, one, key=key)
    refused(app, shop, KeyReused, two, key=key)


def test_the_keeper_has_fifteen_minutes(app, shop):
    one, two = sell(shop), sell(shop)
    at = clock.now()
    with clock.set_to(at + timedelta(minutes=14, seconds=30)):
        give_back(shop, one)
    with clock.set_to(at + timedelta(minutes=15, seconds=30)):
        refused(app, shop, errors.UndoNeedsAnother, two)


def test_later_a_second_person_with_a_reason(app, shop):
    order_id, other = sell(shop), factories.keeper(shop.village)
    with clock.set_to(clock.now() + timedelta(days=3)):
        refused(app, shop, errors.ReasonMissing, order_id, by=other.id, why="  ")
        give_back(shop, order_id, by=other.id, why="洗衣液漏了")
    assert shop.balance() == (128, 40)
    back = db.session.scalars(sa.select(Return)).one()
    assert db.session.get(Remark, back.remark_id).text == "洗衣液漏了"


def test_not_for_the_own_household(app, shop):
    order_id, other = sell(shop), factories.keeper(shop.village)
    other.member_id = shop.household.members[0].id
    db.session.commit()
    refused(app, shop, OwnKin, order_id, by=other.id, why="退货")


def test_not_for_an_ended_household(app, shop):
    order_id = sell(shop)
    shop.household.state = "ended"
    db.session.commit()
    refused(app, shop, HouseholdEnded, order_id)


def test_an_order_of_another_village_doesnt_exist(app, shop):
    order_id = sell(shop)
    elsewhere = factories.VillageFactory()
    factories.stocked(elsewhere, 1, by=shop.keeper)
    factories.give(factories.HouseholdFactory(grid=factories.GridFactory(village=elsewhere)), home=1)
    with unchanged(app), pytest.raises(NotFoundHere):
        services.give_back(elsewhere.id, order_id, key=keys.new(), by=shop.keeper.id)
    refused(app, shop, NotFoundHere, order_id + 100)


def test_what_was_given_back_frees_the_limit(app, shop):
    order_id = shop.redeem(shop.piece(shop.oil, 2)).result["order_id"]
    with pytest.raises(errors.LimitReached):
        shop.redeem(shop.piece(shop.oil))
    give_back(shop, order_id)
    assert shop.redeem(shop.piece(shop.oil, 2)).result["pieces"] == 2


def lines_of(order_id):
    return [line.id for line in order_queries.lines_of([order_id])[order_id]]


def test_a_single_line_comes_back_in_its_own_unit(app, shop):
    order_id = sell(shop)
    soap, salt = lines_of(order_id)
    outcome = give_back(shop, order_id, lines=[salt])
    assert {name: outcome.result[name] for name in ("points", "pieces", "is_whole", "balance")} == {
        "points": {"civility": 5}, "pieces": 1, "is_whole": False, "balance": {"civility": 40},
    }  # fmt: skip
    assert (shop.balance(), shop.left(shop.soap), shop.left(shop.salt)) == ((84, 40), 8, 100)
    rest = give_back(shop, order_id)
    assert (rest.result["points"], rest.result["is_whole"]) == ({"home": 44}, True)
    assert (shop.balance(), shop.left(shop.soap), shop.left(shop.salt)) == ((128, 40), 10, 100)
    back = db.session.execute(sa.select(ReturnLine.return_id, ReturnLine.line_id).order_by(ReturnLine.id)).all()
    assert back == [(outcome.result["return_id"], salt), (rest.result["return_id"], soap)]
    refused(app, shop, errors.AlreadyReturned, order_id)


def test_a_line_comes_back_once(app, shop):
    order_id = sell(shop)
    soap, salt = lines_of(order_id)
    give_back(shop, order_id, lines=[salt])
    refused(app, shop, errors.LineReturned, order_id, lines=[soap, salt])
    refused(app, shop, errors.NoLineChosen, order_id, lines=[])
    refused(app, shop, NotFoundHere, order_id, lines=[soap, soap + 900])
    refused(app, shop, NotFoundHere, order_id, lines=lines_of(sell(shop))[:1])


def test_a_key_used_for_other_lines_is_refused(app, shop):
    order_id, key = sell(shop), keys.new()
    soap, salt = lines_of(order_id)
    give_back(shop, order_id, lines=[salt], key=key)
    refused(app, shop, KeyReused, order_id, lines=[soap], key=key)


def test_a_good_paid_in_both_units_comes_back_part_by_part_into_its_batches(app, shop):
    row = {"village_id": shop.village.id, "store_id": shop.store.id, "item_id": shop.soap.id, "source": "bought"}
    early = Batch(**row, received_on=clock.today(), cost_fen=1, quantity=0, best_before=clock.today())
    db.session.add(early)
    db.session.flush()
    stock_services.move(
        [stock_services.Step(early.id, shop.soap.id, 2, 0)],
        stock_services.Occasion(shop.village.id, shop.keeper.id, clock.now(), "received"),
    )
    db.session.commit()
    outcome = shop.redeem(shop.piece(shop.soap, 2), shop.piece(shop.soap, 3, "civility"))
    order_id = outcome.result["order_id"]
    home, civility = lines_of(order_id)

    def lying():
        rows = db.session.execute(
            sa.select(Batch.best_before, Batch.quantity).where(Batch.item_id == shop.soap.id)
        ).all()
        return dict(rows)

    assert lying() == {clock.today(): 0, None: 7}
    give_back(shop, order_id, lines=[home])
    assert lying() == {clock.today(): 0, None: 9}
    give_back(shop, order_id, lines=[civility])
    assert lying() == {clock.today(): 2, None: 10}
    assert shop.balance() == (128, 40)
    assert {one.name: list(one.rows(Run())) for one in INVARIANTS} == {one.name: [] for one in INVARIANTS}


def test_the_line_that_came_back_frees_its_limit(app, shop):
    order_id = shop.redeem(shop.piece(shop.oil), shop.piece(shop.oil, 1, "civility")).result["order_id"]
    give_back(shop, order_id, lines=lines_of(order_id)[:1])
    with pytest.raises(errors.LimitReached):
        shop.redeem(shop.piece(shop.oil, 2))
    assert shop.redeem(shop.piece(shop.oil)).result["pieces"] == 1
