"""Card codes and printed PINs: derived from the card key, never stored.

A card's code is 20 digits, the last a Luhn check digit. It is derived from the card key and the card's id and version,
so that a reprint makes the same code; the database keeps only an HMAC of it under a key of its own. ``key_number`` says
which card key made a card: today there is one, number 1.
"""

import hashlib
import hmac
import re
from itertools import pairwise
from typing import Protocol

from flask import current_app

DIGITS = 20
PIN_DIGITS = 6
KEY_NUMBER = 1
"""The card key that new cards are made with."""

FETCH_DIGITS = 8
"""Short enough to be said on the telephone: 3141 5926."""

LONGEST_INPUT = 400
# Blanks and hyphens people type between groups; NFKC has made full-width ones plain.
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212\u30fc_·.]+")
# A Chinese input method turns the slash of a scanned address into an enumeration comma.
_AFTER_SLASH = re.compile(r"[/\\、](\d+)[/\\、]?$")


class DoorLike(Protocol):
    """What a door code is derived from."""

    household_id: int
    version: int
    key_number: int


class FetchLike(Protocol):
    """What a code to fetch a reservation is derived from."""

    id: int
    version: int
    key_number: int


class CardLike(Protocol):
    """What a code is derived from."""

    id: int
    version: int
    key_number: int


def derive(card: CardLike) -> str:
    """The 20 digits of a card."""
    seed = _mac(_key(card.key_number, "code"), f"{card.id}:{card.version}")
    body = f"{int.from_bytes(seed, 'big') % 10 ** (DIGITS - 1):0{DIGITS - 1}d}"
    return body + check_digit(body)


def derive_door(door: DoorLike) -> str:
    """The 20 digits of a household's door code: the same form as a card's, under a key of its own, so never a card's."""
    seed = _mac(_key(door.key_number, "door"), f"{door.household_id}:{door.version}")
    body = f"{int.from_bytes(seed, 'big') % 10 ** (DIGITS - 1):0{DIGITS - 1}d}"
    return body + check_digit(body)


def door_hmac(digits: str, key_number: int = KEY_NUMBER) -> str:
    """What the database keeps of a door code."""
    return _mac(_key(key_number, "door index"), digits).hex()


def door_hmacs(digits: str) -> list[str]:
    """What the database may hold of a door code, one for each card key in use."""
    return [door_hmac(digits, number) for number in _keys()]


def derive_fetch(reservation: FetchLike) -> str:
    """The 8 digits that fetch a reservation, the last a check digit; derived, so that no list of them lies anywhere."""
    seed = _mac(_key(reservation.key_number, "fetch"), f"{reservation.id}:{reservation.version}")
    body = f"{int.from_bytes(seed, 'big') % 10 ** (FETCH_DIGITS - 1):0{FETCH_DIGITS - 1}d}"
    return body + check_digit(body)


def fetch_hmac(digits: str, key_number: int = KEY_NUMBER) -> str:
    """What the database keeps of a code to fetch."""
    return _mac(_key(key_number, "fetch index"), digits).hex()


def fetch_hmacs(digits: str) -> list[str]:
    """What the database may hold of a code to fetch, one for each card key in use."""
    return [fetch_hmac(digits, number) for number in _keys()]


def derive_phone(code_id: int, key_number: int = KEY_NUMBER) -> str:
    """The 8 digits that link a phone, the last a check digit; derived from their row, so that they lie nowhere."""
    seed = _mac(_key(key_number, "phone"), str(code_id))
    body = f"{int.from_bytes(seed, 'big') % 10 ** (FETCH_DIGITS - 1):0{FETCH_DIGITS - 1}d}"
    return body + check_digit(body)


def phone_hmac(digits: str, key_number: int = KEY_NUMBER) -> str:
    """What the database keeps of a code that links a phone."""
    return _mac(_key(key_number, "phone index"), digits).hex()


