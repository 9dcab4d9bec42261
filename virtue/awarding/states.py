"""The states of a deed and every way from one to another, in one table (definitions.md, "Deed").

An action that isn't listed for a state is refused with ``WrongState`` and changes nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from virtue.awarding.errors import WrongState
from virtue.awarding.models import DeedState as S

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True)
class Step(Generic[State]):
    """An action: from which states to which, and the permission of whoever does it (None: the household or the day)."""

    sources: frozenset[State]
    target: State
    permission: str | None


def from_states(*states: State) -> frozenset[State]:
    """The states that an action starts from."""
    return frozenset(states)


STEPS: dict[str, Step[S]] = {
    "approve": Step(from_states(S.PROPOSED), S.APPROVED, "awarding.review"),
    "amend": Step(from_states(S.PROPOSED, S.APPROVED), S.PROPOSED, "awarding.review"),
    "send_back": Step(from_states(S.PROPOSED), S.SENT_BACK, "awarding.review"),
    "resubmit": Step(from_states(S.SENT_BACK), S.PROPOSED, "awarding.propose"),
    "reject": Step(from_states(S.PROPOSED), S.REJECTED, "awarding.review"),
    "reopen": Step(from_states(S.REJECTED), S.PROPOSED, "awarding.review"),
    "publish": Step(from_states(S.APPROVED), S.ON_NOTICE, "awarding.notice"),
    "freeze": Step(from_states(S.ON_NOTICE), S.FROZEN, "awarding.notice"),
    "thaw": Step(from_states(S.FROZEN), S.ON_NOTICE, "awarding.notice"),
    "withdraw": Step(from_states(S.ON_NOTICE, S.FROZEN), S.WITHDRAWN, "awarding.notice"),
    "settle": Step(from_states(S.ON_NOTICE), S.SETTLED, None),
    "book": Step(from_states(S.APPROVED), S.SETTLED, "awarding.propose"),
    "countersign": Step(from_states(S.PROPOSED), S.APPROVED, "awarding.open_balance"),
    "take_back": Step(from_states(S.PROPOSED, S.SENT_BACK), S.WITHDRAWN, "awarding.propose"),
    "undo": Step(from_states(S.SETTLED), S.REVERSED, "awarding.propose"),
    "reverse": Step(from_states(S.SETTLED), S.REVERSED, "awarding.reverse"),
    "verify": Step(from_states(S.LEAD), S.VERIFIED, "awarding.lead"),
    "tell": Step(from_states(S.VERIFIED), S.TOLD, "awarding.tell"),
    "answer": Step(from_states(S.TOLD), S.TOLD, None),
    "decide": Step(from_states(S.TOLD), S.APPROVED, "awarding.review"),
    "drop": Step(
        from_states(S.LEAD, S.VERIFIED, S.TOLD, S.APPROVED, S.ON_NOTICE, S.FROZEN), S.DROPPED, "awarding.lead"
    ),
}

OPEN = from_states(
    S.LEAD, S.VERIFIED, S.TOLD, S.PROPOSED, S.SENT_BACK, S.APPROVED, S.ON_NOTICE, S.FROZEN
)  # fmt: skip
"""States from which a deed may still be settled. They count under a cap at entry, and keep a month from closing."""

ENDED = frozenset(S) - OPEN


def target(action: str, state: str) -> S:
    """Where an action leads from a state. Raises ``WrongState`` when it isn't allowed there."""
    step = STEPS[action]
    if S(state) not in step.sources:
        raise WrongState
    return step.target
