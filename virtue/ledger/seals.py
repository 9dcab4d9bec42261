"""Seals: every entry is sealed over the one before it, and a day's seal is told in words.

The sealed bytes are the previous seal (64 hex digits) followed by a UTF-8 JSON array in the field order of
``canonical``; integers, and instants as ISO 8601 with Z. Anyone with the rows can recompute them.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from virtue.ledger.words import WORDS

GENESIS = "0" * 64
"""The seal before a village's first entry."""


def canonical(entry: Mapping[str, Any], transfers: Sequence[Sequence[Any]]) -> str:
    """An entry and its transfers (unit, source, destination, points, balance_after) as the text that is sealed."""
    fields = [
        entry["village_id"], entry["seq"], entry["kind"], entry["subject_id"], entry["household_id"],
        entry["day"].isoformat(), entry["batch"], entry["reverses_id"], entry["by_id"],
        iso_z(entry["recorded_at"]), list(entry["words"]), [list(transfer) for transfer in transfers],
    ]  # fmt: skip
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def seal(previous: str, content: str) -> str:
    """The SHA-256 seal of a content that follows ``previous``."""
    return hashlib.sha256((previous + content).encode()).hexdigest()


def iso_z(instant: datetime) -> str:
    """An instant as 2026-11-24T03:04:05.000006Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check_words(seal_hex: str) -> tuple[str, str, str, str]:
    """A seal told in words (今日对账码): three of 256 words, one byte each, and four digits, for reading out."""
    raw = bytes.fromhex(seal_hex)
    digits = int.from_bytes(raw[3:7], "big") % 10_000
    return WORDS[raw[0]], WORDS[raw[1]], WORDS[raw[2]], f"{digits:04d}"


def short(seal_hex: str) -> str:
    """The 16 hex digits that a slip prints."""
    return seal_hex[:16]
