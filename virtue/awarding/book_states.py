"""The states of a rulebook and every way from one to another, in one table (product.md, section 4, "Rulebook").

An action that isn't listed for a state is refused with ``WrongBookState`` and changes nothing.
"""

from virtue.awarding.book_errors import WrongBookState
from virtue.awarding.book_models import BookState as S
from virtue.awarding.states import Step, from_states

STEPS: dict[str, Step[S]] = {
    "open_comments": Step(from_states(S.DRAFT), S.COMMENTS, "rules.edit"),
    "submit": Step(from_states(S.COMMENTS), S.TOWNSHIP_CHECK, "rules.edit"),
    "confirm": Step(from_states(S.TOWNSHIP_CHECK), S.VOTE, "rules.check"),
    "send_back": Step(from_states(S.TOWNSHIP_CHECK), S.DRAFT, "rules.check"),
    "enter_paper": Step(from_states(S.TOWNSHIP_CHECK), S.VOTE, "rules.edit"),
    "record_vote": Step(from_states(S.VOTE), S.VOTED, "rules.edit"),
    "file": Step(from_states(S.VOTED), S.FILED, "rules.edit"),
    "put_in_force": Step(from_states(S.FILED), S.IN_FORCE, "rules.edit"),
    "try_out": Step(from_states(S.DRAFT, S.COMMENTS), S.IN_FORCE, "rules.edit"),
    "start": Step(from_states(S.IN_FORCE), S.IN_FORCE, None),
    "call_off": Step(from_states(S.IN_FORCE), S.FILED, "rules.edit"),
    "call_off_trial": Step(from_states(S.IN_FORCE), S.DRAFT, "rules.edit"),
    "revise": Step(from_states(S.COMMENTS, S.TOWNSHIP_CHECK, S.VOTE, S.VOTED, S.FILED), S.DRAFT, "rules.edit"),
    "withdraw": Step(
        from_states(S.DRAFT, S.COMMENTS, S.TOWNSHIP_CHECK, S.VOTE, S.VOTED, S.FILED), S.WITHDRAWN, "rules.edit"
    ),
}

ORDER = (S.DRAFT, S.COMMENTS, S.TOWNSHIP_CHECK, S.VOTE, S.VOTED, S.FILED, S.IN_FORCE)
"""The straight way, for the page's line of steps."""

PREPARED = frozenset(ORDER) - {S.IN_FORCE}
"""States of a book that is being prepared."""


def target(action: str, state: str) -> S:
    """Where an action leads from a state. Raises ``WrongBookState`` when it isn't allowed there."""
    step = STEPS[action]
    if S(state) not in step.sources:
        raise WrongBookState
    return step.target
