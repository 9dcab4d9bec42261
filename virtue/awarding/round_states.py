"""The states of a round and of a sheet, and every way from one to another.

An action that isn't listed for a state is refused (``RoundOver``, ``SheetSpent``) and changes nothing.
"""

from virtue.awarding.round_errors import RoundOver, RoundStillOpen
from virtue.awarding.round_models import RoundState as R
from virtue.awarding.round_models import SheetState as S

ROUND_STEPS: dict[str, tuple[frozenset[R], R]] = {
    "mark": (frozenset({R.OPEN}), R.OPEN),
    "sign": (frozenset({R.OPEN}), R.OPEN),
    "close": (frozenset({R.OPEN}), R.CLOSED),
    "decide": (frozenset({R.CLOSED}), R.DECIDED),
    "cancel": (frozenset({R.OPEN, R.CLOSED}), R.CANCELLED),
}

SHEET_STEPS: dict[str, tuple[frozenset[S], S]] = {
    "enter": (frozenset({S.PRINTED}), S.ENTERED),
    "void": (frozenset({S.PRINTED}), S.VOID),
}


def round_target(action: str, state: str) -> R:
    """Where an action leads a round. Raises ``RoundOver``, or ``RoundStillOpen`` for what comes after closing."""
    sources, target = ROUND_STEPS[action]
    if R(state) not in sources:
        raise RoundStillOpen if state == R.OPEN else RoundOver
    return target
