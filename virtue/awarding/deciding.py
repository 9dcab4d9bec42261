"""Several deeds decided at once by one reviewer: the guards of a single approval, read set-wise."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from virtue.awarding import steps
from virtue.awarding.models import Deed, DeedState, DeedStep
from virtue.awarding.states import target
from virtue.core import audit, settings
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.people import hats
from virtue.people import queries as people

_DEED = Deed.__table__


def approve(village_id: int, deed_ids: Sequence[int], *, by: int) -> tuple[list[int], dict[str, str]]:
    """Approve each deed that this reviewer may; inside a write under the village's lock.

    Gives the ids signed, and why the others weren't, by id: the rule's code.
    """
    rows = db.session.execute(
        select(
            _DEED.c.id, _DEED.c.household_id, _DEED.c.state, _DEED.c.points, _DEED.c.proposed_by_id,
            _DEED.c.rule_code, _DEED.c.way,
        )
        .where(_DEED.c.id.in_(list(deed_ids)), _DEED.c.village_id == village_id)
        .order_by(_DEED.c.id)
        .with_for_update()
    ).all()  # fmt: skip
    barred = people.kin_household_ids(by)
    other_hat = hats.households_of_other_hat(by, hats.AWARD)
    signed, proposers = _hands([row.id for row in rows])
    two_from = settings.value("two_reviewers_from", village_id)
    refused = {str(deed_id): "NotFoundHere" for deed_id in set(deed_ids) - {row.id for row in rows}}
    approved, whole, notes = [], [], []
    for row in rows:
        wrong = _wrong(row, by=by, barred=barred, other_hat=other_hat, signed=signed[row.id])
        if wrong is None and by in proposers[row.id]:
            wrong = "OwnProposal"
        if wrong:
            refused[str(row.id)] = wrong
            continue
        is_whole = len(signed[row.id]) + 1 >= (2 if abs(row.points) >= two_from else 1)
        to_state = str(target("approve", row.state)) if is_whole else row.state
        approved.append(row.id)
        if is_whole:
            whole.append(row.id)
        notes.append({
            "deed_id": row.id, "action": "approve", "from_state": row.state, "to_state": to_state, "points": row.points,
            "by_id": by,
        })  # fmt: skip
    steps.set_many(whole, state=str(DeedState.APPROVED))
    steps.note_many(notes)
    households = {row.id: row for row in rows}
    audit.record_many([
        {
            "village_id": village_id, "action": "awarding.approve", "by_id": by, "subject": "deed", "subject_id": deed_id,
            "household_id": households[deed_id].household_id,
            "details": {"points": households[deed_id].points, "rule": households[deed_id].rule_code},
        }
        for deed_id in approved
    ])  # fmt: skip
    return approved, refused


def why_not(code: str) -> BrokenRule:
    """The refusal that ``approve`` told by its code, for its words."""
    return hats.TwoHats(done=hats.TILL, now=hats.AWARD) if code == "TwoHats" else BrokenRule.from_record(code, {})


def _wrong(row: Any, *, by: int, barred: set[int], other_hat: set[int], signed: set[int]) -> str | None:
    if row.state != DeedState.PROPOSED or row.way == "import":
        return "WrongState"
    if row.proposed_by_id == by:
        return "OwnProposal"
    if row.household_id in barred:
        return "OwnKin"
    if row.household_id in other_hat:
        return "TwoHats"
    return "AlreadySigned" if by in signed else None


def _hands(deed_ids: list[int]) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Who has approved each deed since it was last proposed; and who proposed it (of a round all its judges)."""
    signed: dict[int, set[int]] = {deed_id: set() for deed_id in deed_ids}
    proposers: dict[int, set[int]] = {deed_id: set() for deed_id in deed_ids}
    steps_done = db.session.execute(
        select(DeedStep.deed_id, DeedStep.action, DeedStep.by_id)
        .where(
            DeedStep.deed_id.in_(deed_ids), DeedStep.action.in_(("approve", "propose", "resubmit", "reopen"))
        )
        .order_by(DeedStep.id)
    )  # fmt: skip
    for deed_id, action, by_id in steps_done:
        if action == "approve" and by_id is not None:
            signed[deed_id].add(by_id)
            continue
        signed[deed_id].clear()
        if action == "propose" and by_id is not None:
            proposers[deed_id].add(by_id)
    return signed, proposers
