"""Fetching (核销): what was put aside is handed over, to the household, to its helper, or by a volunteer at its door.

It becomes an order like any other, at the prices of the day of reserving, paid out of what was held.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from virtue import clock
from virtue.core import audit, keys, settings
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind
from virtue.ledger.services import Flow, Move, Posting
from virtue.people import hats, standing
from virtue.people.errors import HouseholdEnded
from virtue.staff import queries as staff
from virtue.store import reservation_queries, reservation_services, reservation_states, stock_services
from virtue.store.errors import TrialRun
from virtue.store.models import Order, OrderLine, Store
from virtue.store.reservation_errors import (
    HelperIsStaff,
    HelperLimit,
    LiesElsewhere,
    NoDelivery,
    NoHelper,
    NotVolunteer,
    NotYours,
)
from virtue.store.reservation_models import Reservation
from virtue.store.reservation_releasing import find_household_id, release, release_due
from virtue.store.stock_services import Occasion, Step

_NEW_ORDER = insert(Order.__table__).returning(Order.__table__.c.id)
CARRIERS = ("committee", "keeper", "village_admin", "representative")
"""Roles whose holders may bring goods to a door."""


@dataclass(frozen=True)
class _HandOver:
    """Who gave the goods out of the store, who wrote down that they arrived, and whether a helper took them."""

    keeper: int
    by: int
    is_by_helper: bool = False


def fetch(
    village_id: int, reservation_id: int, *, by_helper: bool, key: str, by: int, store_id: int | None = None
) -> Outcome:  # fmt: skip
    """Hand a reservation over at the counter, once per key. ``by_helper``: to the helper it names. ``store_id``: at
    whose counter (None: where the goods lie).

    The result: order_id, reservation_id, seq, pieces, points by unit. Raises NotFoundHere, ReservationOver, OwnKin,
    TwoHats, HouseholdEnded, TrialRun, NoHelper, HelperIsStaff, HelperLimit, LiesElsewhere.
    """

    def work() -> dict[str, Any]:
        found = _load(village_id, reservation_id, "fetch", by=by)
        _check_counter(found, store_id)
        if by_helper:
            _check_helper(found, by=by)
        return _hand_over(found, "fetch", _HandOver(by, by, by_helper))

    return _once(key, "store.fetch", [by, reservation_id, by_helper], work, village_id, reservation_id)


def hand_out(
    village_id: int, reservation_id: int, volunteer_id: int, *, key: str, by: int, store_id: int | None = None
) -> Outcome:  # fmt: skip
    """Give a reservation to a volunteer who brings it home; it stays held until it arrives. ``store_id`` as for
    ``fetch``.

    Raises as ``fetch``, and NoDelivery, NotVolunteer.
    """

    def work() -> dict[str, Any]:
        found = _load(village_id, reservation_id, "hand_out", by=by)
        _check_counter(found, store_id)
        if not found.wants_delivery:
            raise NoDelivery
        _check_volunteer(village_id, found.household_id, volunteer_id)
        found.state = reservation_states.target("hand_out", found.state)
        found.volunteer_id, found.out_by_id, found.out_at = volunteer_id, by, clock.now()
        db.session.flush()
        _record("store.hand_out", found, by=by, volunteer_id=volunteer_id)
        return {"reservation_id": found.id, "volunteer_id": volunteer_id}

    contents = [by, reservation_id, volunteer_id]
    return _once(key, "store.hand_out", contents, work, village_id, reservation_id)


def deliver(village_id: int, reservation_id: int, *, key: str, by: int, is_keeper: bool = False) -> Outcome:
    """Write down that a reservation arrived at the household's door; the result is as ``fetch`` gives it.

    By the volunteer who brought it, or by a keeper (``is_keeper``) to whom it was told. Raises NotFoundHere,
    ReservationOver, NotYours, OwnKin, HouseholdEnded, TrialRun.
    """

    def work() -> dict[str, Any]:
        found = _load(village_id, reservation_id, "deliver", by=by, wears_hat=False)
        if found.volunteer_id != by and not is_keeper:
            raise NotYours
        return _hand_over(found, "deliver", _HandOver(found.out_by_id or by, by))

    return _once(key, "store.deliver", [by, reservation_id], work, village_id, reservation_id)


def bring_back(village_id: int, reservation_id: int, *, key: str, by: int, is_keeper: bool = False) -> Outcome:
    """Nobody was there: the goods lie in the store again, held as before; or are released if the time is over.

    The result: reservation_id, is_released. Raises NotFoundHere, ReservationOver, NotYours.
    """

    def work() -> dict[str, Any]:
        found = reservation_services.load_for(village_id, reservation_id, by=by)
        found.state = reservation_states.target("bring_back", found.state)
        if found.volunteer_id != by and not is_keeper:
            raise NotYours
        found.volunteer_id = found.out_by_id = found.out_at = None
        db.session.flush()
        _record("store.bring_back", found, by=by)
        is_over = found.fetch_by < clock.today()
        if is_over:
            release(village_id, [found], "expired", by=None)
        return {"reservation_id": found.id, "is_released": is_over}

    return _once(key, "store.bring_back", [by, reservation_id], work, village_id, reservation_id)


def _check_counter(found: Reservation, store_id: int | None) -> None:
    if store_id is not None and found.store_id != store_id:
        raise LiesElsewhere(store=_store_name(found.store_id))


def _once(
    key: str, purpose: str, contents: Any, work: Callable[[], dict[str, Any]], village_id: int, reservation_id: int
) -> Outcome:
    """Release first what this household didn't fetch in time: a refusal afterwards doesn't undo that."""
    household_id = find_household_id(village_id, reservation_id)
    if household_id is not None:
        release_due(village_id, household_id)
    return keys.run_once(key, purpose, contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id))


def _load(village_id: int, reservation_id: int, action: str, *, by: int, wears_hat: bool = True) -> Reservation:
    """A reservation that may take this step, with both sides of the counter looked at as at the till."""
    found = reservation_services.load_for(village_id, reservation_id, by=by)
    reservation_states.target(action, found.state)
    household = standing.standing(village_id, found.household_id, None, by=by)
    if household is None or household.state == "ended":
        raise HouseholdEnded
    if wears_hat:
        hats.check_hats(by, found.household_id, hats.TILL)
    if settings.value("is_trial_run", village_id):
        raise TrialRun
    return found


def _store_name(store_id: int) -> str:
    return db.session.scalar(select(Store.name).where(Store.id == store_id)) or ""


def _check_helper(found: Reservation, *, by: int) -> None:
    """That the reservation names a helper, who isn't the keeper, and has enough left of this month."""
    if found.helper_hash is None:
        raise NoHelper
    keeper = reservation_services.plain_name(staff.names_of({by}).get(by, ""))
    if found.helper_hash == reservation_services.helper_hash(found.village_id, keeper):
        raise HelperIsStaff
    reservation_services.check_once(found.village_id, found.points)
    most = settings.value("helper_points_per_month", found.village_id)
    used = reservation_queries.fetched_by_helper(found.village_id, found.helper_hash, clock.today())
    for unit, points in found.points.items():
        if used[unit] + points > most:
            raise HelperLimit(span="month", most=most, used=used[unit], points=points)


