"""Slips of paper for days without power or network: numbered in advance, typed in later, each number once, ever.

What was handed over is booked as an order at that day's prices, on the day on which it is typed in. What the purse lacks
is owed: the till gets the whole price, and later awards pay the debt first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.core import audit, keys, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import queries as points_of
from virtue.ledger import services as ledger
from virtue.ledger.services import Flow
from virtue.store import baskets, paper_queries, services, stock_services
from virtue.store.baskets import Sale
from virtue.store.errors import OutOfStock, ReasonMissing
from virtue.store.paper_errors import (
    SlipAlreadyEntered,
    SlipDayBeforePrinting,
    SlipDayWrong,
    SlipIsVoid,
    SlipLimitReached,
    SlipMonthClosed,
    SlipNotInStock,
    UnknownSlip,
)
from virtue.store.paper_models import PaperSlip, SlipState
from virtue.store.reservation_releasing import release_due
from virtue.store.services import Counter, QuotedLine
from virtue.store.stock_services import Step

ON_A_SHEET = 4
"""Slips on an A4."""
MOST_SHEETS = 20
LINES = 4
"""Lines of goods on a slip."""
DAYS_BACK = 31


@dataclass(frozen=True)
class Written:
    """What stands on a slip. ``taken``: item id, pieces, unit."""

    number: str
    household_id: int
    day: date
    taken: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class PaperQuote:
    """A slip before it is booked: lines and points at that day's prices, and what of it will be owed, by unit."""

    lines: list[QuotedLine]
    points: dict[str, int]
    owed: dict[str, int]


def print_slips(village_id: int, sheets: int, *, key: str, by: int) -> Outcome:
    """Number slips for so many sheets of A4 (1 to 20). The result: first, last."""

    def work() -> dict[str, Any]:
        first = paper_queries.last_number(village_id) + 1
        last = first + min(max(sheets, 1), MOST_SHEETS) * ON_A_SHEET - 1
        shared = {"village_id": village_id, "printed_by_id": by, "printed_at": clock.now()}
        db.session.add_all(PaperSlip(number=number, **shared) for number in range(first, last + 1))
        db.session.flush()
        audit.record("store.print_paper", village_id=village_id, by=by, first=first, last=last)
        return {"first": first, "last": last}

    return _once("print_paper", village_id, [by, sheets], work, key=key)


