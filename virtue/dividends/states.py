"""What may be done to a pot in which state, where it leads and who holds the permission: one table."""

from dataclasses import dataclass

from virtue.dividends.errors import PotElsewhere
from virtue.dividends.models import PotState as S


@dataclass(frozen=True)
class PotStep:
    """One action: the states it starts from, where it leads, the permission it asks for."""

    sources: frozenset[S]
    target: S | None
    """None: it stays where it is."""
    permission: str


def _from(*states: S) -> frozenset[S]:
    return frozenset(states)


POT_STEPS: dict[str, PotStep] = {
    "change": PotStep(_from(S.DRAFT), None, "dividends.draft"),
    "set_months": PotStep(_from(S.DRAFT), None, "dividends.draft"),
    "open": PotStep(_from(S.DRAFT), S.OPEN, "dividends.draft"),
    "object": PotStep(_from(S.OPEN), None, "notices.take"),
    "answer": PotStep(_from(S.OPEN), None, "dividends.answer"),
    "revise": PotStep(_from(S.OPEN, S.VOTED), S.DRAFT, "dividends.draft"),
    "vote": PotStep(_from(S.OPEN), S.VOTED, "dividends.draft"),
    "check": PotStep(_from(S.VOTED), S.CHECKED, "dividends.check"),
    "send_back": PotStep(_from(S.VOTED), S.DRAFT, "dividends.check"),
    "sign": PotStep(_from(S.CHECKED), S.SIGNED, "dividends.sign"),
    "pay": PotStep(_from(S.SIGNED, S.CLOSED), None, "dividends.pay"),
    "close": PotStep(_from(S.SIGNED), S.CLOSED, "dividends.pay"),
    "withdraw": PotStep(_from(S.DRAFT, S.OPEN, S.VOTED), S.WITHDRAWN, "dividends.draft"),
}


def pot_target(action: str, state: str) -> S:
    """Where an action leads a pot. Raises ``PotElsewhere`` when it isn't allowed in this state."""
    step = POT_STEPS[action]
    if S(state) not in step.sources:
        raise PotElsewhere
    return step.target or S(state)
