"""Reserving holds points and goods; fetching, giving up and time's end each settle it once; a refusal changes nothing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.ledger import crowd
from tests.pages import unchanged
from virtue import clock
from virtue.core import audit, keys, settings
from virtue.core.invariants import Run
from virtue.errors import BrokenRule, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.errors import NotEnoughPoints
from virtue.ledger.models import Account, Entry, Transfer
from virtue.office import verify
from virtue.people import codes
from virtue.people import services as people
from virtue.people.errors import HouseholdEnded, HouseholdHasOpenThings
from virtue.people.hats import TwoHats
from virtue.people.models import Recusal
from virtue.store import (
    errors,
    queries,
    reservation_fetching,
    reservation_queries,
    reservation_releasing,
    return_services,
    shop_services,
    stock_book,
    transfer_services,
)
from virtue.store import reservation_errors as refusals
from virtue.store import reservation_services as services
from virtue.store.models import Batch, Movement, Order, OrderLine
from virtue.store.reservation_models import Reservation
from virtue.store.reservation_services import Wanted
from virtue.transactions import atomic


@pytest.fixture(autouse=True)
def noon(mid_month):
    """No test here ends in another month than it began."""


def reserve(shop, *basket, by=None, key=None, household=None, **options):
    wanted = Wanted(basket or (shop.piece(shop.soap),), **options)
    house = household or shop.household
    return services.reserve(shop.village.id, house.id, wanted, key=key or keys.new(), by=by)


def reserved(shop, *basket, **options) -> int:
    return reserve(shop, *basket, **options).result["reservation_id"]


def fetch(shop, number, *, by_helper=False, by=None, key=None):
    return reservation_fetching.fetch(
        shop.village.id, number, by_helper=by_helper, key=key or keys.new(), by=by or shop.keeper.id
    )


def cancel(shop, number, *, by=None, why=""):
    return services.cancel(shop.village.id, number, key=keys.new(), by=by, why=why)


def change(shop, **values):
    with atomic():
        for name, value in values.items():
            settings.change(name, value, shop.village.id)


def held(unit="home") -> int:
    """What lies in the held account, summed from transfers."""
    account = sa.select(Account.id).where(Account.kind == "held", Account.unit == unit).scalar_subquery()
    came = sa.func.coalesce(sa.func.sum(Transfer.points).filter(Transfer.destination_id == account), 0)
    went = sa.func.coalesce(sa.func.sum(Transfer.points).filter(Transfer.source_id == account), 0)
    return db.session.scalar(sa.select(came - went))


def moves() -> list[tuple[str, int]]:
    rows = sa.select(Movement.kind, Movement.quantity).where(Movement.reservation_id.is_not(None)).order_by(Movement.id)
    return [tuple(row) for row in db.session.execute(rows)]


def sound() -> list[str]:
    """The laws of store and ledger that are broken; the points came without deeds, which awarding would miss."""
    laws = [law for law in verify.INVARIANTS if law.name.startswith(("store.", "ledger."))]
    return [law.name for law in laws if list(law.rows(Run()))]


def refused(app, error, act):
    with unchanged(app), pytest.raises(error) as caught:
        act()
    assert type(caught.value) is error
    with app.test_request_context():
        return str(caught.value)


def test_reserving_holds_points_and_goods_at_once(app, shop):
    outcome = reserve(shop, shop.piece(shop.soap, 2), shop.piece(shop.salt, 1, "civility"))
    assert (shop.balance(), held(), held("civility")) == ((84, 35), 44, 5)
    assert (shop.left(shop.soap), shop.left(shop.salt)) == (8, 99)
    assert outcome.result["fetch_by"] == (clock.today() + timedelta(days=7)).isoformat()
    assert sorted(moves()) == [("reserved", -2), ("reserved", -1)]
    entry = db.session.scalars(sa.select(Entry).where(Entry.kind == "reservation")).one()
    assert (entry.subject_id, entry.by_id) == (outcome.result["reservation_id"], None)
    assert sound() == []


def test_fetching_makes_an_order_at_the_reserved_price(app, shop):
    number = reserved(shop, shop.piece(shop.soap, 2))
    with clock.set_to(clock.now() + timedelta(minutes=1)):
        factories.PriceFactory(item=shop.soap, unit="home", points=30, from_on=clock.today())
        outcome = fetch(shop, number)
    order = db.session.get(Order, outcome.result["order_id"])
    assert (order.home_points, order.pieces, order.by_id) == (44, 2, shop.keeper.id)
    lines = db.session.execute(sa.select(OrderLine.quantity, OrderLine.unit, OrderLine.points)).all()
    assert lines == [(2, "home", 44)]
    assert (shop.balance(), held(), shop.left(shop.soap)) == ((84, 40), 0, 8)
    assert moves() == [("reserved", -2), ("released", 2), ("fetched", -2)]
    lines = stock_book.stock_lines(shop.village.id, clock.start_of(clock.today()), clock.now() + timedelta(days=1))
    soap = next(line for line in lines if line.item.id == shop.soap.id)
    assert (soap.moved["held"], soap.moved["out"], soap.closing) == (0, -2, 8)
    assert db.session.scalar(sa.select(Entry.subject_id).where(Entry.kind == "fetch")) == order.id
    assert sound() == []


def test_a_fetched_order_is_returned_as_any_other(app, shop):
    order_id = fetch(shop, reserved(shop, shop.piece(shop.soap, 2))).result["order_id"]
    return_services.give_back(shop.village.id, order_id, key=keys.new(), by=shop.keeper.id)
    assert (shop.balance(), shop.left(shop.soap)) == ((128, 40), 10)
    assert sound() == []


def test_giving_up_brings_both_back_into_the_same_batch(app, shop):
    number = reserved(shop, shop.piece(shop.soap, 3))
    cancel(shop, number)
    assert (shop.balance(), held(), shop.left(shop.soap)) == ((128, 40), 0, 10)
    batches = db.session.execute(
        sa.select(Movement.batch_id, sa.func.sum(Movement.quantity))
        .where(Movement.reservation_id == number).group_by(Movement.batch_id)
    ).all()  # fmt: skip
    assert [pieces for _batch, pieces in batches] == [0]
    assert sound() == []


def test_the_desk_says_why_it_gives_up(app, shop):
    number = reserved(shop)
    refused(app, errors.ReasonMissing, lambda: cancel(shop, number, by=shop.keeper.id))
    cancel(shop, number, by=shop.keeper.id, why="本户电话里说不要了")
    row = db.session.get(Reservation, number)
    assert (row.state, row.released_for, row.ended_by_id) == ("released", "cancelled", shop.keeper.id)


ACTIONS = {
    "fetch": fetch,
    "cancel": cancel,
    "helper": lambda shop, n: services.name_helper(shop.village.id, n, "张三", key=keys.new(), by=None),
    "hand_out": lambda shop, n: reservation_fetching.hand_out(
        shop.village.id, n, shop.keeper.id, key=keys.new(), by=shop.keeper.id
    ),
    "deliver": lambda shop, n: reservation_fetching.deliver(shop.village.id, n, key=keys.new(), by=shop.keeper.id),
    "bring_back": lambda shop, n: reservation_fetching.bring_back(
        shop.village.id, n, key=keys.new(), by=shop.keeper.id
    ),
}
ALLOWED = {
    "open": {"fetch", "cancel", "helper", "hand_out"},
    "out": {"deliver", "bring_back"},
    "fetched": set(),
    "released": set(),
}


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("state", list(ALLOWED))
def test_every_state_and_every_action(app, shop, state, action):
    change(shop, home_delivery=True)
    number = reserved(shop, wants_delivery=True)
    before = {"open": [], "out": ["hand_out"], "fetched": ["fetch"], "released": ["cancel"]}[state]
    for step in before:
        ACTIONS[step](shop, number)
    if action in ALLOWED[state]:
        ACTIONS[action](shop, number)
    else:
        refused(app, refusals.ReservationOver, lambda: ACTIONS[action](shop, number))
    assert sound() == []


def test_nobody_fetched_it_in_time(app, shop):
    number = reserved(shop, shop.piece(shop.soap, 3))
    with clock.set_to(clock.now() + timedelta(days=7)):
        assert reservation_releasing.release_due(shop.village.id) == 0
    with clock.set_to(clock.now() + timedelta(days=8)):
        assert reservation_releasing.release_due(shop.village.id) == 1
        assert (shop.balance(), held(), shop.left(shop.soap)) == ((128, 40), 0, 10)
        with unchanged(app):
            assert reservation_releasing.release_due(shop.village.id) == 0
        assert db.session.get(Reservation, number).released_for == "expired"
        refused(app, refusals.ReservationOver, lambda: fetch(shop, number))
        assert sound() == []


def test_the_day_s_run_releases(app, shop):
    reserved(shop)
    with clock.set_to(clock.now() + timedelta(days=8)):
        app.test_cli_runner().invoke(args=["virtue", "daily"])
        assert (shop.balance(), held()) == ((128, 40), 0)


def test_the_till_releases_before_it_looks_at_the_balance(app, shop):
    reserved(shop, shop.piece(shop.soap, 5))
    with clock.set_to(clock.now() + timedelta(days=8)):
        shop.redeem(shop.piece(shop.soap, 5))
        assert (shop.balance(), held(), shop.left(shop.soap)) == ((18, 40), 0, 5)
        assert sound() == []


def test_what_is_held_can_be_neither_sold_nor_spent(app, shop):
    reserved(shop, shop.piece(shop.soap, 5))
    refused(app, NotEnoughPoints, lambda: reserve(shop, shop.piece(shop.soap)))
    refused(app, errors.OutOfStock, lambda: reserve(shop, shop.piece(shop.soap, 6, "civility")))


def test_the_same_key_reserves_once(app, shop):
    key, piece = keys.new(), shop.piece(shop.soap)
    first = reserve(shop, piece, key=key)
    with unchanged(app):
        again = reserve(shop, piece, key=key)
    assert (again.result, again.is_repeat) == (first.result, True)


def test_a_limit_counts_at_reserving_and_not_what_was_released(app, shop):
    number = reserved(shop, shop.piece(shop.oil, 2))
    refused(app, errors.LimitReached, lambda: shop.redeem(shop.piece(shop.oil)))
    cancel(shop, number)
    number = reserved(shop, shop.piece(shop.oil, 2))
    fetch(shop, number)
    assert queries.usage(shop.household.id, {shop.oil.id: "month"}, clock.today()) == {shop.oil.id: 2}


def test_a_limit_counts_in_the_month_of_reserving(app, shop):
    last = clock.start_of(clock.first_day(clock.next_month(clock.month_of(clock.today())))) - timedelta(hours=2)
    with clock.set_to(last):
        number = reserved(shop, shop.piece(shop.oil, 2))
    with clock.set_to(last + timedelta(days=2)):
        fetch(shop, number)
        assert shop.redeem(shop.piece(shop.oil)).result["pieces"] == 1


def test_only_batches_that_stay_good_are_reserved(app, shop):
    good = factories.stocked(shop.village, 3, by=shop.keeper, name="挂面")
    db.session.execute(
        sa.update(Batch).where(Batch.item_id == good.id).values(best_before=clock.today() + timedelta(days=6))
    )
    db.session.commit()
    words = refused(app, refusals.ExpiresTooSoon, lambda: reserve(shop, shop.piece(good)))
    assert words.startswith("挂面快到保质期了，留不到")
    change(shop, reserve_days=6)
    assert reserve(shop, shop.piece(good)).result["pieces"] == 1
    assert sound() == []


def test_a_trial_run_reserves_and_fetches_nothing(app, shop):
    number = reserved(shop)
    change(shop, is_trial_run=True)
    refused(app, errors.TrialRun, lambda: reserve(shop))
    refused(app, errors.TrialRun, lambda: fetch(shop, number))


def test_kin_neither_reserve_nor_fetch_nor_give_up(app, shop):
    number = reserved(shop)
    db.session.add(
        Recusal(
            village_id=shop.village.id, user_id=shop.keeper.id, household_id=shop.household.id, relation="兄弟",
            declared_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()
    by = shop.keeper.id
    refused(app, OwnKin, lambda: reserve(shop, by=by))
    refused(app, OwnKin, lambda: fetch(shop, number))
    refused(app, OwnKin, lambda: cancel(shop, number, by=by, why="不要了"))


def test_who_awarded_today_cannot_fetch(app, shop):
    number = reserved(shop)
    factories.RoleGrantFactory(user=shop.keeper, role="committee", village_id=shop.village.id)
    with atomic():
        audit.record("awarding.propose", village_id=shop.village.id, by=shop.keeper.id, household_id=shop.household.id)
    refused(app, TwoHats, lambda: fetch(shop, number))


def test_an_ended_household_reserves_nothing(app, shop):
    shop.household.state = "ended"
    db.session.commit()
    refused(app, HouseholdEnded, lambda: reserve(shop))


def test_a_household_with_a_reservation_cannot_end(app, shop):
    reserved(shop, shop.piece(shop.soap, 5), shop.piece(shop.salt, 6))
    with app.test_request_context(), pytest.raises(HouseholdHasOpenThings) as caught:
        people.end_household(
            shop.village.id, shop.household.id, by=factories.village_admin(shop.village).id, why="迁走"
        )
    assert "没取的预约（洗衣液 2kg等 11 件，留到" in str(caught.value.params)


def test_a_reservation_of_another_village_is_not_there(app, shop):
    number = reserved(shop)
    elsewhere = factories.VillageFactory()
    with atomic():
        ledger.lock(elsewhere.id)
    with unchanged(app), pytest.raises(NotFoundHere):
        reservation_fetching.fetch(elsewhere.id, number, by_helper=False, key=keys.new(), by=shop.keeper.id)


def test_a_code_finds_its_reservation(app, shop):
    found = db.session.get(Reservation, reserved(shop))
    digits = codes.derive_fetch(found)
    assert codes.is_fetch_code(digits)
    for typed in (digits, codes.spoken_fetch(digits), f"HTTP://192.168.1.9:8000/F/{digits}"):
        assert reservation_queries.by_code(shop.village.id, typed).id == found.id
    wrong = f"{digits[:-1]}{(int(digits[-1]) + 1) % 10}"
    for typed in (wrong, "", "王永智"):
        with pytest.raises(refusals.UnknownFetchCode):
            reservation_queries.by_code(shop.village.id, typed)
    with pytest.raises(refusals.UnknownFetchCode):
        reservation_queries.by_code(factories.VillageFactory().id, digits)


def test_a_helper_fetches_within_limits(app, shop):
    change(shop, helper_points_per_fetch=40, helper_points_per_month=50)
    refused(app, refusals.HelperLimit, lambda: reserve(shop, shop.piece(shop.soap, 2), helper="张小三"))
    refused(app, refusals.BadHelper, lambda: reserve(shop, helper="13900001234"))
    first, second = reserved(shop, helper="张小三"), reserved(shop, helper=" 张小 三 ")
    third = reserved(shop, helper="张小三")
    for number in (first, second):
        fetch(shop, number, by_helper=True)
    words = refused(app, refusals.HelperLimit, lambda: fetch(shop, third, by_helper=True))
    assert words == "这位代领人这个月已经代领44分，每月最多50分，这份22分要由本户自己来取。"
    fetch(shop, third)
    assert [row.is_by_helper for row in db.session.scalars(sa.select(Reservation).order_by(Reservation.id))] == [
        True, True, False,
    ]  # fmt: skip


def test_nobody_named_and_the_keeper_named(app, shop):
    number = reserved(shop)
    refused(app, refusals.NoHelper, lambda: fetch(shop, number, by_helper=True))
    services.name_helper(shop.village.id, number, shop.keeper.name, key=keys.new(), by=None)
    refused(app, refusals.HelperIsStaff, lambda: fetch(shop, number, by_helper=True))


def test_a_volunteer_brings_it_home(app, shop):
    refused(app, refusals.NoDelivery, lambda: reserve(shop, wants_delivery=True))
    change(shop, home_delivery=True)
    volunteer, other = factories.committee(shop.village), factories.committee(shop.village)
    number = reserved(shop, wants_delivery=True)
    stranger = factories.committee(factories.VillageFactory())

    def hand_to(user):
        return reservation_fetching.hand_out(shop.village.id, number, user.id, key=keys.new(), by=shop.keeper.id)

    refused(app, refusals.NotVolunteer, lambda: hand_to(stranger))
    hand_to(volunteer)
    assert (held(), shop.left(shop.soap)) == (22, 9)
    with clock.set_to(clock.now() + timedelta(days=9)):
        assert reservation_releasing.release_due(shop.village.id) == 0
        refused(
            app, refusals.NotYours,
            lambda: reservation_fetching.deliver(shop.village.id, number, key=keys.new(), by=other.id),
        )  # fmt: skip
        reservation_fetching.deliver(shop.village.id, number, key=keys.new(), by=volunteer.id)
    row = db.session.get(Reservation, number)
    assert (row.state, row.ended_by_id) == ("fetched", volunteer.id)
    assert db.session.get(Order, row.order_id).by_id == shop.keeper.id
    assert (held(), sound()) == (0, [])


def test_what_is_brought_back_too_late_is_released(app, shop):
    change(shop, home_delivery=True)
    number = reserved(shop, wants_delivery=True)
    ACTIONS["hand_out"](shop, number)
    with clock.set_to(clock.now() + timedelta(days=9)):
        assert ACTIONS["bring_back"](shop, number).result["is_released"]
    assert (shop.balance(), held()) == ((128, 40), 0)


def test_two_counters_fetch_one_reservation(app, shop):
    change(shop, reserve_days=30)  # the crowd's clock is the true one
    number, village_id, by = reserved(shop), shop.village.id, shop.keeper.id
    db.session.commit()

    def act(_number):
        try:
            return reservation_fetching.fetch(village_id, number, by_helper=False, key=keys.new(), by=by).result[
                "pieces"
            ]
        except BrokenRule as error:
            return error.code

    answers = crowd.all_at_once(app, act, processes=2, threads=2)
    assert sorted(map(str, answers)) == ["1", "ReservationOver", "ReservationOver", "ReservationOver"], answers
    assert sound() == []


def test_the_last_piece_is_reserved_or_sold_once(app, shop):
    last = factories.stocked(shop.village, 1, by=shop.keeper, name="书包", civility=4)
    piece, village_id, home = shop.piece(last), shop.village.id, shop.household.id
    by, store_id = shop.keeper.id, shop.store.id
    db.session.commit()

    def act(number):
        from virtue.store import services as till

        try:
            if number % 2:
                services.reserve(village_id, home, Wanted((piece,)), key=keys.new(), by=None)
            else:
                till.redeem(village_id, store_id, home, [piece], key=keys.new(), by=by)
        except BrokenRule as error:
            return error.code
        return "had"

    answers = crowd.all_at_once(app, act, processes=2, threads=2)
    assert sorted(answers) == ["OutOfStock", "OutOfStock", "OutOfStock", "had"]
    assert shop.left(last) == 0
    assert sound() == []


def test_goods_are_reserved_and_fetched_at_the_store_where_they_lie(app, page, shop):
    branch = shop_services.add_store(shop.village.id, "二组分店", by=shop.keeper.id)
    batch = db.session.scalar(sa.select(Batch.id).where(Batch.item_id == shop.soap.id))
    transfer_services.give_to_store(shop.village.id, batch, 2, branch, key=keys.new(), by=shop.keeper.id)
    with unchanged(app), pytest.raises(errors.OutOfStock):
        reserve(shop, shop.piece(shop.soap, 3), store_id=branch)
    with unchanged(app), pytest.raises(NotFoundHere):
        reserve(shop, store_id=branch + 999)
    form = page.sign_in(shop.keeper)(f"/households/{shop.household.id}/reserve?store={branch}")
    assert [choice.get_text() for choice in form.select("#store option[selected]")] == ["二组分店"]
    assert [good["id"] for good in form.select("fieldset[id^=good-]")] == [f"good-{shop.soap.id}"]
    asked = page.submit(form.select_one("#reserve"), 200, **{f"qty-{shop.soap.id}-home": "2"})
    assert "在二组分店取。" in asked.text
    done = page.submit(asked.select_one("#confirm"), 303)
    assert "放在二组分店" in page(done.location).words("#goods")
    number = int(done.location.rsplit("/", 1)[1])
    lies = sa.select(Batch.store_id, sa.func.sum(Batch.quantity)).where(Batch.item_id == shop.soap.id)
    assert dict(db.session.execute(lies.group_by(Batch.store_id)).all()) == {shop.store.id: 8, branch: 0}
    assert reservation_queries.held_pieces(branch) == {shop.soap.id: 2}
    with unchanged(app), pytest.raises(refusals.LiesElsewhere) as elsewhere:
        reservation_fetching.fetch(
            shop.village.id, number, by_helper=False, key=keys.new(), by=shop.keeper.id, store_id=shop.store.id
        )
    assert "放在二组分店" in str(elsewhere.value)
    volunteer = factories.committee(shop.village)
    with unchanged(app), pytest.raises(refusals.LiesElsewhere):
        reservation_fetching.hand_out(
            shop.village.id, number, volunteer.id, key=keys.new(), by=shop.keeper.id, store_id=shop.store.id
        )
    reservation_fetching.fetch(
        shop.village.id, number, by_helper=False, key=keys.new(), by=shop.keeper.id, store_id=branch
    )
    assert db.session.scalars(sa.select(Order.store_id)).all() == [branch]
    assert sound() == []
