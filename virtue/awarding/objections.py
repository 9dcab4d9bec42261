"""Objections to a line on which a deed stands: taken, the line frozen, settled by somebody else, and what follows.

Dismissed: the line thaws when the last objection to it is settled. Upheld: the deed is withdrawn (reversed, when it was
booked at once); with other points, it starts again as a deed of its own. Who objected stands in no key, no audit row.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from virtue import clock
from virtue.awarding import checks, settling, steps
from virtue.awarding.errors import WrongQuantity, WrongState
from virtue.awarding.models import Amendment, Deduction, Deed, DeedState
from virtue.awarding.objection_queries import deeds_of_lines, find_deed_of_line
from virtue.awarding.queries import deciders
from virtue.core import keys
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.notices import queries as notices
from virtue.notices import services
from virtue.notices.errors import (
    DecidedTheLine,
    LineGone,
    NoSuchLine,
    NotTheSettler,
    OwnObjection,
    ReasonHasNumber,
    ReasonNamesSomebody,
    TooManyOpen,
)
from virtue.notices.models import NoticeLine, Objection
from virtue.notices.services import Sender
from virtue.people import public_queries as faces
from virtue.people import queries as people
from virtue.places import services as places
from virtue.staff import queries as staff
from virtue.transactions import atomic

UPHELD = ("upheld_withdrawn", "upheld_amended")
MOST_POINTS = 999
MOST_OPEN = 10
"""As many objections one passbook may have open."""

_COPIED = (
    "village_id", "household_id", "grid_id", "rule_id", "rule_code", "rule_version", "rule_name", "rule_name_en", "standard",
    "dimension", "unit", "scores", "publish", "cap_ever", "quantity", "happened_on", "month", "route", "remark_id", "photo_id",
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What is objected to which line, and how it came."""

    notice: int
    line: int
    text: str
    came_by: str
    received_on: date | None = None


@dataclass(frozen=True)
class Verdict:
    """How an objection is settled. ``points``: the right ones, when they are amended (as a number above zero)."""

    state: str
    reason: str
    points: int | None = None
    corrected: bool = False


def object_to(village_id: int, words: Words, sender: Sender, *, key: str, by: int | None) -> Outcome:
    """Take an objection to a line of an open notice; a line that isn't booked yet is frozen until it is settled.

    Gives the receipt's ``number`` and ``answer_by``. The key's contents leave the sender out. Raises NoSuchLine,
    NoticeOver, LineGone, WordsNeeded, OneNameOnly, BadReceivedDay, TooManyOpen.
    """
    if sender.household_id is not None and people.find_household(village_id, sender.household_id) is None:
        raise NotFoundHere
    if by is None and sender.household_id is not None and notices.open_objections_of(sender.household_id) >= MOST_OPEN:
        raise TooManyOpen(most=MOST_OPEN)

    def work() -> dict[str, Any]:
        line = notices.find_line(village_id, words.notice, words.line)
        if line is None:
            raise NoSuchLine
        objection = services.receive(
            line, words.text, sender, came_by=words.came_by, received_on=words.received_on, by=by
        )
        deed = _deed_of(line)
        is_booked = deed.state == DeedState.SETTLED and line.notice.kind == "booked"
        if deed.state not in {DeedState.ON_NOTICE, DeedState.FROZEN} and not is_booked:
            raise LineGone
        if deed.state == DeedState.ON_NOTICE:
            # By nobody: who took it down is no business of the line's household.
            steps.move(deed, "freeze", by=None)
        places.raise_board_version(village_id)
        return {"number": objection.number, "answer_by": objection.answer_by.isoformat()}

    contents = [words.notice, words.line, words.text, words.came_by, str(words.received_on), by]
    return _once("awarding.object", village_id, contents, work, key=key)


