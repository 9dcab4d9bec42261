"""What the score lane can be asked. Boards, stars and dividends read tallies, never deeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from virtue.extensions import db
from virtue.scores.models import GridTally, Tally


@dataclass(frozen=True)
class Score:
    """Earned less deducted in a period (本季得分); spending never lowers it."""

    earned: int = 0
    deducted: int = 0

    @property
    def net(self) -> int:
        """What counts; may be below zero."""
        return self.earned - self.deducted


def scores_of(household_id: int, village_id: int, months: Iterable[int]) -> dict[str, Score]:
    """A household's scores in these months by unit."""
    rows = db.session.execute(
        select(Tally.unit, func.sum(Tally.earned), func.sum(Tally.deducted))
        .where(Tally.month.in_(list(months)), Tally.village_id == village_id, Tally.household_id == household_id)
        .group_by(Tally.unit)
    )
    found = {"home": Score(), "civility": Score()}
    found.update({unit: Score(int(earned), int(deducted)) for unit, earned, deducted in rows})
    return found


def standings(village_id: int, months: Iterable[int], unit: str) -> list[Any]:
    """All households with a score above zero in these months, best first: household_id, score, last_seq.

    Ties: first to get there, which is the smaller ledger sequence of the last change. The caller takes out who opted
    out or left, breaks what is still even by household code, and cuts to length.
    """
    score = (func.sum(Tally.earned) - func.sum(Tally.deducted)).label("score")
    last_seq = func.max(Tally.last_seq).label("last_seq")
    return list(
        db.session.execute(
            select(Tally.household_id, score, last_seq)
            .where(Tally.month.in_(list(months)), Tally.village_id == village_id, Tally.unit == unit)
            .group_by(Tally.household_id)
            .having(func.sum(Tally.earned) - func.sum(Tally.deducted) > 0)
            .order_by(score.desc(), last_seq, Tally.household_id)
        )
    )


def kept(sign: int = 1) -> Select[*tuple[Any, ...]]:
    """Inside a query: all tally rows, their sums times ``sign``, to be held against the deeds."""
    return select(
        Tally.village_id, Tally.month, Tally.household_id, Tally.dimension, Tally.unit, (Tally.earned * sign).label("earned"),
        (Tally.deducted * sign).label("deducted"), (Tally.deeds * sign).label("deeds"),
    )  # fmt: skip


def kept_grids(sign: int = 1) -> Select[*tuple[Any, ...]]:
    """The same of the grids' tallies."""
    return select(GridTally.month, GridTally.grid_id, GridTally.rule_code, (GridTally.deeds * sign).label("deeds"))
