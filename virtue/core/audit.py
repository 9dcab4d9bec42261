"""The audit trail: each write leaves a row with who, what and why."""

from typing import Any

from virtue import clock
from virtue.core import remarks
from virtue.core.models import Audit
from virtue.prepared import into

_INSERT = into(Audit.__table__, "id")


def record(
    action: str,
    *,
    village_id: int | None,
    by: int | None,
    household_id: int | None = None,
    subject: str | None = None,
    subject_id: int | None = None,
    why: str | None = None,
    **details: Any,
) -> None:
    """Write who (``by``, a user's id; None is the household itself or the system) did ``action`` to which thing.

    ``details`` are ids, codes and numbers only. ``why``, typed by a person, goes into a remark that can be
    forgotten; the row keeps its salted hash.
    """
    remark_id, remark_hash = remarks.keep(why, village_id=village_id)
    _INSERT.run({
        "village_id": village_id, "recorded_at": clock.now(), "by_id": by, "household_id": household_id,
        "action": action, "subject": subject, "subject_id": subject_id, "details": details, "remark_id": remark_id,
        "remark_hash": remark_hash,
    })  # fmt: skip


def record_many(rows: list[dict[str, Any]]) -> None:
    """Write many rows at once; each dict gives village_id, action, and any of the other columns."""
    now = clock.now()
    empty = {
        "by_id": None, "household_id": None, "subject": None, "subject_id": None,
        "remark_id": None, "remark_hash": None,
    }  # fmt: skip
    _INSERT.run_many([{**empty, "recorded_at": now, "details": {}, **row} for row in rows])
