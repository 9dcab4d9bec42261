"""A card's QR: its address in capitals (the alphanumeric mode makes a smaller, sturdier code), as one SVG path."""

from dataclasses import dataclass
from typing import Any

import qrcode
from flask import current_app, url_for
from qrcode.constants import ERROR_CORRECT_M

BORDER = 4


@dataclass(frozen=True)
class Qr:
    """What the macro ``qr`` draws: the width in modules with the border, and the path of the dark ones."""

    size: int
    path: str


def card_address(base_url: str, digits: str) -> str:
    """What a card's QR holds: HTTPS://HOST/C/<digits>."""
    return f"{base_url.rstrip('/')}/C/{digits}".upper()


def door_address(base_url: str, digits: str) -> str:
    """What a door plate's QR holds: HTTPS://HOST/D/<digits>."""
    return f"{base_url.rstrip('/')}/D/{digits}".upper()


def fetch_address(base_url: str, digits: str) -> str:
    """What the QR of a reservation holds: HTTPS://HOST/F/<digits>."""
    return f"{base_url.rstrip('/')}/F/{digits}".upper()


def page(endpoint: str, **values: Any) -> Qr:
    """The QR of a public page, for papers that hang beside it: at the installation's public address, else this one."""
    base = current_app.config["VIRTUE_BASE_URL"] or url_for("portal.index", _external=True)
    return drawn(f"{base.rstrip('/')}{url_for(endpoint, **values)}")


def best_mask(text: str) -> int:
    """The mask that reads best for this text, and as a rule for all of one sheet, which differ only in digits.

    Finding it costs eight times as much as drawing: a sheet of cards asks once.
    """
    code = _code(text)
    code.make(fit=True)
    return int(code.best_mask_pattern())


def drawn(text: str, mask: int | None = None) -> Qr:
    """The QR of a text; neighbouring dark modules of a row are one run, which keeps it at about 3 KB."""
    code = _code(text, mask)
    code.make(fit=True)
    rows = code.modules
    runs = [
        f"M{start + BORDER} {y + BORDER}h{width}v1h-{width}z"
        for y, row in enumerate(rows)
        for start, width in _runs([bool(dark) for dark in row])
    ]
    return Qr(len(rows) + 2 * BORDER, "".join(runs))


def _code(text: str, mask: int | None = None) -> "qrcode.QRCode[Any]":
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=mask)
    code.add_data(text)
    return code


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where dark runs start in a row, and how wide they are."""
    found: list[tuple[int, int]] = []
    start = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            found.append((start, x - start))
            start = None
    return found