def _check_volunteer(village_id: int, household_id: int, volunteer_id: int) -> None:
    known = {user.id for user in staff.active_staff(village_id, *CARRIERS)}
    household = standing.standing(village_id, household_id, None, by=volunteer_id)
    if volunteer_id not in known or household is None or household.is_kin:
        raise NotVolunteer


def _hand_over(found: Reservation, action: str, hands: _HandOver) -> dict[str, Any]:
    """Write order, lines, movements, entry and audit row; what was held goes to the till."""
    at = max(clock.now(), ledger.lock(found.village_id).recorded_at)
    order_id = _draw_order(found, at, keeper=hands.keeper)
    _move_goods(found, order_id, at, by=hands.by)
    found.state = reservation_states.target(action, found.state)
    found.order_id, found.is_by_helper = order_id, hands.is_by_helper
    found.ended_at, found.ended_by_id = at, hands.by
    db.session.flush()
    moves = tuple(Move(unit, points, Flow.FETCH) for unit, points in found.points.items())
    posting = Posting(EntryKind.FETCH, order_id, found.household_id, moves, (found.id, hands.is_by_helper))
    posted = ledger.post(found.village_id, [posting], by=hands.by)[0]
    _record(f"store.{action}", found, by=hands.by, order_id=order_id, points=found.points, by_helper=hands.is_by_helper)
    return {
        "order_id": order_id, "reservation_id": found.id, "seq": posted.seq, "pieces": found.pieces,
        "points": found.points,
    }  # fmt: skip


def _draw_order(found: Reservation, at: datetime, *, keeper: int) -> int:
    """The order, line by line as it was reserved."""
    month = clock.month_of(clock.day_of(at))
    shared = {"household_id": found.household_id, "month": month}
    head = {
        **shared, "village_id": found.village_id, "store_id": found.store_id, "card_id": None,
        "home_points": found.home_points, "civility_points": found.civility_points, "pieces": found.pieces,
        "drawn_at": at, "by_id": keeper,
    }  # fmt: skip
    order_id: int = db.session.execute(_NEW_ORDER, head).scalar_one()
    rows = [
        {
            **shared, "order_id": order_id, "item_id": line.item_id, "price_id": line.price_id,
            "quantity": line.quantity, "unit": line.unit, "points": line.points,
        }
        for line in found.lines
    ]  # fmt: skip
    db.session.execute(insert(OrderLine.__table__), rows)
    return order_id


def _move_goods(found: Reservation, order_id: int, at: datetime, *, by: int) -> None:
    """Back into their batches and out of them at once: a reservation's movements end at zero, an order's are its pieces."""
    back = stock_services.held_steps(found.id)
    stock_services.move(back, Occasion(found.village_id, by, at, "released", reservation_id=found.id))
    out = [Step(step.batch_id, step.item_id, -step.quantity, step.before + step.quantity) for step in back]
    stock_services.move(out, Occasion(found.village_id, by, at, "fetched", order_id, reservation_id=found.id))


def _record(action: str, found: Reservation, *, by: int, **details: Any) -> None:
    audit.record(
        action, village_id=found.village_id, by=by, household_id=found.household_id, subject="reservation",
        subject_id=found.id, **details,
    )  # fmt: skip


def volunteers(village_id: int) -> list[tuple[int, str]]:
    """Who of the staff may bring goods to doors: id and name. Not to their own kin, which is refused when they are named."""
    return [(user.id, user.name) for user in staff.active_staff(village_id, *CARRIERS)]
