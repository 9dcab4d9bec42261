"""The states of a rulebook and every way from one to another, in one table (product.md, section 4, "Rulebook").

An action that isn't listed for a state is refused with ``WrongBookState`` and changes nothing.
"""

from dataclasses import dataclass

from virtue.awarding.book_errors import WrongBookState
from virtue.awarding.book_models import BookState as S


@dataclass(frozen=True)
class Step:
    """An action: from which states to which, and the permission of whoever does it (None: the day)."""

    sources: frozenset[S]
    target: S
    permission: str | None


def _from(*sources: S) -> frozenset[S]:
    return frozenset(sources)


STEPS: dict[str, Step] = {
    "open_comments": Step(_from(S.DRAFT), S.COMMENTS, "rules.edit"),
    "submit": Step(_from(S.COMMENTS), S.TOWNSHIP_CHECK, "rules.edit"),
    "confirm": Step(_from(S.TOWNSHIP_CHECK), S.VOTE, "rules.check"),
    "send_back": Step(_from(S.TOWNSHIP_CHECK), S.DRAFT, "rules.check"),
    "enter_paper": Step(_from(S.TOWNSHIP_CHECK), S.VOTE, "rules.edit"),
    "record_vote": Step(_from(S.VOTE), S.VOTED, "rules.edit"),
    "file": Step(_from(S.VOTED), S.FILED, "rules.edit"),
    "put_in_force": Step(_from(S.FILED), S.IN_FORCE, "rules.edit"),
    "try_out": Step(_from(S.DRAFT, S.COMMENTS), S.IN_FORCE, "rules.edit"),
    "start": Step(_from(S.IN_FORCE), S.IN_FORCE, None),
    "call_off": Step(_from(S.IN_FORCE), S.FILED, "rules.edit"),
    "call_off_trial": Step(_from(S.IN_FORCE), S.DRAFT, "rules.edit"),
    "revise": Step(_from(S.COMMENTS, S.TOWNSHIP_CHECK, S.VOTE, S.VOTED, S.FILED), S.DRAFT, "rules.edit"),
    "withdraw": Step(_from(S.DRAFT, S.COMMENTS, S.TOWNSHIP_CHECK, S.VOTE, S.VOTED, S.FILED), S.WITHDRAWN, "rules.edit"),
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
