"""Entering deeds, one or many, the same way: guards read set-wise under the village's lock, rows written in bulk.

A scan enters one; a paper sheet, a round or a list of cards scanned offline enters many, each accepted or refused on
its own, each with its reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select

from virtue import clock
from virtue.awarding import caps, checks, settling, steps
from virtue.awarding.errors import (
    AlreadyInEvent,
    EventNotOpen,
    HomeConsentNeeded,
    NotTakingPart,
    NotYourGrid,
    PhotoNeeded,
    UnknownRule,
    WayNotAllowed,
)
from virtue.awarding.models import Deed, DeedState, Event, Rule, Rulebook
from virtue.awarding.queries import EVENT_DAYS
from virtue.awarding.rule_refusals import named
from virtue.awarding.states import OPEN
from virtue.core import audit, remarks
from virtue.errors import BrokenRule, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people import hats
from virtue.people import queries as people
from virtue.people.models import Household
from virtue.prepared import Prepared, into
from virtue.staff.scopes import award_grids

HOME_CONSENT = "home_consent"
"""What a rule ``needs`` whose deeds are seen inside a home."""

_HOUSEHOLD, _RULE, _BOOK, _EVENT, _DEED = (
    model.__table__ for model in (Household, Rule, Rulebook, Event, Deed)
)  # fmt: skip
_FIND_HOUSEHOLDS = Prepared(
    select(_HOUSEHOLD.c.id, _HOUSEHOLD.c.grid_id, _HOUSEHOLD.c.state, _HOUSEHOLD.c.left_on).where(
        _HOUSEHOLD.c.village_id == bindparam("village_id"),
        _HOUSEHOLD.c.id.in_(bindparam("household_ids", expanding=True)),
    )
)
_IN_FORCE = (
    select(_BOOK.c.id)
    .where(_BOOK.c.village_id == bindparam("village_id"), _BOOK.c.in_force_from <= bindparam("day"))
    .order_by(_BOOK.c.in_force_from.desc(), _BOOK.c.version.desc())
    .limit(1)
)
_FIND_RULES = Prepared(
    select(_RULE, _BOOK.c.version)
    .join(_BOOK, _BOOK.c.id == _RULE.c.rulebook_id)
    .where(
        _RULE.c.id.in_(bindparam("rule_ids", expanding=True)), _RULE.c.rulebook_id == _IN_FORCE.scalar_subquery()
    )
)  # fmt: skip
_FIND_EVENTS = Prepared(
    select(_EVENT.c.id, _EVENT.c.day, _EVENT.c.closed_at).where(
        _EVENT.c.village_id == bindparam("village_id"), _EVENT.c.id.in_(bindparam("event_ids", expanding=True))
    )
)
_IN_EVENTS = Prepared(
    select(_DEED.c.event_id, _DEED.c.rule_code, _DEED.c.household_id).where(
        _DEED.c.month.in_(bindparam("months", expanding=True)),
        _DEED.c.household_id.in_(bindparam("household_ids", expanding=True)),
        _DEED.c.event_id.in_(bindparam("event_ids", expanding=True)),
        _DEED.c.state.in_([str(state) for state in (*OPEN, DeedState.SETTLED)]),
    )
)
# What a deed gets only later.
_LATER = dict.fromkeys((
    "settled_points", "counts_in", "reversed_in", "notice_id", "notice_line", "entry_id", "settled_on", "story",
))  # fmt: skip
_NEW_DEED = into(_DEED, "id", returning="id")
_NEW_DEEDS = insert(_DEED).returning(_DEED.c.id, sort_by_parameter_order=True)


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
    home_consent: bool = False
    """The householder's tick, for a rule that needs it."""
    less: int = 0
    """Points of the rule that are taken off: a lower title of the same group has given them this year."""


@dataclass
class Entered:
    """A deed that was entered. ``points`` after the cap, ``asked`` before it, ``booked`` once it is in the ledger."""

    row: dict[str, Any]
    asked: int
    words: str = ""
    deed_id: int = 0
    booked: int | None = None
    balance: int | None = None

    @property
    def points(self) -> int:
        """As entered, after the cap."""
        return int(self.row["points"])

    @property
    def state(self) -> str:
        """settled when it was booked at once, else proposed."""
        return str(DeedState.PROPOSED if self.booked is None else DeedState.SETTLED)


