"""Redeeming moves points, goods and order together; a refusal moves nothing."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.core import audit, keys, settings
from virtue.core.models import Audit
from virtue.errors import BadKey, KeyReused, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger.errors import NotEnoughPoints
from virtue.ledger.models import Entry
from virtue.people.errors import HouseholdEnded
from virtue.people.hats import TwoHats
from virtue.people.models import Recusal
from virtue.store import errors, services
from virtue.store.models import Batch, Movement, Order, OrderLine
from virtue.store.services import Piece
from virtue.transactions import atomic


def test_redeem_moves_points_goods_and_order_together(app, shop):
    outcome = shop.redeem(shop.piece(shop.soap), shop.piece(shop.salt, 2), shop.piece(shop.oil))
    order = db.session.get(Order, outcome.result["order_id"])
    assert (order.home_points, order.civility_points, order.pieces) == (46, 0, 4)
    assert shop.balance() == (82, 40)
    assert (shop.left(shop.soap), shop.left(shop.salt), shop.left(shop.oil)) == (9, 98, 4)
    lines = db.session.execute(sa.select(OrderLine.item_id, OrderLine.quantity, OrderLine.unit, OrderLine.points)).all()
    assert lines == [(shop.soap.id, 1, "home", 22), (shop.salt.id, 2, "home", 6), (shop.oil.id, 1, "home", 18)]
    sold = db.session.execute(
        sa.select(Movement.item_id, Movement.quantity, Movement.before, Movement.after, Movement.order_id, Movement.by_id)
        .where(Movement.kind == "sold").order_by(Movement.id)
    ).all()  # fmt: skip
    assert sorted(sold) == sorted([
        (shop.soap.id, -1, 10, 9, order.id, shop.keeper.id), (shop.salt.id, -2, 100, 98, order.id, shop.keeper.id),
        (shop.oil.id, -1, 5, 4, order.id, shop.keeper.id),
    ])  # fmt: skip
    entry = db.session.scalar(sa.select(Entry).where(Entry.kind == "order", Entry.subject_id == order.id))
    assert (entry.seq, entry.seal[:16]) == (outcome.result["seq"], outcome.result["seal"])
    assert outcome.result["points"] == {"home": 46}
    assert outcome.result["balance"] == {"home": 82}
    trail = db.session.scalars(sa.select(Audit).where(Audit.action == "store.redeem")).one()
    assert (trail.household_id, trail.subject_id, trail.by_id) == (shop.household.id, order.id, shop.keeper.id)


def test_a_basket_may_be_split_by_piece(app, shop):
    outcome = shop.redeem(shop.piece(shop.soap, 2), shop.piece(shop.soap, 1, "civility"))
    assert outcome.result["points"] == {"home": 44, "civility": 5}
    assert shop.balance() == (84, 35)
    assert shop.left(shop.soap) == 7


def test_the_same_key_gives_the_same_slip_and_moves_nothing(app, shop):
    key, piece = keys.new(), shop.piece(shop.soap)
    first = shop.redeem(piece, key=key)
    with unchanged(app):
        again = shop.redeem(piece, key=key)
    assert (again.result, again.is_repeat) == (first.result, True)


def test_the_same_key_with_another_basket_is_refused(app, shop):
    key = keys.new()
    shop.redeem(shop.piece(shop.soap), key=key)
    with unchanged(app), pytest.raises(KeyReused):
        shop.redeem(shop.piece(shop.soap, 2), key=key)


def test_a_key_of_another_keeper_is_refused(app, shop):
    key, piece = keys.new(), shop.piece(shop.soap)
    shop.redeem(piece, key=key)
    other = factories.keeper(shop.village)
    with unchanged(app), pytest.raises(KeyReused):
        shop.redeem(piece, key=key, by=other.id)


def test_a_refused_key_stays_refused(app, shop):
    key, basket = keys.new(), shop.piece(shop.soap, 6)
    with pytest.raises(NotEnoughPoints):
        shop.redeem(basket, key=key)
    factories.give(shop.household, home=500)
    with unchanged(app), pytest.raises(NotEnoughPoints):
        shop.redeem(basket, key=key)
    assert shop.redeem(basket).result["points"] == {"home": 132}


def test_a_made_up_key_is_refused(app, shop):
    with unchanged(app), pytest.raises(BadKey):
        shop.redeem(shop.piece(shop.soap), key="1")


def refused(app, shop, error, *basket, **options):
    """The basket is refused with ``error`` and nothing changed; gives the sentence."""
    with unchanged(app), pytest.raises(error) as caught:
        shop.redeem(*basket, **options)
    assert type(caught.value) is error
    with app.test_request_context():
        return str(caught.value)


def test_more_points_than_there_are(app, shop):
    assert refused(app, shop, NotEnoughPoints, shop.piece(shop.soap, 6)) == "家美积分不够：还有 128 分，要 132 分。"


def test_one_unit_short_of_two_moves_neither(app, shop):
    refused(app, shop, NotEnoughPoints, shop.piece(shop.salt), shop.piece(shop.soap, 9, "civility"))


def test_more_pieces_than_lie_there(app, shop):
    words = refused(app, shop, errors.OutOfStock, shop.piece(shop.salt), shop.piece(shop.soap, 11, "civility"))
    assert words == "洗衣液 2kg只剩10瓶，要的是11瓶。"


def test_the_last_piece_is_gone(app, shop):
    gone = factories.stocked(shop.village, 1, by=shop.keeper, name="书包")
    piece = shop.piece(gone)
    shop.redeem(piece)
    assert refused(app, shop, errors.OutOfStock, piece) == "书包已经换完了。"


def test_first_expired_goes_first_and_expired_stays(app, shop):
    today = clock.today()
    for days, quantity in ((40, 2), (-1, 50), (5, 1)):
        row = {"village_id": shop.village.id, "store_id": shop.store.id, "item_id": shop.soap.id, "source": "bought"}
        db.session.add(
            Batch(**row, received_on=today, cost_fen=1, quantity=quantity, best_before=today + timedelta(days=days))
        )
    db.session.commit()
    shop.redeem(shop.piece(shop.soap, 4, "civility"))
    lying = db.session.execute(sa.select(Batch.best_before, Batch.quantity).where(Batch.item_id == shop.soap.id)).all()
    by_day = dict(lying)
    assert by_day == {
        None: 9,
        today + timedelta(days=40): 0,
        today - timedelta(days=1): 50,
        today + timedelta(days=5): 0,
    }
    factories.give(shop.household, civility=500)
    assert "只剩9瓶" in refused(app, shop, errors.OutOfStock, shop.piece(shop.soap, 10, "civility"))


def test_best_before_is_the_last_good_day(app, shop):
    good = factories.stocked(shop.village, 3, by=shop.keeper, name="挂面")
    db.session.execute(sa.update(Batch).where(Batch.item_id == good.id).values(best_before=clock.today()))
    db.session.commit()
    assert shop.redeem(shop.piece(good)).result["pieces"] == 1
    tomorrow = clock.now() + timedelta(days=1)
    piece = shop.piece(good)
    with clock.set_to(tomorrow):
        refused(app, shop, errors.OutOfStock, piece)


def test_a_price_that_changed_shows_both_totals(app, shop):
    stale = shop.piece(shop.soap, 2)
    factories.PriceFactory(item=shop.soap, unit="home", points=25, from_on=clock.today())
    words = refused(app, shop, errors.PriceChanged, stale, shop.piece(shop.salt))
    assert words == "价格变了：原来共47 家美积分，现在共53 家美积分。看过新的总数再确认。"
    assert errors.PriceChanged.status == 409
    assert shop.redeem(shop.piece(shop.soap, 2)).result["points"] == {"home": 50}


def test_a_future_price_isnt_in_force_yet(app, shop):
    tomorrow = clock.today() + timedelta(days=1)
    factories.PriceFactory(item=shop.soap, unit="home", points=1, from_on=tomorrow)
    piece = shop.piece(shop.soap)
    assert shop.redeem(piece).result["points"] == {"home": 22}
    with clock.set_to(clock.now() + timedelta(days=1)):
        refused(app, shop, errors.PriceChanged, piece)
        assert shop.redeem(shop.piece(shop.soap)).result["points"] == {"home": 1}


def test_of_two_prices_of_one_day_the_later_written_holds(app, shop):
    for points in (30, 20):
        factories.PriceFactory(item=shop.soap, unit="home", points=points, from_on=clock.today())
    assert shop.redeem(shop.piece(shop.soap)).result["points"] == {"home": 20}


def test_a_price_of_another_good_is_refused(app, shop):
    cheap = shop.piece(shop.salt)
    refused(app, shop, errors.PriceChanged, Piece(shop.soap.id, 1, "home", cheap.price_id))


def test_a_good_without_a_price_in_the_unit(app, shop):
    home_only = factories.stocked(shop.village, 3, by=shop.keeper, name="肥料", civility=None)
    words = refused(app, shop, errors.NotPayable, Piece(home_only.id, 1, "civility", 1))
    assert words == "肥料不能用文明积分换。"


def test_a_price_that_was_ended(app, shop):
    piece = shop.piece(shop.soap)
    factories.PriceFactory(item=shop.soap, unit="home", points=None, from_on=clock.today())
    refused(app, shop, errors.NotPayable, piece)


def test_a_unit_that_doesnt_exist(app, shop):
    refused(app, shop, errors.NotPayable, Piece(shop.soap.id, 1, "gold", 1))


def test_a_limit_says_when_the_next_is_possible(app, shop):
    with clock.set_to(clock.start_of(date(2031, 12, 30))):
        shop.redeem(shop.piece(shop.oil, 1))
        words = refused(app, shop, errors.LimitReached, shop.piece(shop.oil, 2))
        assert words == "菜籽油 5L每月每户限2桶，这一户现在还能换1桶，1月1日起可以再换。"
        shop.redeem(shop.piece(shop.oil, 1, "civility"))
        words = refused(app, shop, errors.LimitReached, shop.piece(shop.oil))
        assert words == "菜籽油 5L每月每户限2桶，这一户已经换满，1月1日起可以再换。"
    with clock.set_to(clock.start_of(date(2032, 1, 1))):
        assert shop.redeem(shop.piece(shop.oil)).result["pieces"] == 1


@pytest.mark.parametrize(
    ("period", "sold_on", "still_full_on", "free_on"),
    [
        ("quarter", date(2031, 4, 1), date(2031, 6, 30), date(2031, 7, 1)),
        ("year", date(2031, 1, 1), date(2031, 12, 31), date(2032, 1, 1)),
        ("month", date(2031, 2, 1), date(2031, 2, 28), date(2031, 3, 1)),
    ],
)
def test_limits_follow_the_calendar(app, shop, period, sold_on, still_full_on, free_on):
    good = factories.stocked(shop.village, 5, by=shop.keeper, name="书包", limit_quantity=1, limit_period=period)
    with clock.set_to(clock.start_of(sold_on)):
        shop.redeem(shop.piece(good))
    with clock.set_to(clock.start_of(still_full_on)):
        refused(app, shop, errors.LimitReached, shop.piece(good))
    with clock.set_to(clock.start_of(free_on)):
        shop.redeem(shop.piece(good))


def test_a_limit_counts_a_basket_of_two_units_together(app, shop):
    refused(app, shop, errors.LimitReached, shop.piece(shop.oil, 2), shop.piece(shop.oil, 1, "civility"))


def test_a_limit_is_each_households_own(app, shop):
    shop.redeem(shop.piece(shop.oil, 2))
    other = factories.HouseholdFactory(grid=shop.grid)
    factories.give(other, home=100)
    shop.redeem(shop.piece(shop.oil, 2), household=other, card_id=None)
    assert shop.left(shop.oil) == 1


@pytest.mark.parametrize("quantity", [0, -1, 1000])
def test_a_quantity_out_of_range(app, shop, quantity):
    piece = shop.piece(shop.salt)
    refused(app, shop, errors.BadQuantity, Piece(piece.item_id, quantity, "home", piece.price_id))


def test_an_empty_basket(app, shop):
    refused(app, shop, errors.EmptyBasket)


def test_own_household_is_refused(app, shop):
    shop.keeper.member_id = shop.household.members[0].id
    db.session.commit()
    refused(app, shop, OwnKin, shop.piece(shop.salt))


def test_declared_kin_is_refused(app, shop):
    db.session.add(
        Recusal(
            village_id=shop.village.id, user_id=shop.keeper.id, household_id=shop.household.id, relation="兄弟",
            declared_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()
    refused(app, shop, OwnKin, shop.piece(shop.salt))


def test_who_awarded_the_household_today_cannot_redeem_for_it(app, shop):
    factories.RoleGrantFactory(user=shop.keeper, role="committee", village_id=shop.village.id)
    with atomic():
        audit.record("awarding.propose", village_id=shop.village.id, by=shop.keeper.id, household_id=shop.household.id)
    refused(app, shop, TwoHats, shop.piece(shop.salt))


def test_an_ended_household_is_refused(app, shop):
    piece = shop.piece(shop.salt)
    shop.household.state = "ended"
    db.session.commit()
    refused(app, shop, HouseholdEnded, piece)


def test_a_household_that_left_may_still_spend(app, shop):
    shop.household.left_on = clock.today()
    db.session.commit()
    assert shop.redeem(shop.piece(shop.salt)).result["points"] == {"home": 3}


@pytest.mark.parametrize("state", ["lost", "replaced", "ended"])
def test_a_card_that_was_stopped_meanwhile(app, shop, state):
    shop.card.state = state
    db.session.commit()
    refused(app, shop, errors.CardNotInForce, shop.piece(shop.salt))


def test_a_card_of_another_household(app, shop):
    other = factories.card_of(factories.HouseholdFactory(grid=shop.grid))
    refused(app, shop, errors.CardNotInForce, shop.piece(shop.salt), card_id=other.id)


def test_a_trial_rulebook_stops_the_till(app, shop):
    with atomic():
        settings.change("is_trial_run", True, shop.village.id)
    refused(app, shop, errors.TrialRun, shop.piece(shop.salt))


def test_a_good_that_is_no_longer_given_out(app, shop):
    piece = shop.piece(shop.salt)
    shop.salt.is_active = False
    db.session.commit()
    refused(app, shop, errors.UnknownGood, piece)


def test_things_of_another_village_dont_exist(app, shop):
    elsewhere = factories.VillageFactory()
    stranger = factories.HouseholdFactory(grid=factories.GridFactory(village=elsewhere))
    foreign = factories.stocked(elsewhere, 5, by=shop.keeper)
    refused(app, shop, NotFoundHere, shop.piece(shop.salt), household=stranger)
    refused(app, shop, errors.UnknownGood, Piece(foreign.id, 1, "home", foreign.prices[0].id))


def test_an_order_is_never_drawn_before_the_chains_end(app, shop):
    with clock.set_to(clock.now() + timedelta(hours=3)):
        later = clock.now()
        shop.redeem(shop.piece(shop.salt))
    outcome = shop.redeem(shop.piece(shop.salt, 2))
    assert db.session.get(Order, outcome.result["order_id"]).drawn_at >= later


def test_redeeming_stays_short(app, shop):
    """Few statements whatever lies in the shop: what one redemption costs is what a queue waits for."""
    basket = [shop.piece(shop.soap), shop.piece(shop.salt, 2), shop.piece(shop.oil)]
    shop.redeem(shop.piece(shop.salt))
    who = (shop.village.id, shop.store.id, shop.household.id)
    key, by, card_id = keys.new(), shop.keeper.id, shop.card.id
    with count_queries(app) as queries:
        services.redeem(*who, basket, key=key, by=by, card_id=card_id)
    assert len(queries) <= 22, "\n".join(queries)
