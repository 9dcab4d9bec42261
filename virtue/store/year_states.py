"""The states of a year's close and every way from one to another, in one table."""

from dataclasses import dataclass

from virtue.store.year_errors import YearElsewhere
from virtue.store.year_models import YearState as Y


@dataclass(frozen=True)
class YearStep:
    """An action: from which states to which, and the permission of whoever does it (None: the job)."""

    sources: frozenset[Y]
    target: Y
    permission: str | None


STEPS: dict[str, YearStep] = {
    "announce": YearStep(frozenset({Y.WITHDRAWN}), Y.ANNOUNCED, "settings.edit"),
    "withdraw": YearStep(frozenset({Y.ANNOUNCED}), Y.WITHDRAWN, "settings.edit"),
    "carry": YearStep(frozenset({Y.ANNOUNCED}), Y.ANNOUNCED, "settings.edit"),
    "sign": YearStep(frozenset({Y.ANNOUNCED}), Y.SIGNED, "ledger.close"),
    "book": YearStep(frozenset({Y.SIGNED, Y.BOOKING}), Y.BOOKING, "ledger.close"),
    "finish": YearStep(frozenset({Y.BOOKING}), Y.CLOSED, None),
}
"""A year without a row is announced as a withdrawn one is."""

RUNNING = frozenset({Y.ANNOUNCED, Y.SIGNED, Y.BOOKING})
"""States in which households are told what will lapse."""


def after(action: str, state: str) -> str:
    """The state an action leads to. Raises ``YearElsewhere``."""
    step = STEPS[action]
    if state not in step.sources:
        raise YearElsewhere
    return str(step.target)
