"""Rehearsal (试算): the last twelve months' settled deeds under another rulebook. One statement, then sums.

Approximate where the past can't tell: a level is scaled by the new points; a year's and an all-time cap see only the
twelve months; a new rule has no past. What doesn't score (opening balances, the card bonus) is left aside.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import aliased

from virtue import clock
from virtue.awarding.models import Deed, DeedState, Rule, Rulebook
from virtue.extensions import db
from virtue.formatting import rule_name
from virtue.people import queries as people
from virtue.people.models import Household

MONTHS = 12
BAND = 20
"""A household gains or loses much from this many points a year on."""
BANDS = ("less_much", "less", "same", "more", "more_much")


@dataclass
class Sum:
    """Points of a year, as they were and as they would have been."""

    was: int = 0
    now: int = 0
    deeds: int = 0

    @property
    def difference(self) -> int:
        """More or less than it was."""
        return self.now - self.was

    def add(self, was: int, now: int, deeds: int) -> None:
        """Count some more."""
        self.was, self.now, self.deeds = self.was + was, self.now + now, self.deeds + deeds


@dataclass(frozen=True)
class Line:
    """A rule's year. ``is_removed``: the draft doesn't have it any more."""

    code: str
    name: str
    unit: str
    sum: Sum
    is_removed: bool


@dataclass
class Rehearsal:
    """A year's deeds under another book. Units are never added up."""

    first: int
    last: int
    months_with_deeds: int
    lines: list[Line] = field(default_factory=list)
    totals: dict[str, Sum] = field(default_factory=dict)
    earned: dict[str, int] = field(default_factory=dict)
    """What would have been handed out: awards alone."""
    grids: list[tuple[str, dict[str, Sum]]] = field(default_factory=list)
    bands: dict[str, dict[str, int]] = field(default_factory=dict)
    untried: list[Rule] = field(default_factory=list)
    """Rules of the draft under which nothing happened in the year."""

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to try the draft on."""
        return not self.lines


def last_months(day: date) -> list[int]:
    """The twelve whole months before the one of ``day``, oldest first."""
    return clock.months_back(clock.previous_month(clock.month_of(day)), MONTHS)[::-1]


def rehearse(village_id: int, book: Rulebook) -> Rehearsal:
    """The last twelve months under ``book``: by rule, by grid in the grids' order, by household only as counts."""
    months = last_months(clock.today())
    rows = list(db.session.execute(_year(village_id, book.id, months)))
    found = Rehearsal(months[0], months[-1], _months_with_deeds(village_id, months))
    rules = {rule.code: rule for rule in book.rules}
    _by_rule(found, rows, rules)
    _by_grid(found, rows, village_id)
    _by_household(found, rows)
    tried = {row.code for row in rows}
    found.untried = [rule for rule in book.rules if rule.code not in tried and rule.subject != "opening"]
    return found


