"""Putting an announcement on the screens, and taking it down before its day."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.kiosk.announcement_models import KINDS, Announcement
from virtue.kiosk.screen_errors import AnnouncementTellsNumbers, BadAnnouncement, BadAnnouncementEnd, JobUnchecked
from virtue.ledger import services as ledger
from virtue.people import public_queries as people
from virtue.places import services as places

MOST_TITLE = 20
MOST_TEXT = 120
MOST_DAYS = 366


@dataclass(frozen=True)
class Text:
    """An announcement as it was typed."""

    kind: str
    title: str
    text: str
    checked_by: str
    ends_on: date


def add(village_id: int, text: Text, *, key: str, by: int) -> Outcome:
    """Put an announcement on the screens until its day. Gives ``announcement_id``.

    Raises BadAnnouncement, AnnouncementTellsNumbers, JobUnchecked, BadAnnouncementEnd.
    """

    def work() -> dict[str, Any]:
        row = Announcement(village_id=village_id, added_at=clock.now(), added_by_id=by, **_checked(text))
        db.session.add(row)
        db.session.flush()
        _note("add", row, by=by)
        return {"announcement_id": row.id}

    asked = [{**asdict(text), "ends_on": text.ends_on.isoformat()}, by]
    return keys.run_once(
        key, "kiosk.add_announcement", asked, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def end(village_id: int, announcement_id: int, *, key: str, by: int) -> Outcome:
    """Take an announcement down; it leaves the screens at their next question."""

    def work() -> dict[str, Any]:
        row = db.session.scalar(
            select(Announcement).where(
                Announcement.id == announcement_id, Announcement.village_id == village_id, Announcement.ended_at.is_(None)
            )
        )  # fmt: skip
        if row is None:
            raise NotFoundHere
        row.ended_at, row.ended_by_id = clock.now(), by
        db.session.flush()
        _note("end", row, by=by)
        return {"announcement_id": announcement_id}

    return keys.run_once(
        key, "kiosk.end_announcement", [announcement_id, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def _checked(text: Text) -> dict[str, Any]:
    title, words, checked_by = (" ".join(one.split()) for one in (text.title, text.text, text.checked_by))
    if text.kind not in KINDS or not 2 <= len(title) <= MOST_TITLE or not 2 <= len(words) <= MOST_TEXT:
        raise BadAnnouncement
    if any(map(people.has_long_number, (title, words, checked_by))):
        raise AnnouncementTellsNumbers
    if text.kind == "job" and not 2 <= len(checked_by) <= MOST_TITLE:
        raise JobUnchecked
    if not clock.today() <= text.ends_on <= clock.today() + timedelta(days=MOST_DAYS):
        raise BadAnnouncementEnd(most=MOST_DAYS)
    return {
        "kind": text.kind, "title": title, "text": words, "checked_by": checked_by[:MOST_TITLE] or None,
        "ends_on": text.ends_on,
    }  # fmt: skip


def _note(action: str, row: Announcement, *, by: int) -> None:
    places.raise_board_version(row.village_id)
    audit.record(
        f"kiosk.{action}_announcement", village_id=row.village_id, by=by, subject="announcement", subject_id=row.id,
        until=row.ends_on.isoformat(),
    )  # fmt: skip
