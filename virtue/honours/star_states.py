"""The states of a quarter, of a household's rating and of a star's removal, and every way from one to another.

An action that isn't listed for a state is refused with ``StarsMovedOn`` and changes nothing. The permission is that of
whoever does it (None: the household, an objection, or the day).
"""

from enum import StrEnum
from typing import TypeVar

from virtue.awarding.states import Step, from_states
from virtue.honours.star_errors import StarsMovedOn
from virtue.honours.star_models import PeriodState as P
from virtue.honours.star_models import RatingState as R
from virtue.honours.star_models import RemovalState as M

State = TypeVar("State", bound=StrEnum)

PERIOD_STEPS: dict[str, Step[P]] = {
    "propose": Step(from_states(P.REVIEW), P.REVIEW, "stars.propose"),
    "publish": Step(from_states(P.REVIEW), P.NOTICE, "stars.notice"),
    "settle": Step(from_states(P.NOTICE), P.PUBLISHED, None),
}

RATING_STEPS: dict[str, Step[R]] = {
    "change": Step(from_states(R.REVIEW), R.REVIEW, "stars.review"),
    "give_word": Step(from_states(R.REVIEW), R.REVIEW, "stars.review"),
    "remove": Step(from_states(R.REVIEW, R.PUBLISHED), R.REVIEW, "stars.review"),
    "publish": Step(from_states(R.REVIEW), R.ON_NOTICE, "stars.notice"),
    "freeze": Step(from_states(R.ON_NOTICE), R.FROZEN, None),
    "thaw": Step(from_states(R.FROZEN), R.ON_NOTICE, None),
    "settle": Step(from_states(R.ON_NOTICE), R.PUBLISHED, None),
    "leave": Step(from_states(R.REVIEW, R.ON_NOTICE), R.WITHDRAWN, None),
}
"""``remove`` only begins a removal: the rating stays as it is until that is done."""

REMOVAL_STEPS: dict[str, Step[M]] = {
    "tell": Step(from_states(M.PROPOSED), M.TOLD, "stars.tell"),
    "answer": Step(from_states(M.TOLD), M.TOLD, None),
    "sign": Step(from_states(M.TOLD), M.DECIDED, "stars.review"),
    "publish": Step(from_states(M.DECIDED), M.ON_NOTICE, "stars.notice"),
    "freeze": Step(from_states(M.ON_NOTICE), M.FROZEN, None),
    "thaw": Step(from_states(M.FROZEN), M.ON_NOTICE, None),
    "settle": Step(from_states(M.ON_NOTICE), M.DONE, None),
    "drop": Step(
        from_states(M.PROPOSED, M.TOLD, M.DECIDED, M.ON_NOTICE, M.FROZEN), M.DROPPED, "stars.review"
    ),
}  # fmt: skip


def target(steps: dict[str, Step[State]], action: str, state: str) -> State:
    """Where an action leads. Raises ``StarsMovedOn`` when it isn't allowed there."""
    step = steps[action]
    if state not in {str(source) for source in step.sources}:
        raise StarsMovedOn
    return step.target
