"""Phones that open the passbook without the card: remembered, linked by a code, ended; and large type for elders."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.core.models import Audit
from virtue.core.throttle import TooManyTries
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import phone_queries, phone_services
from virtue.people import services as people
from virtue.people.errors import NoPhoneName, TooManyPhones, WrongPhoneCode
from virtue.people.models import PhoneCode, RememberedPhone

OWN, STRANGE = "王*智家的积分", "看我家的积分"
LATER = timedelta(hours=1)
"""When the card's and the PIN's half hour is long over."""


def title(person, after=LATER):
    with clock.set_to(clock.now() + after):
        return person("/passbook").words("h1")


def actions():
    return [action for action in db.session.scalars(select(Audit.action).order_by(Audit.id)) if "phone" in action]


@pytest.fixture
def remembered(page, unlock):
    """The visitor's phone, remembered after card and PIN."""
    unlock()
    page.submit(page("/passbook/phones").select_one("#remember-form"), 303, label=" 儿子的  手机 ")
    return db.session.scalars(select(RememberedPhone)).one()


@pytest.fixture
def code(page, remembered):
    """Eight digits that link one more phone."""
    page.submit(page("/passbook/phones").select_one("#link form"), 303)
    return page("/passbook/phones").words(".fetch-code")


def link(person, code, status=303, label="女儿"):
    return person.submit(person("/passbook/link").select_one("#link-form"), status, code=code, label=label)


def test_a_remembered_phone_shows_what_the_card_alone_shows_for_180_days(app, page, visitor, remembered):
    assert page.post("/passbook/phones", {"label": "再按一次"}).location == "/passbook/phones"
    assert [(phone.label, phone.is_linked) for phone in db.session.scalars(select(RememberedPhone))] == [
        ("儿子的 手机", False)
    ]
    assert remembered.until == clock.today() + timedelta(days=180)
    cookie = next(one for one in page.client._cookies.values() if one.decoded_key == "phone")
    assert (cookie.http_only, cookie.same_site, cookie.max_age) == (True, "Lax", 181 * 24 * 3600)
    assert cookie.value not in repr([tuple(row) for row in db.session.execute(select(RememberedPhone.__table__))])
    # By day 180 the page opens; what needs the PIN asks for it; a day later the card is asked for.
    for days, heading in ((0, OWN), (180, OWN), (181, STRANGE)):
        assert title(page, LATER + timedelta(days=days)) == heading
    with clock.set_to(clock.now() + LATER), unchanged(app):
        soup = page("/passbook")
        assert soup.select("#latest, #more") == []
        assert page("/passbook/history", 303).location == "/passbook/pin"
        assert page.post("/passbook/leave").location == "/passbook/pin"
        assert page.post("/passbook/phones/code").location == "/passbook/pin"
    with clock.set_to(clock.now() + LATER):
        page.submit(page("/passbook/pin").select_one("#pin-form"), 303, pin="270593")
        assert page("/passbook/phones").words("#phones li").count("上次输密码") == 1
        page.submit(page("/passbook").select_one("form[action='/passbook/end']"), 303)
        assert page("/passbook").select("#latest") == []
    assert title(visitor()) == STRANGE
    assert actions() == ["people.remember_phone"]


def test_it_ends_by_household_clerk_new_card_or_reset_pin(page, visitor, remembered, household, card):
    clerk = factories.village_admin(household.village)
    stranger = visitor()
    stranger.sign_in(factories.village_admin(factories.VillageFactory()))
    stranger.post(f"/households/{household.id}/phones/{remembered.id}/end", status=404)
    assert title(page) == OWN
    # With the card lost the phone shows nothing, and it does again when the card is found.
    people.mark_lost(household.village_id, card.id, by=clerk.id)
    assert title(page) == STRANGE
    people.mark_found(household.village_id, card.id, by=clerk.id)
    assert title(page) == OWN
    # Whoever holds the phone may close it without the PIN.
    with clock.set_to(clock.now() + LATER):
        page.submit(page("/passbook").select_one("form[action='/passbook/phones/forget']"), 303)
        assert page("/passbook").words("h1") == STRANGE
    for end in ("household", "clerk", "pin", "card"):
        secret = people.remember_phone(card, end)
        page.client.set_cookie("phone", secret)
        assert title(page) == OWN
        phone = phone_queries.find_phone(secret)
        if end == "household":
            other = factories.HouseholdFactory(grid=household.grid)
            with pytest.raises(NotFoundHere):
                people.end_phone(other.village_id, phone.id, household_id=other.id, by=None)
            people.end_phone(household.village_id, phone.id, household_id=household.id, by=None)
        elif end == "clerk":
            desk = visitor()
            desk.sign_in(clerk)
            form = desk(f"/households/{household.id}").select_one("#household-phones form")
            desk.submit(form, 303)
            assert db.session.get(RememberedPhone, phone.id).ended_by_id == clerk.id
        elif end == "pin":
            people.reset_pin(household.village_id, household.id, by=clerk.id)
        else:
            people.reissue(household.village_id, card.id, key=keys.new(), by=clerk.id)
        assert title(page) == STRANGE
    assert phone_queries.phones_of(household.id) == []


