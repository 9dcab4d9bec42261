"""The booking of lapsed points: some hundred households a transaction, each once; it can be stopped anywhere and started again.

The entries that are there are the mark of how far it got.
"""

from typing import Any

from flask_babel import gettext

from virtue import clock
from virtue.core import audit, jobs
from virtue.core.models import Job
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind, Unit
from virtue.store import year_queries, year_states
from virtue.store.year_errors import YearNotDue
from virtue.store.year_models import YearClose, YearState
from virtue.transactions import atomic

BOOK = "store.year"
CHUNK = 200
"""Households in one transaction: the till waits no longer than for these."""


@jobs.register(BOOK)
def book_year(job: Job) -> dict[str, Any]:
    """Book what lapses, chunk by chunk, until nothing is left; a close that is booked to its end stays as it is."""
    village_id, close_id = job.village_id or 0, job.params["close_id"]
    done, total = 0, 0
    while True:
        booked, told = book_chunk(village_id, close_id, by=job.by_id)
        if booked is None:
            break
        done, total = done + booked, max(told, done + booked)
        jobs.progress(job, done, total, gettext("正在入账"))
    return {"next": "/store/year", "households": done}


def book_chunk(village_id: int, close_id: int, *, by: int | None) -> tuple[int | None, int]:
    """Book the next households in one transaction; how many, and how many were signed for. (None, _): it is closed.

    Raises ``YearElsewhere`` (not signed), ``YearNotDue``.
    """
    with atomic():
        chain = ledger.lock(village_id)
        close = year_queries.find_close(village_id, close_id)
        if close is None:
            raise NotFoundHere
        db.session.refresh(close)
        if close.state == YearState.CLOSED:
            return None, 0
        close.state = year_states.after("book", close.state)
        if clock.today() < close.lapses_on:
            raise YearNotDue(day=close.lapses_on.isoformat())
        query = year_queries.due(close)
        rows = db.session.execute(query.order_by(query.selected_columns.household_id).limit(CHUNK)).all()
        db.session.flush()
        if rows:
            postings = [_posting(close, row.household_id, int(row.lapses)) for row in rows]
            book = ledger.open_book(village_id, [row.household_id for row in rows], chain=chain)
            ledger.post(village_id, postings, by=by, batch=f"year-{close.id}", book=book)
        else:
            _finish(close, by)
        return len(rows), close.told_households or 0


def _posting(close: YearClose, household_id: int, points: int) -> ledger.Posting:
    subject_id = close.id * year_queries.SUBJECTS + household_id
    move = ledger.Move(str(Unit.HOME), points, ledger.Flow.LAPSE)
    return ledger.Posting(EntryKind.LAPSE, subject_id, household_id, (move,), (close.year,))


def _finish(close: YearClose, by: int | None) -> None:
    households, points = year_queries.totals(year_queries.booked(close))
    close.state = year_states.after("finish", close.state)
    close.households, close.points, close.closed_at = households, points, clock.now()
    db.session.flush()
    audit.record(
        "store.year_closed", village_id=close.village_id, by=by, subject="year_close", subject_id=close.id,
        year=close.year, households=close.households, points=close.points,
    )  # fmt: skip
