"""The passbook reserves with the PIN, shows the code, and gives up; the counter hands over. All without scripts."""

import sqlalchemy as sa

from tests import factories
from tests.pages import Visitor, unchanged
from virtue.core import settings
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people import codes
from virtue.store.models import Order
from virtue.store.reservation_models import Reservation
from virtue.store.wish_models import Wish
from virtue.transactions import atomic


def stock(household):
    keeper = factories.keeper(household.village, name="何管理员")
    soap = factories.stocked(household.village, 10, by=keeper, name="洗衣液 2kg", measure="瓶", home=22, civility=5)
    factories.give(household, home=60, civility=12)
    return keeper, soap


def put_aside(page, soap, **fields):
    """Fill in the form and confirm; gives the page it leads to."""
    form = page("/passbook/reserve").select_one("#reserve")
    confirm = page.submit(form, 200, **fields).select_one("#confirm")
    assert page.submit(confirm, 303).location == "/passbook/reservations"
    return page("/passbook/reservations")


def test_a_household_reserves_and_the_counter_hands_over(app, page, unlock, household):
    keeper, soap = stock(household)
    unlock()
    form = page("/passbook/reserve").select_one("#reserve")
    asked = page.submit(form, 200, **{f"qty-{soap.id}-home": "1", f"qty-{soap.id}-civility": "2"}, helper="张小三")
    assert "先留 22 家美积分，余 38" in asked.words("#confirm")
    assert "先留 10 文明积分，余 2" in asked.words("#confirm")
    page.submit(asked.select_one("#confirm"), 303)
    shown = page("/passbook/reservations")
    row = db.session.scalars(sa.select(Reservation)).one()
    spoken = codes.spoken_fetch(codes.derive_fetch(row))
    assert shown.words(".fetch-code") == spoken
    assert shown.select_one(".reservation svg.qr") is not None
    assert "张小三可以代领。" in shown.words(f"#reservation-{row.id}")
    assert page("/passbook").words("#reserved") == "有 1 份预约等您来取，点这里看取货码"
    counter = Visitor(app).sign_in(keeper)
    found = counter("/store/reservations", 303, query_string={"q": spoken})
    assert found.location == f"/store/reservations/{row.id}"
    form = counter(found.location).select_one("#fetch")
    assert counter.submit(form, 303, who="helper").location == found.location
    order = db.session.scalars(sa.select(Order)).one()
    assert "预约，张小三代领" in counter(f"/till/slip/{order.id}").words(".slip")
    assert "取走预约 洗衣液 2kg 3 件" in page("/passbook/history").words()
    assert ledger.balance(household.id).home == 38
    for title in ("预约 洗衣液 2kg 3 件", "留到"):
        assert title in page("/passbook/history").words()
    assert "预约留着的" in page("/passbook/balance/home").words()


def test_the_till_s_own_field_takes_the_code(app, page, unlock, household):
    keeper, soap = stock(household)
    unlock()
    put_aside(page, soap, **{f"qty-{soap.id}-home": "1"})
    row = db.session.scalars(sa.select(Reservation)).one()
    digits = codes.derive_fetch(row)
    counter = Visitor(app).sign_in(keeper)
    form = counter("/till").select_one("#find")
    answer = counter.submit(form, 303, code=f"HTTP://192.168.1.9:8000/F/{digits}")
    assert answer.location.startswith("/store/reservations?q=")
    assert counter(answer.location, 303).location == f"/store/reservations/{row.id}"
    assert counter(f"/F/{digits}", 303).location == f"/store/reservations?q={digits}"
    assert page(f"/F/{digits}", 303).location == "/passbook"
    wrong = counter("/store/reservations", 422, query_string={"q": "1234 5678"})
    assert "没有这个取货码" in wrong.words(".form-error")


def test_a_refused_form_keeps_what_was_typed(app, page, unlock, household):
    _keeper, soap = stock(household)
    unlock()
    form = page("/passbook/reserve").select_one("#reserve")
    name = f"qty-{soap.id}-home"
    with unchanged(app):
        back = page.submit(form, 422, **{name: "4"}, helper="张小三")
    assert back.select_one(f"[name={name}]")["value"] == "4"
    assert back.select_one("[name=helper]")["value"] == "张小三"
    assert back.words(".form-error") == "家美积分不够：还有 60 分，要 88 分。"
    assert page.submit(form, 422, **{name: "x"}).select_one(f"[name={name}]")["aria-invalid"] == "true"


