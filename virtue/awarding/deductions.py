"""Deductions with due process: lead -> verified -> told -> (answer) -> decided by two -> notice -> settled.

Never settled undelivered, before the rebuttal window is over, with one signature, or by kin (product.md, section 4).
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from virtue import clock
from virtue.awarding import caps, checks, steps
from virtue.awarding.entering import snapshot
from virtue.awarding.errors import (
    AbsentByPhone,
    AlreadySigned,
    AnotherVerifies,
    BadDay,
    DocumentNeeded,
    NotTold,
    OwnProposal,
    RebuttalOver,
    RebuttalStillRunning,
    RepairStillRunning,
    RepairUnchecked,
    WayNotAllowed,
    WitnessesNeeded,
    WrongQuantity,
    WrongState,
)
from virtue.awarding.models import Deduction, Deed, DeedState
from virtue.awarding.queries import approvals
from virtue.awarding.rule_refusals import named
from virtue.core import files, keys, remarks, settings
from virtue.core.files import Upload
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.ledger import queries as ledger_queries
from virtue.ledger import services as ledger
from virtue.staff import queries as staff

HOW = ("in_person", "slip", "phone", "refused")
"""How staff tell a household; refused: in front of two witnesses, with the slip left, is delivered. An absent one is told
by phone, or by opening what was put into its passbook (``offer``, ``open_in_passbook``)."""


@dataclass(frozen=True)
class Lead:
    """What somebody saw."""

    household_id: int
    rule_id: int
    happened_on: date
    words: str
    quantity: int = 1
    document_number: str = ""
    veto_until: date | None = None
    repair_until: date | None = None


@dataclass(frozen=True)
class Telling:
    """That, when and how the household was told."""

    how: str
    is_absent: bool = False
    witness_1_id: int | None = None
    witness_2_id: int | None = None


def lead(village_id: int, what: Lead, *, key: str, by: int, picture: Upload | None = None) -> Outcome:
    """Note a lead, cut to what its caps leave; ``picture``: what was seen, as ``core.files.keep_picture`` wrote it.

    Environment rules begin with a repair date (限期整改): done by then, it is dropped.
    """

    def work() -> dict[str, Any]:
        household = checks.household_for(village_id, what.household_id, by=by)
        rule = checks.rule_in_force(village_id, what.rule_id)
        if not rule.is_deduction:
            raise WayNotAllowed(**named(rule))
        checks.day_holds(what.happened_on, ledger_queries.closed_months(village_id))
        if what.repair_until is not None and what.repair_until < clock.today():
            raise BadDay
        document = what.document_number.strip()
        if rule.evidence == "document" and not document:
            raise DocumentNeeded
        if not 1 <= what.quantity <= (checks.MOST_QUANTITY if rule.has_quantity else 1):
            raise WrongQuantity
        points = caps.within(rule, household.id, rule.points * what.quantity, what.happened_on)
        remark_id, _hash = remarks.keep(checks.reason(what.words), village_id=village_id)
        deed = Deed(
            **snapshot(rule, rule.rulebook.version), village_id=village_id, household_id=household.id, grid_id=household.grid_id,
            quantity=what.quantity, points=points, happened_on=what.happened_on,
            month=clock.month_of(what.happened_on), state=str(DeedState.LEAD), way="scan", proposed_by_id=by,
            proposed_at=clock.now(), remark_id=remark_id,
            photo_id=files.claim_picture(picture, village_id, by=by) if picture else None,
        )  # fmt: skip
        db.session.add(deed)
        db.session.flush()
        db.session.add(
            Deduction(
                deed_id=deed.id, document_number=document or None, veto_until=what.veto_until,
                repair_until=what.repair_until,
            )
        )  # fmt: skip
        steps.note(deed, "lead", to_state=deed.state, by=by)
        db.session.flush()
        return {"deed_id": deed.id, "state": deed.state}

    contents = [{name: str(value) for name, value in asdict(what).items()}, by]
    contents += [picture.sha256] if picture else []
    return once("awarding.lead", village_id, contents, work, key=key)


def verify(village_id: int, deed_id: int, *, key: str, by: int) -> Outcome:
    """A second person has looked and finds it so."""

    def work() -> dict[str, Any]:
        deed, deduction = find_open(village_id, deed_id, by=by)
        if deed.proposed_by_id == by:
            raise AnotherVerifies
        steps.move(deed, "verify", by=by)
        deduction.verified_by_id = by
        db.session.flush()
        return _state(deed)

    return once("awarding.verify", village_id, [deed_id, by], work, key=key)


def tell(village_id: int, deed_id: int, telling: Telling, *, key: str, by: int) -> Outcome:
    """Record the delivery: who, when, how; from now on the household may answer, 3 days, or 15 when absent."""

    def work() -> dict[str, Any]:
        deed, deduction = find_open(village_id, deed_id, by=by)
        if telling.how not in HOW:
            raise WrongState
        if telling.is_absent and telling.how != "phone":
            raise AbsentByPhone
        if telling.how == "refused":
            check_witnesses(village_id, telling, by=by)
        _told(deed, deduction, telling.how, is_absent=telling.is_absent, by=by)
        if telling.how == "refused":
            deduction.witness_1_id, deduction.witness_2_id = telling.witness_1_id, telling.witness_2_id
            db.session.flush()
        return _state(deed)

    return once("awarding.tell", village_id, [deed_id, asdict(telling), by], work, key=key)


def offer(village_id: int, deed_id: int, *, key: str, by: int) -> Outcome:
    """Put it into the passbook of an absent household: told once it is opened there, not before."""

    def work() -> dict[str, Any]:
        deed, deduction = find_open(village_id, deed_id, by=by)
        if deed.state != DeedState.VERIFIED or deduction.offered_on is not None:
            raise WrongState
        steps.note(deed, "offer", to_state=str(deed.state), by=by)
        deduction.offered_on, deduction.offered_by_id = clock.today(), by
        db.session.flush()
        return _state(deed)

    return once("awarding.offer", village_id, [deed_id, by], work, key=key)


def open_in_passbook(village_id: int, deed_id: int, *, key: str) -> Outcome:
    """The household opened in its passbook (with its PIN) what was put there: told, with the absent's days to answer."""

    def work() -> dict[str, Any]:
        deed, deduction = find_locked(village_id, deed_id)
        if deduction.offered_on is None:
            raise WrongState
        _told(deed, deduction, "passbook", is_absent=True, by=None)
        return _state(deed)

    return once("awarding.open_in_passbook", village_id, [deed_id], work, key=key)


