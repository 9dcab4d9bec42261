"""Proposing, deciding and taking back deeds; see ``deductions``, ``settling``, ``events`` and ``rulebooks`` beside it.

Each use case is one function, one transaction. Whoever repeats it with the same key gets the first answer.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from virtue import clock
from virtue.awarding import caps, checks, settling, steps
from virtue.awarding.errors import (
    AlreadyInEvent,
    AlreadySigned,
    EventNotOpen,
    OwnProposal,
    TooLateToTakeBack,
    WayNotAllowed,
)
from virtue.awarding.models import Deed, DeedState, Rule
from virtue.awarding.queries import EVENT_DAYS, approvals, find_event
from virtue.core import keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.people.models import Household


@dataclass(frozen=True)
class Proposal:
    """What somebody says a household did."""

    household_id: int
    rule_id: int
    happened_on: date
    way: str = "scan"
    quantity: int = 1
    level: int | None = None
    event_id: int | None = None
    words: str = ""
    photo_id: int | None = None


def propose(village_id: int, proposal: Proposal, *, key: str, by: int) -> Outcome:
    """Enter a deed: a proposal for the review group, or booked at once in an open event (``at_once`` rules).

    Gives deed_id, points (after the cap), cut_from (points before, where the cap cut), state and, when booked, balance.
    Raises what ``checks`` raise, CapReached, EventNotOpen, AlreadyInEvent, WayNotAllowed.
    """

    def work() -> dict[str, Any]:
        household = checks.household_for(village_id, proposal.household_id, by=by)
        if proposal.way in {"scan", "event"}:
            checks.in_own_grid(village_id, household, by=by)
        rule = checks.rule_in_force(village_id, proposal.rule_id)
        _check_way(village_id, rule, proposal)
        checks.day_holds(village_id, proposal.happened_on)
        asked = checks.points_of(rule, proposal.quantity, proposal.level)
        points = _within_cap(rule, household.id, asked, proposal.happened_on)
        deed = _new_deed(village_id, household, rule, proposal, points, by=by)
        if rule.route == "at_once" and proposal.way == "event":
            steps.move(deed, "approve", by=by)
            settling.book([deed], by=by, action="book", batch=f"event:{proposal.event_id}")
        balance = None if deed.settled_points is None else deed.settled_points
        return {
            "deed_id": deed.id, "points": points, "cut_from": asked if points != asked else None,
            "state": str(deed.state), "booked": balance,
        }  # fmt: skip

    contents = [{**asdict(proposal), "happened_on": proposal.happened_on.isoformat()}, by, village_id]
    return keys.run_once(
        key, "awarding.propose", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def approve(village_id: int, deed_id: int, *, key: str, by: int, story: str = "") -> Outcome:
    """A reviewer says yes. From the village's limit up (20 points) a second reviewer must say so too."""

    def work() -> dict[str, Any]:
        deed = _to_decide(village_id, deed_id, by=by)
        signed = approvals(deed_id)
        if by in signed:
            raise AlreadySigned
        enough = 2 if abs(deed.points) >= settings.value("two_reviewers_from", village_id) else 1
        steps.move(deed, "approve", by=by, stays=len(signed) + 1 < enough)
        if story and deed.publish == "red":
            deed.story = story.strip()[:40]
            db.session.flush()
        return {"deed_id": deed_id, "state": str(deed.state)}

    return _decide("awarding.approve", village_id, [deed_id, by, story], work, key=key)


