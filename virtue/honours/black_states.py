"""The states of a black board's entry, and every way from one to another: one table.

An action that isn't listed for a state is refused with ``BlackMovedOn`` and changes nothing. The permission is that of
whoever does it (None: anybody, in the passbook or taken down at the desk; or the day).
"""

from virtue.awarding.states import Step, from_states
from virtue.honours.black_errors import BlackMovedOn
from virtue.honours.black_models import BlackState as B

BLACK_STEPS: dict[str, Step[B]] = {
    "tell": Step(from_states(B.REPORTED), B.TOLD, "boards.report"),
    "sign": Step(from_states(B.TOLD), B.SIGNED, "boards.decide"),
    "post": Step(from_states(B.SIGNED), B.POSTED, "boards.decide"),
    "object": Step(from_states(B.POSTED), B.OBJECTED, None),
    "keep": Step(from_states(B.OBJECTED), B.TOLD, "notices.settle"),
    "uphold": Step(from_states(B.OBJECTED), B.DROPPED, "notices.settle"),
    "repair": Step(from_states(B.REPORTED, B.TOLD, B.SIGNED, B.POSTED, B.OBJECTED), B.REPAIRED, "boards.report"),
    "drop": Step(from_states(B.REPORTED, B.TOLD, B.SIGNED), B.DROPPED, "boards.withdraw"),
    "withdraw": Step(from_states(B.POSTED), B.WITHDRAWN, "boards.withdraw"),
    "end": Step(from_states(B.POSTED), B.OVER, None),
}

OPEN = from_states(B.REPORTED, B.TOLD, B.SIGNED, B.POSTED, B.OBJECTED)
"""Entries that somebody still has to do with."""


def black_target(action: str, state: str) -> B:
    """Where an action leads. Raises ``BlackMovedOn`` when it isn't allowed there."""
    step = BLACK_STEPS[action]
    if state not in {str(source) for source in step.sources}:
        raise BlackMovedOn
    return step.target
