"""Reserving (预约): goods and points put aside at once, for a household, by itself with its PIN or at the desk for it.

Prices and limits are those of the moment of reserving; only batches that stay good until its last day are used.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from virtue import clock
from virtue.core import audit, keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger import queries as points_of
from virtue.ledger import services as ledger
from virtue.ledger.errors import NotEnoughPoints
from virtue.ledger.models import EntryKind
from virtue.ledger.services import Flow, Move, Posting
from virtue.people import codes, standing
from virtue.people.errors import HouseholdEnded
from virtue.store import baskets, queries, reservation_states, stock_services
from virtue.store.baskets import Piece, Sale
from virtue.store.errors import OutOfStock, ReasonMissing, TrialRun
from virtue.store.reservation_errors import BadHelper, ExpiresTooSoon, HelperLimit, NoDelivery
from virtue.store.reservation_models import Reservation, ReservationLine
from virtue.store.reservation_releasing import lock_reservation, overdue_ids, release, release_due
from virtue.store.services import Quote, QuotedLine
from virtue.store.stock_services import Occasion, Step

_NAME = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff·A-Za-z .'-]{2,20}")


@dataclass(frozen=True)
class Wanted:
    """What is to be put aside, who else may fetch it, and whether it is to be brought home."""

    basket: tuple[Piece, ...]
    helper: str = ""
    wants_delivery: bool = False
    store_id: int | None = None
    """At which store; None: the village's first."""


@dataclass(frozen=True)
class _Plan:
    """A reservation looked at from every side, before anything is written."""

    sale: Sale
    steps: list[Step]
    store_id: int
    fetch_by: date
    helper: str


def reserve(village_id: int, household_id: int, wanted: Wanted, *, key: str, by: int | None) -> Outcome:
    """Put goods and points aside for a household, once per key. ``by`` None: the household itself, with its PIN.

    The result: reservation_id, seq, fetch_by, pieces, points and balance by unit. Raises what redeeming raises about
    basket, points and stock, and OwnKin, HouseholdEnded, TrialRun, ExpiresTooSoon, BadHelper, HelperLimit, NoDelivery.
    """

    def work() -> dict[str, Any]:
        release_due(village_id, household_id)
        at = max(clock.now(), ledger.lock(village_id).recorded_at)
        plan = _plan(village_id, household_id, wanted, at, by=by)
        return _put_aside(village_id, household_id, plan, at, wants_delivery=wanted.wants_delivery, by=by)

    basket = [[p.item_id, p.quantity, p.unit, p.price_id] for p in wanted.basket]
    contents = [by, household_id, basket, codes.name_hmac("asked", wanted.helper), wanted.wants_delivery]
    contents += [] if wanted.store_id is None else [wanted.store_id]
    return keys.run_once(
        key, "store.reserve", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def quote(village_id: int, household_id: int, wanted: Wanted, *, by: int | None) -> tuple[Quote, date]:
    """What ``reserve`` would do now, and the last day to fetch it, without doing it; raises what it would raise.

    What nobody fetched in time is released first: this answers a POST.
    """
    if overdue_ids(village_id, household_id):
        release_due(village_id, household_id)
    plan = _plan(village_id, household_id, wanted, clock.now(), by=by)
    purse = points_of.balance(household_id)
    for unit, points in plan.sale.points.items():
        if purse.of(unit) < points:
            raise NotEnoughPoints(unit=unit, balance=purse.of(unit), points=points)
    goods = plan.sale.goods
    lines = [
        QuotedLine(
            goods[line["item_id"]].name,
            goods[line["item_id"]].measure,
            line["quantity"],
            line["unit"],
            line["points"],
            0,
        )
        for line in plan.sale.lines
    ]
    left = {unit: purse.of(unit) - points for unit, points in plan.sale.points.items()}
    return Quote(lines, plan.sale.points, left, 0), plan.fetch_by


def cancel(village_id: int, reservation_id: int, *, key: str, by: int | None, why: str = "") -> Outcome:
    """Give a reservation up: points back to the purse, goods back to their batches. ``by`` None: the household itself.

    The desk says why. The result: reservation_id, seq, points and balance by unit. Raises NotFoundHere, ReservationOver,
    ReasonMissing, OwnKin.
    """

    def work() -> dict[str, Any]:
        found = load_for(village_id, reservation_id, by=by)
        if by is not None and not why.strip():
            raise ReasonMissing
        posted = release(village_id, [found], "cancelled", by=by, why=why)[0]
        return {
            "reservation_id": found.id, "seq": posted.seq, "points": found.points, "balance": posted.balance,
        }  # fmt: skip

    return _once(key, "store.cancel_reservation", [by, reservation_id, why], work, village_id)


def name_helper(village_id: int, reservation_id: int, helper: str, *, key: str, by: int | None) -> Outcome:
    """Say who else may fetch a reservation; an empty name: nobody. Raises as ``cancel``, and BadHelper, HelperLimit."""

    def work() -> dict[str, Any]:
        found = load_for(village_id, reservation_id, by=by)
        reservation_states.target("name_helper", found.state)
        name = _helper(village_id, helper, found.points)
        _set_helper(found, name)
        db.session.flush()
        audit.record(
            "store.name_helper", village_id=village_id, by=by, household_id=found.household_id, subject="reservation",
            subject_id=found.id, is_named=bool(name),
        )  # fmt: skip
        return {"reservation_id": found.id, "is_named": bool(name)}

    contents = [by, reservation_id, codes.name_hmac("asked", helper)]
    return _once(key, "store.name_helper", contents, work, village_id)


def load_for(village_id: int, reservation_id: int, *, by: int | None) -> Reservation:
    """A reservation under the village's lock, for somebody who isn't of the household's kin.

    Raises NotFoundHere, OwnKin.
    """
    found = lock_reservation(village_id, reservation_id)
    if found is None:
        raise NotFoundHere
    if by is not None:
        household = standing.standing(village_id, found.household_id, None, by=by)
        if household is None or household.is_kin:
            raise OwnKin
    return found


def helper_hash(village_id: int, name: str) -> str:
    """By which a helper's fetches are counted."""
    return codes.name_hmac(f"helper:{village_id}", name)


def plain_name(text: str) -> str:
    """A helper's name as it is kept: full-width letters made plain, blanks gone where they say nothing."""
    words = unicodedata.normalize("NFKC", text[:80]).split()
    return " ".join(words) if all(word.isascii() for word in words) else "".join(words)


def _once(key: str, purpose: str, contents: Any, work: Callable[[], dict[str, Any]], village_id: int) -> Outcome:
    return keys.run_once(key, purpose, contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id))


