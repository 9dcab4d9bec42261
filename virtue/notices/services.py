"""Publishing a notice: its number, its days, its numbered lines."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import insert

from virtue import clock
from virtue.extensions import db
from virtue.notices.models import Notice, NoticeLine
from virtue.notices.queries import next_number

_NEW_LINE = insert(NoticeLine.__table__)


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
