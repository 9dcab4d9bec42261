"""Objections to a line of a notice: taken, the line frozen, settled by somebody without a hand in it, and what follows.

Dismissed: the line thaws when the last objection to it is settled. Upheld: what follows is its subject's (a deed's, a
star's: see ``line_subjects``). Who objected stands in no key, no audit row.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from virtue.awarding import (
    checks,
    deed_lines,  # noqa: F401  says what stands on a deed's line
    line_subjects,
)
from virtue.awarding.errors import WrongState
from virtue.awarding.line_subjects import Verdict
from virtue.core import keys
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.ledger import services as ledger
from virtue.notices import queries as notices
from virtue.notices import services
from virtue.notices.errors import (
    NoSuchLine,
    NotTheSettler,
    OwnObjection,
    ReasonHasNumber,
    ReasonNamesSomebody,
    TooManyOpen,
)
from virtue.notices.models import Objection
from virtue.notices.services import Sender
from virtue.people import public_queries as faces
from virtue.people import queries as people
from virtue.places import services as places
from virtue.staff import queries as staff
from virtue.transactions import atomic

UPHELD = ("upheld_withdrawn", "upheld_amended")
MOST_OPEN = 10
"""As many objections one passbook may have open."""


@dataclass(frozen=True)
class Words:
    """What is objected to which line, and how it came."""

    notice: int
    line: int
    text: str
    came_by: str
    received_on: date | None = None


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
        line_subjects.of(line).begin(line)
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
    if why_not(found, by=by) is None:
        _apart(found, by=by)
        _names_nobody(found, line_subjects.of(found.line).household_id(found.line), reason, by=by)

    def work() -> dict[str, Any]:
        objection = notices.locked_objection(village_id, number)
        wrong = why_not(objection, by=by)
        if wrong is not None:
            raise wrong
        subject, state = line_subjects.of(objection.line), verdict.state
        if state not in subject.outcomes:
            raise WrongState
        services.answer(objection, state, reason, corrected=verdict.corrected, by=by)
        fresh_id = None
        if state == "dismissed":
            _thaw(objection, reason, by=by)
        else:
            fresh_id = subject.uphold(objection, verdict, reason, by=by)
        places.raise_board_version(village_id)
        return {"number": number, "state": state, "deed_state": subject.state(objection.line), "amended_id": fresh_id}

    contents = [number, verdict.state, verdict.reason, verdict.points, verdict.corrected, by]
    if verdict.dimension:
        contents.append(verdict.dimension)
    return _once("awarding.settle_objection", village_id, contents, work, key=key)


def take_back(village_id: int, number: int, *, key: str, by: int | None) -> Outcome:
    """The objector takes it back; the line thaws if no other objection to it is open."""

    def work() -> dict[str, Any]:
        objection = notices.locked_objection(village_id, number)
        services.take_back(objection, by=by)
        _thaw(objection, None, by=None)
        places.raise_board_version(village_id)
        return {"number": number, "state": objection.state}

    return _once("awarding.take_back_objection", village_id, [number, by], work, key=key)


def name_settler(village_id: int, number: int, user_id: int, *, by: int) -> None:
    """Name one of the village's staff to settle an objection. Raises what keeps that one from it."""
    with atomic():
        ledger.lock(village_id)
        objection = notices.locked_objection(village_id, number)
        if user_id not in {user.id for user in staff.active_staff(village_id)}:
            raise NotTheSettler
        wrong = line_subjects.of(objection.line).barred(objection.line, by=user_id)
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
    wrong = why_not(objection, by=by)
    if wrong is not None:
        raise wrong
    objector = services.open_seal(objection.id, by=by)
    if objector is None:
        return ""
    if objector.household_id is None:
        return objector.outsider or ""
    household = people.find_household(village_id, objector.household_id)
    return f"{household.head_name}（{household.code}）" if household else ""


def why_not(objection: Objection, *, by: int) -> BrokenRule | None:
    """What keeps a user from settling an objection, as far as it may be told before the seal is opened."""
    wrong = line_subjects.of(objection.line).barred(objection.line, by=by)
    if wrong is not None:
        return wrong
    named = {objection.settler_id, objection.settled_by_id}
    is_supervisor = by in {user.id for user in staff.active_staff(objection.village_id, "supervisor")}
    return None if is_supervisor or by in named else NotTheSettler()


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


def _thaw(objection: Objection, reason: str | None, *, by: int | None) -> None:
    if notices.open_on_line(objection.line_id) == 0:
        line_subjects.of(objection.line).thaw(objection.line, reason, by=by)


def _once(purpose: str, village_id: int, contents: list[Any], work: Any, *, key: str) -> Outcome:
    return keys.run_once(
        key, purpose, [village_id, *contents], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