def _plan(village_id: int, household_id: int, wanted: Wanted, at: datetime, *, by: int | None) -> _Plan:
    store_id = queries.find_store_id(village_id, wanted.store_id)
    household = standing.standing(village_id, household_id, None, by=by or 0)
    if household is None or store_id is None:
        raise NotFoundHere
    if household.state == "ended":
        raise HouseholdEnded
    if household.is_kin:
        raise OwnKin
    asked = settings.values(village_id, "is_trial_run", "reserve_days", "home_delivery")
    if asked["is_trial_run"]:
        raise TrialRun
    if wanted.wants_delivery and not asked["home_delivery"]:
        raise NoDelivery
    sale = baskets.priced(village_id, household_id, wanted.basket, at)
    fetch_by = clock.day_of(at) + timedelta(days=asked["reserve_days"])
    steps = _take(store_id, sale, clock.day_of(at), fetch_by)
    return _Plan(sale, steps, store_id, fetch_by, _helper(village_id, wanted.helper, sale.points))


def _take(store_id: int, sale: Sale, day: date, fetch_by: date) -> list[Step]:
    """From which batches the pieces come: only from those that stay good until the last day to fetch them."""
    try:
        return stock_services.take(store_id, sale.wanted, sale.goods, fetch_by)
    except OutOfStock as error:
        stock_services.take(store_id, sale.wanted, sale.goods, day)
        raise ExpiresTooSoon(name=error.params["name"], fetch_by=fetch_by.isoformat()) from None


def _helper(village_id: int, text: str, points: dict[str, int]) -> str:
    """The helper's name, checked; and that one helper may fetch so much at once."""
    name = plain_name(text)
    if not name:
        return ""
    if not _NAME.fullmatch(name):
        raise BadHelper
    check_once(village_id, points)
    return name


def check_once(village_id: int, points: dict[str, int]) -> None:
    """Raise HelperLimit when this is more of a unit than a helper may fetch at once."""
    most = settings.value("helper_points_per_fetch", village_id)
    for n in points.values():
        if n > most:
            raise HelperLimit(span="once", most=most, points=n)


def _set_helper(reservation: Reservation, name: str) -> None:
    reservation.helper_id, _salted = remarks.keep(name, village_id=reservation.village_id)
    reservation.helper_hash = helper_hash(reservation.village_id, name) if name else None


def _put_aside(
    village_id: int, household_id: int, plan: _Plan, at: datetime, *, wants_delivery: bool, by: int | None
) -> dict[str, Any]:
    """Write reservation, lines, movements, entry and audit row."""
    sale = plan.sale
    found = Reservation(
        village_id=village_id, store_id=plan.store_id, household_id=household_id, month=clock.month_of(clock.day_of(at)),
        home_points=sale.points.get("home", 0), civility_points=sale.points.get("civility", 0), pieces=sale.pieces,
        key_number=codes.KEY_NUMBER, code_hmac="", reserved_at=at, reserved_by_id=by, fetch_by=plan.fetch_by,
        wants_delivery=wants_delivery, lines=[ReservationLine(**{n: v for n, v in line.items() if n != "cash_fen"}) for line in sale.lines],
    )  # fmt: skip
    _set_helper(found, plan.helper)
    db.session.add(found)
    db.session.flush()
    _give_code(found)
    stock_services.move(plan.steps, Occasion(village_id, by, at, "reserved", reservation_id=found.id))
    moves = tuple(Move(unit, points, Flow.HOLD) for unit, points in sale.points.items())
    posting = Posting(EntryKind.RESERVATION, found.id, household_id, moves, _words(plan.store_id, sale.lines))
    posted = ledger.post(village_id, [posting], by=by)[0]
    audit.record(
        "store.reserve", village_id=village_id, by=by, household_id=household_id, subject="reservation",
        subject_id=found.id, pieces=sale.pieces, points=sale.points, on_behalf=by is not None,
    )  # fmt: skip
    return {
        "reservation_id": found.id, "seq": posted.seq, "fetch_by": plan.fetch_by.isoformat(), "pieces": sale.pieces,
        "points": sale.points, "balance": posted.balance,
    }  # fmt: skip


def _words(store_id: int, lines: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
    return (store_id, [[i["item_id"], i["quantity"], i["unit"], i["points"], i["price_id"]] for i in lines])


def _give_code(reservation: Reservation) -> None:
    """A code that no other reservation still held in the village has."""
    table = Reservation.__table__
    while True:
        found = codes.fetch_hmac(codes.derive_fetch(reservation), reservation.key_number)
        taken = exists(
            select(table.c.id).where(
                table.c.village_id == reservation.village_id, table.c.code_hmac == found,
                table.c.state.in_(reservation_states.HELD), table.c.id != reservation.id,
            )
        )  # fmt: skip
        if not db.session.scalar(select(taken)):
            reservation.code_hmac = found
            db.session.flush()
            return
        reservation.version += 1
