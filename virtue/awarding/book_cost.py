"""Whether the store can carry a rulebook: points a month, and how many months the goods last."""

from collections.abc import Iterable
from dataclasses import dataclass

from virtue import clock
from virtue.awarding.models import Rule, Rulebook
from virtue.awarding.rehearsal import Rehearsal
from virtue.people import queries as people
from virtue.store import budget_queries, budget_words
from virtue.store import queries as store

ENOUGH_MONTHS = 3
"""Fewer months than this are a warning; less than one is an empty store."""


@dataclass(frozen=True)
class Cost:
    """What a book hands out in a month and what lies in the store for it.

    Units are told apart. For the goods alone both are asked together, since both buy the same pieces.
    """

    is_estimate: bool
    """No past to go by: each household does each thing once a year."""
    months: int
    """How many months of the past it rests on."""
    home: int
    civility: int
    untried_home: int
    untried_civility: int
    """Of these, what new rules may add: once a year and household."""
    goods: int
    """What lies in the store, in points at its price."""
    money: int
    """What the money for goods buys, in points at the village's value of one."""
    warning: str
    """What the budget says when a month of it is handed out at once, on top of what is in hands; empty while all is well."""

    @property
    def months_left(self) -> float | None:
        """How long goods and money last; None when nothing is handed out."""
        a_month = self.home + self.civility
        return round((self.goods + self.money) / a_month, 1) if a_month else None

    @property
    def level(self) -> str:
        """good, warn, or bad: empty within a month."""
        left = self.months_left
        if left is None or left >= ENOUGH_MONTHS:
            return "good"
        return "warn" if left >= 1 else "bad"


def cost_of(village_id: int, book: Rulebook, tried: Rehearsal) -> Cost:
    """What a book would cost, from its rehearsal, or a plain estimate where there is no past."""
    households = people.taking_part(village_id)
    months = tried.months_with_deeds
    untried = tried.untried if months else book.rules
    new = {unit: _once_a_year(untried, unit, households) for unit in ("home", "civility")}
    past = {unit: round(tried.earned.get(unit, 0) / months) if months else 0 for unit in new}
    home, civility = past["home"] + new["home"], past["civility"] + new["civility"]
    budget = budget_queries.budget_of(village_id)
    return Cost(
        is_estimate=not months, months=months, home=home, civility=civility,
        untried_home=new["home"] if months else 0, untried_civility=new["civility"] if months else 0,
        goods=store.worth_in_points(village_id, clock.today()), money=max(0, budget.fund_fen) // budget.value_fen,
        warning=budget_words.warning(budget, home + civility),
    )  # fmt: skip


def _once_a_year(rules: Iterable[Rule], unit: str, households: int) -> int:
    """Points a month if each household does each thing once a year; titles and deductions are left aside."""
    points = sum(
        min([rule.points, *(cap for cap in (rule.cap_month, rule.cap_year, rule.cap_ever) if cap is not None)])
        for rule in rules
        if rule.unit == unit and rule.points > 0 and rule.subject != "opening" and rule.entry != "title"
    )
    return round(points * households / 12)
