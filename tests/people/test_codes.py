"""Codes: 20 digits with a check digit, derived and never stored; what may be typed for them."""

from dataclasses import dataclass

import pytest

from virtue.people import codes, qr


@pytest.fixture
def database():
    return "sqlite"


@dataclass
class Card:
    id: int = 7
    version: int = 1
    key_number: int = 1


def test_code_is_20_digits_with_luhn(app):
    code = codes.derive(Card())
    assert len(code) == 20
    assert codes.is_card_code(code)


def test_code_is_derived_again_the_same(app):
    assert codes.derive(Card()) == codes.derive(Card())


def test_code_changes_with_card_version_and_key(app):
    first = codes.derive(Card())
    others = {codes.derive(Card(id=8)), codes.derive(Card(version=2))}
    app.config["VIRTUE_CARD_KEY"] = "another" * 10
    others.add(codes.derive(Card()))
    assert len(others | {first}) == 4


def test_index_does_not_give_the_code_away(app):
    code = codes.derive(Card())
    assert code not in codes.code_hmac(code)
    assert len(codes.code_hmac(code)) == 64
    assert codes.hmacs(code) == [codes.code_hmac(code)]


@pytest.mark.parametrize(
    ("body", "digit"), [("7992739871", "3"), ("0000000000000000000", "0"), ("3141592653589793238", "9")]
)
def test_check_digit(body, digit):
    assert codes.check_digit(body) == digit


@pytest.mark.parametrize("place", range(20))
def test_every_wrong_digit_is_seen(place):
    code = "31415926535897932389"
    wrong = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
    assert codes.is_card_code(code)
    assert not codes.is_card_code(wrong)


@pytest.mark.parametrize(
    "text",
    ["", "1", "3141592653589793238", "314159265358979323890", "３１４１５９２６５３５８９７９３２３８９", "x" * 20],
)
def test_is_no_card_code(text):
    assert not codes.is_card_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "31415926535897932389",
        "31415 92653 58979 32389",
        " 31415-92653-58979-32389\n",
        "３１４１５　９２６５３　５８９７９　３２３８９",
        "HTTPS://VIRTUE.EXAMPLE.CN/C/31415926535897932389",
        "http://192.168.1.5:8000/c/31415926535897932389",
        "http://192.168.1.5:8000/c/31415926535897932389/?from=wechat#top",
        "HTTPS：／／HOST：8000／C／３１４１５９２６５３５８９７９３２３８９",
        "：、、192.168.1.5：8000、、31415926535897932389",
        "31415–92653—58979−32389",
    ],
)
def test_clean_takes_what_people_and_scanners_send(text):
    assert codes.clean(text) == "31415926535897932389"


@pytest.mark.parametrize("text", [None, "", "王永智", "wyz", "a12", "12a", "http://host/c/", "½", "3-x", "²³"])
def test_clean_leaves_nothing_of_other_things(text):
    assert codes.clean(text) == ""


def test_clean_reads_no_novel():
    assert len(codes.clean("1" * 100_000)) == codes.LONGEST_INPUT


@pytest.mark.parametrize(
    "pin", ["0000", "999999", "1234", "4321", "123456", "7890", "0987", "1212", "121212", "1122", "112233", "123123"]
)
def test_is_weak(pin):
    assert codes.is_weak(pin)


@pytest.mark.parametrize("pin", ["2580", "13579", "102938", "1357", "8046"])
def test_is_not_weak(pin):
    assert not codes.is_weak(pin)


def test_slip_pins_are_six_digits_of_their_own(app):
    pins = {codes.slip_pin(household, version) for household in range(1, 200) for version in (1, 2)}
    assert all(len(pin) == 6 and pin.isdigit() and not codes.is_weak(pin) for pin in pins)
    assert len(pins) > 390
    assert codes.slip_pin(1, 1) == codes.slip_pin(1, 1)


def test_grouped_in_fives():
    assert codes.grouped("31415926535897932389") == "31415 92653 58979 32389"


def test_card_address_is_in_capitals():
    assert qr.card_address("https://virtue.example.cn/", "1" * 20) == "HTTPS://VIRTUE.EXAMPLE.CN/C/" + "1" * 20


def test_qr_is_one_small_path():
    drawn = qr.drawn("HTTP://127.0.0.1:8000/C/31415926535897932389")
    assert drawn.size == 29 + 2 * 4
    assert len(drawn.path) < 4000
    assert drawn.path.startswith("M4 4h7v1h-7z")