def void(village_id: int, slip_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A spoiled or lost slip is never typed in. Raises NotFoundHere, SlipAlreadyEntered, SlipIsVoid, ReasonMissing."""

    def work() -> dict[str, Any]:
        slip = _load(PaperSlip.id == slip_id, PaperSlip.village_id == village_id)
        if slip is None:
            raise NotFoundHere
        _check_free(slip)
        if not why.strip():
            raise ReasonMissing
        slip.state, slip.ended_by_id, slip.ended_at = SlipState.VOID, by, clock.now()
        db.session.flush()
        audit.record(
            "store.void_paper", village_id=village_id, by=by, subject="paper_slip", subject_id=slip_id, why=why.strip()
        )
        return {"slip_id": slip_id}

    return _once("void_paper", village_id, [by, slip_id, why], work, key=key)


def quote(village_id: int, store_id: int, written: Written, *, by: int) -> PaperQuote:
    """What ``enter`` would book, without booking it; raises what it would raise."""
    _slip, sale, _steps = _look(village_id, store_id, written, clock.now(), by=by)
    lines = [
        QuotedLine(good.name, good.measure, line["quantity"], line["unit"], line["points"], 0)
        for good, line in ((sale.goods[line["item_id"]], line) for line in sale.lines)
    ]
    return PaperQuote(lines, sale.points, _owed(sale, written.household_id))


def _owed(sale: Sale, household_id: int) -> dict[str, int]:
    """What the purse lacks, by unit."""
    purse = points_of.balance(household_id)
    return {unit: points - purse.of(unit) for unit, points in sale.points.items() if points > purse.of(unit)}


def enter(village_id: int, store_id: int, written: Written, *, key: str, by: int) -> Outcome:
    """Book a slip as an order, once per number and once per key.

    The result: as ``services.redeem`` gives it, with slip_id, and owed by unit. Raises UnknownSlip, SlipAlreadyEntered
    (409), SlipIsVoid, SlipDayWrong, SlipDayBeforePrinting, SlipMonthClosed, SlipLimitReached, SlipNotInStock,
    NotFoundHere, OwnKin, TwoHats, HouseholdEnded, TrialRun, EmptyBasket, BadQuantity, UnknownGood, NotPayable.
    """

    def work() -> dict[str, Any]:
        chain = ledger.lock(village_id)
        slip, sale, steps = _look(village_id, store_id, written, max(clock.now(), chain.recorded_at), by=by)
        owed = _owed(sale, written.household_id)
        book = ledger.open_book(village_id, [written.household_id])
        more = (slip.number, written.day.isoformat())
        counter = Counter(village_id, store_id, written.household_id, None, by)
        result = services.hand_over(counter, sale, steps, book, flow=Flow.TAKEN, more=more)
        slip.state, slip.ended_by_id, slip.ended_at = SlipState.ENTERED, by, sale.at
        slip.day, slip.household_id, slip.order_id = written.day, written.household_id, result["order_id"]
        db.session.flush()
        audit.record(
            "store.enter_paper", village_id=village_id, by=by, household_id=written.household_id, subject="paper_slip",
            subject_id=slip.id, order_id=result["order_id"], day=written.day.isoformat(), owed=owed or None,
        )  # fmt: skip
        return {**result, "slip_id": slip.id, "owed": owed}

    contents = [by, store_id, written.number, written.household_id, written.day, [list(one) for one in written.taken]]
    return _once("enter_paper", village_id, contents, work, key=key)


def _look(
    village_id: int, store_id: int, written: Written, at: datetime, *, by: int
) -> tuple[PaperSlip, Sale, list[Step]]:
    """All that may refuse a slip, looked at before anything is written."""
    slip = _find(village_id, written.number)
    _check_free(slip)
    _check_day(slip, written.day)
    if services.check_parties(Counter(village_id, store_id, written.household_id, None, by)).has_overdue:
        release_due(village_id, written.household_id)
    sale = baskets.priced_on(village_id, written.taken, written.day, at)
    _check_limit(village_id, written, sale)
    try:
        steps = stock_services.take(store_id, sale.wanted, sale.goods, written.day)
    except OutOfStock as error:
        raise SlipNotInStock(**error.params) from error
    return slip, sale, steps


def _find(village_id: int, text: str) -> PaperSlip:
    number = paper_queries.read_number(village_id, text)
    slip = _load(PaperSlip.village_id == village_id, PaperSlip.number == number) if number is not None else None
    if slip is None:
        raise UnknownSlip
    return slip


def _check_free(slip: PaperSlip) -> None:
    if slip.state == SlipState.PRINTED:
        return
    params = {"number": paper_queries.printed_number(slip), "at": (slip.ended_at or slip.printed_at).isoformat()}
    if slip.state == SlipState.VOID:
        raise SlipIsVoid(**params)
    raise SlipAlreadyEntered(**params, order=slip.order_id)


def _check_day(slip: PaperSlip, day: date) -> None:
    if not clock.today() - timedelta(days=DAYS_BACK) <= day <= clock.today():
        raise SlipDayWrong(days=DAYS_BACK)
    printed_on = clock.day_of(slip.printed_at)
    if day < printed_on:
        raise SlipDayBeforePrinting(printed_on=printed_on.isoformat())
    if points_of.is_closed(slip.village_id, clock.month_of(day)):
        raise SlipMonthClosed


def _check_limit(village_id: int, written: Written, sale: Sale) -> None:
    most = settings.value("paper_points_per_day", village_id)
    used = paper_queries.taken_on(written.household_id, written.day)
    for unit, points in sale.points.items():
        if used[unit] + points > most:
            raise SlipLimitReached(most=most, used=used[unit], points=points, unit=unit)


def _load(*where: Any) -> PaperSlip | None:
    """A slip as it stands now; whoever writes holds the village's lock."""
    query = select(PaperSlip).where(*where).execution_options(populate_existing=True)
    return db.session.scalar(query)


def _once(
    purpose: str, village_id: int, contents: Sequence[Any], work: Callable[[], dict[str, Any]], *, key: str
) -> Outcome:
    return keys.run_once(
        key, f"store.{purpose}", list(contents), work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