def phone_hmacs(digits: str) -> list[str]:
    """What the database may hold of a code that links a phone, one for each card key in use."""
    return [phone_hmac(digits, number) for number in _keys()]


def is_fetch_code(digits: str) -> bool:
    """Whether this has the form of a code to fetch: 8 digits with the right check digit."""
    return (
        len(digits) == FETCH_DIGITS and digits.isascii() and digits.isdigit() and check_digit(digits[:-1]) == digits[-1]
    )


def spoken_fetch(digits: str) -> str:
    """A code to fetch as shown and said: 3141 5926."""
    return f"{digits[:4]} {digits[4:]}"


def name_hmac(use: str, name: str) -> str:
    """A fingerprint of a name that was written down, by which it is counted without being kept."""
    return _mac(_key(KEY_NUMBER, "name"), f"{use}:{name}").hex()


def code_hmac(digits: str, key_number: int = KEY_NUMBER) -> str:
    """What the database keeps of a code, to find its card again."""
    return _mac(_key(key_number, "index"), digits).hex()


def hmacs(digits: str) -> list[str]:
    """What the database may hold of a code, one for each card key in use."""
    return [code_hmac(digits, number) for number in _keys()]


def slip_pin(household_id: int, pin_version: int) -> str:
    """The one-time PIN printed on a household's folded slip; all alike and straight runs are passed over."""
    key = _key(KEY_NUMBER, "pin")
    for attempt in range(100):
        seed = _mac(key, f"{household_id}:{pin_version}:{attempt}")
        pin = f"{int.from_bytes(seed, 'big') % 10**PIN_DIGITS:0{PIN_DIGITS}d}"
        if not is_weak(pin):
            return pin
    raise AssertionError("no PIN in a hundred tries")


def is_weak(pin: str) -> bool:
    """Whether a PIN is among the first that anybody would try: 0000, 1234, 654321, 1212, 112233."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        return True
    halves = {pin[at : at + 2] for at in range(0, len(pin), 2)}
    thirds = {pin[at : at + 3] for at in range(0, len(pin), 3)}
    doubled = len(pin) % 2 == 0 and all(pair[0] == pair[1] for pair in halves)
    return len(halves) == 1 or doubled or (len(pin) == 6 and len(thirds) == 1)


def is_card_code(digits: str) -> bool:
    """Whether this has the form of a card's code: 20 digits with the right check digit."""
    return len(digits) == DIGITS and digits.isascii() and digits.isdigit() and check_digit(digits[:-1]) == digits[-1]


def check_digit(body: str) -> str:
    """The Luhn digit that closes ``body``."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


_FULL_WIDTH = {0x3000: " ", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}


def clean(text: str | None) -> str:
    """The digits of what was typed or scanned; empty when it is something else.

    Takes a card's whole address (with a port), blanks, hyphens, and full-width digits: what a keyboard, a Chinese input
    method or a scanner may send, also when no script has seen it.
    """
    # Only full-width signs are made plain: what else looks like a digit (²) is none.
    typed = (text or "")[:LONGEST_INPUT].translate(_FULL_WIDTH).strip()
    plain = re.split(r"[?#]", typed, maxsplit=1)[0]
    bare = _BETWEEN.sub("", plain)
    if bare.isascii() and bare.isdigit():
        return bare
    match = _AFTER_SLASH.search(bare)
    return match[1] if match and match[1].isascii() else ""


def grouped(digits: str) -> str:
    """A code as printed: 31415 92653 58979 32389."""
    return " ".join(digits[at : at + 5] for at in range(0, len(digits), 5))


def _keys() -> dict[int, bytes]:
    return {KEY_NUMBER: str(current_app.config["VIRTUE_CARD_KEY"]).encode()}


def _key(number: int, use: str) -> bytes:
    """A key of its own for each use, so that none can stand in for another."""
    return _mac(_keys()[number], f"virtue/{use}")


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
