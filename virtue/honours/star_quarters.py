"""Quarters by their first month as a number: 202607 is July to September 2026; in addresses 2026-q3."""

import re
from datetime import date, timedelta

from virtue import clock
from virtue.formatting import quarter_name

_KEY = re.compile(r"(\d{4})-q([1-4])", re.ASCII)


def of(day: date) -> int:
    """The quarter of a day."""
    return clock.months_of_quarter(day)[0]


def months(quarter: int) -> tuple[int, int, int]:
    """Its three months."""
    return clock.months_of_quarter(clock.first_day(quarter))


def before(quarter: int) -> int:
    """The quarter before."""
    return clock.months_back(quarter, 4)[-1]


def after(quarter: int) -> int:
    """The quarter after."""
    return clock.next_month(months(quarter)[-1])


def span(quarter: int) -> tuple[date, date]:
    """Its first and its last day."""
    return clock.first_day(quarter), clock.first_day(after(quarter)) - timedelta(days=1)


def back(quarter: int, count: int) -> list[int]:
    """``count`` quarters ending with this one, the newest first."""
    return clock.months_back(quarter, count * 3 - 2)[::3]


def key(quarter: int) -> str:
    """As it stands in an address."""
    return f"{quarter // 100}-q{quarter % 100 // 3 + 1}"


def find(text: str) -> int | None:
    """The quarter of an address's key; None for nonsense."""
    match = _KEY.fullmatch(text)
    return int(match[1]) * 100 + int(match[2]) * 3 - 2 if match and int(match[1]) else None


def name(quarter: int) -> str:
    """2026年第三季度."""
    return quarter_name(clock.first_day(quarter))


def last_finished() -> int:
    """The latest quarter that is over."""
    return before(of(clock.today()))
