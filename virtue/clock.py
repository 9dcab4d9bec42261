"""The one clock. Instants are UTC; a date is a calendar day in Asia/Shanghai.

Only the demo and the tests may set it (``set_to``): a server never calls that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_set_to: ContextVar[datetime | None] = ContextVar("virtue_clock", default=None)


def now() -> datetime:
    """The present instant, in UTC."""
    return _set_to.get() or datetime.now(UTC)


def today() -> date:
    """The calendar day in Asia/Shanghai."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """The Shanghai calendar day on which an instant falls."""
    return instant.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first instant (UTC) of a Shanghai calendar day."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def end_after(day: date, days: int) -> date:
    """The last open day of a window of ``days`` days from ``day``: open through its end."""
    return day + timedelta(days=days)


def month_of(day: date) -> int:
    """A month as a number: 202611 for November 2026."""
    return day.year * 100 + day.month


def months_of_quarter(day: date) -> tuple[int, int, int]:
    """The three months of the quarter that ``day`` falls in."""
    first = (day.month - 1) // 3 * 3 + 1
    return (day.year * 100 + first, day.year * 100 + first + 1, day.year * 100 + first + 2)


def next_month(month: int) -> int:
    """The month after ``month``: 202612 -> 202701."""
    return month + 1 if month % 100 < 12 else (month // 100 + 1) * 100 + 1


def previous_month(month: int) -> int:
    """The month before ``month``: 202601 -> 202512."""
    return month - 1 if month % 100 > 1 else (month // 100 - 1) * 100 + 12


def months_back(month: int, count: int) -> list[int]:
    """``count`` months ending with ``month``, newest first."""
    found = [month]
    while len(found) < count:
        found.append(previous_month(found[-1]))
    return found


def first_day(month: int) -> date:
    """The first day of a month given as 202611."""
    return date(month // 100, month % 100, 1)


@contextmanager
def set_to(instant: datetime) -> Iterator[None]:
    """Let the clock stand at ``instant`` inside the block. For the demo and the tests only."""
    token = _set_to.set(instant)
    try:
        yield
    finally:
        _set_to.reset(token)


def read_day(text: str | None, default: date | None = None) -> date | None:
    """A day of an address (2026-11-24); anything else is the default."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return default
