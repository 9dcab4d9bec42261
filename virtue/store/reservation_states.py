"""The states of a reservation and every way from one to another, in one table (product.md, section 4, "Reserve").

An action that isn't listed for a state is refused with ``ReservationOver`` and changes nothing.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from virtue.store.reservation_errors import ReservationOver
from virtue.store.reservation_models import ReservationState as S

HELD = (S.OPEN, S.OUT)
"""States in which points and goods are held."""

NAMES = {S.OPEN: _l("等来取"), S.OUT: _l("在送"), S.FETCHED: _l("已取走"), S.RELEASED: _l("已放回")}


@dataclass(frozen=True)
class Way:
    """An action: from which state to which, and the permission of whoever does it (None: the household or the day)."""

    source: S
    target: S
    permission: str | None


WAYS: dict[str, Way] = {
    "fetch": Way(S.OPEN, S.FETCHED, "store.sell"),
    "hand_out": Way(S.OPEN, S.OUT, "store.sell"),
    "bring_back": Way(S.OUT, S.OPEN, "store.deliver"),
    "deliver": Way(S.OUT, S.FETCHED, "store.deliver"),
    "name_helper": Way(S.OPEN, S.OPEN, "store.reserve"),
    "cancel": Way(S.OPEN, S.RELEASED, "store.reserve"),
    "expire": Way(S.OPEN, S.RELEASED, None),
}


def target(action: str, state: str) -> S:
    """Where an action leads from a state. Raises ``ReservationOver`` when it isn't allowed there."""
    way = WAYS[action]
    if S(state) is not way.source:
        raise ReservationOver(state=str(state))
    return way.target
