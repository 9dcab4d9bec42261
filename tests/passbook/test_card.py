"""A card's address: what it opens, what it says when something is the matter, what it never tells."""

import logging
from datetime import timedelta

import pytest

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.people import codes
from virtue.people import services as people


def digits(card):
    return factories.digits_of(card)


def test_it_leads_to_the_passbook_and_stores_nothing(app, page, household, card):
    with unchanged(app):
        response = page(f"/c/{digits(card)}", 303).response
    assert response.headers["Location"] == "/passbook"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("card=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=1800" in cookie
    assert digits(card) not in cookie
    assert page("/passbook").words("h1") == "王*智家的积分"


@pytest.mark.parametrize("shape", ["{0}%20", "{0}/", "{1}", "{1}/"])
def test_it_is_read_loosely(page, card, shape):
    number = digits(card)
    grouped = "%20".join(number[at : at + 5] for at in range(0, 20, 5))
    assert page(f"/C/{shape.format(number, grouped)}", 303).location == "/passbook"


def test_full_width_digits_and_a_whole_address_can_be_typed(page, card):
    number = digits(card)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number)
    for typed in (wide, f"http://localhost:8000/C/{number}", "-".join([number[:10], number[10:]])):
        form = page("/passbook").select_one("#card-form") or page("/").select_one("#card-form")
        assert page.submit(form, 303, code=typed).location == "/passbook"


def test_no_page_log_or_referer_tells_the_digits(page, card, caplog):
    number = digits(card)
    with caplog.at_level(logging.INFO, logger="virtue.request"):
        response = page(f"/c/{number}", 303).response
    assert number not in response.text
    assert number not in str(response.headers)
    assert [record for record in caplog.records if number in str(record.__dict__)] == []
    people.mark_lost(card.village_id, card.id, by=factories.village_admin(card.household.village).id)
    with caplog.at_level(logging.INFO, logger="virtue.request"):
        lost = page(f"/c/{number}", 422)
    assert number not in lost.response.text
    assert lost.response.headers["Referrer-Policy"] == "no-referrer"
    assert [record for record in caplog.records if number in str(record.__dict__)] == []


def test_a_lost_card_says_so_and_what_to_do(app, page, card):
    people.mark_lost(card.village_id, card.id, by=factories.village_admin(card.household.village).id)
    with unchanged(app):
        soup = page(f"/c/{digits(card)}", 422)
    assert soup.words("#card-error h2") == "这张卡已挂失"
    assert "积分都还在" in soup.words("#card-error p")
    assert "Set-Cookie" not in soup.response.headers or "card=" not in soup.response.headers["Set-Cookie"]


def test_a_replaced_card_says_so_at_once(app, page, card):
    clerk = factories.village_admin(card.household.village)
    people.reissue(card.village_id, card.id, key=keys.new(), by=clerk.id)
    with unchanged(app):
        soup = page(f"/c/{digits(card)}", 422)
    assert soup.words("#card-error h2") == "这张卡已换新卡"


def test_an_ended_card_says_so(page, card):
    people.end_card(card.village_id, card.id, by=factories.village_admin(card.household.village).id)
    assert page(f"/c/{digits(card)}", 422).words("#card-error h2") == "这张卡已注销"


def test_an_unknown_card_gets_a_clear_sentence(app, page, village):
    body = "1234567890123456789"
    with unchanged(app):
        soup = page(f"/c/{body}{codes.check_digit(body)}", 422)
    assert soup.words("#card-error h2") == "没有这张卡"


@pytest.mark.parametrize("typed", ["12345", "", "abc", "一二三", "3141592653589793238", "9" * 400])
def test_what_is_no_card_gets_a_clear_sentence_and_is_kept(app, page, village, typed):
    form = page("/passbook").select_one("#card-form")
    with unchanged(app):
        soup = page.submit(form, 422, code=typed)
    assert soup.words("#card-error h2") == "卡号不对"
    assert soup.select_one("#scan-code")["value"] == typed


def test_guessing_is_slowed_down(app, page, card):
    body = 1000000000000000000
    for number in range(30):
        guess = str(body + number)
        page(f"/c/{guess}{codes.check_digit(guess)}", 422)
    assert page(f"/c/{digits(card)}", 429).words("#card-error").startswith("试错的次数太多")
    with clock.set_to(clock.now() + timedelta(minutes=2)):
        assert page(f"/c/{digits(card)}", 303).location == "/passbook"


def test_the_card_is_forgotten_after_half_an_hour(page, scan, card):
    scan(card)
    with clock.set_to(clock.now() + timedelta(minutes=31)):
        soup = page("/passbook")
    assert soup.words("h1") == "看我家的积分"
    assert "半小时" in soup.words("#card-stale")


def test_a_forged_cookie_opens_nothing(page, card):
    page.client.set_cookie("card", f"[{card.id},1]")
    assert page("/passbook").words("h1") == "看我家的积分"


def test_a_card_lost_meanwhile_closes_the_passbook(page, scan, card):
    scan(card)
    people.mark_lost(card.village_id, card.id, by=factories.village_admin(card.household.village).id)
    assert page("/passbook").words("h1") == "看我家的积分"


def test_the_end_leaves_nothing_for_the_next_person(page, scan, card):
    soup = scan(card)
    assert soup.response.headers["Cache-Control"] == "no-store"
    assert page.submit(soup.select_one("form[action='/passbook/end']"), 303).location == "/passbook"
    assert page("/passbook").words("h1") == "看我家的积分"


@pytest.mark.parametrize(
    ("roles", "target"), [(["committee"], "/award"), (["keeper"], "/till"), (["supervisor"], "/passbook")]
)
def test_staff_land_where_they_work(page, card, roles, target):
    page.sign_in(factories.staff_of(card.household.village, *roles))
    assert page(f"/c/{digits(card)}", 303).location == target


def test_with_both_hats_one_is_asked_which(page, card):
    page.sign_in(factories.staff_of(card.household.village, "committee", "keeper"))
    soup = page(f"/c/{digits(card)}")
    assert [link["href"] for link in soup.select("a.btn-big")] == ["/award", "/till"]
    assert digits(card) not in soup.response.text
