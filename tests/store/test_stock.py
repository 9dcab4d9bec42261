"""Goods in and out of batches, apart from the till."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.core.models import Remark
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.quantities import parse_fen, parse_whole
from virtue.store import errors, queries, stock_services
from virtue.store.models import Batch, Movement
from virtue.store.stock_services import Delivery


def receive(shop, item, quantity, **options):
    delivery = Delivery(item.id, quantity, "bought", 1850, **options)
    return stock_services.receive(shop.village.id, shop.store.id, delivery, key=keys.new(), by=shop.keeper.id)


def test_receive_makes_a_batch_and_a_movement(app, shop):
    until = clock.today() + timedelta(days=90)
    outcome = receive(shop, shop.soap, 24, best_before=until)
    batch = db.session.get(Batch, outcome.result["batch_id"])
    assert (batch.quantity, batch.source, batch.cost_fen, batch.best_before) == (24, "bought", 1850, until)
    movement = db.session.scalars(sa.select(Movement).where(Movement.batch_id == batch.id)).one()
    assert (movement.kind, movement.quantity, movement.before, movement.after) == ("received", 24, 0, 24)
    assert shop.left(shop.soap) == 34


def test_receive_once_per_key(app, shop):
    delivery, key = Delivery(shop.soap.id, 24, "donated", 0), keys.new()
    first = stock_services.receive(shop.village.id, shop.store.id, delivery, key=key, by=shop.keeper.id)
    with unchanged(app):
        again = stock_services.receive(shop.village.id, shop.store.id, delivery, key=key, by=shop.keeper.id)
    assert again.result == first.result


@pytest.mark.parametrize("quantity", [0, -3, 100_000])
def test_receive_refuses_odd_quantities(app, shop, quantity):
    with unchanged(app), pytest.raises(errors.BadQuantity):
        receive(shop, shop.soap, quantity)


def test_receive_refuses_what_is_expired(app, shop):
    with unchanged(app), pytest.raises(errors.BestBeforePast):
        receive(shop, shop.soap, 3, best_before=clock.today() - timedelta(days=1))


def test_receive_refuses_a_foreign_good(app, shop):
    foreign = factories.stocked(factories.VillageFactory(), 1, by=shop.keeper)
    with unchanged(app), pytest.raises(NotFoundHere):
        receive(shop, foreign, 3)


def write_off(shop, item, quantity, why="摔破了"):
    batch = queries.batches_of(shop.store.id, item.id)[0]
    return stock_services.write_off(shop.village.id, batch.id, quantity, why=why, key=keys.new(), by=shop.keeper.id)


def test_write_off_takes_pieces_out_with_a_reason(app, shop):
    assert write_off(shop, shop.soap, 2).result["left"] == 8
    movement = db.session.scalars(sa.select(Movement).where(Movement.kind == "written_off")).one()
    assert (movement.quantity, movement.before, movement.after) == (-2, 10, 8)
    assert db.session.get(Remark, movement.remark_id).text == "摔破了"


def test_write_off_refuses_more_than_lies_there(app, shop):
    with unchanged(app), pytest.raises(errors.NotInBatch):
        write_off(shop, shop.soap, 11)


def test_write_off_needs_a_reason(app, shop):
    with unchanged(app), pytest.raises(errors.ReasonMissing):
        write_off(shop, shop.soap, 1, why=" ")


def test_the_database_keeps_stock_from_going_below_zero(app, shop):
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.update(Batch).values(quantity=Batch.quantity - 11))
    db.session.rollback()


def test_low_stock_lists_what_is_at_its_mark(app, shop):
    assert [good.name for good in queries.low_stock(shop.store, clock.today())] == []
    write_off(shop, shop.soap, 7)
    assert [(good.name, good.left) for good in queries.low_stock(shop.store, clock.today())] == [("洗衣液 2kg", 3)]


def test_popular_goods_of_three_months(app, shop):
    for _ in range(2):
        shop.redeem(shop.piece(shop.salt))
    shop.redeem(shop.piece(shop.soap))
    assert queries.popular(shop.village.id, clock.today()) == [shop.salt.id, shop.soap.id]
    assert queries.popular(shop.village.id, clock.today() + timedelta(days=120)) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), ("999", 999), ("１２", 12), (" 3 ", 3), ("007", 7),
        ("0", None), ("-1", None), ("1000", None), ("1e3", None), ("1.5", None), ("+2", None), ("", None), (None, None),
        ("٣", None), ("二", None), ("1 2", None), ("9" * 400, None), ("0x1", None), ("−1", None),
    ],
)  # fmt: skip
def test_quantities_are_whole_numbers(text, number):
    assert parse_whole(text) == number


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("6.9", 690),
        ("6.90", 690),
        ("6", 600),
        ("¥6.05", 605),
        ("６．９", 690),
        ("6.901", None),
        ("-1", None),
        ("", None),
    ],
)
def test_money_is_whole_fen(text, fen):
    assert parse_fen(text) == fen
