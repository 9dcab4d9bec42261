"""What waits in the dividend's procedure for whom: the next step of each pot, to who may take it and hasn't taken the last."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from virtue import clock
from virtue.dividends import queries
from virtue.dividends.models import Pot, PotState
from virtue.dividends.pots import NOTICE_KIND
from virtue.extensions import db
from virtue.notices import queries as notices
from virtue.people import queries as people

PAY_WITHIN = 5
"""So many days after the signature everything is to be paid; later ones are pressing."""


@dataclass(frozen=True)
class ToDraft:
    """For the clerk, in pots."""

    to_open: int
    ending: int
    """Sheets whose last day is today or tomorrow."""
    to_vote: int


@dataclass(frozen=True)
class ToPay:
    """For who pays: lines not paid, whether it is late; pots of which all is paid but that aren't closed."""

    lines: int
    is_late: bool
    to_close: int


def to_draft(village_id: int, day: date) -> ToDraft:
    """Drafts of years that are over, sheets that end, sheets that are over with no objection open."""
    pots = _pots(village_id, PotState.DRAFT, PotState.OPEN)
    opened = [pot for pot in pots if pot.state == PotState.OPEN and pot.open_until is not None]
    return ToDraft(
        sum(pot.state == PotState.DRAFT and pot.year < day.year for pot in pots),
        sum(day <= _until(pot) <= day + timedelta(days=1) for pot in opened),
        sum(_until(pot) < day and not queries.contested(pot) for pot in opened),
    )


def to_answer(village_id: int, user_id: int, day: date) -> tuple[int, int]:
    """Open objections to sheets that this person didn't draft, to no line of kin; how many of them are overdue."""
    drafted = {pot.notice_id: pot for pot in _pots(village_id, PotState.OPEN)}
    waiting = [
        one
        for one in db.session.scalars(notices.objections(village_id, is_open=True, kinds=(NOTICE_KIND,)))
        if (pot := drafted.get(one.line.notice_id)) is not None and pot.drafted_by_id != user_id
        and not _is_kin(pot, one.line.number, user_id)
    ]  # fmt: skip
    return len(waiting), sum(one.answer_by < day for one in waiting)


def to_check(village_id: int, user_id: int) -> int:
    """Pots that were voted on and that this person didn't draft."""
    return sum(pot.drafted_by_id != user_id for pot in _pots(village_id, PotState.VOTED))


def to_sign(village_id: int, user_id: int) -> int:
    """Pots that were checked, by others."""
    return sum(user_id not in {pot.drafted_by_id, pot.checked_by_id} for pot in _pots(village_id, PotState.CHECKED))


def to_pay(village_id: int, user_id: int, day: date) -> ToPay:
    """Pots that were signed and of whose steps this person took none."""
    lines, to_close, is_late = 0, 0, False
    for pot in _pots(village_id, PotState.SIGNED):
        if user_id in {pot.drafted_by_id, pot.checked_by_id, pot.signed_by_id}:
            continue
        left = len(queries.unclaimed(pot))
        lines, to_close = lines + left, to_close + int(not left)
        signed_on = clock.day_of(pot.signed_at) if pot.signed_at else day
        is_late = is_late or (left > 0 and signed_on + timedelta(days=PAY_WITHIN) < day)
    return ToPay(lines, is_late, to_close)


def _pots(village_id: int, *states: PotState) -> list[Pot]:
    return list(db.session.scalars(select(Pot).where(Pot.village_id == village_id, Pot.state.in_(states))))


def _until(pot: Pot) -> date:
    return pot.open_until or date.min


def _is_kin(pot: Pot, place: int, user_id: int) -> bool:
    household_id = queries.household_of_place(pot.id, place)
    return household_id is not None and people.is_kin(user_id, household_id)