def test_giving_up_and_naming_a_helper(app, page, unlock, household):
    _keeper, soap = stock(household)
    unlock()
    shown = put_aside(page, soap, **{f"qty-{soap.id}-home": "1"})
    row = db.session.scalars(sa.select(Reservation)).one()
    form = shown.select_one(f"form[action='/passbook/reservations/{row.id}/helper']")
    page.submit(form, 303, helper="李四")
    assert "李四可以代领。" in page("/passbook/reservations").words()
    cancel = page("/passbook/reservations").select_one(f"form[action='/passbook/reservations/{row.id}/cancel']")
    page.submit(cancel, 303)
    assert ledger.balance(household.id).home == 60
    assert page("/passbook/reservations").words("#none").startswith("现在没有留着的预约。")


def test_without_the_pin_only_a_count(page, scan, unlock, household, card, app):
    _keeper, soap = stock(household)
    unlock()
    put_aside(page, soap, **{f"qty-{soap.id}-home": "1"})
    stranger = Visitor(app)
    assert scan(card, stranger).words("#reserved") == "有 1 份预约等您来取，输密码看取货码"
    assert stranger("/passbook/reservations", 303).location == "/passbook/pin"
    assert stranger("/passbook/reserve", 303).location == "/passbook/pin"


def test_another_household_s_reservation_is_not_there(app, page, unlock, household):
    _keeper, soap = stock(household)
    unlock()
    put_aside(page, soap, **{f"qty-{soap.id}-home": "1"})
    row = db.session.scalars(sa.select(Reservation)).one()
    row.household_id = factories.HouseholdFactory(grid=household.grid).id
    db.session.commit()
    with unchanged(app):
        page.post(f"/passbook/reservations/{row.id}/cancel", status=404)


def test_the_desk_reserves_for_somebody_and_a_volunteer_brings_it(app, page, household):
    keeper, soap = stock(household)
    with atomic():
        settings.change("home_delivery", True, household.village_id)
    helper = factories.committee(household.village, name="吴网格")
    clerk = factories.village_admin(household.village)
    desk, counter, volunteer = (Visitor(app).sign_in(user) for user in (clerk, keeper, helper))
    found = desk("/store/reservations", query_string={"q": household.tail})
    assert found.select_one(f"a[href='/households/{household.id}/reserve']") is not None
    volunteer(f"/households/{household.id}/reserve", 403)
    form = desk(f"/households/{household.id}/reserve").select_one("#reserve")
    confirm = desk.submit(form, 200, **{f"qty-{soap.id}-home": "1"}, delivery="1").select_one("#confirm")
    address = desk.submit(confirm, 303).location
    assert "代为预约" in desk(address).words("#goods")
    assert "预约要送到家" in counter("/desk").words()
    counter.submit(counter(address).select_one("#hand-out"), 303, volunteer=str(helper.id))
    shown = volunteer("/store/to-bring")
    assert "第三网格 · 王*智家 尾号 0147" in shown.words("section.card h2")
    assert "您要送到家的" in volunteer("/desk").words()
    number = db.session.scalars(sa.select(Reservation.id)).one()
    form = shown.select_one(f"form[action='/store/reservations/{number}/deliver']")
    assert volunteer.submit(form, 303).location == "/store/to-bring"
    assert "吴网格送到家" in counter(address).words("#goods")


def test_three_wishes_counted_and_never_by_whom(app, page, unlock, household):
    keeper, soap = stock(household)
    unlock()
    form = page("/passbook/wishes").select_one("#wish")
    page.submit(form, 303, item=str(soap.id))
    for words, said in (("电话 139 0000 1234", "号码"), ("肥", "2到20个字"), ("洗衣机" * 9, "2到20个字")):
        form = page("/passbook/wishes").select_one("#wish")
        with unchanged(app):
            back = page.submit(form, 422, words=words)
        assert said in back.words(".form-error")
        assert back.select_one("[name=words]")["value"] == words
    for words in ("电饭锅", "500ml 水杯"):
        page.submit(page("/passbook/wishes").select_one("#wish"), 303, words=words)
    assert page("/passbook/wishes").select_one("#wish") is None
    shown = Visitor(app).sign_in(keeper)("/store/wishes")
    assert [row[:2] for row in shown.rows("table")] == [["500ml 水杯", "1"], ["洗衣液 2kg", "1"], ["电饭锅", "1"]]
    assert "王" not in shown.words("table")
    page.submit(page("/passbook/wishes").select("#wishes form")[0], 303)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Wish)) == 2
