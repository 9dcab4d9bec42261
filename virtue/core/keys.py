"""Idempotency keys: a write that would hurt when repeated happens once, and its repeat gets the same answer.

A key is drawn with the form (``new``), comes back with it, and is stored with a hash of what was asked in the same
transaction as the work. The same key with other contents is refused; a refused key stays refused.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import uuid_utils
from sqlalchemy import insert, select

from virtue import clock
from virtue.core.models import RequestKey
from virtue.errors import BadKey, BrokenRule, KeyReused
from virtue.extensions import db
from virtue.transactions import atomic, savepoint

_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TABLE = RequestKey.__table__
_FIND = select(_TABLE.c.request_hash, _TABLE.c.purpose, _TABLE.c.result, _TABLE.c.refusal, _TABLE.c.refusal_params)
_INSERT = insert(_TABLE)


@dataclass(frozen=True)
class Outcome:
    """What a keyed service gives back: its result, and whether it is an earlier one given again."""

    result: dict[str, Any]
    is_repeat: bool


def new() -> str:
    """A fresh key for a form: UUIDv7, so that keys grow with time and their index stays cheap."""
    return str(uuid_utils.uuid7())


def run_once(
    key: str,
    purpose: str,
    contents: Any,
    work: Callable[[], dict[str, Any]],
    *,
    village_id: int | None,
    lock: Callable[[], None] | None = None,
) -> Outcome:
    """Do ``work`` once under ``key`` and give its result; a repeat gets the first one's answer.

    ``contents`` (JSON-able; include who asks) is hashed: the same key with other contents raises ``KeyReused``.
    ``lock`` is called first, so that a double send waits and then finds the first one's result. A broken rule is
    rolled back alone, kept on the key, committed and raised; any other error leaves the key unused.
    Raises ``BadKey`` for a key no form of ours carries.
    """
    if not _SHAPE.fullmatch(key or ""):
        raise BadKey
    asked = _hash(purpose, contents)
    refused: BrokenRule | None = None
    result: dict[str, Any] = {}
    with atomic():
        if lock is not None:
            lock()
        earlier = db.session.execute(_FIND.where(_TABLE.c.key == key)).one_or_none()
        if earlier is not None:
            return _replay(earlier, purpose, asked)
        try:
            with savepoint():
                result = work()
        except BrokenRule as error:
            if error.status >= 500:
                raise
            refused = error
        row = {
            "key": key, "village_id": village_id, "purpose": purpose, "request_hash": asked, "recorded_at": clock.now(),
            "result": None if refused else result,
            "refusal": refused.code if refused else None,
            "refusal_params": refused.params if refused else None,
        }  # fmt: skip
        db.session.execute(_INSERT, row)
    if refused is not None:
        raise refused
    return Outcome(result, is_repeat=False)


def find_outcome(key: str) -> Outcome | None:
    """What came of a key, when a client asks about an unknown outcome; None if the key is unused.

    Raises the stored refusal when the key was refused.
    """
    if not _SHAPE.fullmatch(key or ""):
        return None
    row = db.session.execute(_FIND.where(_TABLE.c.key == key)).one_or_none()
    return None if row is None else _replay(row, row.purpose, row.request_hash)


def _replay(row: Any, purpose: str, asked: str) -> Outcome:
    if row.purpose != purpose or row.request_hash != asked:
        raise KeyReused
    if row.refusal is not None:
        raise BrokenRule.from_record(row.refusal, row.refusal_params or {})
    return Outcome(row.result or {}, is_repeat=True)


def _hash(purpose: str, contents: Any) -> str:
    canonical = json.dumps([purpose, contents], ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