def settle(village_id: int, number: int, verdict: Verdict, *, key: str, by: int) -> Outcome:
    """Settle an objection, with a reason both sides read. Raises what ``why_not`` says, AlreadyAnswered, WrongQuantity."""
    found = notices.find_objection(village_id, number)
    if found is None:
        raise NotFoundHere
    reason = checks.reason(verdict.reason)
    # Outside the key: a refusal kept on it would hold a name, or say that the settler is kin of who objected.
    line_deed = deeds_of_lines([found])[found.id]
    if why_not(found, line_deed, by=by) is None:
        _apart(found, by=by)
        _names_nobody(found, line_deed.household_id, reason, by=by)

    def work() -> dict[str, Any]:
        objection = notices.locked_objection(village_id, number)
        deed = _deed_of(objection.line)
        wrong = why_not(objection, deed, by=by)
        if wrong is not None:
            raise wrong
        state = verdict.state
        if state not in (*UPHELD, "dismissed"):
            raise WrongState
        services.answer(objection, state, reason, corrected=verdict.corrected, by=by)
        fresh_id = _follow(objection, deed, verdict, reason, by=by)
        places.raise_board_version(village_id)
        return {"number": number, "state": state, "deed_state": str(deed.state), "amended_id": fresh_id}

    contents = [number, verdict.state, verdict.reason, verdict.points, verdict.corrected, by]
    return _once("awarding.settle_objection", village_id, contents, work, key=key)


def take_back(village_id: int, number: int, *, key: str, by: int | None) -> Outcome:
    """The objector takes it back; the line thaws if no other objection to it is open."""

    def work() -> dict[str, Any]:
        objection = notices.locked_objection(village_id, number)
        services.take_back(objection, by=by)
        deed = _deed_of(objection.line)
        _thaw(objection, deed, None, by=None)
        places.raise_board_version(village_id)
        return {"number": number, "state": objection.state}

    return _once("awarding.take_back_objection", village_id, [number, by], work, key=key)


def name_settler(village_id: int, number: int, user_id: int, *, by: int) -> None:
    """Name one of the village's staff to settle an objection. Raises what keeps that one from it."""
    with atomic():
        ledger.lock(village_id)
        objection = notices.locked_objection(village_id, number)
        deed = _deed_of(objection.line)
        if user_id not in {user.id for user in staff.active_staff(village_id)}:
            raise NotTheSettler
        wrong = _barred(deed, by=user_id)
        if wrong is not None:
            raise wrong
        services.name_settler(objection, user_id, by=by)


def open_seal(village_id: int, number: int, *, by: int) -> str:
    """The objector's name, for the one who settles and the supervision committee; written down, and the objector sees it.

    Gives an empty text for an unsigned paper. Raises what ``why_not`` says.
    """
    objection = notices.find_objection(village_id, number)
    if objection is None:
        raise NotFoundHere
    wrong = why_not(objection, deeds_of_lines([objection])[objection.id], by=by)
    if wrong is not None:
        raise wrong
    objector = services.open_seal(objection.id, by=by)
    if objector is None:
        return ""
    if objector.household_id is None:
        return objector.outsider or ""
    household = people.find_household(village_id, objector.household_id)
    return f"{household.head_name}（{household.code}）" if household else ""


def why_not(objection: Objection, deed: Deed, *, by: int) -> BrokenRule | None:
    """What keeps a user from settling an objection, as far as it may be told before the seal is opened."""
    wrong = _barred(deed, by=by)
    if wrong is not None:
        return wrong
    named = {objection.settler_id, objection.settled_by_id}
    is_supervisor = by in {user.id for user in staff.active_staff(objection.village_id, "supervisor")}
    return None if is_supervisor or by in named else NotTheSettler()


def _barred(deed: Deed, *, by: int) -> BrokenRule | None:
    if by in deciders(deed.id) or by == deed.proposed_by_id:
        return DecidedTheLine()
    return OwnKin() if people.is_kin(by, deed.household_id) else None


def _apart(objection: Objection, *, by: int) -> None:
    """Objector and settler are two sides. Raises OwnObjection."""
    objector = notices.find_objector(objection.id)
    if objector is not None and objector.household_id is not None and people.is_kin(by, objector.household_id):
        raise OwnObjection


