"""The close of a year: announced, what is open carried, signed by a second person, booked by a job."""

from collections.abc import Callable
from datetime import date
from typing import Any

from virtue import clock
from virtue.core import audit, jobs, keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.formatting import day_long
from virtue.ledger import services as ledger
from virtue.ledger.errors import SecondPersonNeeded
from virtue.office import year_checks
from virtue.office.year_job import BOOK
from virtue.store import year_queries, year_states
from virtue.store.year_errors import (
    YearCarries,
    YearDayTooSoon,
    YearFiguresMoved,
    YearNotDue,
    YearNothingToCarry,
    YearNotOpen,
    YearNotSettled,
    YearReasonMissing,
)
from virtue.store.year_invariants import NOTICE
from virtue.store.year_models import YearCarry, YearClose, YearState

FROM_MONTH = 10
"""From October a year can be announced."""


def years_open(today: date) -> list[int]:
    """The years that can be announced today: last year while sixty days are left of this one, this year from October."""
    last = [today.year - 1] if today + NOTICE <= date(today.year, 12, 31) else []
    return last + ([today.year] if today.month >= FROM_MONTH else [])


def first_day(year: int, today: date) -> date:
    """The earliest day on which points of a year may lapse when it is announced today."""
    return max(today + NOTICE, date(year + 1, 1, 1))


def last_day(year: int) -> date:
    """The latest day."""
    return date(year + 1, 12, 31)


def announce(village_id: int, year: int, lapses_on: date, *, key: str, by: int) -> Outcome:
    """Announce that what is left of a year's home points lapses on a day, at least 60 days on.

    Raises ``YearCarries``, ``YearNotOpen``, ``YearDayTooSoon``, ``YearElsewhere``.
    """

    def work() -> dict[str, Any]:
        today = clock.today()
        _check_lapsing(village_id)
        row = year_queries.close_of(village_id, year)
        running = year_queries.running(village_id)
        if row is not None:
            year_states.after("announce", row.state)
        if year not in years_open(today) or (running is not None and running.year != year):
            raise YearNotOpen
        first, last = first_day(year, today), last_day(year)
        if not first <= lapses_on <= last:
            raise YearDayTooSoon(first=day_long(first), last=day_long(last))
        if row is None:
            row = YearClose(village_id=village_id, year=year)
            db.session.add(row)
        row.state, row.announced_on, row.announced_by_id, row.lapses_on = YearState.ANNOUNCED, today, by, lapses_on
        db.session.flush()
        _record("announce", row, by, year=year)
        return {"close_id": row.id}

    return _once(village_id, "announce", [year, lapses_on.isoformat(), by], work, key)


def withdraw(village_id: int, close_id: int, *, key: str, by: int) -> Outcome:
    """Take the announcement back: nothing lapses. Raises ``YearElsewhere``."""

    def work() -> dict[str, Any]:
        row = _load(village_id, close_id)
        row.state = year_states.after("withdraw", row.state)
        db.session.flush()
        _record("withdraw", row, by, year=row.year)
        return {"close_id": row.id}

    return _once(village_id, "withdraw", [close_id, by], work, key)


def carry(village_id: int, close_id: int, kind: str, reason: str, *, key: str, by: int) -> Outcome:
    """Carry all that is open of a kind into the next year: one row each, with the reason.

    Raises ``YearElsewhere``, ``YearReasonMissing``, ``YearNothingToCarry``.
    """

    def work() -> dict[str, Any]:
        row = _load(village_id, close_id)
        year_states.after("carry", row.state)
        if not reason.strip():
            raise YearReasonMissing
        check = next((one for one in year_checks.checks(row) if one.kind.name == kind), None)
        if check is None or not check.kind.may_carry or not check.open_ids:
            raise YearNothingToCarry
        for subject_id in sorted(check.open_ids):
            remark_id, remark_hash = remarks.keep(reason, village_id=village_id)
            db.session.add(
                YearCarry(
                    close_id=row.id, kind=kind, subject_id=subject_id, remark_id=remark_id, remark_hash=remark_hash,
                    by_id=by, at=clock.now(),
                )
            )  # fmt: skip
        db.session.flush()
        _record("carry", row, by, year=row.year, lines=check.count)
        return {"count": check.count}

    return _once(village_id, "carry", [close_id, kind, reason, by], work, key)


def sign(village_id: int, close_id: int, told: tuple[int, int], *, key: str, by: int) -> Outcome:
    """The second person confirms how many households lose how many points (``told``), and the booking starts.

    Raises ``YearElsewhere``, ``SecondPersonNeeded``, ``YearCarries``, ``YearNotDue``, ``YearNotSettled``,
    ``YearFiguresMoved``.
    """

    def work() -> dict[str, Any]:
        row = _load(village_id, close_id)
        state = year_states.after("sign", row.state)
        if row.announced_by_id == by:
            raise SecondPersonNeeded
        _check_lapsing(village_id)
        if clock.today() < row.lapses_on:
            raise YearNotDue(day=day_long(row.lapses_on))
        if any(check.count for check in year_checks.checks(row)):
            raise YearNotSettled
        households, points = year_queries.totals(year_queries.lines(row))
        if (households, points) != told:
            raise YearFiguresMoved(households=households, points=points)
        row.state, row.signed_by_id, row.signed_at = state, by, clock.now()
        row.told_households, row.told_points = households, points
        db.session.flush()
        _record("sign", row, by, year=row.year, households=households, points=points)
        return {"job_id": _start(row, by)}

    return _once(village_id, "sign", [close_id, list(told), by], work, key)


def book(village_id: int, close_id: int, *, key: str, by: int) -> Outcome:
    """Start the booking again where it stopped; what is booked stays. Raises ``YearElsewhere``."""

    def work() -> dict[str, Any]:
        row = _load(village_id, close_id)
        year_states.after("book", row.state)
        return {"job_id": _start(row, by)}

    return _once(village_id, "book", [close_id, by], work, key)


def _start(row: YearClose, by: int) -> int:
    job = jobs.start(BOOK, {"close_id": row.id}, village_id=row.village_id, by=by)
    row.job_id = job.id
    db.session.flush()
    return job.id


def _load(village_id: int, close_id: int) -> YearClose:
    row = year_queries.find_close(village_id, close_id)
    if row is None:
        raise NotFoundHere
    db.session.refresh(row)
    return row


def _check_lapsing(village_id: int) -> None:
    if settings.value("home_points_at_year_end", village_id) != "lapse":
        raise YearCarries


def _record(action: str, row: YearClose, by: int, **details: Any) -> None:
    audit.record(
        f"store.year_{action}", village_id=row.village_id, by=by, subject="year_close", subject_id=row.id, **details
    )


def _once(village_id: int, action: str, contents: list[Any], work: Callable[[], dict[str, Any]], key: str) -> Outcome:
    return keys.run_once(
        key, f"store.year_{action}", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def proposed_day(year: int, today: date) -> date:
    """The day the form proposes: the first of March after the year, or as soon as it may be."""
    return max(first_day(year, today), date(year + 1, 3, 1))