def answer(village_id: int, deed_id: int, words: str, *, how: str = "spoken", key: str, by: int | None) -> Outcome:
    """The household's rebuttal (陈述申辩); ``by`` is the user who took it down, None from the passbook.

    ``how``: spoken or paper, where somebody took it down.
    """

    def work() -> dict[str, Any]:
        deed, deduction = find_locked(village_id, deed_id)
        if deduction.rebuttal_until is not None and clock.today() > deduction.rebuttal_until:
            raise RebuttalOver
        text = checks.reason(words)
        steps.move(deed, "answer", by=by, why=text)
        deduction.rebuttal_at = clock.now()
        deduction.rebuttal_how = "passbook" if by is None else "paper" if how == "paper" else "spoken"
        deduction.rebuttal_by_id = by
        deduction.rebuttal_remark_id, _hash = remarks.keep(text, village_id=village_id)
        db.session.flush()
        return _state(deed)

    return once("awarding.answer", village_id, [deed_id, words, how, by], work, key=key)


def decide(village_id: int, deed_id: int, *, key: str, by: int) -> Outcome:
    """A reviewer finds for the deduction, after the rebuttal window; two are needed, neither had a hand in it before."""

    def work() -> dict[str, Any]:
        deed, deduction = find_open(village_id, deed_id, by=by)
        if deed.state != DeedState.TOLD or deduction.told_on is None or deduction.rebuttal_until is None:
            raise NotTold if deed.state in {DeedState.LEAD, DeedState.VERIFIED} else WrongState
        if clock.today() <= deduction.rebuttal_until:
            raise RebuttalStillRunning(until=deduction.rebuttal_until.isoformat())
        if deduction.repaired_on is not None:
            raise RepairUnchecked
        if deduction.repair_until is not None and clock.today() <= deduction.repair_until:
            raise RepairStillRunning(until=deduction.repair_until.isoformat())
        if by in {deed.proposed_by_id, deduction.verified_by_id}:
            raise OwnProposal
        signed = approvals(deed_id)
        if by in signed:
            raise AlreadySigned
        steps.move(deed, "decide", by=by, stays=not signed)
        return _state(deed)

    return once("awarding.decide", village_id, [deed_id, by], work, key=key)


def drop(village_id: int, deed_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Let a deduction fall, at any step before it is settled, with a reason (repaired in time, not found so ...)."""

    def work() -> dict[str, Any]:
        deed, _deduction = find_open(village_id, deed_id, by=by)
        steps.move(deed, "drop", by=by, why=checks.reason(why))
        return _state(deed)

    return once("awarding.drop", village_id, [deed_id, why, by], work, key=key)


def find_open(village_id: int, deed_id: int, *, by: int) -> tuple[Deed, Deduction]:
    """A deduction for writing, by somebody who may act for this household. Raises OwnKin, TwoHats."""
    deed, deduction = find_locked(village_id, deed_id)
    checks.not_own(deed.household_id, by=by)
    return deed, deduction


def find_locked(village_id: int, deed_id: int) -> tuple[Deed, Deduction]:
    """A deduction for writing. Raises NotFoundHere, and WrongState for a deed that is none."""
    deed = steps.locked(village_id, deed_id)
    if deed.route != "deduction":
        raise WrongState
    return deed, db.session.get_one(Deduction, deed_id)


def check_witnesses(village_id: int, telling: Telling, *, by: int) -> None:
    """Two different people of the village's staff, neither the teller, one of the supervision committee. Raises WitnessesNeeded."""
    witnesses = [telling.witness_1_id, telling.witness_2_id]
    if None in witnesses or witnesses[0] == witnesses[1] or by in witnesses:
        raise WitnessesNeeded
    staff_ids = {user.id for user in staff.active_staff(village_id)}
    supervisors = {user.id for user in staff.active_staff(village_id, "supervisor")}
    if not set(witnesses) <= staff_ids or not supervisors & set(witnesses):
        raise WitnessesNeeded


def _told(deed: Deed, deduction: Deduction, how: str, *, is_absent: bool, by: int | None) -> None:
    steps.move(deed, "tell", by=by)
    deduction.told_on, deduction.told_by_id, deduction.told_how = clock.today(), by, how
    deduction.is_absent = is_absent
    name = "rebuttal_days_absent" if is_absent else "rebuttal_days"
    deduction.rebuttal_until = clock.end_after(clock.today(), settings.value(name, deed.village_id))
    db.session.flush()


def _state(deed: Deed) -> dict[str, Any]:
    return {"deed_id": deed.id, "state": str(deed.state)}


def once(purpose: str, village_id: int, contents: list[Any], work: Any, *, key: str) -> Outcome:
    """A keyed write under the village's lock."""
    return keys.run_once(
        key, purpose, [village_id, *contents], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
