"""Cards scanned one after another at an event, each with a key of its own: a phone may send them later, and twice."""

from flask_babel import gettext as _

from virtue.awarding import services
from virtue.awarding.errors import UnknownRule
from virtue.awarding.models import Event, Rule
from virtue.awarding.queries import find_rule_by_code, rules_in_force
from virtue.awarding.round_errors import CardNeeded
from virtue.awarding.services import Proposal
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.formatting import rule_name, signed, unit_name
from virtue.people import door_queries
from virtue.people.models import Household


def event_rules(village_id: int) -> list[Rule]:
    """The rules that cards may be scanned under at an event."""
    return [rule for rule in rules_in_force(village_id, "event") if not rule.is_deduction]


def scan(village_id: int, event: Event, rule_code: str, code: str, *, quantity: int = 1, key: str, by: int) -> str:
    """Enter one scanned card (or door plate); gives in words what came of it. Raises what keeps it out."""
    rule = find_rule_by_code(village_id, rule_code)
    if rule is None:
        raise UnknownRule
    try:
        household = _shown(village_id, code)
    except BrokenRule:
        # The card was replaced after this scan had been booked: the phone only didn't hear of it.
        if (earlier := keys.find_outcome(key)) is None:
            raise
        return _words(None, rule, earlier.result)
    proposal = Proposal(household.id, rule.id, event.day, way="event", quantity=quantity, event_id=event.id)
    tail, name = household.tail, rule
    outcome = services.propose(village_id, proposal, key=key, by=by)
    return _words(tail, name, outcome.result)


def _shown(village_id: int, code: str) -> Household:
    """The household whose card or door plate was scanned: a typed 户号 needs a name check, on the award page."""
    named = door_queries.household_by_input(village_id, code)
    if not named.is_shown:
        raise CardNeeded
    return named.household


def _words(tail: str | None, rule: Rule, result: dict[str, object]) -> str:
    points = int(str(result["points"]))
    what = f"{rule_name(rule)} {signed(points)} {unit_name(rule.unit)}"
    if result["state"] == "settled":
        return _("尾号 %(tail)s：%(what)s，已入账", tail=tail or "—", what=what)
    return _("尾号 %(tail)s：%(what)s，已申报", tail=tail or "—", what=what)
