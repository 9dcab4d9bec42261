"""Caps: how many points a household can get or lose under a rule in a month, a year, ever (definitions.md, "Deed").

A cap counts the absolute points of the household's deeds under the rule's code in the calendar month or year of the day
it happened. At entry open deeds count too; at settling, under the village's lock, only settled ones.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import joinedload

from virtue import clock
from virtue.awarding.errors import CapReached, CapReachedForever
from virtue.awarding.models import Deed, DeedState
from virtue.awarding.rule_refusals import named
from virtue.awarding.states import OPEN
from virtue.extensions import db
from virtue.prepared import Prepared


class Capped(Protocol):
    """What has caps: a rule."""

    name: str
    name_en: str
    code: str
    cap_month: int | None
    cap_year: int | None
    cap_ever: int | None


_DEED = Deed.__table__
_COUNTED = func.sum(
    func.abs(case((_DEED.c.state == str(DeedState.SETTLED), _DEED.c.settled_points), else_=_DEED.c.points))
)
_IN_MONTHS = Prepared(
    select(
        _DEED.c.household_id, _DEED.c.rule_code, _DEED.c.month, _COUNTED.label("points"), func.count().label("deeds")
    )
    .where(
        _DEED.c.month.in_(bindparam("months", expanding=True)),
        _DEED.c.household_id.in_(bindparam("household_ids", expanding=True)),
        _DEED.c.state.in_(bindparam("states", expanding=True)),
    )
    .group_by(_DEED.c.household_id, _DEED.c.rule_code, _DEED.c.month)
)  # fmt: skip
_EVER = Prepared(
    select(_DEED.c.household_id, _DEED.c.rule_code, _COUNTED.label("points"))
    .where(
        _DEED.c.cap_ever.is_not(None),
        _DEED.c.household_id.in_(bindparam("household_ids", expanding=True)),
        _DEED.c.state.in_(bindparam("states", expanding=True)),
    )
    .group_by(_DEED.c.household_id, _DEED.c.rule_code)
)


@dataclass
class Usage:
    """Points already counted: by (household, rule code, month), and ever; and how many deeds stand in a month."""

    points: dict[tuple[int, str, int], int] = field(default_factory=dict)
    deeds: dict[tuple[int, str, int], int] = field(default_factory=dict)
    ever: dict[tuple[int, str], int] = field(default_factory=dict)

    def in_month(self, household_id: int, code: str, month: int) -> int:
        """Points counted in one month."""
        return self.points.get((household_id, code, month), 0)

    def in_year(self, household_id: int, code: str, year: int) -> int:
        """Points counted in one calendar year."""
        return sum(self.in_month(household_id, code, year * 100 + month) for month in range(1, 13))

    def add(self, household_id: int, code: str, month: int, points: int) -> None:
        """Count one more deed, while a batch is worked through."""
        key = (household_id, code, month)
        self.points[key] = self.points.get(key, 0) + abs(points)
        self.deeds[key] = self.deeds.get(key, 0) + 1
        self.ever[(household_id, code)] = self.ever.get((household_id, code), 0) + abs(points)


def usage(
    household_ids: Collection[int], months: Iterable[int], *, with_open: bool, with_years: bool, with_ever: bool
) -> Usage:
    """What counts so far for these households; one statement, or two when a rule has a cap for ever."""
    wanted = set(months)
    if with_years:
        wanted = {year * 100 + month for year in {m // 100 for m in wanted} for month in range(1, 13)}
    states = [str(DeedState.SETTLED), *([str(state) for state in OPEN - {DeedState.SENT_BACK}] if with_open else [])]
    values = {"months": sorted(wanted), "household_ids": list(household_ids), "states": states}
    found = Usage()
    for household_id, code, month, points, deeds in _IN_MONTHS.all(values):
        found.points[(household_id, code, month)] = int(points or 0)
        found.deeds[(household_id, code, month)] = deeds
    if with_ever:
        values.pop("months")
        for household_id, code, points in _EVER.all(values):
            found.ever[(household_id, code)] = int(points or 0)
    return found


def counted(rule: Capped, household_id: int, day: date) -> list[Deed]:
    """The deeds that ``usage`` counts under a rule, open ones too: of the day's year, and all where a cap holds for ever."""
    states = [str(DeedState.SETTLED), *(str(state) for state in OPEN - {DeedState.SENT_BACK})]
    months = [day.year * 100 + month for month in range(1, 13)]
    is_counted = _DEED.c.month.in_(months)
    if rule.cap_ever is not None:
        is_counted = or_(is_counted, _DEED.c.cap_ever.is_not(None))
    query = (
        select(Deed)
        .where(is_counted, Deed.household_id == household_id, Deed.rule_code == rule.code, Deed.state.in_(states))
        .order_by(Deed.id.desc())
        .options(joinedload(Deed.rule), joinedload(Deed.deduction))
    )
    return list(db.session.scalars(query))


def points_of(deed: Deed) -> int:
    """What a deed takes of its caps."""
    booked = deed.settled_points if deed.state == DeedState.SETTLED else None
    return abs(deed.points if booked is None else booked)


def room(rule: Capped, used: Usage, household_id: int, day: date) -> int | None:
    """How many points are left under a rule for a deed of ``day``; None when the rule has no cap."""
    left = []
    if rule.cap_month is not None:
        left.append(rule.cap_month - used.in_month(household_id, rule.code, clock.month_of(day)))
    if rule.cap_year is not None:
        left.append(rule.cap_year - used.in_year(household_id, rule.code, day.year))
    if rule.cap_ever is not None:
        left.append(rule.cap_ever - used.ever.get((household_id, rule.code), 0))
    return max(0, min(left)) if left else None


def within(rule: Capped, household_id: int, points: int, day: date) -> int:
    """Signed points cut to what the rule's caps leave at entry, open deeds counted. Raises CapReached when full."""
    used = usage(
        [household_id], [clock.month_of(day)], with_open=True, with_years=rule.cap_year is not None,
        with_ever=rule.cap_ever is not None,
    )  # fmt: skip
    left = room(rule, used, household_id, day)
    if left == 0:
        refuse_full(rule, used, household_id, day)
    return cut(points, left)


def cut(points: int, left: int | None) -> int:
    """Signed points cut to what is left, towards zero."""
    if left is None or abs(points) <= left:
        return points
    return left if points > 0 else -left


def next_day(rule: Capped, used: Usage, household_id: int, day: date) -> date | None:
    """The first day on which a full rule has room again; None when never."""
    if rule.cap_ever is not None and used.ever.get((household_id, rule.code), 0) >= rule.cap_ever:
        return None
    if rule.cap_year is not None and used.in_year(household_id, rule.code, day.year) >= rule.cap_year:
        return date(day.year + 1, 1, 1)
    return clock.first_day(clock.next_month(clock.month_of(day)))


def refuse_full(rule: Capped, used: Usage, household_id: int, day: date) -> None:
    """Raise that nothing is left, with the next day."""
    again = next_day(rule, used, household_id, day)
    if again is None:
        raise CapReachedForever(**named(rule))
    raise CapReached(**named(rule), from_day=again.isoformat())
