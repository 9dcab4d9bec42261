"""Taking an order back: points in the units paid, goods into their batches, once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.core.models import Audit, Remark
from virtue.errors import KeyReused, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger.models import Entry
from virtue.people.errors import HouseholdEnded
from virtue.store import errors, services
from virtue.store.models import Batch, Movement, Return


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
    assert (entry.seq, entry.words) == (outcome.result["seq"], [order_id])
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
