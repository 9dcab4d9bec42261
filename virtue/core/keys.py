"""Idempotency keys: a write that would hurt when repeated happens once, and its repeat gets the same answer.

A key is drawn with the form (``new``), comes back with it, and is stored with a hash of what was asked in the same
transaction as the work. The same key with other contents is refused; a refused key stays refused.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import uuid_utils
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from virtue import clock
from virtue.core import due
from virtue.core.models import RequestKey
from virtue.errors import BadKey, BrokenRule, KeyReused
from virtue.prepared import Prepared
from virtue.transactions import atomic, savepoint

_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TABLE = RequestKey.__table__
_FIND = Prepared(
    select(_TABLE.c.request_hash, _TABLE.c.purpose, _TABLE.c.result, _TABLE.c.refusal, _TABLE.c.refusal_params).where(
        _TABLE.c.key == bindparam("of_key")
    )
)
_FINISH = Prepared(
    update(_TABLE)
    .where(_TABLE.c.key == bindparam("of_key"))
    .values(result=bindparam("result"), refusal=bindparam("refusal"), refusal_params=bindparam("refusal_params"))
)
# Claimed before the work: on PostgreSQL a double send waits here for the first one's end, whatever else it locks.
_CLAIM = Prepared({
    name: dialect.insert(_TABLE)
    .values({name: bindparam(name) for name in ("key", "village_id", "purpose", "request_hash", "recorded_at")})
    .on_conflict_do_nothing(index_elements=[_TABLE.c.key])
    .returning(_TABLE.c.key)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
})  # fmt: skip

TOO_MANY = 429
"""The status of a refusal that passes by itself: like busy, it leaves the key unused."""


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
    work: Callable[[], Any],
    *,
    village_id: int | None,
    lock: Callable[[], None] | None = None,
    is_planned: bool = False,
) -> Outcome:
    """Do ``work`` once under ``key`` and give its result; a repeat gets the first one's answer.

    ``contents`` (JSON-able; include who asks) is hashed: the same key with other contents raises ``KeyReused``.
    ``lock`` is called first, so that a double send waits and then finds the first one's result. A broken rule is
    rolled back alone, kept on the key, committed and raised; any other error, 429 and 503 leave the key unused.
    ``is_planned``: ``work`` only looks and may refuse; it gives what then writes and refuses nothing. So a refusal has
    nothing to roll back, and no savepoint is needed.
    Raises ``BadKey`` for a key no form of ours carries.
    """
    if not _SHAPE.fullmatch(key or ""):
        raise BadKey
    asked = _hash(purpose, village_id, contents)
    refused: BrokenRule | None = None
    result: dict[str, Any] = {}
    due.settle_first(village_id)
    with atomic():
        if lock is not None:
            lock()
        if not _claim(key, purpose, asked, village_id):
            return _replay(_FIND.first({"of_key": key}), purpose, asked)
        try:
            # As it will be read again: the first answer is the repeat's, to the letter.
            result = json.loads(json.dumps(_planned(work) if is_planned else _in_savepoint(work)))
        except BrokenRule as error:
            if error.status == TOO_MANY or error.status >= 500:
                raise
            refused = error
        row = {
            "of_key": key,
            "result": None if refused else result,
            "refusal": refused.code if refused else None,
            "refusal_params": refused.params if refused else None,
        }
        _FINISH.run(row)
    if refused is not None:
        raise refused
    return Outcome(result, is_repeat=False)


def _in_savepoint(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    with savepoint():
        return work()


def _planned(look: Callable[[], Callable[[], dict[str, Any]]]) -> dict[str, Any]:
    write = look()
    try:
        return write()
    except BrokenRule as error:
        raise RuntimeError("refused after writing began") from error


def _claim(key: str, purpose: str, asked: str, village_id: int | None) -> bool:
    """Write the key down as ours; False when it stands already."""
    row = {
        "key": key, "village_id": village_id, "purpose": purpose, "request_hash": asked, "recorded_at": clock.now(),
    }  # fmt: skip
    return _CLAIM.first(row) is not None


def find_outcome(key: str) -> Outcome | None:
    """What came of a key, when a client asks about an unknown outcome; None if the key is unused.

    Raises the stored refusal when the key was refused.
    """
    if not _SHAPE.fullmatch(key or ""):
        return None
    row = _FIND.first({"of_key": key})
    return None if row is None else _replay(row, row.purpose, row.request_hash)


def _replay(row: Any, purpose: str, asked: str) -> Outcome:
    if row.purpose != purpose or row.request_hash != asked:
        raise KeyReused
    if row.refusal is not None:
        raise BrokenRule.from_record(row.refusal, row.refusal_params or {})
    return Outcome(row.result or {}, is_repeat=True)


def _hash(purpose: str, village_id: int | None, contents: Any) -> str:
    asked = [purpose, village_id, contents]
    canonical = json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> str:
    """A date or instant as text; anything else could read differently next time (a set, an object's address)."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} can't be hashed into a key's request")
