"""The guards that every deed passes: who may act for whom, whether the household takes part, whether the day holds."""

from datetime import date, timedelta

from virtue import clock
from virtue.awarding.errors import (
    BadDay,
    BadLevel,
    DayInClosedMonth,
    NotTakingPart,
    ReasonNeeded,
    UnknownRule,
    WrongQuantity,
)
from virtue.awarding.models import Rule
from virtue.awarding.queries import find_rule_in_force
from virtue.errors import NotFoundHere, OwnKin
from virtue.people import hats
from virtue.people import queries as people
from virtue.people.models import Household

LATEST = timedelta(days=31)
"""How far back a deed may have happened."""

MOST_QUANTITY = 999
MOST_OPENING = 100_000


def household_for(village_id: int, household_id: int, *, by: int | None) -> Household:
    """The household a person may act for: of this village, taking part, not own kin. Raises what is wrong."""
    household = people.find_household(village_id, household_id)
    if household is None:
        raise NotFoundHere
    if not household.takes_part:
        raise NotTakingPart
    if by is not None:
        not_own(household_id, by=by)
    return household


def not_own(household_id: int, *, by: int) -> None:
    """Raise ``OwnKin`` for the own household or declared kin; ``TwoHats`` when the till served it today."""
    if people.is_kin(by, household_id):
        raise OwnKin
    hats.check_hats(by, household_id, "award")


def rule_in_force(village_id: int, rule_id: int) -> Rule:
    """The rule, if it stands in the rulebook in force here today."""
    rule = find_rule_in_force(village_id, rule_id)
    if rule is None:
        raise UnknownRule
    return rule


def day_holds(happened_on: date, closed: set[int]) -> None:
    """Raise when a deed can't have happened on that day, or the day's month is one of the ``closed``."""
    today = clock.today()
    if not today - LATEST <= happened_on <= today:
        raise BadDay
    if clock.month_of(happened_on) in closed:
        raise DayInClosedMonth


def points_of(rule: Rule, quantity: int, level: int | None) -> int:
    """The signed points of a deed: the rule's, times a whole number, or one of its levels."""
    most = MOST_OPENING if rule.subject == "opening" else MOST_QUANTITY
    if not 1 <= quantity <= (most if rule.has_quantity else 1):
        raise WrongQuantity
    if level is None:
        return rule.points * quantity
    if level <= 0 or str(level) not in (rule.levels or "").split("/"):
        raise BadLevel
    return level


def reason(words: str | None) -> str:
    """A reason that was typed. Raises ``ReasonNeeded`` when there is none."""
    text = (words or "").strip()
    if len(text) < 2:
        raise ReasonNeeded
    return text
