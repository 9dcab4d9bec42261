"""Goods in and out of batches, apart from the till."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.core.models import Remark
from virtue.extensions import db
from virtue.quantities import parse_fen, parse_whole
from virtue.store import errors, queries, stock_queries, stock_services
from virtue.store.models import Batch, Movement


def write_off(shop, item, quantity, why="摔破了", reason="broken"):
    batch = stock_queries.batches_of_good(item.id)[shop.store.id][0]
    return stock_services.write_off(
        shop.village.id, batch.id, quantity, reason=reason, why=why, key=keys.new(), by=shop.keeper.id
    )


def test_write_off_takes_pieces_out_with_a_reason(app, shop):
    assert write_off(shop, shop.soap, 2).result["left"] == 8
    movement = db.session.scalars(sa.select(Movement).where(Movement.kind == "written_off")).one()
    assert (movement.quantity, movement.before, movement.after, movement.reason) == (-2, 10, 8, "broken")
    assert db.session.get(Remark, movement.remark_id).text == "摔破了"


def test_write_off_refuses_more_than_lies_there(app, shop):
    with unchanged(app), pytest.raises(errors.NotInBatch):
        write_off(shop, shop.soap, 11)


def test_write_off_needs_a_reason(app, shop):
    with unchanged(app), pytest.raises(errors.ReasonMissing):
        write_off(shop, shop.soap, 1, why=" ")


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [("own_use", errors.OwnUse), ("expired", errors.NotExpired), ("gift", errors.BadReason), ("", errors.BadReason)],
)
def test_write_off_refuses_other_reasons(app, shop, reason, refusal):
    with unchanged(app), pytest.raises(refusal):
        write_off(shop, shop.soap, 1, reason=reason)


def test_expired_pieces_are_written_off_as_expired(app, shop):
    batch = stock_queries.batches_of_good(shop.soap.id)[shop.store.id][0]
    batch.best_before = clock.today() - timedelta(days=1)
    db.session.commit()
    assert write_off(shop, shop.soap, 10, reason="expired").result["left"] == 0


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
