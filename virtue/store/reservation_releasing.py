"""Points and goods of a reservation back where they came from: given up, or not fetched in time. Once.

Expired ones are released by the day's run, by the day's first write of the village, and by the till before it looks at
the household's balances; never by a page that is only read.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, exists, select

from virtue import clock
from virtue.core import audit, remarks
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind
from virtue.ledger.services import Flow, Move, Posted, Posting
from virtue.store import reservation_states, stock_services
from virtue.store.reservation_models import Reservation
from virtue.store.stock_services import Occasion
from virtue.transactions import atomic

_TABLE = Reservation.__table__

HAS_OVERDUE = exists(
    select(_TABLE.c.id).where(
        _TABLE.c.village_id == bindparam("village_id"), _TABLE.c.household_id == bindparam("household_id"),
        _TABLE.c.state == "open", _TABLE.c.fetch_by < bindparam("day"),
    )
)  # fmt: skip
"""Whether ``:household_id`` has a reservation that ended before ``:day`` and is still held: a column of the till's query.
It is read through the short index of what is held, so asking it along costs a sale nothing."""


def overdue_ids(village_id: int, household_id: int | None = None) -> list[int]:
    """The reservations of a village, or of one household, that nobody fetched in time and that are still held."""
    query = select(_TABLE.c.id).where(
        _TABLE.c.village_id == village_id, _TABLE.c.state == "open", _TABLE.c.fetch_by < clock.today()
    )
    if household_id is not None:
        query = query.where(_TABLE.c.household_id == household_id)
    return list(db.session.scalars(query.order_by(_TABLE.c.id)))


def release_due(village_id: int, household_id: int | None = None) -> int:
    """Release what nobody fetched in time; gives how many reservations. Writes nothing when there is none."""
    if not overdue_ids(village_id, household_id):
        return 0
    with atomic():
        ledger.lock(village_id)
        due = [_load(number) for number in overdue_ids(village_id, household_id)]
        release(village_id, due, "expired", by=None)
    return len(due)


def release(
    village_id: int, reservations: Sequence[Reservation], reason: str, *, by: int | None, why: str = ""
) -> list[Posted]:
    """Give points and goods of open reservations back, under the village's lock; one entry each.

    ``reason``: cancelled or expired. ``by`` None: the household itself, or the day's run. Raises ReservationOver.
    """
    if not reservations:
        return []
    at = max(clock.now(), ledger.lock(village_id).recorded_at)
    action = "cancel" if reason == "cancelled" else "expire"
    for one in reservations:
        one.state = reservation_states.target(action, one.state)
        one.released_for, one.ended_at, one.ended_by_id = reason, at, by
        one.remark_id, one.remark_hash = remarks.keep(why, village_id=village_id)
    db.session.flush()
    for one in reservations:
        occasion = Occasion(village_id, by, at, "released", reservation_id=one.id)
        stock_services.move(stock_services.held_steps(one.id), occasion)
    posted = ledger.post(village_id, [_posting(one) for one in reservations], by=by)
    for one in reservations:
        audit.record(
            f"store.reservation_{reason}", village_id=village_id, by=by, household_id=one.household_id,
            subject="reservation", subject_id=one.id, points=one.points,
        )  # fmt: skip
    return posted


def _posting(reservation: Reservation) -> Posting:
    moves = tuple(Move(unit, points, Flow.RELEASE) for unit, points in reservation.points.items())
    return Posting(EntryKind.RELEASE, reservation.id, reservation.household_id, moves, (reservation.released_for,))


def _load(reservation_id: int) -> Reservation:
    return db.session.get_one(Reservation, reservation_id, populate_existing=True)


def lock_reservation(village_id: int, reservation_id: int) -> Reservation | None:
    """A reservation of this village as it stands now, under the village's lock; None: there is no such."""
    return db.session.scalar(
        select(Reservation)
        .where(Reservation.id == reservation_id, Reservation.village_id == village_id)
        .execution_options(populate_existing=True)
    )


def find_household_id(village_id: int, reservation_id: int) -> int | None:
    """Whose reservation that is; None: this village has no such."""
    return db.session.scalar(
        select(_TABLE.c.household_id).where(_TABLE.c.id == reservation_id, _TABLE.c.village_id == village_id)
    )
