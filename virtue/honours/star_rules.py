"""What earns a star: one pure function of the star's thresholds and a household's figures in the quarter.

The star is earned with home earned >= h, civility earned >= c, civility deducted <= d and no veto in force; 无过得星 has
0, 0, 0; 评议得星 needs the review group's word as well (definitions.md, "Scores, stars, boards"). A household without
able adults needs no points for 勤劳致富. The star title itself is in no dimension, so it never feeds a star.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from virtue.honours.star_models import Mode


class Thresholds(Protocol):
    """What a star asks for; rows of ``Star`` are that."""

    mode: Any
    home_at_least: Any
    civility_at_least: Any
    deducted_at_most: Any
    without_able: Any


@dataclass(frozen=True)
class Figures:
    """What counts of a household in one star's subject in one quarter."""

    home: int = 0
    civility: int = 0
    deducted: int = 0
    is_vetoed: bool = False
    is_waived: bool = False
    """It needs no points: there is nobody in it who could earn them."""

    def as_mark(self) -> list[int]:
        """As a rating keeps it."""
        return [self.home, self.civility, self.deducted, int(self.is_vetoed), int(self.is_waived)]

    @classmethod
    def of_mark(cls, mark: list[int]) -> "Figures":
        """Back from a rating."""
        return cls(mark[0], mark[1], mark[2], bool(mark[3]), bool(mark[4]))


@dataclass(frozen=True)
class Missing:
    """One thing that keeps a star away. ``kind``: home, civility, deducted, veto or word."""

    kind: str
    have: int = 0
    need: int = 0

    @property
    def short(self) -> int:
        """How many points are missing; 0 for what no points can mend."""
        return max(0, self.need - self.have) if self.kind in {"home", "civility"} else 0


def missing(star: Thresholds, found: Figures) -> tuple[Missing, ...]:
    """All that keeps a star away, apart from the review group's word; nothing: it is earned."""
    wanted = []
    if not found.is_waived:
        if found.home < star.home_at_least:
            wanted.append(Missing("home", found.home, star.home_at_least))
        if found.civility < star.civility_at_least:
            wanted.append(Missing("civility", found.civility, star.civility_at_least))
    if found.deducted > star.deducted_at_most:
        wanted.append(Missing("deducted", found.deducted, star.deducted_at_most))
    if found.is_vetoed:
        wanted.append(Missing("veto"))
    return tuple(wanted)


def is_proposed(star: Thresholds, found: Figures) -> bool:
    """Whether the system proposes the star; 评议得星 is for the review group to give."""
    return star.mode != Mode.REVIEW and not missing(star, found)


def count(letters: str) -> int:
    """How many stars a rating's letters hold."""
    return letters.count("1")


def with_letter(letters: str, position: int, *, is_held: bool) -> str:
    """A rating's letters with one star changed; positions count from 1."""
    return letters[: position - 1] + str(int(is_held)) + letters[position:]
