"""The periods a score is told for: a month, a quarter, a calendar year; each with a key for addresses (2026-11, 2026-q4, 2026)."""

import re
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext

from virtue import clock
from virtue.formatting import month_name, quarter_name

YEARS_BACK = 10
_KEY = re.compile(r"(\d{4})(?:-(?:q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """Some months, whose score is one number."""

    key: str
    months: tuple[int, ...]

    @property
    def name(self) -> str:
        """2026年11月, 2026年第四季度, 2026年."""
        if len(self.months) == 1:
            return month_name(self.months[0])
        if len(self.months) == 3:
            return quarter_name(clock.first_day(self.months[0]))
        return gettext("%(year)s年", year=self.months[0] // 100)

    @property
    def earlier(self) -> "Period | None":
        """The same span just before; None where the books don't reach."""
        return self._beside(clock.previous_month(self.months[0]))

    @property
    def later(self) -> "Period | None":
        """The same span just after; None for one that hasn't begun."""
        return self._beside(clock.next_month(self.months[-1]))

    def _beside(self, month: int) -> "Period | None":
        make = {1: of_month, 3: of_quarter, 12: of_year}[len(self.months)]
        return find(make(clock.first_day(month)).key)


def of_month(day: date) -> Period:
    """The month of a day."""
    return Period(f"{day.year}-{day.month:02d}", (clock.month_of(day),))


def of_quarter(day: date) -> Period:
    """The quarter of a day."""
    return Period(f"{day.year}-q{(day.month - 1) // 3 + 1}", clock.months_of_quarter(day))


def of_year(day: date) -> Period:
    """The calendar year of a day."""
    return Period(f"{day.year}", tuple(day.year * 100 + month for month in range(1, 13)))


def find(key: str) -> Period | None:
    """The period of a key; None for nonsense, for what hasn't begun, for what is too long ago."""
    match, today = _KEY.fullmatch(key), clock.today()
    if match is None or not today.year - YEARS_BACK <= int(match[1]) <= today.year:
        return None
    year, quarter, month = int(match[1]), match[2], match[3]
    if quarter:
        found = of_quarter(date(year, int(quarter) * 3, 1))
    elif month:
        found = of_month(date(year, int(month), 1))
    else:
        found = of_year(date(year, 1, 1))
    return found if found.months[0] <= clock.month_of(today) else None
