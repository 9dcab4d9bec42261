"""Baskets are parked with a tap and taken up within the hour by any keeper of the store, once; nothing is held for them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import unchanged
from tests.store.test_till_pages import fill, qty, scan
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.store import parked_queries, parked_services
from virtue.store.errors import EmptyBasket
from virtue.store.models import Store
from virtue.store.parked_errors import TooManyParked
from virtue.store.parked_models import ParkedBasket


@pytest.fixture
def keeper(page, shop):
    return page.sign_in(shop.keeper)


def put(shop, household=True, key=None, quantity=2):
    """The keeper parks two bottles, for the household or before its card was scanned."""
    who = (shop.household.id, shop.card.id) if household else None
    fields = [("unit", "home"), (f"qty-{shop.soap.id}", str(quantity))]
    pieces = [shop.piece(shop.soap, quantity)] if quantity else []
    return parked_services.park(
        shop.village.id, shop.store.id, who, fields, pieces, key=key or keys.new(), by=shop.keeper.id
    )


def take(shop, parked_id, by=None, key=None):
    who = by or shop.keeper
    return parked_services.take_up(shop.village.id, shop.store.id, parked_id, key=key or keys.new(), by=who.id)


def test_a_basket_is_parked_once_and_holds_nothing(app, shop):
    key = keys.new()
    first = put(shop, key=key)
    with unchanged(app):
        again = put(shop, key=key)
    assert (again.result, again.is_repeat) == (first.result, True)
    put(shop, household=False)
    assert [(row.tail, row.pieces) for row in parked_queries.waiting(shop.store.id)] == [("0147", 2), (None, 2)]
    assert (shop.balance(), shop.left(shop.soap)) == ((128, 40), 10)
    with unchanged(app), pytest.raises(EmptyBasket):
        put(shop, quantity=0)
    db.session.execute(sa.insert(ParkedBasket), [
        {"village_id": shop.village.id, "store_id": shop.store.id, "contents": [], "pieces": 1, "by_id": shop.keeper.id,
         "parked_at": clock.now()}
    ] * 18)  # fmt: skip
    db.session.commit()
    with unchanged(app), pytest.raises(TooManyParked):
        put(shop)


def test_it_is_taken_up_once_also_when_the_answer_was_lost(app, shop):
    parked_id, key = put(shop).result["parked_id"], keys.new()
    first = take(shop, parked_id, key=key)
    assert first.result == {
        "household_id": shop.household.id, "card_id": shop.card.id, "is_checked": True,
        "fields": [["unit", "home"], [f"qty-{shop.soap.id}", "2"]],
    }  # fmt: skip
    with unchanged(app):
        assert take(shop, parked_id, key=key).result == first.result
    assert parked_queries.waiting(shop.store.id) == []


def test_an_hour_later_it_is_gone_and_the_days_run_sweeps_it(app, shop):
    old = put(shop).result["parked_id"]
    with clock.set_to(clock.now() + timedelta(minutes=59)):
        assert [row.id for row in parked_queries.waiting(shop.store.id)] == [old]
        young = put(shop).result["parked_id"]
    with clock.set_to(clock.now() + timedelta(hours=1)):
        assert [row.id for row in parked_queries.waiting(shop.store.id)] == [young]
        assert app.test_cli_runner().invoke(args=["virtue", "daily"]).exit_code == 0
    assert db.session.scalars(sa.select(ParkedBasket.id)).all() == [young]


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
def test_the_till_parks_and_goes_on(keeper, shop, is_htmx):
    visitor = keeper.with_htmx() if is_htmx else keeper
    data = fill(scan(visitor, shop), **qty(shop.soap, "2"))
    parked = visitor.post("/till/park", data, 200 if is_htmx else 303)
    assert parked.location == "/till"
    till = keeper("/till")
    assert "暂存不占货" in till.words("#messages")
    form = till.select_one(".till-parked form")
    assert form.select_one("button").text.startswith("尾号 0147 · 2 件 · ")
    served = keeper(keeper.submit(form, 303).location)
    assert served.words("#till-name") == "王*智家"
    assert served.select_one(f"[name=qty-{shop.soap.id}]")["value"] == "2"
    assert keeper("/till").select(".till-parked") == []


def test_another_keeper_checks_the_name_and_comes_too_late_for_the_second_time(app, keeper, shop):
    data = fill(scan(keeper, shop), **qty(shop.soap, "1"))
    keeper.post("/till/park", data)
    keeper.post("/till/park", {"unit": "home", "key": keys.new(), **qty(shop.salt, "3")})
    db.session.execute(sa.update(ParkedBasket).where(ParkedBasket.card_id.is_not(None)).values(card_id=None))
    db.session.commit()
    other = type(keeper)(keeper.app).sign_in(factories.keeper(shop.village))
    forms = other("/till").select(".till-parked form")
    assert [form.select_one("button").text.split(" · ")[0] for form in forms] == ["尾号 0147", "还没刷卡"]
    asked = other(other.submit(forms[0], 303).location)
    assert asked.words(".till-pay strong") == "没有刷卡，请当面问一声：是王*智家、尾号0147吗？"
    early = other(other.submit(forms[1], 303).location)
    assert early.select_one(f"[name=qty-{shop.salt.id}]")["value"] == "3"
    with unchanged(app):
        late = keeper.post(forms[0]["action"], {"key": keys.new()}, 409)
    assert late.words("#scan-code-error") == "这一篮已经有人接着办了。"


def test_what_is_wrong_or_foreign(app, keeper, shop):
    data = fill(scan(keeper, shop), **qty(shop.soap, "x"))
    abroad = Store(village_id=shop.village.id, name="二店")
    db.session.add(abroad)
    db.session.commit()
    row = {"village_id": shop.village.id, "store_id": abroad.id, "contents": [], "pieces": 1, "by_id": shop.keeper.id}
    foreign = db.session.execute(sa.insert(ParkedBasket).returning(ParkedBasket.id), {**row, "parked_at": clock.now()})
    number = foreign.scalar_one()
    db.session.commit()
    with unchanged(app):
        wrong = keeper.post("/till/park", data, 422)
        keeper.post("/till/park", {**data, "who": "forged"}, 422)
        keeper.post(f"/till/parked/{number}/take-up", {"key": keys.new()}, 404)
    assert wrong.words(".form-error").startswith("数量要填1到")
    assert wrong.select_one(f"[name=qty-{shop.soap.id}]")["value"] == "x"
    old = put(shop).result["parked_id"]
    with clock.set_to(clock.now() + timedelta(minutes=61)), unchanged(app):
        over = keeper.post(f"/till/parked/{old}/take-up", {"key": keys.new()}, 409)
    assert over.words("#scan-code-error").startswith("暂存满一小时")
