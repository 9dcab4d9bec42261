"""What was booked and taken out again: who did it, why, and in whose hands the deed had been before; for the supervisors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from virtue.awarding.models import Deed
from virtue.awarding.objections import UPHELD
from virtue.awarding.queries import steps_of
from virtue.core import remarks
from virtue.ledger import queries as ledger
from virtue.ledger.models import Entry, EntryKind
from virtue.notices import queries as notices
from virtue.people import queries as people
from virtue.people.models import Household
from virtue.staff import queries as staff

BEFORE = ("propose", "lead", "verify", "approve", "decide")
"""The steps whose people a reversal is kept apart from."""

BY_OBJECTION = "by_objection"


@dataclass(frozen=True)
class Reversal:
    """One deed that was reversed, or taken back by its own awarder within minutes."""

    deed: Deed
    household: Household
    day: date
    how: str
    """reverse, undo (the awarder's own), or by_objection."""
    by: str
    before: tuple[str, ...]
    """Who had proposed and decided it."""
    why: str
    owed: int
    """What the purse lacked and is owed."""


def reversed_in(village_id: int, month: int) -> Select[Entry, Deed]:
    """The reversals that were booked in a month, the latest first, each with its deed."""
    original = aliased(Entry)
    return (
        select(Entry, Deed)
        .join(original, original.id == Entry.reverses_id)
        .join(Deed, Deed.id == original.subject_id)
        .where(
            Entry.month == month, Entry.village_id == village_id, Entry.kind == EntryKind.REVERSAL,
            original.kind == EntryKind.DEED,
        )
        .order_by(Entry.id.desc())
    )  # fmt: skip


def told(rows: Sequence[tuple[Entry, Deed]]) -> list[Reversal]:
    """The rows of a page with names and words, in a fixed number of statements."""
    deeds = [deed for _entry, deed in rows]
    steps = steps_of([deed.id for deed in deeds])
    names = staff.names_of({step.by_id for each in steps.values() for step in each})
    texts = remarks.texts([step.remark_id for each in steps.values() for step in each])
    households = people.households_by_ids({deed.household_id for deed in deeds})
    objected, owed = _by_objection(deeds), ledger.owed_changes(entry.id for entry, _deed in rows)
    found = []
    for entry, deed in rows:
        last = next(step for step in reversed(steps[deed.id]) if step.action in ("reverse", "undo"))
        before = dict.fromkeys(names[step.by_id] for step in steps[deed.id] if step.action in BEFORE and step.by_id)
        found.append(
            Reversal(
                deed, households[deed.household_id], entry.day,
                BY_OBJECTION if deed.id in objected and last.action == "reverse" else last.action,
                names.get(last.by_id or 0, ""), tuple(before), texts.get(last.remark_id or 0, ""),
                max(0, -owed.get(entry.id, 0)),
            )
        )  # fmt: skip
    return found


def _by_objection(deeds: Sequence[Deed]) -> set[int]:
    """Those of these deeds to whose line an objection was upheld."""
    lines = {(deed.notice_id, deed.notice_line): deed.id for deed in deeds if deed.notice_id and deed.notice_line}
    return {
        lines[one.line.notice_id, one.line.number]
        for one in notices.objections_to(list(lines))
        if one.state in UPHELD
    }  # fmt: skip
