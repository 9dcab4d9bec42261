"""Objections to a line of an open trial sheet: the same receipts, seals and answers as to a line of any notice.

Upheld means that what the sheet rests on was put right (a deed reversed, months stated, an honour revoked): the whole
sheet is drawn anew, since one household's score changes everybody's part.
"""

from dataclasses import asdict, dataclass
from typing import Any

from virtue.awarding import checks
from virtue.awarding.errors import WrongState
from virtue.awarding.objections import MOST_OPEN
from virtue.core import settings
from virtue.core.keys import Outcome
from virtue.dividends import queries, sheets
from virtue.dividends.errors import NoSuchSheetLine, SheetObjectionOver
from virtue.dividends.models import Pot
from virtue.dividends.pots import NOTICE_KIND, note, once, state_months, step
from virtue.dividends.states import pot_target
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.notices import queries as notices
from virtue.notices import services
from virtue.notices.errors import OwnObjection, TooManyOpen
from virtue.notices.models import Notice, Objection
from virtue.notices.services import Sender
from virtue.people import queries as people
from virtue.places import services as places


@dataclass(frozen=True)
class Verdict:
    """How an objection is answered. ``months``: the right ones of the line's household, where those were wrong."""

    state: str
    reason: str
    months: int | None = None


KINDS = (NOTICE_KIND,)
OUTCOMES = ("upheld_amended", "dismissed")


def object_to(
    village_id: int, pot_id: int, place: int, words: str, sender: Sender, *, came_by: str, key: str, by: int | None
) -> Outcome:
    """Take an objection to a line. Gives the receipt's ``number`` and ``answer_by``; the key leaves the sender out.

    Raises NoSuchSheetLine, PotElsewhere, NoticeOver, WordsNeeded, OneNameOnly; TooManyOpen for a passbook.
    """
    if sender.household_id is not None and people.find_household(village_id, sender.household_id) is None:
        raise NotFoundHere
    if by is None and sender.household_id is not None and notices.open_objections_of(sender.household_id) >= MOST_OPEN:
        raise TooManyOpen(most=MOST_OPEN)

    def work() -> dict[str, Any]:
        pot = queries.locked_pot(village_id, pot_id)
        pot_target("object", pot.state)
        line = queries.notice_line(pot, place)
        if line is None:
            raise NoSuchSheetLine
        objection = services.receive(line, words, sender, came_by=came_by, by=by)
        return {"number": objection.number, "answer_by": objection.answer_by.isoformat()}

    return once("object", village_id, [pot_id, place, words, came_by, by], work, key=key)


def answer(village_id: int, pot_id: int, number: int, verdict: Verdict, *, key: str, by: int) -> Outcome:
    """Answer an objection with a reason both sides read; upheld, the whole sheet is drawn anew.

    Raises SheetObjectionOver (the drafter doesn't answer), OwnKin, OwnObjection, AlreadyAnswered.
    """
    found = notices.find_objection(village_id, number, KINDS)
    if found is None:
        raise NotFoundHere
    # Outside the key: a refusal kept on it would say that the one who answers is kin of who objected.
    objector = notices.find_objector(found.id)
    if objector is not None and objector.household_id is not None and people.is_kin(by, objector.household_id):
        raise OwnObjection

    def work(pot: Pot) -> dict[str, Any]:
        objection = _objection(pot, number)
        if by == pot.drafted_by_id:
            raise SheetObjectionOver
        household_id = queries.household_of_place(pot.id, objection.line.number)
        if household_id is not None and people.is_kin(by, household_id):
            raise OwnKin
        if verdict.state not in OUTCOMES:
            raise WrongState
        services.answer(objection, verdict.state, checks.reason(verdict.reason), corrected=False, by=by)
        if verdict.state == "upheld_amended":
            if verdict.months is not None and household_id is not None:
                state_months(pot, household_id, verdict.months, verdict.reason, by=by)
            _draw_anew(pot)
        note("answer", pot, by=by, number=number, outcome=verdict.state, sheet=pot.sheet)
        places.raise_board_version(village_id)
        return {"number": number, "state": verdict.state, "sheet": pot.sheet}

    return step("answer", village_id, pot_id, [number, *asdict(verdict).values()], work, key=key, by=by)


def _draw_anew(pot: Pot) -> None:
    """A household that stands on the sheet for the first time gets a line that can be objected to, and days to do it."""
    last = max(row["place"] for row in sheets.draw(pot))
    notice = db.session.get(Notice, pot.notice_id)
    missing = last - notices.last_line(notice.id) if notice is not None else 0
    if notice is not None and missing > 0:
        days = settings.value("notice_days", pot.village_id)
        services.add_lines(notice, ["list"] * missing, days=days)
        pot.open_until = notice.ends_on


def take_back(village_id: int, pot_id: int, number: int, *, key: str, by: int | None) -> Outcome:
    """The objector takes it back."""

    def work() -> dict[str, Any]:
        objection = _objection(queries.locked_pot(village_id, pot_id), number)
        services.take_back(objection, by=by)
        return {"number": number, "state": objection.state}

    return once("take_back", village_id, [pot_id, number, by], work, key=key)


def _objection(pot: Pot, number: int) -> Objection:
    objection = notices.locked_objection(pot.village_id, number, KINDS)
    if objection.line.notice_id != pot.notice_id:
        raise NotFoundHere
    return objection