def _names_nobody(objection: Objection, own_id: int, reason: str, *, by: int) -> None:
    """The reason goes to both sides: no villager's name but the line's own household's, no long number.

    Every villager is refused alike, so that nobody finds out who objected by trying names. An outsider's name is refused
    only to who has opened the seal, and knows it. Raises ReasonNamesSomebody, ReasonHasNumber.
    """
    if faces.has_long_number(reason):
        raise ReasonHasNumber
    within = faces.names_within(objection.village_id, reason)
    rest = reason
    for name in {name for name, household_id in within if household_id == own_id}:
        rest = rest.replace(name, "，")
    said = {name for name, _household_id in within if len(name) > 1 and name in rest}
    objector = notices.find_objector(objection.id) if notices.has_opened_seal(objection.id, by) else None
    if objector is not None and objector.outsider and objector.outsider in rest:
        said.add(objector.outsider)
    if said:
        raise ReasonNamesSomebody(names="、".join(sorted(said)))


def _follow(objection: Objection, deed: Deed, verdict: Verdict, reason: str, *, by: int) -> int | None:
    """What a verdict does to the deed; gives the id of the deed that starts again, if there is one."""
    if verdict.state == "dismissed":
        _thaw(objection, deed, reason, by=by)
        return None
    points = _amended_points(deed, verdict.points) if verdict.state == "upheld_amended" else None
    if deed.state == DeedState.SETTLED:
        settling.reverse_one(deed, "reverse", by=by, why=reason)
    elif deed.state in {DeedState.ON_NOTICE, DeedState.FROZEN}:
        steps.move(deed, "withdraw", by=by, why=reason)
    elif points is not None:
        # Another objection to the line was upheld before: there is nothing left to amend.
        raise WrongState
    return None if points is None else _start_again(deed, points, by=by)


def _thaw(objection: Objection, deed: Deed, reason: str | None, *, by: int | None) -> None:
    if deed.state == DeedState.FROZEN and notices.open_on_line(objection.line_id) == 0:
        steps.move(deed, "thaw", by=by, why=reason)


def _amended_points(deed: Deed, points: int | None) -> int:
    """The right points with the deed's sign: not zero (that is a withdrawal), not what stands there."""
    if points is None or not 1 <= points <= MOST_POINTS or points == abs(deed.points):
        raise WrongQuantity
    return points if deed.points > 0 else -points


def _start_again(deed: Deed, points: int, *, by: int) -> int:
    """A deed with the right points, proposed anew: reviewed, on notice, settled as any other; a deduction is told again."""
    is_deduction = deed.route == "deduction"
    fresh = Deed(
        **{name: getattr(deed, name) for name in _COPIED}, points=points, proposed_by_id=by, proposed_at=clock.now(),
        way="scan" if deed.way == "event" else deed.way,
        state=str(DeedState.LEAD if is_deduction else DeedState.PROPOSED),
    )  # fmt: skip
    db.session.add(fresh)
    db.session.flush()
    steps.note(fresh, "lead" if is_deduction else "propose", to_state=fresh.state, by=by)
    if is_deduction:
        facts = db.session.get_one(Deduction, deed.id)
        db.session.add(Deduction(deed_id=fresh.id, document_number=facts.document_number, veto_until=facts.veto_until))
    db.session.add(Amendment(deed_id=fresh.id, from_id=deed.id))
    db.session.flush()
    return fresh.id


def _deed_of(line: NoticeLine) -> Deed:
    deed_id = find_deed_of_line(line.notice_id, line.number)
    if deed_id is None:
        raise NoSuchLine
    return steps.locked(line.village_id, deed_id)


def _once(purpose: str, village_id: int, contents: list[Any], work: Any, *, key: str) -> Outcome:
    return keys.run_once(
        key, purpose, [village_id, *contents], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
