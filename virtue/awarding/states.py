"""The states of a deed and every way from one to another, in one table (definitions.md, "Deed").

An action that isn't listed for a state is refused with ``WrongState`` and changes nothing.
"""

from dataclasses import dataclass

from virtue.awarding.errors import WrongState
from virtue.awarding.models import DeedState as S


@dataclass(frozen=True)
class Step:
    """An action: from which states to which, and the permission of whoever does it (None: the household or the day)."""

    sources: frozenset[S]
    target: S
    permission: str | None


def _from(*sources: S) -> frozenset[S]:
    return frozenset(sources)


STEPS: dict[str, Step] = {
    "approve": Step(_from(S.PROPOSED), S.APPROVED, "awarding.review"),
    "send_back": Step(_from(S.PROPOSED), S.SENT_BACK, "awarding.review"),
    "resubmit": Step(_from(S.SENT_BACK), S.PROPOSED, "awarding.propose"),
    "reject": Step(_from(S.PROPOSED), S.REJECTED, "awarding.review"),
    "reopen": Step(_from(S.REJECTED), S.PROPOSED, "awarding.review"),
    "publish": Step(_from(S.APPROVED), S.ON_NOTICE, "awarding.notice"),
    "freeze": Step(_from(S.ON_NOTICE), S.FROZEN, "awarding.notice"),
    "thaw": Step(_from(S.FROZEN), S.ON_NOTICE, "awarding.notice"),
    "withdraw": Step(_from(S.ON_NOTICE, S.FROZEN), S.WITHDRAWN, "awarding.notice"),
    "settle": Step(_from(S.ON_NOTICE), S.SETTLED, None),
    "book": Step(_from(S.APPROVED), S.SETTLED, "awarding.propose"),
    "countersign": Step(_from(S.PROPOSED), S.APPROVED, "awarding.open_balance"),
    "take_back": Step(_from(S.PROPOSED, S.SENT_BACK), S.WITHDRAWN, "awarding.propose"),
    "undo": Step(_from(S.SETTLED), S.REVERSED, "awarding.propose"),
    "reverse": Step(_from(S.SETTLED), S.REVERSED, "awarding.reverse"),
    "verify": Step(_from(S.LEAD), S.VERIFIED, "awarding.lead"),
    "tell": Step(_from(S.VERIFIED), S.TOLD, "awarding.tell"),
    "answer": Step(_from(S.TOLD), S.TOLD, None),
    "decide": Step(_from(S.TOLD), S.APPROVED, "awarding.review"),
    "drop": Step(_from(S.LEAD, S.VERIFIED, S.TOLD, S.APPROVED, S.ON_NOTICE, S.FROZEN), S.DROPPED, "awarding.lead"),
}

OPEN = _from(
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
