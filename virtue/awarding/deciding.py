"""Who may decide a deed: one, and several at once with the same guards read set-wise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from virtue.awarding import checks, steps
from virtue.awarding.errors import AlreadySigned, OwnProposal, WrongState
from virtue.awarding.models import Deed, DeedState, DeedStep
from virtue.awarding.queries import STARTS_AGAIN, approvals, proposers
from virtue.awarding.states import target
from virtue.core import audit, settings
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.people import hats
from virtue.people import queries as people

_DEED = Deed.__table__


@dataclass
class Judged:
    """Deeds as one reviewer finds them: those to sign, and why not the others, by id: the rule's code."""

    rows: list[Any] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    whole: set[int] = field(default_factory=set)
    """Of ``rows``: those that this approval carries; the rest still need a second reviewer."""


def to_decide(village_id: int, deed_id: int, *, by: int) -> Deed:
    """A deed, loaded for writing, that this reviewer may decide: not the own proposal, not kin's, and decided here at all."""
    deed = steps.locked(village_id, deed_id)
    if not _is_reviewed(deed):
        raise WrongState
    if deed.proposed_by_id == by or by in proposers(deed_id):
        raise OwnProposal
    checks.not_own(deed.household_id, by=by)
    return deed


def _is_reviewed(deed: Deed) -> bool:
    """Whether the review pages decide it: opening balances and deductions have ways of their own."""
    return deed.way != "import" and deed.route != "deduction"


def find_bar(deed: Deed, *, by: int) -> BrokenRule | None:
    """What keeps a user from deciding a deed at all, for its page; None when nothing does."""
    if not _is_reviewed(deed):
        return WrongState()
    if deed.proposed_by_id == by or by in proposers(deed.id):
        return OwnProposal()
    try:
        checks.not_own(deed.household_id, by=by)
    except BrokenRule as error:
        return error
    return AlreadySigned() if deed.state == DeedState.PROPOSED and by in approvals(deed.id) else None


def judge(village_id: int, deed_ids: Sequence[int], *, by: int, is_locked: bool = False) -> Judged:
    """Which of these deeds this reviewer may approve; ``is_locked``: inside a write, so that it stays so."""
    query = (
        select(
            _DEED.c.id, _DEED.c.household_id, _DEED.c.state, _DEED.c.points, _DEED.c.proposed_by_id,
            _DEED.c.rule_code, _DEED.c.way,
        )
        .where(_DEED.c.id.in_(list(deed_ids)), _DEED.c.village_id == village_id)
        .order_by(_DEED.c.id)
    )  # fmt: skip
    rows = db.session.execute(query.with_for_update() if is_locked else query).all()
    barred = people.kin_household_ids(by)
    other_hat = hats.households_of_other_hat(by, hats.AWARD)
    signed, proposed = _hands([row.id for row in rows])
    two_from = settings.value("two_reviewers_from", village_id)
    found = Judged(refused={str(deed_id): "NotFoundHere" for deed_id in set(deed_ids) - {row.id for row in rows}})
    for row in rows:
        wrong = _wrong(row, by=by, barred=barred, other_hat=other_hat, signed=signed[row.id])
        if wrong is None and by in proposed[row.id]:
            wrong = "OwnProposal"
        if wrong:
            found.refused[str(row.id)] = wrong
            continue
        found.rows.append(row)
        if len(signed[row.id]) + 1 >= (2 if abs(row.points) >= two_from else 1):
            found.whole.add(row.id)
    return found


def approve(village_id: int, deed_ids: Sequence[int], *, by: int) -> Judged:
    """Approve each deed that this reviewer may; inside a write under the village's lock."""
    found = judge(village_id, deed_ids, by=by, is_locked=True)
    notes = [
        {
            "deed_id": row.id, "action": "approve", "from_state": row.state,
            "to_state": str(target("approve", row.state)) if row.id in found.whole else row.state,
            "points": row.points, "by_id": by,
        }
        for row in found.rows
    ]  # fmt: skip
    steps.set_many(sorted(found.whole), state=str(DeedState.APPROVED))
    steps.note_many(notes)
    audit.record_many([
        {
            "village_id": village_id, "action": "awarding.approve", "by_id": by, "subject": "deed",
            "subject_id": row.id, "household_id": row.household_id,
            "details": {"points": row.points, "rule": row.rule_code},
        }
        for row in found.rows
    ])  # fmt: skip
    return found


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
    """Whose approvals of each deed still count; and who proposed it (of a round all its judges)."""
    signed: dict[int, set[int]] = {deed_id: set() for deed_id in deed_ids}
    proposers: dict[int, set[int]] = {deed_id: set() for deed_id in deed_ids}
    steps_done = db.session.execute(
        select(DeedStep.deed_id, DeedStep.action, DeedStep.by_id)
        .where(
            DeedStep.deed_id.in_(deed_ids), DeedStep.action.in_(("approve", *STARTS_AGAIN))
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
