"""What is due is settled by ``flask virtue daily``, or else first thing in the day's first write of a village.

The office, which sees every room, says what "settle" means (``app.extensions["virtue_settle_due"]``); this room only
remembers that the day was done, in the ``job_run`` table for all processes and in memory for this one.
"""

from datetime import date

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from virtue import clock
from virtue.core.models import JobRun
from virtue.extensions import db
from virtue.transactions import atomic, in_atomic

DAILY = "daily"

# Two processes may settle the same day at the same moment; both are right.
_NOTE = {
    name: dialect.insert(JobRun.__table__).on_conflict_do_nothing(
        index_elements=[JobRun.day, JobRun.village_id, JobRun.name]
    )
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


def settle_first(village_id: int | None) -> None:
    """Before a write: settle what is due in the village, once a day. Cheap when the day was done."""
    settle = current_app.extensions.get("virtue_settle_due")
    if village_id is None or settle is None or in_atomic():
        return
    day = clock.today()
    done: set[tuple[int, date]] = current_app.extensions.setdefault("virtue_days_done", set())
    if (village_id, day) in done:
        return
    claimed = select(JobRun.id).where(JobRun.day == day, JobRun.village_id == village_id, JobRun.name == DAILY)
    if db.session.scalar(claimed) is None:
        settle(village_id)
        note_done(village_id)
    done.add((village_id, day))


def note_done(village_id: int) -> None:
    """Write down that the village's day is settled; the first one to say so wins."""
    row = {"village_id": village_id, "name": DAILY, "day": clock.today(), "ran_at": clock.now()}
    with atomic():
        db.session.execute(_NOTE[db.engine.dialect.name], row)
