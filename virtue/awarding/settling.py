"""From a public notice to the ledger and the score lane: one transaction a notice, set-based; and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from virtue import clock
from virtue.awarding import caps, checks, steps
from virtue.awarding.errors import AlreadySpent, NothingToPublish, SecondPersonReverses
from virtue.awarding.models import Deduction, Deed, DeedState, Rule
from virtue.awarding.queries import approved_deeds, deciders, due_notices
from virtue.awarding.states import target
from virtue.core import audit, keys, settings
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.ledger import queries as ledger_queries
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind
from virtue.ledger.services import Flow, Move, Posted, Posting
from virtue.notices import services as notices
from virtue.notices.models import Notice
from virtue.places import services as places
from virtue.prepared import Prepared
from virtue.scores import services as scores
from virtue.scores.models import Veto
from virtue.scores.services import Change, GridChange
from virtue.transactions import atomic

_DEED = Deed.__table__
_SETTLE = Prepared(
    update(_DEED)
    .where(_DEED.c.id == bindparam("deed_id"))
    .values(
        state=str(DeedState.SETTLED), settled_points=bindparam("booked"), counts_in=bindparam("in_month"),
        entry_id=bindparam("of_entry"), settled_on=bindparam("on_day"),
    )
)  # fmt: skip
_RULE = Rule.__table__
_FIND_RULES = Prepared(
    select(
        _RULE.c.id, _RULE.c.name, _RULE.c.name_en, _RULE.c.code, _RULE.c.cap_month, _RULE.c.cap_year, _RULE.c.cap_ever
    ).where(_RULE.c.id.in_(bindparam("rule_ids", expanding=True)))
)


@dataclass(frozen=True)
class Booking:
    """What booking needs of a deed."""

    id: int
    village_id: int
    household_id: int
    grid_id: int
    rule_id: int
    rule_code: str
    rule_version: int
    dimension: str
    unit: str
    scores: bool
    points: int
    state: str
    happened_on: date
    month: int
    route: str

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Booking":
        """From a deed's row with its id."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})


_TO_SETTLE = (
    select(
        _DEED.c.id, _DEED.c.village_id, _DEED.c.household_id, _DEED.c.grid_id, _DEED.c.rule_id, _DEED.c.rule_code,
        _DEED.c.rule_version, _DEED.c.dimension, _DEED.c.unit, _DEED.c.scores, _DEED.c.points, _DEED.c.state,
        _DEED.c.happened_on, _DEED.c.month, _DEED.c.route,
    )
    .where(_DEED.c.notice_id == bindparam("of_notice"), _DEED.c.state == str(DeedState.ON_NOTICE))
    .order_by(_DEED.c.notice_line)
    .with_for_update()
)  # fmt: skip