@dataclass
class _Guards:
    """All that decides whether these proposals may be entered, read once."""

    village_id: int
    by: int | None
    today: date
    needs_photo: bool = False
    households: dict[int, Any] = field(default_factory=dict)
    rules: dict[int, Any] = field(default_factory=dict)
    events: dict[int, Any] = field(default_factory=dict)
    in_events: set[tuple[int, str, int]] = field(default_factory=set)
    kin: set[int] = field(default_factory=set)
    other_hat: set[int] = field(default_factory=set)
    grids: set[int] | None = None
    closed: set[int] = field(default_factory=set)
    used: caps.Usage = field(default_factory=caps.Usage)

    def read(self, proposals: Sequence[Proposal]) -> None:
        """Fill everything from the database, in a fixed number of statements."""
        ids = list({proposal.household_id for proposal in proposals})
        values = {"village_id": self.village_id, "household_ids": ids}
        self.households = {row.id: row for row in _FIND_HOUSEHOLDS.all(values)}
        rule_ids = list({proposal.rule_id for proposal in proposals})
        found = _FIND_RULES.all({"rule_ids": rule_ids, "village_id": self.village_id, "day": self.today})
        self.rules = {row.id: row for row in found}
        if self.by is not None:
            self.kin = people.kin_household_ids(self.by)
            self.other_hat = hats.households_of_other_hat(self.by, hats.AWARD)
            self.grids = award_grids(self.village_id, self.by)
        self.closed = ledger.closed_months(self.village_id)
        months = {clock.month_of(proposal.happened_on) for proposal in proposals}
        event_ids = list({proposal.event_id for proposal in proposals if proposal.event_id is not None})
        if event_ids:
            rows = _FIND_EVENTS.all({"village_id": self.village_id, "event_ids": event_ids})
            self.events = {row.id: row for row in rows}
            values = {"months": list(months), "household_ids": ids, "event_ids": event_ids}
            self.in_events = {tuple(row) for row in _IN_EVENTS.all(values)}
        self.used = caps.usage(
            ids, months, with_open=True,
            with_years=any(rule.cap_year is not None for rule in self.rules.values()),
            with_ever=any(rule.cap_ever is not None for rule in self.rules.values()),
        )  # fmt: skip

    def enter(self, proposal: Proposal) -> Entered:
        """One proposal as a row, counted under its cap for the next. Raises the rule it breaks."""
        household = self._household(proposal)
        rule = self.rules.get(proposal.rule_id)
        if rule is None:
            raise UnknownRule
        self._way(rule, proposal)
        self._evidence(rule, proposal)
        checks.day_holds(proposal.happened_on, self.closed)
        asked = checks.points_of(rule, proposal.quantity, proposal.level) - proposal.less
        left = caps.room(rule, self.used, household.id, proposal.happened_on)
        if left == 0:
            caps.refuse_full(rule, self.used, household.id, proposal.happened_on)
        points = caps.cut(asked, left)
        month = clock.month_of(proposal.happened_on)
        self.used.add(household.id, rule.code, month, points)
        if proposal.event_id is not None:
            self.in_events.add((proposal.event_id, rule.code, household.id))
        row = {
            **snapshot(rule, rule.version), "village_id": self.village_id, "household_id": household.id,
            "grid_id": household.grid_id, "quantity": proposal.quantity, "points": points,
            "happened_on": proposal.happened_on, "month": month, "state": str(DeedState.PROPOSED), "way": proposal.way,
            "event_id": proposal.event_id, "proposed_by_id": self.by, "proposed_at": clock.now(),
            "photo_id": proposal.photo_id, "home_consent": True if rule.needs == HOME_CONSENT else None, **_LATER,
        }  # fmt: skip
        return Entered(row, asked, proposal.words)

    def _household(self, proposal: Proposal) -> Any:
        household = self.households.get(proposal.household_id)
        if household is None:
            raise NotFoundHere
        if household.state != "active" or household.left_on is not None:
            raise NotTakingPart
        if household.id in self.kin:
            raise OwnKin
        if household.id in self.other_hat:
            raise hats.TwoHats(done=hats.TILL, now=hats.AWARD)
        if self.grids is not None and household.grid_id not in self.grids and proposal.way in {"scan", "event"}:
            raise NotYourGrid
        return household

    def _evidence(self, rule: Any, proposal: Proposal) -> None:
        """The householder's tick, in whatever way it is entered; a photo, where one stands before what was done."""
        if rule.needs == HOME_CONSENT and not proposal.home_consent:
            raise HomeConsentNeeded(**named(rule))
        is_seen = proposal.way in {"scan", "claim"}
        if rule.evidence == "photo" and is_seen and self.needs_photo and proposal.photo_id is None:
            raise PhotoNeeded(**named(rule))

    def _way(self, rule: Any, proposal: Proposal) -> None:
        """The rule may be entered in this way; an event must be open, and takes a household once under a plain rule."""
        if rule.route == "deduction" or proposal.way not in rule.entry.split("+"):
            raise WayNotAllowed(**named(rule))
        if proposal.way != "event":
            return
        event = self.events.get(proposal.event_id or 0)
        if event is None or event.closed_at is not None or proposal.happened_on != event.day:
            raise EventNotOpen
        if not event.day <= self.today <= event.day + timedelta(days=EVENT_DAYS):
            raise EventNotOpen
        if not rule.has_quantity and (event.id, rule.code, proposal.household_id) in self.in_events:
            raise AlreadyInEvent(**named(rule))


