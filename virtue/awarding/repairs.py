"""限期整改: put right in time and checked by a second person, a deduction is dropped, and what was written is forgotten."""

from typing import Any

from sqlalchemy import func, or_, select

from virtue import clock
from virtue.awarding import checks, steps
from virtue.awarding.deductions import find_locked, find_open, once
from virtue.awarding.errors import AnotherChecks, RepairOver, WrongState
from virtue.awarding.models import Deduction, Deed, DeedState
from virtue.awarding.queries import steps_of
from virtue.core import files, remarks
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.people import queries as people

OPEN = {DeedState.LEAD, DeedState.VERIFIED, DeedState.TOLD}
DONE = "按期改好，复查合格"


def note_repaired(village_id: int, deed_id: int, *, key: str, by: int | None) -> Outcome:
    """It was put right in time; ``by`` noted it, or (None) the household said so in its passbook. Raises RepairOver."""

    def work() -> dict[str, Any]:
        deed, facts = find_locked(village_id, deed_id) if by is None else find_open(village_id, deed_id, by=by)
        if deed.state not in OPEN or facts.repaired_on is not None:
            raise WrongState
        if facts.repair_until is None or clock.today() > facts.repair_until:
            raise RepairOver
        steps.note(deed, "repair", to_state=deed.state, by=by)
        facts.repaired_on, facts.repaired_by_id = clock.today(), by
        db.session.flush()
        return {"deed_id": deed_id, "state": deed.state}

    return once("awarding.repair", village_id, [deed_id, by], work, key=key)


def pass_repair(village_id: int, deed_id: int, *, key: str, by: int) -> Outcome:
    """A second person looked and finds it done: dropped, without a record of what was seen. Raises AnotherChecks."""

    def work() -> dict[str, Any]:
        deed, facts = _to_check(village_id, deed_id, by=by)
        steps.move(deed, "drop", by=by, why=DONE)
        facts.repair_checked_on, facts.repair_checked_by_id = clock.today(), by
        db.session.flush()
        _forget(deed, facts)
        return {"deed_id": deed_id, "state": deed.state}

    return once("awarding.pass_repair", village_id, [deed_id, by], work, key=key)


def fail_repair(village_id: int, deed_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A second person looked and doesn't find it done, with a reason the household reads; it may still be done in time."""

    def work() -> dict[str, Any]:
        deed, facts = _to_check(village_id, deed_id, by=by)
        steps.note(deed, "repair_failed", to_state=deed.state, by=by, why=checks.reason(why))
        facts.repaired_on = facts.repaired_by_id = None
        db.session.flush()
        return {"deed_id": deed_id, "state": deed.state}

    return once("awarding.fail_repair", village_id, [deed_id, why, by], work, key=key)


def to_check(village_id: int, user_id: int) -> int:
    """How many repairs wait for a second person's look, that this user may check."""
    query = (
        select(func.count())
        .select_from(Deed)
        .join(Deduction, Deduction.deed_id == Deed.id)
        .where(
            Deed.village_id == village_id, Deed.state.in_(OPEN), Deduction.repaired_on.is_not(None),
            or_(Deduction.repaired_by_id.is_(None), Deduction.repaired_by_id != user_id),
            Deed.household_id.not_in(people.kin_household_ids(user_id)),
        )
    )  # fmt: skip
    return db.session.scalar(query) or 0


def _to_check(village_id: int, deed_id: int, *, by: int) -> tuple[Deed, Deduction]:
    deed, facts = find_open(village_id, deed_id, by=by)
    if deed.state not in OPEN or facts.repaired_on is None:
        raise WrongState
    if facts.repaired_by_id == by:
        raise AnotherChecks
    return deed, facts


def _forget(deed: Deed, facts: Deduction) -> None:
    """Empty what was written of it, and its photo; the steps stay, with their hashes, and so does why it was dropped."""
    written = [step.remark_id for step in steps_of([deed.id])[deed.id] if step.action != "drop"]
    for remark_id in {deed.remark_id, facts.rebuttal_remark_id, *written} - {None}:
        remarks.forget(remark_id or 0)
    photo_id, deed.photo_id = deed.photo_id, None
    db.session.flush()
    # One that was amended after an objection shows the photo of the deed it came from.
    if photo_id is not None and db.session.scalar(select(Deed.id).where(Deed.photo_id == photo_id).limit(1)) is None:
        files.forget_picture(photo_id)