def test_a_code_links_one_phone_once_within_ten_minutes(app, page, visitor, code, household):
    son = visitor()
    assert link(son, f"{code[:4]}　{code[5:]}").location == "/passbook"
    assert title(son) == OWN
    assert son("/passbook/history", 303).location == "/passbook/pin"
    # Once: the same code again, and from another phone.
    for person in (son, visitor()):
        assert "连接码不对" in link(person, code, 422).words("#link-form")
    assert title(visitor()) == STRANGE
    with clock.set_to(clock.now() + timedelta(minutes=1)):
        page.submit(page("/passbook/phones").select_one("#link form"), 303)
        old = page("/passbook/phones").words(".fetch-code")
        page.submit(page("/passbook/phones").select_one("#link form"), 303)
        new = page("/passbook/phones").words(".fetch-code")
        assert "连接码不对" in link(visitor(), old, 422).words("#link-form")
        made = db.session.scalars(select(PhoneCode)).all()
    with clock.set_to(made[-1].until):
        assert "连接码不对" in link(visitor(), new, 422).words("#link-form")
        assert page("/passbook/phones").select(".fetch-code") == []
    assert [phone.label for phone in phone_queries.phones_of(household.id)] == ["女儿", "儿子的 手机"]
    assert actions().count("people.link_phone") == 1
    assert new.replace(" ", "") not in repr([tuple(row) for row in db.session.execute(select(PhoneCode.__table__))])
    # What was typed stands there still.
    soup = link(visitor(), "1234", 422, label="女儿")
    assert [field["value"] for field in soup.select("#link-form input:not([type=hidden])")] == ["1234", "女儿"]


def test_codes_cannot_be_guessed_and_phones_are_few(app, page, code, household, card):
    with unchanged(app), pytest.raises(NoPhoneName):
        people.link_phone(code, " " * 5, address="9")
    for _ in range(phone_services.FREE_CODES):
        with pytest.raises(WrongPhoneCode):
            people.link_phone("12345674", "x", address="9")
    with unchanged(app), pytest.raises(TooManyTries):
        people.link_phone(code, "x", address="9")
    people.link_phone(code, "x", address="8")
    while len(phone_queries.phones_of(household.id)) < phone_services.MOST:
        people.remember_phone(card, "x")
    for refused in (lambda: people.remember_phone(card, "x"), lambda: people.make_phone_code(card)):
        with unchanged(app), pytest.raises(TooManyPhones):
            refused()
    with unchanged(app), pytest.raises(NoPhoneName):
        people.remember_phone(card, "长" * 21)
    with unchanged(app):
        assert page.post("/passbook/phones/code", status=422).words(".form-error").startswith("已经记住了10台手机")


def test_large_type_stays_on_the_phone_and_says_what_there_is(app, page, scan, card, household):
    factories.give(household, home=128, civility=40)
    with unchanged(app):
        form = scan(card).select_one("form[action='/passbook/elder/on']")
        page.submit(form, 303)
    soup = page("/passbook")
    assert soup.select_one("html.is-elder")
    assert soup.words("#have").startswith("家美积分能兑换 128 分 文明积分能兑换 40 分")
    assert [one["href"] if one.name == "a" else one["data-read"] for one in soup.select(".pb-two .btn")] == [
        "/passbook#have", "#have, #main",
    ]  # fmt: skip
    assert page("/passbook?all=1").words("#home-balance") == "128"
    assert page("/passbook/pin").select_one("html.is-elder")
    page.submit(page("/passbook").select_one("form[action='/passbook/elder/off']"), 303)
    assert page("/passbook").select("html.is-elder") == []
    page.post("/passbook/elder/other", status=404)
