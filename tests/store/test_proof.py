"""Above the village's amount the household's PIN, or a second person beside the keeper; the server decides from its prices."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.pages import unchanged
from tests.store.test_till_pages import fill, qty, scan
from virtue.core import keys, settings, throttle
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.people import pin_services
from virtue.people.errors import WrongPin
from virtue.people.models import Recusal
from virtue.store import proof_queries, proof_services
from virtue.store.models import Order
from virtue.store.proof_errors import ProofNeeded, SecondIsKeeper, SecondIsKin, WrongSecond
from virtue.store.proof_models import OrderProof
from virtue.transactions import atomic


@pytest.fixture
def strict(shop):
    """The shop in a village that wants the PIN from 20 points on."""
    with atomic():
        settings.change("pin_from_points", 20, shop.village.id)
    return shop


@pytest.fixture
def second(strict):
    """The women's chair, who has changed her first password."""
    return factories.committee(strict.village, name="妇联赵主任")


def proofs():
    return db.session.execute(sa.select(OrderProof.order_id, OrderProof.kind, OrderProof.second_id)).all()


def by_pin(shop, pin=None):
    return proof_services.by_pin(shop.household.id, pin or factories.pin_of(shop.household), by=shop.keeper.id)


def by_second(shop, user, password=factories.PASSWORD):
    return proof_services.by_second(shop.village.id, user.username, password, by=shop.keeper.id)


def test_a_big_basket_needs_a_proof_and_keeps_it(app, strict, second):
    with unchanged(app), pytest.raises(ProofNeeded) as refused:
        strict.redeem(strict.piece(strict.soap))
    assert str(refused.value) == "满20分的兑换，要这一户输密码，或请另一位工作人员在场确认。"
    small = strict.redeem(strict.piece(strict.salt, 6)).result["order_id"]
    pinned = strict.redeem(strict.piece(strict.soap), proof=by_pin(strict)).result["order_id"]
    seconded = strict.redeem(strict.piece(strict.soap), proof=by_second(strict, second)).result["order_id"]
    assert proofs() == [(pinned, "pin", None), (seconded, "second", second.id)]
    assert proof_queries.proofs_of([small, pinned, seconded]) == {pinned: None, seconded: "妇联赵主任"}
    trail = db.session.execute(
        sa.select(Audit.subject_id, Audit.details).where(Audit.action == "store.redeem").order_by(Audit.id)
    ).all()
    kept = [(row.subject_id, row.details.get("proof"), row.details.get("second")) for row in trail if row.subject_id]
    assert kept == [(small, None, None), (pinned, "pin", None), (seconded, "second", second.id)]


def test_a_proof_can_neither_be_changed_nor_taken_away(app, strict):
    order_id = strict.redeem(strict.piece(strict.soap), proof=by_pin(strict)).result["order_id"]
    attempts = ["UPDATE order_proof SET kind = 'second', second_id = 1", "DELETE FROM order_proof"]
    is_lite = db.engine.dialect.name == "sqlite"
    attempts.append("REPLACE INTO order_proof SELECT * FROM order_proof" if is_lite else "TRUNCATE order_proof")
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
            connection.exec_driver_sql(attempt)
    assert proofs() == [(order_id, "pin", None)]


def test_dividing_a_basket_over_both_units_doesnt_slip_under_the_amount(app, strict):
    with unchanged(app), pytest.raises(ProofNeeded):
        strict.redeem(strict.piece(strict.oil, 1), strict.piece(strict.salt, 1, "civility"))


def test_the_same_key_is_the_same_sale_also_with_a_proof(app, strict):
    key, piece = keys.new(), strict.piece(strict.soap)
    first = strict.redeem(piece, key=key, proof=by_pin(strict))
    with unchanged(app):
        again = strict.redeem(piece, key=key, proof=by_pin(strict))
    assert (again.result, again.is_repeat) == (first.result, True)