def enter(
    village_id: int, proposals: Sequence[Proposal], *, by: int | None, needs_photo: bool = False
) -> list[Entered | BrokenRule]:
    """Enter proposals in their order, each on its own: entered, or the rule it breaks. Inside a write under the lock.

    ``at_once`` rules scanned in an open event are booked; everything else waits for the review group. ``by`` None: the
    household itself. ``needs_photo``: a rule whose evidence is a photo is refused without one (not so on paper).
    """
    results = look(village_id, proposals, by=by, needs_photo=needs_photo)
    write(village_id, [result for result in results if isinstance(result, Entered)], by=by)
    return results


def look(
    village_id: int, proposals: Sequence[Proposal], *, by: int | None, needs_photo: bool = False
) -> list[Entered | BrokenRule]:
    """The first half of ``enter``: what would be entered, and what is refused. Writes nothing."""
    guards = _Guards(village_id, by, clock.today(), needs_photo)
    guards.read(proposals)
    results: list[Entered | BrokenRule] = []
    for proposal in proposals:
        try:
            results.append(guards.enter(proposal))
        except BrokenRule as error:
            results.append(error)
    return results


def write(village_id: int, entered: list[Entered], *, by: int | None) -> None:
    """The second half of ``enter``, under the same lock: the rows, and those booked that are booked at once."""
    if not entered:
        return
    at_once = [deed for deed in entered if deed.row["route"] == "at_once" and deed.row["way"] == "event"]
    for deed in at_once:
        deed.row["state"] = str(DeedState.APPROVED)
    for deed in entered:
        deed.row["remark_id"] = remarks.keep(deed.words, village_id=village_id)[0]
    for deed, deed_id in zip(entered, _new_ids(entered), strict=True):
        deed.deed_id = deed.row["id"] = deed_id
    notes = [_step(deed, "propose", None, DeedState.PROPOSED, by) for deed in entered]
    notes += [_step(deed, "approve", DeedState.PROPOSED, DeedState.APPROVED, by) for deed in at_once]
    steps.note_many(notes)
    audit.record_many([
        {
            "village_id": village_id, "action": "awarding.propose", "by_id": by, "household_id": deed.row["household_id"],
            "subject": "deed", "subject_id": deed.deed_id,
            "details": {"points": deed.points, "rule": deed.row["rule_code"]},
        }
        for deed in entered
    ])  # fmt: skip
    if at_once:
        events = {deed.row["event_id"] for deed in at_once}
        batch = f"event:{events.pop()}" if len(events) == 1 else None
        posted = settling.book([settling.Booking.of(deed.row) for deed in at_once], by=by, action="book", batch=batch)
        for deed, entry in zip(at_once, posted, strict=True):
            deed.booked = entry.moved.get(deed.row["unit"], 0)
            deed.balance = entry.balance.get(deed.row["unit"])


def _new_ids(entered: list[Entered]) -> Sequence[int]:
    """Insert the deeds and give their ids in order: a scan's one as cheaply as can be, many in one statement."""
    if len(entered) == 1:
        return [_NEW_DEED.scalar(entered[0].row)]
    return db.session.scalars(_NEW_DEEDS, [deed.row for deed in entered]).all()


def _step(
    deed: Entered, action: str, from_state: DeedState | None, to_state: DeedState, by: int | None
) -> dict[str, Any]:
    return {
        "deed_id": deed.deed_id, "action": action, "from_state": None if from_state is None else str(from_state),
        "to_state": str(to_state), "points": deed.points, "by_id": by,
    }  # fmt: skip


def snapshot(rule: Any, version: int) -> dict[str, Any]:
    """What a deed keeps of its rule: editing a rule never changes the past."""
    return {
        "rule_id": rule.id, "rule_code": rule.code, "rule_version": version, "rule_name": rule.name,
        "rule_name_en": rule.name_en, "standard": rule.standard, "dimension": rule.dimension, "unit": rule.unit, "scores": rule.scores,
        "publish": rule.publish, "cap_ever": rule.cap_ever, "route": rule.route,
    }  # fmt: skip
