"""Numbers as people type them: whole, plain or full-width digits, nothing else."""

import re
import unicodedata

MOST_PIECES = 999
"""Of one good in one basket."""

LONGEST_ID = 15
"""Digits."""

_WHOLE = re.compile(r"[0-9]{1,7}")


def parse_whole(text: str | None, *, most: int = MOST_PIECES, least: int = 1) -> int | None:
    """The number, from ``least`` to ``most``; None for anything else: signs, fractions, ``1e3``, letters."""
    plain = unicodedata.normalize("NFKC", text or "").strip()
    if not _WHOLE.fullmatch(plain):
        return None
    value = int(plain)
    return value if least <= value <= most else None


def parse_id(text: object) -> int | None:
    """A row's number as a form sends it back; None for what can't be one, or no database can hold."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_ID else None


def parse_fen(text: str | None) -> int | None:
    """Yuan with at most two decimals as fen: 6.9 -> 690; None for anything else."""
    plain = unicodedata.normalize("NFKC", text or "").strip().removeprefix("¥")
    match = re.fullmatch(r"([0-9]{1,6})(?:\.([0-9]{1,2}))?", plain)
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else None
