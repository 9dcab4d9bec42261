"""Stocktakes: blind, by two, while selling goes on; recounted, booked with reasons, signed above a limit."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.store import (
    errors,
    reservation_fetching,
    reservation_services,
    stocktake_errors,
    stocktake_queries,
    stocktake_services,
)
from virtue.store import stocktake_booking_services as booking
from virtue.store.models import Batch, Movement
from virtue.store.reservation_services import Wanted
from virtue.store.stocktake_models import Stocktake, StocktakeCount
from virtue.store.stocktake_states import STEPS, target
from virtue.transactions import atomic

STOCK = {"soap": 10, "salt": 100, "oil": 5}


class Take:
    """A stocktake of a shop, and the two who count."""

    def __init__(self, shop, category=""):
        self.shop = shop
        self.one, self.two = shop.keeper, factories.village_admin(shop.village)
        opened = stocktake_services.open_take(
            shop.village.id, shop.store.id, category, key=keys.new(), by=self.one.id
        )  # fmt: skip
        self.id = opened.result["stocktake_id"]
        self.good = {good.item_id: good.id for good in stocktake_queries.goods_of(self.id)}

    def do(self, step, *args, by, key=None, **options):
        return step(self.shop.village.id, self.id, *args, key=key or keys.new(), by=by.id, **options)

    def join(self, *people):
        for person in people or (self.one, self.two):
            self.do(stocktake_services.join, by=person)
        return self

    def count(self, by, at=None, **numbers):
        found = {self.good[getattr(self.shop, name).id]: number for name, number in numbers.items()}
        return self.do(stocktake_services.count, found, by=by, at=at)

    def hand_in(self, by):
        return self.do(stocktake_services.hand_in, by=by)

    def all_counted(self, one=None, two=None):
        """Both count what the books say, but for what is told otherwise, and hand in."""
        self.join()
        for person, numbers in ((self.one, one), (self.two, two or one)):
            self.count(person, **{**STOCK, **(numbers or {})})
            self.hand_in(person)
        return self

    def recount(self, by, name, number):
        return self.do(stocktake_services.recount, self.good[getattr(self.shop, name).id], number, by=by)

    def propose(self, by, why="货架后面找过", **reasons):
        found = {self.good[getattr(self.shop, name).id]: reason for name, reason in reasons.items()}
        return self.do(booking.propose, found, by=by, why=why)

    @property
    def state(self):
        db.session.expire_all()
        return db.session.get(Stocktake, self.id).state

    def differences(self):
        return {line.good.item.name: line.good.difference for line in stocktake_queries.lines_of(self.id)}


@pytest.fixture
def take(app, shop):
    return Take(shop)


def test_both_find_what_the_books_say(take):
    take.all_counted()
    assert take.state == "compared"
    assert set(take.differences().values()) == {0}
    take.propose(take.two, why="")
    assert take.state == "booked"
    assert db.session.scalars(sa.select(Movement).where(Movement.kind == "counted")).all() == []


def test_a_difference_is_recounted_and_booked_with_its_reason(take, shop):
    take.all_counted({"salt": 97}, {"salt": 98})
    assert take.differences()["食用盐 400g"] is None
    take.recount(take.one, "salt", 97)
    take.propose(take.two, salt="lost")
    assert take.state == "booked"
    moved = db.session.scalars(sa.select(Movement).where(Movement.kind == "counted")).one()
    assert (moved.quantity, moved.before, moved.after, moved.stocktake_id) == (-3, 100, 97, take.id)
    assert shop.left(shop.salt) == 97


def test_pieces_found_are_put_to_the_last_batch(take, shop):
    take.all_counted({"salt": 104})
    take.recount(take.two, "salt", 104)
    take.propose(take.one, salt="typed_wrong")
    assert shop.left(shop.salt) == 104
    assert len(db.session.scalars(sa.select(Batch).where(Batch.item_id == shop.salt.id)).all()) == 1


def test_pieces_found_where_only_expired_ones_lie_make_a_batch(take, shop):
    batch = db.session.scalars(sa.select(Batch).where(Batch.item_id == shop.salt.id)).one()
    batch.best_before = clock.today() - timedelta(days=1)
    db.session.commit()
    take.all_counted({"salt": 101})
    take.recount(take.two, "salt", 101)
    take.propose(take.one, salt="unknown")
    batches = db.session.scalars(sa.select(Batch).where(Batch.item_id == shop.salt.id).order_by(Batch.id)).all()
    assert [(one.source, one.quantity) for one in batches] == [("opening", 100), ("counted", 1)]


def test_what_is_sold_meanwhile_is_no_difference(take, shop):
    take.join()
    take.count(take.one, **STOCK)
    shop.redeem(shop.piece(shop.salt, 4))
    take.count(take.two, soap=10, salt=96, oil=5)
    shop.redeem(shop.piece(shop.salt, 2, "civility"))
    for person in (take.one, take.two):
        take.hand_in(person)
    shop.redeem(shop.piece(shop.salt, 1))
    take.propose(take.two, why="")
    assert set(take.differences().values()) == {0}
    assert shop.left(shop.salt) == 93


def test_a_shortage_stays_one_while_selling_goes_on(take, shop):
    take.join()
    take.count(take.one, soap=10, salt=98, oil=5)
    shop.redeem(shop.piece(shop.salt, 4))
    take.count(take.two, soap=10, salt=94, oil=5)
    for person in (take.one, take.two):
        take.hand_in(person)
    shop.redeem(shop.piece(shop.salt, 1))
    take.recount(take.one, "salt", 93)
    shop.redeem(shop.piece(shop.salt, 3))
    take.propose(take.two, salt="lost")
    assert take.differences()["食用盐 400g"] == -2
    assert shop.left(shop.salt) == 100 - 8 - 2


def test_a_count_on_paper_is_held_against_its_own_moment(take, shop):
    take.join()
    at = clock.now()
    with clock.set_to(at + timedelta(minutes=20)):
        shop.redeem(shop.piece(shop.salt, 4))
    with clock.set_to(at + timedelta(minutes=40)):
        take.count(take.one, at=at + timedelta(minutes=10), salt=100)
        take.count(take.two, at=at + timedelta(minutes=30), salt=96)
        for wrong in (at - timedelta(minutes=10), at + timedelta(minutes=50)):
            with pytest.raises(stocktake_errors.BadCountTime):
                take.count(take.one, at=wrong, salt=100)
    lines = {line.good.item_id: line for line in stocktake_queries.lines_of(take.id)}
    assert lines[shop.salt.id].agrees


def test_the_last_word_before_handing_in_counts(take, shop):
    take.join()
    take.count(take.one, salt=3)
    take.count(take.one, salt=100)
    written = db.session.scalars(sa.select(StocktakeCount)).one()
    assert (written.quantity, written.book, written.place) == (100, 100, 1)


def test_nobody_counts_alone(app, take, shop):
    take.join(take.one, take.one)
    assert len(stocktake_queries.seats_of(take.id)) == 1
    take.count(take.one, **STOCK)
    take.hand_in(take.one)
    assert take.state == "counting"
    with unchanged(app):
        with pytest.raises(stocktake_errors.StillCounting):
            take.propose(take.one, why="")
        with pytest.raises(stocktake_errors.HandedIn):
            take.count(take.one, salt=5)
        with pytest.raises(stocktake_errors.HandedIn):
            take.hand_in(take.one)


def test_two_count_and_no_third(app, take, shop):
    take.join()
    third = factories.committee(shop.village)
    with unchanged(app):
        with pytest.raises(stocktake_errors.CountersFull):
            take.do(stocktake_services.join, by=third)
        with pytest.raises(stocktake_errors.NotACounter):
            take.count(third, salt=5)
        with pytest.raises(stocktake_errors.NotACounter):
            take.hand_in(third)


def test_every_good_gets_a_number(app, take):
    take.join()
    take.count(take.one, soap=10, salt=0)
    with unchanged(app), pytest.raises(stocktake_errors.StillMissing):
        take.hand_in(take.one)


@pytest.mark.parametrize("number", [-1, 100_000])
def test_odd_numbers_are_refused(app, take, number):
    take.join()
    with unchanged(app), pytest.raises(stocktake_errors.BadCount):
        take.count(take.one, salt=number)


def test_the_recount_is_written_by_one_and_booked_by_the_other(app, take):
    take.all_counted({"salt": 97, "oil": 4})
    with unchanged(app):
        with pytest.raises(stocktake_errors.RecountMissing):
            take.propose(take.two, salt="lost", oil="lost")
        with pytest.raises(stocktake_errors.NothingToRecount):
            take.recount(take.one, "soap", 9)
    take.recount(take.one, "salt", 97)
    with unchanged(app), pytest.raises(stocktake_errors.OneRecounts):
        take.recount(take.two, "oil", 4)
    take.recount(take.one, "oil", 5)
    with unchanged(app):
        with pytest.raises(stocktake_errors.OtherCounterBooks):
            take.propose(take.one, salt="lost")
        with pytest.raises(stocktake_errors.ReasonForEach):
            take.propose(take.two)
        with pytest.raises(stocktake_errors.ReasonForEach):
            take.propose(take.two, salt="eaten")
        with pytest.raises(errors.ReasonMissing):
            take.propose(take.two, why=" ", salt="lost")
    take.propose(take.two, salt="lost")
    assert take.differences() == {"洗衣液 2kg": 0, "食用盐 400g": -3, "菜籽油 5L": 0}


@pytest.fixture
def large(take):
    """Salt for 70 yuan is missing, and from 50 on it waits for a signature."""
    take.all_counted({"salt": 80})
    take.recount(take.one, "salt", 80)
    take.propose(take.two, salt="lost")
    return take


def test_above_the_limit_the_supervisor_signs(app, large, shop):
    assert (large.state, shop.left(shop.salt)) == ("to_sign", 100)
    with unchanged(app), pytest.raises(stocktake_errors.CounterMayNotSign):
        large.do(booking.sign, by=large.one)
    watcher = factories.supervisor(shop.village)
    assert stocktake_queries.waiting(shop.village.id, watcher.id).to_sign == 1
    large.do(booking.sign, by=watcher)
    assert (large.state, shop.left(shop.salt)) == ("booked", 80)
    with unchanged(app), pytest.raises(stocktake_errors.TakeOver):
        large.do(booking.sign, by=watcher)


def test_the_supervisor_may_send_it_back(app, large, shop):
    watcher = factories.supervisor(shop.village)
    with unchanged(app), pytest.raises(errors.ReasonMissing):
        large.do(booking.send_back, by=watcher, why="")
    large.do(booking.send_back, by=watcher, why="库房还有一箱")
    large.recount(large.one, "salt", 100)
    large.propose(large.two)
    assert (large.state, shop.left(shop.salt)) == ("booked", 100)


def test_less_is_left_than_is_missing(app, take, shop):
    take.all_counted({"soap": 8})
    take.recount(take.one, "soap", 8)
    for unit in ("home", "civility"):
        shop.redeem(shop.piece(shop.soap, 5 if unit == "home" else 4, unit))
    with unchanged(app), pytest.raises(stocktake_errors.CountNoLongerFits):
        take.propose(take.two, soap="lost")


def test_one_count_of_a_store_at_a_time(app, take, shop):
    where = (shop.village.id, shop.store.id)
    with unchanged(app), pytest.raises(stocktake_errors.TakeAlreadyOpen):
        stocktake_services.open_take(*where, "", key=keys.new(), by=shop.keeper.id)


def test_a_given_up_count_changes_no_stock(app, take, shop):
    take.all_counted({"salt": 80})
    with unchanged(app), pytest.raises(errors.ReasonMissing):
        take.do(stocktake_services.cancel, by=take.one, why=" ")
    take.do(stocktake_services.cancel, by=take.one, why="下雨停电")
    assert (take.state, shop.left(shop.salt)) == ("cancelled", 100)
    Take(shop)


def test_one_category_alone(app, shop):
    take = Take(shop, "粮油")
    assert set(take.good) == {shop.salt.id, shop.oil.id}
    take.do(stocktake_services.cancel, by=take.one, why="试一试")
    with pytest.raises(stocktake_errors.NothingToCount):
        Take(shop, "文具")


def test_counts_of_other_villages_are_not_found(app, take):
    village_id = factories.VillageFactory().id
    other = factories.UserFactory()
    with atomic():
        ledger.lock(village_id)
    with unchanged(app), pytest.raises(NotFoundHere):
        stocktake_services.join(village_id, take.id, key=keys.new(), by=other.id)


@pytest.mark.parametrize("action", sorted(STEPS))
def test_no_step_leads_out_of_an_end(action):
    for end in ("booked", "cancelled"):
        with pytest.raises(stocktake_errors.TakeOver):
            target(action, end)


# ---- pages


def test_two_phones_never_see_each_other_before_both_are_done(page, visitor, shop):
    first, second = page.sign_in(shop.keeper), visitor().sign_in(factories.village_admin(shop.village))
    opened = first.submit(first("/store/count").select_one("form[action='/store/count']"), 303).location
    assert "盘点还缺一个人点" in second("/desk").words("main")
    for phone in (first, second):
        phone.submit(phone(opened).select_one("form[action$='/join']"), 303)
    good = {item.name: number for item, number in _goods(shop, opened).items()}
    for phone, salt in ((first, "97"), (second, "98")):
        for name, number in (("洗衣液 2kg", "10"), ("食用盐 400g", salt), ("菜籽油 5L", "５")):
            form = phone(opened).select_one(f"#take-{good[name]} form")
            phone.submit(form, 303, **{f"n-{good[name]}": number})
        other = second if phone is first else first
        assert salt not in [field.get("value") for field in other(opened).select(".take-row input")]
        assert "账" not in " ".join(phone(opened).words(".take-list").split())
        phone.submit(phone(opened).select_one("form[action$='/hand-in']"), 303)
    seen = first(opened)
    assert [row[1:3] for row in seen.rows("table")] == [
        [f"点97，账100（{_time(opened, 1)}）", f"点98，账100（{_time(opened, 2)}）"]
    ]  # fmt: skip
    first.submit(seen.select_one("form[action$='/recount']"), 303, **{f"n-{good['食用盐 400g']}": "98"})
    assert first(opened).select("form[action$='/propose']") == []
    form = second(opened).select_one("form[action$='/propose']")
    back = second.submit(form, 422, why="找过了")
    assert "请选一个原因" in back.words(".form-error")
    second.submit(back.select_one("form[action$='/propose']"), 303, **{f"reason-{good['食用盐 400g']}": "lost"})
    assert shop.left(shop.salt) == 98
    assert "已入账" in second("/store/count").words("main")


def _goods(shop, address):
    number = int(address.rsplit("/", 1)[1])
    return {good.item: good.id for good in stocktake_queries.goods_of(number)}


def _time(address, place):
    number = int(address.rsplit("/", 1)[1])
    line = next(one for one in stocktake_queries.lines_of(number) if not one.agrees)
    return line.counts[place].counted_at.astimezone(clock.SHANGHAI).strftime("%H:%M")


def test_a_line_goes_back_alone_under_htmx(htmx, page, take, shop):
    take.join()
    page.sign_in(shop.keeper)
    number = take.good[shop.salt.id]
    form = page(f"/store/count/{take.id}").select_one(f"#take-{number} form")
    row = htmx.submit(form, 200, **{f"n-{number}": "99"})
    assert row.select_one(f"#take-{number} input[name=n-{number}]")["value"] == "99"
    assert row.select("form[action$='/hand-in']") == []


@pytest.mark.parametrize(("text", "status"), [("x", 422), ("-1", 422), ("1.5", 422), ("0", 303)])
def test_what_was_typed_wrong_comes_back(page, take, shop, text, status):
    take.join()
    page.sign_in(shop.keeper)
    number = take.good[shop.salt.id]
    form = page(f"/store/count/{take.id}").select_one(f"#take-{number} form")
    back = page.submit(form, status, **{f"n-{number}": text})
    if status == 422:
        assert back.select_one(f"#n-{number}")["value"] == text


def test_a_paper_is_typed_in_with_its_time(app, page, take, shop):
    take.join()
    page.sign_in(shop.keeper)
    sheet = page(f"/store/count/{take.id}/print")
    assert "100" not in sheet.words("table")
    form = page(f"/store/count/{take.id}").select_one("form:has([name=at])")
    now = clock.now().astimezone(clock.SHANGHAI)
    fields = {f"n-{number}": str(STOCK[name]) for name in STOCK for number in [take.good[getattr(shop, name).id]]}
    with unchanged(app):
        page.submit(form, 422, at="25:00", **fields)
    page.submit(form, 303, at=now.strftime("%H:%M"), **fields)
    assert stocktake_queries.uncounted(take.id, 1) == 0


def test_the_supervisor_signs_on_the_page(page, large, shop):
    page.sign_in(factories.supervisor(shop.village))
    assert "盘点等您签字" in page("/desk").words("main")
    page.submit(page(f"/store/count/{large.id}").select_one("form[action$='/sign']"), 303)
    assert shop.left(shop.salt) == 80


def test_who_only_counts_does_not_sign(app, page, visitor, large, shop):
    page.sign_in(shop.keeper)
    with unchanged(app):
        page.post(f"/store/count/{large.id}/sign", {"key": keys.new()}, 403)
    stranger = visitor().sign_in(factories.keeper(factories.VillageFactory()))
    with unchanged(app):
        stranger.get(f"/store/count/{large.id}", 404)
        stranger.post(f"/store/count/{large.id}/join", {"key": keys.new()}, 404)


def test_what_is_set_aside_is_told_and_is_neither_counted_nor_missed(page, shop):
    wanted = Wanted((shop.piece(shop.soap, 3),))
    kept = reservation_services.reserve(shop.village.id, shop.household.id, wanted, key=keys.new(), by=None).result
    take = Take(shop).join()
    counting = page.sign_in(take.one)(f"/store/count/{take.id}")
    assert "预约另放的应有3瓶，不算进来" in counting.words(f"#take-{take.good[shop.soap.id]}")
    assert "预约" not in counting.words(f"#take-{take.good[shop.salt.id]}")
    sheet = page(f"/store/count/{take.id}/print")
    assert [row[5] for row in sheet.rows("table") if row[1] == "洗衣液 2kg"] == ["3 □齐"]
    take.count(take.one, soap=7, salt=100, oil=5)
    reservation_fetching.fetch(
        shop.village.id, kept["reservation_id"], by_helper=False, key=keys.new(), by=shop.keeper.id
    )
    assert "预约" not in page(f"/store/count/{take.id}").words(f"#take-{take.good[shop.soap.id]}")
    take.count(take.two, soap=7, salt=100, oil=5)
    take.hand_in(take.one)
    take.hand_in(take.two)
    lines = stocktake_queries.lines_of(take.id)
    assert [line.agrees for line in lines] == [True, True, True]
    assert {one.book for line in lines if line.good.item_id == shop.soap.id for one in line.counts.values()} == {7}