def send_back(village_id: int, deed_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A reviewer asks the proposer for more."""
    return _decide_with_reason("send_back", village_id, deed_id, why, key=key, by=by)


def reject(village_id: int, deed_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A reviewer says no, with a reason that the household reads."""
    return _decide_with_reason("reject", village_id, deed_id, why, key=key, by=by)


def reopen(village_id: int, deed_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A rejected deed comes before the review group again."""
    return _decide_with_reason("reopen", village_id, deed_id, why, key=key, by=by)


def resubmit(village_id: int, deed_id: int, *, words: str, key: str, by: int) -> Outcome:
    """The proposer adds what was asked for; the cap is looked at again."""

    def work() -> dict[str, Any]:
        deed = steps.locked(village_id, deed_id)
        checks.household_for(village_id, deed.household_id, by=by)
        _within_cap(deed.rule, deed.household_id, deed.points, deed.happened_on)
        steps.move(deed, "resubmit", by=by, why=checks.reason(words))
        return {"deed_id": deed_id, "state": str(deed.state)}

    return _decide("awarding.resubmit", village_id, [deed_id, by, words], work, key=key)


def take_back(village_id: int, deed_id: int, *, key: str, by: int) -> Outcome:
    """An awarder takes an own wrong entry back: within ten minutes, and a booked one only while unspent."""

    def work() -> dict[str, Any]:
        deed = steps.locked(village_id, deed_id)
        minutes = settings.value("take_back_minutes", village_id)
        is_own = deed.proposed_by_id == by and deed.route != "deduction"
        if not is_own or clock.now() - deed.proposed_at > timedelta(minutes=minutes):
            raise TooLateToTakeBack(minutes=minutes)
        if deed.state == DeedState.SETTLED:
            settling.undo(deed, by=by)
        else:
            steps.move(deed, "take_back", by=by)
        return {"deed_id": deed_id, "state": str(deed.state)}

    return _decide("awarding.take_back", village_id, [deed_id, by], work, key=key)


def room_for(household_id: int, rules: list[Rule], day: date) -> dict[str, tuple[int, int | None, date | None]]:
    """For the award page, by rule code: points used this month, what is left (None: no cap), the next day when full."""
    used = caps.usage(
        [household_id], [clock.month_of(day)], with_open=True, with_years=True, with_ever=True
    )  # fmt: skip
    found = {}
    for rule in rules:
        left = caps.room(rule, used, household_id, day)
        again = caps.next_day(rule, used, household_id, day) if left == 0 else None
        found[rule.code] = (used.in_month(household_id, rule.code, clock.month_of(day)), left, again)
    return found


def _check_way(village_id: int, rule: Rule, proposal: Proposal) -> None:
    """The rule may be entered in this way; an event must be open, and takes each household once under a plain rule."""
    if rule.is_deduction or proposal.way not in rule.ways:
        raise WayNotAllowed(rule=rule.name)
    if proposal.way != "event":
        return
    event = find_event(village_id, proposal.event_id or 0)
    last_day = None if event is None else event.day + timedelta(days=EVENT_DAYS)
    if event is None or event.closed_at is not None or not event.day <= clock.today() <= last_day:
        raise EventNotOpen
    if proposal.happened_on != event.day:
        raise EventNotOpen
    if not rule.has_quantity and _in_event(event.id, rule.code, proposal.household_id, event.day):
        raise AlreadyInEvent(rule=rule.name)


def _in_event(event_id: int, rule_code: str, household_id: int, day: date) -> bool:
    ended = (DeedState.REVERSED, DeedState.WITHDRAWN, DeedState.REJECTED, DeedState.DROPPED)
    found = db.session.query(Deed.id).filter(
        Deed.month == clock.month_of(day), Deed.household_id == household_id, Deed.event_id == event_id,
        Deed.rule_code == rule_code, Deed.state.not_in(ended),
    )  # fmt: skip
    return found.first() is not None


def _within_cap(rule: Rule, household_id: int, points: int, day: date) -> int:
    """The points cut to what the rule's caps leave, open deeds counted. Raises CapReached when nothing is left."""
    used = caps.usage(
        [household_id], [clock.month_of(day)], with_open=True, with_years=rule.cap_year is not None,
        with_ever=rule.cap_ever is not None,
    )  # fmt: skip
    left = caps.room(rule, used, household_id, day)
    if left == 0:
        caps.refuse_full(rule, used, household_id, day)
    return caps.cut(points, left)


def _new_deed(
    village_id: int, household: Household, rule: Rule, proposal: Proposal, points: int, *, by: int | None
) -> Deed:
    """The deed's row with the rule as it is now, and its first step."""
    remark_id, _hash = remarks.keep(proposal.words, village_id=village_id)
    deed = Deed(
        **snapshot(rule), village_id=village_id, household_id=household.id, grid_id=household.grid_id,
        quantity=proposal.quantity, points=points, happened_on=proposal.happened_on,
        month=clock.month_of(proposal.happened_on), state=str(DeedState.PROPOSED), way=proposal.way,
        event_id=proposal.event_id, proposed_by_id=by, proposed_at=clock.now(), remark_id=remark_id,
        photo_id=proposal.photo_id,
    )  # fmt: skip
    db.session.add(deed)
    db.session.flush()
    steps.note(deed, "propose", to_state=deed.state, by=by)
    return deed


def snapshot(rule: Rule) -> dict[str, Any]:
    """What a deed keeps of its rule: editing a rule never changes the past."""
    return {
        "rule_id": rule.id, "rule_code": rule.code, "rule_version": rule.rulebook.version, "rule_name": rule.name,
        "standard": rule.standard, "dimension": rule.dimension, "unit": rule.unit, "scores": rule.scores,
        "publish": rule.publish, "cap_ever": rule.cap_ever, "route": rule.route,
    }  # fmt: skip


def _to_decide(village_id: int, deed_id: int, *, by: int) -> Deed:
    """A deed this reviewer may decide: neither the own proposal nor kin's."""
    deed = steps.locked(village_id, deed_id)
    if deed.proposed_by_id == by:
        raise OwnProposal
    checks.not_own(deed.household_id, by=by)
    return deed


def _decide(purpose: str, village_id: int, contents: list[Any], work: Any, *, key: str) -> Outcome:
    return keys.run_once(
        key, purpose, [village_id, *contents], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def _decide_with_reason(action: str, village_id: int, deed_id: int, why: str, *, key: str, by: int) -> Outcome:
    def work() -> dict[str, Any]:
        deed = _to_decide(village_id, deed_id, by=by)
        if action == "reopen":
            _within_cap(deed.rule, deed.household_id, deed.points, deed.happened_on)
        steps.move(deed, action, by=by, why=checks.reason(why))
        return {"deed_id": deed_id, "state": str(deed.state)}

    return _decide(f"awarding.{action}", village_id, [deed_id, by, why], work, key=key)
