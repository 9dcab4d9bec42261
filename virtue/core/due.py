"""What is due is settled by ``flask virtue daily``, or else first thing in the day's first write of a village.

The office, which sees every room, says what "settle" means (``app.extensions["virtue_settle_due"]``); this room only
remembers that the day was done, in the ``job_run`` table for all processes and in memory for this one.
"""

from flask import current_app
from sqlalchemy import insert, select

from virtue import clock
from virtue.core.models import JobRun
from virtue.extensions import db
from virtue.transactions import atomic, in_atomic

DAILY = "daily"

_done: set[tuple[str, int, object]] = set()


def settle_first(village_id: int | None) -> None:
    """Before a write: settle what is due in the village, once a day. Cheap when the day was done."""
    settle = current_app.extensions.get("virtue_settle_due")
    if village_id is None or settle is None or in_atomic():
        return
    day = clock.today()
    mark = (str(db.engine.url), village_id, day)
    if mark in _done:
        return
    claimed = select(JobRun.id).where(JobRun.day == day, JobRun.village_id == village_id, JobRun.name == DAILY)
    if db.session.scalar(claimed) is None:
        settle(village_id)
        note_done(village_id)
    _done.add(mark)


def note_done(village_id: int) -> None:
    """Write down that the village's day is settled; the first one to say so wins."""
    day = clock.today()
    with atomic():
        known = select(JobRun.id).where(JobRun.day == day, JobRun.village_id == village_id, JobRun.name == DAILY)
        if db.session.scalar(known) is None:
            db.session.execute(
                insert(JobRun).values(village_id=village_id, name=DAILY, day=day, ran_at=clock.now())
            )