def _year(village_id: int, rulebook_id: int, months: list[int]) -> Select[Any]:
    """By household and rule: deeds, points as booked, points under the book with its caps. One statement."""
    new, old = aliased(Rule, name="new_rule"), aliased(Rule, name="old_rule")
    # A level keeps its share of the rule's points, rounded; anything else is quantity times points.
    level = (2 * Deed.points * new.points + old.points) // (2 * old.points)
    asked = case((new.id.is_(None), 0), (old.levels.is_not(None), level), else_=Deed.quantity * new.points)
    households = select(Household.id).where(Household.village_id == village_id)
    by_month = (
        select(
            Deed.household_id, Deed.rule_code.label("code"), Deed.unit, (Deed.month // 100).label("year"),
            func.count().label("deeds"), func.sum(Deed.settled_points).label("was"),
            _capped(func.sum(asked), new.cap_month).label("now"),
            func.max(new.cap_year).label("cap_year"), func.max(new.cap_ever).label("cap_ever"),
            func.max(new.unit).label("new_unit"), func.max(Deed.rule_name).label("rule_name"),
            func.max(Deed.rule_name_en).label("rule_name_en"),
        )
        .join(old, old.id == Deed.rule_id)
        .outerjoin(new, and_(new.rulebook_id == rulebook_id, new.code == Deed.rule_code))
        .where(
            Deed.month.in_(months), Deed.household_id.in_(households), Deed.village_id == village_id,
            Deed.state == str(DeedState.SETTLED), Deed.scores,
        )
        .group_by(Deed.household_id, Deed.rule_code, Deed.unit, Deed.month, new.cap_month)
        .subquery("by_month")
    )  # fmt: skip
    by_year = (
        select(
            by_month.c.household_id, by_month.c.code, by_month.c.unit, by_month.c.cap_ever, by_month.c.new_unit,
            func.sum(by_month.c.deeds).label("deeds"), func.sum(by_month.c.was).label("was"),
            _capped(func.sum(by_month.c.now), by_month.c.cap_year).label("now"), func.max(by_month.c.rule_name).label("rule_name"), func.max(by_month.c.rule_name_en).label("rule_name_en"),
        )
        .group_by(
            by_month.c.household_id, by_month.c.code, by_month.c.unit, by_month.c.year, by_month.c.cap_year,
            by_month.c.cap_ever, by_month.c.new_unit,
        )
        .subquery("by_year")
    )  # fmt: skip
    now = _capped(func.sum(by_year.c.now), by_year.c.cap_ever)
    return (
        select(
            by_year.c.household_id, Household.grid_id, by_year.c.code, by_year.c.unit, by_year.c.new_unit,
            func.sum(by_year.c.deeds).label("deeds"), func.sum(by_year.c.was).label("was"), now.label("now"),
            func.max(by_year.c.rule_name).label("rule_name"), func.max(by_year.c.rule_name_en).label("rule_name_en"),
        )
        .join(Household, Household.id == by_year.c.household_id)
        .group_by(
            by_year.c.household_id, Household.grid_id, by_year.c.code, by_year.c.unit, by_year.c.new_unit,
            by_year.c.cap_ever,
        )
        .order_by(by_year.c.household_id, by_year.c.code)
    )  # fmt: skip


def _capped(points: ColumnElement[int], cap: Any) -> ColumnElement[int]:
    """Signed points cut to a cap, towards zero."""
    return case(
        (and_(cap.is_not(None), points > cap), cap), (and_(cap.is_not(None), points < -cap), -cap), else_=points
    )


def _months_with_deeds(village_id: int, months: list[int]) -> int:
    """How many of the months lie after the village's first settled deed in them, that one included."""
    for number, month in enumerate(months):
        one = select(literal(1)).where(
            Deed.month == month, Deed.village_id == village_id, Deed.state == str(DeedState.SETTLED), Deed.scores
        )
        if db.session.scalar(one.limit(1)) is not None:
            return len(months) - number
    return 0


def _by_rule(found: Rehearsal, rows: Iterable[Any], rules: dict[str, Rule]) -> None:
    sums: dict[tuple[str, str], Sum] = defaultdict(Sum)
    names: dict[str, str] = {}
    found.totals = {"home": Sum(), "civility": Sum()}
    found.earned = {"home": 0, "civility": 0}
    for row in rows:
        names[row.code] = rule_name(row)
        for unit, was, now, deeds in _by_unit(row):
            sums[row.code, unit].add(was, now, deeds)
            found.totals[unit].add(was, now, deeds)
            found.earned[unit] += max(0, now)
    order = {code: number for number, code in enumerate(rules)}
    ordered = sorted(sums, key=lambda key: (order.get(key[0], len(order)), key))
    found.lines = [
        Line(code, rule_name(rules[code]) if code in rules else names[code], unit, sums[code, unit], code not in rules)
        for code, unit in ordered
    ]


def _by_unit(row: Any) -> list[tuple[str, int, int, int]]:
    """What a row adds to which unit; a rule that changes its unit takes from one and gives to the other."""
    was, now, deeds = int(row.was or 0), int(row.now or 0), int(row.deeds)
    if row.new_unit is None or row.new_unit == row.unit:
        return [(row.unit, was, now, deeds)]
    return [(row.unit, was, 0, deeds), (row.new_unit, 0, now, deeds)]


def _by_grid(found: Rehearsal, rows: Iterable[Any], village_id: int) -> None:
    sums: dict[int, dict[str, Sum]] = defaultdict(lambda: {"home": Sum(), "civility": Sum()})
    for row in rows:
        for unit, was, now, deeds in _by_unit(row):
            sums[row.grid_id][unit].add(was, now, deeds)
    found.grids = [(grid.name, sums[grid.id]) for grid in people.grids_of(village_id)]


def _by_household(found: Rehearsal, rows: Iterable[Any]) -> None:
    differences: dict[str, dict[int, int]] = {"home": defaultdict(int), "civility": defaultdict(int)}
    for row in rows:
        for unit, was, now, _deeds in _by_unit(row):
            differences[unit][row.household_id] += now - was
    found.bands = {unit: dict.fromkeys(BANDS, 0) for unit in differences}
    for unit, by_household in differences.items():
        for difference in by_household.values():
            found.bands[unit][_band(difference)] += 1


def _band(difference: int) -> str:
    if difference == 0:
        return "same"
    name = "more" if difference > 0 else "less"
    return f"{name}_much" if abs(difference) >= BAND else name
