"""Months: closed by two people; nothing is booked or counted into a closed one."""

from virtue import clock
from virtue.core import audit
from virtue.extensions import db
from virtue.ledger.errors import MonthClosed, MonthNotOver, SecondPersonNeeded
from virtue.ledger.models import ClosedMonth
from virtue.ledger.queries import find_signed_month, is_closed
from virtue.ledger.services import touch
from virtue.transactions import atomic

EARLIEST = 200001
"""Nobody kept these books before."""


def sign_month(village_id: int, month: int, *, by: int) -> ClosedMonth:
    """Sign a month's books: the first person opens the closing, the second closes the month.

    Raises ``MonthNotOver``, ``MonthClosed``, ``SecondPersonNeeded``. That no deed of the month is open any more
    is checked by the office, which sees them.
    """
    if not 1 <= month % 100 <= 12 or month < EARLIEST:
        raise ValueError(f"{month} is no month")
    with atomic():
        touch(village_id)
        if month >= clock.month_of(clock.today()):
            raise MonthNotOver
        if is_closed(village_id, month):
            raise MonthClosed(month=f"{month // 100}-{month % 100:02d}")
        row = find_signed_month(village_id, month)
        if row is None:
            row = ClosedMonth(village_id=village_id, month=month, first_by_id=by, first_at=clock.now())
            db.session.add(row)
        elif row.first_by_id == by:
            raise SecondPersonNeeded
        else:
            row.second_by_id, row.second_at = by, clock.now()
        db.session.flush()
        audit.record("ledger.sign_month", village_id=village_id, by=by, subject="month", subject_id=month)
    return row
