"""What may be done to an honour in which state, and where it leads: one table."""

from virtue.honours.honour_errors import HonourDone
from virtue.honours.title_models import HonourState as S

HONOUR_STEPS: dict[str, tuple[frozenset[S], S]] = {
    "confirm": (frozenset({S.ENTERED}), S.CONFIRMED),
    "drop": (frozenset({S.ENTERED}), S.DROPPED),
    "revoke": (frozenset({S.CONFIRMED}), S.REVOKED),
}


def honour_target(action: str, state: str) -> S:
    """Where an action leads an honour. Raises ``HonourDone`` when it isn't allowed there."""
    sources, target = HONOUR_STEPS[action]
    if S(state) not in sources:
        raise HonourDone
    return target