def publish_notice(village_id: int, *, key: str, by: int) -> Outcome:
    """Gather all approved deeds in a notice, open for the village's days (5). Raises ``NothingToPublish``."""

    def work() -> dict[str, Any]:
        deeds = approved_deeds(village_id)
        if not deeds:
            raise NothingToPublish
        notice = notices.publish(
            village_id, [deed.publish for deed in deeds], days=settings.value("notice_days", village_id), by=by
        )
        rows = []
        for number, deed in enumerate(deeds, 1):
            to_state = str(target("publish", deed.state))
            rows.append({
                "deed_id": deed.id, "action": "publish", "from_state": deed.state, "to_state": to_state,
                "points": deed.points, "by_id": by,
            })  # fmt: skip
            deed.state, deed.notice_id, deed.notice_line = to_state, notice.id, number
        db.session.flush()
        steps.note_many(rows)
        places.raise_board_version(village_id)
        audit.record(
            "awarding.publish", village_id=village_id, by=by, subject="notice", subject_id=notice.id, lines=len(deeds)
        )
        return {"number": notice.number, "lines": len(deeds), "ends_on": notice.ends_on.isoformat()}

    return keys.run_once(
        key, "awarding.publish", [village_id, by], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def settle_due(village_id: int, day: date | None = None) -> int:
    """Settle every notice whose last day is over: one transaction each, so that it may be interrupted anywhere.

    Idempotent; gives how many deeds were settled. A frozen line stays until its objection is settled.
    """
    settled = 0
    for notice in due_notices(village_id, day or clock.today()):
        settled += settle_notice(village_id, notice.id)
    return settled


def settle_notice(village_id: int, notice_id: int) -> int:
    """Settle the lines of one notice that are due, in one transaction. Gives how many."""
    with atomic():
        ledger.lock(village_id)
        notice = db.session.get(Notice, notice_id, populate_existing=True)
        if notice is None or notice.settled_at is not None or notice.ends_on >= clock.today():
            return 0
        rows = db.session.execute(_TO_SETTLE, {"of_notice": notice_id}).all()
        if rows:
            book(rows, by=None, action="settle", batch=f"notice:{notice.number}")
            audit.record(
                "awarding.settle",
                village_id=village_id,
                by=None,
                subject="notice",
                subject_id=notice_id,
                deeds=len(rows),
            )
        frozen = db.session.scalar(
            select(Deed.id).where(Deed.notice_id == notice_id, Deed.state == str(DeedState.FROZEN)).limit(1)
        )
        if frozen is None:
            notice.settled_at = clock.now()
            db.session.flush()
    return len(rows)


def book(deeds: Sequence[Any], *, by: int | None, action: str, batch: str | None) -> list[Posted]:
    """Book deeds of one village into ledger and score lane; the caller holds the village's lock.

    Each is cut to what its caps leave, settled deeds counted, those booked just before in this batch too; down to 0.
    """
    village_id = deeds[0].village_id
    rules = _rules({deed.rule_id for deed in deeds})
    used = caps.usage(
        {deed.household_id for deed in deeds}, {deed.month for deed in deeds}, with_open=False,
        with_years=any(rule.cap_year is not None for rule in rules.values()),
        with_ever=any(rule.cap_ever is not None for rule in rules.values()),
    )  # fmt: skip
    postings, points, firsts = [], [], []
    for deed in deeds:
        rule = rules[deed.rule_id]
        booked = caps.cut(deed.points, caps.room(rule, used, deed.household_id, deed.happened_on))
        firsts.append((deed.household_id, deed.rule_code, deed.month) not in used.deeds)
        used.add(deed.household_id, deed.rule_code, deed.month, booked)
        postings.append(_posting(deed, booked))
        points.append(booked)
    posted = ledger.post(village_id, postings, by=by, batch=batch)
    closed = ledger_queries.closed_months(village_id)
    months = [_open_from(deed.month, closed) for deed in deeds]
    _write_settled(deeds, points, months, posted, by=by, action=action)
    _write_scores(village_id, deeds, points, months, firsts, posted)
    _write_vetoes(deeds, posted)
    places.raise_board_version(village_id)
    return posted


def undo(deed: Deed, *, by: int) -> None:
    """Take an own ``at_once`` deed back while its points are unspent. Raises ``AlreadySpent``."""
    if ledger_queries.balance(deed.household_id).of(deed.unit) < (deed.settled_points or 0):
        raise AlreadySpent
    reverse_one(deed, "undo", by=by, why=None)


def reverse(village_id: int, deed_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A settled deed was wrong: reversed in full, with a reason, by somebody who had no hand in it.

    What the purse lacks is owed and taken from later awards first.
    """

    def work() -> dict[str, Any]:
        deed = steps.locked(village_id, deed_id)
        checks.not_own(deed.household_id, by=by)
        if by in deciders(deed_id):
            raise SecondPersonReverses
        posted = reverse_one(deed, "reverse", by=by, why=checks.reason(why))
        return {"deed_id": deed_id, "moved": posted.moved}

    return keys.run_once(
        key, "awarding.reverse", [village_id, deed_id, by, why], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def reverse_one(deed: Deed, action: str, *, by: int, why: str | None) -> Posted:
    """Reverse a settled deed in ledger, tally and state, under the village's lock. Who may, the caller has checked."""
    steps.move(deed, action, by=by, why=why)
    posted = ledger.reverse(
        deed.entry_id or 0, by=by, words=(deed.rule_code, deed.rule_version, -(deed.settled_points or 0))
    )
    deed.reversed_in = ledger_queries.earliest_open(deed.village_id, deed.counts_in or deed.month)
    db.session.flush()
    points = deed.settled_points or 0
    if deed.scores:
        change = Change(
            deed.reversed_in, deed.household_id, deed.dimension, deed.unit, earned=-max(points, 0),
            deducted=-max(-points, 0), deeds=-1, seq=posted.seq,
        )  # fmt: skip
        scores.add(deed.village_id, [change])
        used = caps.usage([deed.household_id], [deed.month], with_open=False, with_years=False, with_ever=False)
        is_last = (deed.household_id, deed.rule_code, deed.month) not in used.deeds
        scores.add_grids([GridChange(deed.reversed_in, deed.grid_id, deed.rule_code, -int(is_last), -1)])
    db.session.execute(
        update(Veto).where(Veto.entry_id == deed.entry_id, Veto.ended_on.is_(None)).values(ended_on=clock.today())
    )
    places.raise_board_version(deed.village_id)
    return posted


def _rules(rule_ids: set[int]) -> dict[int, Any]:
    return {row.id: row for row in _FIND_RULES.all({"rule_ids": sorted(rule_ids)})}


def _posting(deed: Any, booked: int) -> Posting:
    flow = Flow.AWARD if booked > 0 else Flow.DEDUCT
    moves = (Move(deed.unit, abs(booked), flow),) if booked else ()
    words = (deed.rule_code, deed.rule_version, booked, deed.happened_on.isoformat())
    return Posting(EntryKind.DEED, deed.id, deed.household_id, moves, words)


def _open_from(month: int, closed: set[int]) -> int:
    while month in closed:
        month = clock.next_month(month)
    return month


def _write_settled(
    deeds: Sequence[Any], points: list[int], months: list[int], posted: list[Posted], *, by: int | None, action: str
) -> None:
    today = clock.today()
    rows, notes = [], []
    for deed, booked, month, entry in zip(deeds, points, months, posted, strict=True):
        to_state = str(target(action, deed.state))
        rows.append({
            "deed_id": deed.id, "booked": booked, "in_month": month, "of_entry": entry.entry_id, "on_day": today,
        })  # fmt: skip
        notes.append({
            "deed_id": deed.id, "action": action, "from_state": str(deed.state), "to_state": to_state, "points": booked,
            "by_id": by,
        })  # fmt: skip
    _SETTLE.run_many(rows)
    steps.note_many(notes)
    for deed in deeds:
        if isinstance(deed, Deed):
            db.session.refresh(deed)


def _write_scores(
    village_id: int,
    deeds: Sequence[Any],
    points: list[int],
    months: list[int],
    firsts: list[bool],
    posted: list[Posted],
) -> None:
    changes, grids = [], []
    for deed, booked, month, first, entry in zip(deeds, points, months, firsts, posted, strict=True):
        if not deed.scores:
            continue
        changes.append(
            Change(
                month, deed.household_id, deed.dimension, deed.unit, earned=max(booked, 0), deducted=max(-booked, 0),
                deeds=1, seq=entry.seq,
            )
        )  # fmt: skip
        grids.append(GridChange(month, deed.grid_id, deed.rule_code, int(first), 1))
    scores.add(village_id, changes)
    scores.add_grids(grids)


def _write_vetoes(deeds: Sequence[Any], posted: list[Posted]) -> None:
    """A deed vetoes a star only once a document number and an end date stand on it."""
    entries = {deed.id: (deed, entry.entry_id) for deed, entry in zip(deeds, posted, strict=True)}
    candidates = [deed.id for deed in deeds if deed.route == "deduction"]
    if not candidates:
        return
    rows = db.session.execute(
        select(Deduction.deed_id, Deduction.document_number, Deduction.veto_until)
        .join(Deed, Deed.id == Deduction.deed_id)
        .join(Rule, Rule.id == Deed.rule_id)
        .where(
            Deduction.deed_id.in_(candidates), Rule.veto == "dimension", Deduction.document_number.is_not(None),
            Deduction.veto_until.is_not(None),
        )
    )  # fmt: skip
    for row in rows:
        deed, entry_id = entries[row.deed_id]
        db.session.add(
            Veto(
                village_id=deed.village_id, household_id=deed.household_id, dimension=deed.dimension, entry_id=entry_id,
                document_number=row.document_number, from_on=clock.today(), until_on=row.veto_until,
            )
        )  # fmt: skip
    db.session.flush()


def days_left(ends_on: date) -> int:
    """How many days a notice is still open, today included; 0 when it is over."""
    return max(0, (ends_on - clock.today() + timedelta(days=1)).days)
