"""A device's own secret: the token in its cookie, the pairing code that is derived from it, and the hashes that are kept.

The server remembers no device before somebody types its code at the desk; so the code must be enough to know it by.
"""

import hashlib
import hmac
import secrets

from flask import current_app

from virtue.people import codes

DIGITS = 9
"""Eight derived digits and a check digit, so that a slip of the finger is told at once."""


def new_token() -> str:
    """A device's token: 256 random bits."""
    return secrets.token_urlsafe(32)


def pairing_code(token: str) -> str:
    """The nine digits that a device with this token shows."""
    number = int.from_bytes(_mac("pair", token), "big") % 10 ** (DIGITS - 1)
    body = f"{number:0{DIGITS - 1}d}"
    return body + codes.check_digit(body)


def is_pairing_code(digits: str) -> bool:
    """Whether these digits have the form of a pairing code."""
    return len(digits) == DIGITS and codes.check_digit(digits[:-1]) == digits[-1]


def grouped(digits: str) -> str:
    """A pairing code as shown and said: 314 159 265."""
    return " ".join(digits[at : at + 3] for at in range(0, len(digits), 3))


def code_hash(digits: str) -> str:
    """What the database keeps of a pairing code."""
    return _mac("code", digits).hex()


def token_hash(token: str) -> str:
    """What the database keeps of a token; of no key, so that a change of keys doesn't unpair the village."""
    return hashlib.sha256(token.encode()).hexdigest()


def proof(token: str) -> str:
    """What a screen's page sends beside its cookie: no page of another site can know it."""
    return _mac("alive", token).hex()


def is_proof(token: str, given: str) -> bool:
    """Whether a page that was drawn for this token sent it."""
    return hmac.compare_digest(proof(token), given)


def _mac(use: str, text: str) -> bytes:
    key = str(current_app.config["VIRTUE_CARD_KEY"]).encode()
    return hmac.new(key, f"virtue/screen/{use}/{text}".encode(), hashlib.sha256).digest()
