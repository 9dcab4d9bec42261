"""Dividing money exactly: floor each part, then the fen that are left over by largest remainder, ties by order.

Whole numbers alone, so that anybody gets the same with a spreadsheet or a pencil. What one gets depends on the sum of
the weights, not on who else stands in the list with none: adding somebody with weight 0 changes nobody's part.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from virtue.dividends.errors import NobodyToPay, NothingToDivide

MONTHS = 12


@dataclass(frozen=True)
class Part:
    """One part of an amount: ``fen`` = ``floor`` + ``extra``; ``rest`` of ``total`` weight was cut off by the floor."""

    floor: int
    rest: int
    extra: int

    @property
    def fen(self) -> int:
        """What is paid."""
        return self.floor + self.extra


def divide(fen: int, weights: Sequence[int]) -> list[Part]:
    """Divide ``fen`` by ``weights`` (whole, not below zero), which come in the order that decides ties.

    The parts add up to ``fen``; who has more weight never gets less. Raises NothingToDivide for an amount that isn't
    above zero, NobodyToPay when no weight is.
    """
    if fen <= 0:
        raise NothingToDivide
    total = sum(weights)
    if total <= 0:
        raise NobodyToPay
    cut = [divmod(fen * weight, total) for weight in weights]
    left = fen - sum(floor for floor, _rest in cut)
    # Stable: among equal remainders who stands first goes first. Who has none is never among them: the remainders
    # add up to ``left`` times the total, so at least ``left`` of them are above zero.
    first = sorted(range(len(cut)), key=lambda place: -cut[place][1])[:left]
    lucky = set(first)
    return [Part(floor, rest, int(place in lucky)) for place, (floor, rest) in enumerate(cut)]


def twelfths(base: int, earned: int, deducted: int, months: int) -> int:
    """A household's score in twelfths of a point, not below zero: the base by months, what it earned there in full.

    A household that was here 7 of 12 months has 7/12 of the base; what it earned and lost, it earned and lost here.
    """
    return max(0, base * months + (earned - deducted) * MONTHS)


def split_pot(fen: int, shares_weight: int, score_weight: int) -> tuple[int, int]:
    """A pot's two parts, for shares and for score, by the weights; a fen left over goes by largest remainder.

    A part that a fen doesn't reach may be 0.
    """
    by_shares, by_score = divide(fen, [shares_weight, score_weight])
    return by_shares.fen, by_score.fen


def rate_of(capital_fen: int, basis_points: int) -> int:
    """What a rate gives, in whole fen, cut off: 10 % is 1,000 basis points."""
    return capital_fen * basis_points // 10_000
