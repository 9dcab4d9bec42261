"""The states of a stocktake, and every way from one to another.

An action that isn't listed for a state is refused (``TakeOver``, ``StillCounting``) and changes nothing.
"""

from virtue.store.stocktake_errors import StillCounting, TakeOver
from virtue.store.stocktake_models import TakeState as T

STEPS: dict[str, tuple[frozenset[T], T]] = {
    "join": (frozenset({T.COUNTING}), T.COUNTING),
    "count": (frozenset({T.COUNTING}), T.COUNTING),
    "hand_in": (frozenset({T.COUNTING}), T.COUNTING),
    "compare": (frozenset({T.COUNTING}), T.COMPARED),
    "recount": (frozenset({T.COMPARED}), T.COMPARED),
    "submit": (frozenset({T.COMPARED}), T.TO_SIGN),
    "book": (frozenset({T.COMPARED}), T.BOOKED),
    "sign": (frozenset({T.TO_SIGN}), T.BOOKED),
    "send_back": (frozenset({T.TO_SIGN}), T.COMPARED),
    "cancel": (frozenset({T.COUNTING, T.COMPARED, T.TO_SIGN}), T.CANCELLED),
}


def target(action: str, state: str) -> T:
    """Where an action leads from a state. Raises ``StillCounting`` or ``TakeOver`` when it isn't allowed there."""
    sources, to = STEPS[action]
    if T(state) in sources:
        return to
    raise StillCounting if T(state) == T.COUNTING else TakeOver