def test_what_was_looked_at_must_still_hold_under_the_lock(app, strict, second):
    pinned, seconded = by_pin(strict), by_second(strict, second)
    pin_services.choose_pin(strict.household.id, "270593")
    second.is_active = False
    db.session.commit()
    for proof, refusal in ((pinned, WrongPin), (seconded, WrongSecond)):
        with unchanged(app), pytest.raises(refusal):
            strict.redeem(strict.piece(strict.soap), proof=proof)


def test_who_may_stand_beside_the_keeper(app, strict, second):
    abroad = factories.committee(factories.VillageFactory())
    fresh = factories.committee(strict.village, must_change_password=True)
    for user in (abroad, fresh):
        with unchanged(app), pytest.raises(WrongSecond):
            by_second(strict, user)
    with unchanged(app), pytest.raises(SecondIsKeeper):
        by_second(strict, strict.keeper)
    db.session.add(
        Recusal(
            village_id=strict.village.id,
            user_id=second.id,
            household_id=strict.household.id,
            relation="sibling",
            declared_at=factories.clock.now(),
        )
    )
    db.session.commit()
    with unchanged(app), pytest.raises(SecondIsKin):
        strict.redeem(strict.piece(strict.soap), proof=by_second(strict, second))


def test_wrong_words_are_counted(app, strict, second):
    for wrong in (lambda: by_second(strict, second, "wrong"), lambda: by_pin(strict, "000000")):
        for _try in range(5):
            with pytest.raises((WrongSecond, WrongPin)):
                wrong()
        with pytest.raises(throttle.TooManyTries):
            wrong()


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
def test_the_till_asks_for_the_pin_at_the_field_and_keeps_the_basket(app, page, strict, is_htmx):
    keeper = page.sign_in(strict.keeper)
    visitor = keeper.with_htmx() if is_htmx else keeper
    till = scan(visitor, strict)
    with unchanged(app):
        asked = visitor.post("/till/redeem", fill(till, shown="yes", **qty(strict.soap, "1")), 200)
    assert asked.words("#proof legend") == "满20分，要这一户输密码"
    assert asked.words(".till-words") == "王*智家减 22 家美积分，余 106"
    form = asked.select_one("form#basket")
    with unchanged(app):
        wrong = visitor.submit(form, 422, pin="000000")
    assert wrong.words("#proof-pin-error") == "密码不对。忘了可以到村委会重置。"
    assert wrong.select_one("#proof-pin").get("value", "") == ""
    kept = wrong.select_one("form#basket")
    assert kept.select_one(f"[name=qty-{strict.soap.id}]")["value"] == "1"
    assert kept.select_one("[name=key]")["value"] == form.select_one("[name=key]")["value"]
    sold = visitor.submit(kept, 200 if is_htmx else 303, pin=factories.pin_of(strict.household))
    done = sold if is_htmx else visitor(sold.location)
    assert done.words(".till-said") == "已兑换，22分"
    assert strict.balance() == (106, 40)
    assert [(kind, second_id) for _order, kind, second_id in proofs()] == [("pin", None)]


def test_a_second_person_signs_at_the_till(app, page, strict, second):
    keeper = page.sign_in(strict.keeper)
    till = scan(keeper, strict)
    asked = keeper.post("/till/basket", fill(till, **qty(strict.soap, "1")), 200)
    form = asked.select_one("form#basket")
    with unchanged(app):
        none = keeper.submit(form, 422)
        wrong = keeper.submit(form, 422, second=second.username, second_password="wrong")
    assert none.words("#proof-pin-error").startswith("满20分的兑换")
    assert wrong.words("#proof-second-error").startswith("用户名或密码不对")
    assert wrong.select_one("#proof-second")["value"] == second.username
    sold = keeper.submit(
        wrong.select_one("form#basket"), 303, second=second.username, second_password=factories.PASSWORD
    )
    order = db.session.scalars(sa.select(Order)).one()
    assert sold.location == f"/till?done={order.id}"
    assert "在场确认：妇联赵主任" in keeper(f"/till/slip/{order.id}").words(".slip")
    assert "在场确认：妇联赵主任" in keeper("/store/orders").words("tbody")
    small = scan(keeper, strict)
    asked = keeper.post("/till/basket", fill(small, **qty(strict.salt, "1")), 200)
    assert asked.select("#proof") == []
