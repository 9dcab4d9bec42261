"""Publishing a notice, and what happens to an objection to one of its lines.

Subjects (awarding ...) call these inside their own write, under the village's lock, and decide what follows for
the thing the line is about. Neither audit nor key carries who objected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert

from virtue import clock
from virtue.core import audit, remarks, settings
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.notices import queries
from virtue.notices.errors import AlreadyAnswered, BadReceivedDay, NoticeOver, OneNameOnly, WordsNeeded
from virtue.notices.models import Notice, NoticeLine, Objection, Objector, SealOpening
from virtue.notices.queries import next_number
from virtue.transactions import atomic

_NEW_LINE = insert(NoticeLine.__table__)

LONGEST_WORDS = 500


@dataclass(frozen=True)
class Sender:
    """Who objects: a household, or somebody from outside by name; neither for an unsigned paper."""

    household_id: int | None = None
    outsider: str = ""

    @property
    def is_named(self) -> bool:
        """Whether there is a name to seal."""
        return self.household_id is not None or bool(self.outsider)


def publish(
    village_id: int, publish_levels: Sequence[str], *, days: int, by: int | None, kind: str = "deeds"
) -> Notice:
    """Make a notice with one line for each given publish level, open through the end of today + ``days``.

    Inside a write that holds the village's lock. Kind "booked" is open for objections but has nothing to settle.
    """
    today: date = clock.today()
    notice = Notice(
        village_id=village_id, number=next_number(village_id), kind=kind, published_on=today,
        ends_on=clock.end_after(today, days), published_by_id=by, published_at=clock.now(),
    )  # fmt: skip
    db.session.add(notice)
    db.session.flush()
    rows = [
        {"notice_id": notice.id, "village_id": village_id, "number": number, "publish": level}
        for number, level in enumerate(publish_levels, 1)
    ]
    db.session.execute(_NEW_LINE, rows)
    return notice


def add_lines(notice: Notice, publish_levels: Sequence[str], *, days: int) -> None:
    """Add lines to an open notice, behind its last; it stays open at least through the end of today + ``days``.

    Inside a write that holds the village's lock.
    """
    last = queries.last_line(notice.id)
    rows = [
        {"notice_id": notice.id, "village_id": notice.village_id, "number": last + at, "publish": level}
        for at, level in enumerate(publish_levels, 1)
    ]
    db.session.execute(_NEW_LINE, rows)
    notice.ends_on = max(notice.ends_on, clock.end_after(clock.today(), days))
    db.session.flush()


def receive(
    line: NoticeLine, words: str, sender: Sender, *, came_by: str, received_on: date | None = None, by: int | None
) -> Objection:
    """Take an objection to a line of an open notice; ``by`` is who took it down (None: from the passbook).

    Inside a write that holds the village's lock. Raises NoticeOver, WordsNeeded, OneNameOnly, BadReceivedDay.
    """
    today, notice = clock.today(), line.notice
    received = received_on or today
    text, outsider = words.strip(), sender.outsider.strip()
    if not notice.published_on <= today <= notice.ends_on:
        raise NoticeOver
    if not notice.published_on <= received <= today:
        raise BadReceivedDay
    if not 2 <= len(text) <= LONGEST_WORDS:
        raise WordsNeeded
    if sender.household_id is not None and outsider:
        raise OneNameOnly
    village_id = line.village_id
    words_id, _hash = remarks.keep(text, village_id=village_id)
    objection = Objection(
        village_id=village_id, number=queries.next_objection_number(village_id), line_id=line.id, came_by=came_by,
        received_on=received, recorded_at=clock.now(), taken_by_id=by, words_id=words_id, state="open",
        answer_by=clock.end_after(received, settings.value("objection_days", village_id)),
    )  # fmt: skip
    db.session.add(objection)
    db.session.flush()
    if sender.is_named:
        db.session.add(
            Objector(objection_id=objection.id, household_id=sender.household_id, outsider=outsider[:40] or None)
        )
        db.session.flush()
    _note("notices.object", objection, by=by)
    return objection


def answer(objection: Objection, state: str, reason: str, *, corrected: bool, by: int) -> None:
    """Settle an open objection with a reason that both sides read. Whether the settler may, the subject has checked.

    ``corrected``: the household wants a 更正, shown for as long as the notice stood. Raises AlreadyAnswered.
    """
    _end(objection, state, by=by)
    notice = objection.line.notice
    objection.reason_id, _hash = remarks.keep(reason, village_id=objection.village_id)
    if corrected and state != "dismissed" and objection.line.publish != "never":
        days = (notice.ends_on - notice.published_on).days
        objection.corrected_until = clock.end_after(clock.today(), days)
    db.session.flush()
    _note("notices.settle_objection", objection, by=by, outcome=state)


def take_back(objection: Objection, *, by: int | None) -> None:
    """The objector takes it back; ``by`` is who was told so (None: from the passbook). Raises AlreadyAnswered."""
    _end(objection, "taken_back", by=by)
    db.session.flush()
    _note("notices.take_back_objection", objection, by=by)


def name_settler(objection: Objection, user_id: int, *, by: int) -> None:
    """Name who is to settle an objection. Whether that one may, the subject has checked. Raises AlreadyAnswered."""
    if objection.state != "open":
        raise AlreadyAnswered
    objection.settler_id = user_id
    db.session.flush()
    _note("notices.name_settler", objection, by=by, user=user_id)


def open_seal(objection_id: int, *, by: int) -> Objector | None:
    """Read who objected; None for an unsigned one. Written down, in the trail and where the objector sees it."""
    with atomic():
        objection = db.session.get(Objection, objection_id)
        if objection is None:
            raise NotFoundHere
        db.session.add(SealOpening(objection_id=objection.id, by_id=by, opened_at=clock.now()))
        _note("notices.open_seal", objection, by=by)
        return queries.find_objector(objection_id)


def _end(objection: Objection, state: str, *, by: int | None) -> None:
    if objection.state != "open":
        raise AlreadyAnswered
    objection.state, objection.settled_by_id = state, by
    objection.settled_on, objection.settled_at = clock.today(), clock.now()


def _note(action: str, objection: Objection, *, by: int | None, **details: Any) -> None:
    audit.record(
        action, village_id=objection.village_id, by=by, subject="objection", subject_id=objection.id,
        number=objection.number, **details,
    )  # fmt: skip
