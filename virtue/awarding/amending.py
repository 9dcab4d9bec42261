"""Amending: a reviewer corrects a deed's points, within what its rule allows and its caps leave, with a reason.

Whatever was approved before no longer counts: the amended points are approved anew.
"""

from dataclasses import dataclass
from typing import Any

from virtue.awarding import caps, checks, deciding, steps
from virtue.awarding.errors import NotByThePiece, OutOfRange
from virtue.awarding.models import Deed
from virtue.awarding.states import target
from virtue.core import keys
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.ledger import services as ledger


@dataclass(frozen=True)
class Range:
    """The points a deed may be given: some levels, or whole multiples of ``each`` up to ``most``."""

    most: int
    each: int = 1
    levels: tuple[int, ...] = ()

    def __contains__(self, points: int) -> bool:
        if self.levels:
            return points in self.levels
        return 0 < points <= self.most and points % self.each == 0

    @property
    def refusal(self) -> BrokenRule:
        """What is said of points outside."""
        if self.levels:
            return OutOfRange(allowed="/".join(str(level) for level in self.levels))
        return NotByThePiece(each=self.each, most=self.most) if self.each > 1 else OutOfRange(allowed=f"1–{self.most}")

    @property
    def has_choice(self) -> bool:
        """Whether there is anything to amend to, beside what stands there."""
        return len(self.levels) > 1 or self.most > self.each


def range_of(deed: Deed) -> Range:
    """What a reviewer may set: a rule's levels; by quantity its multiples; else up to its points. And what caps leave."""
    rule = deed.rule
    used = caps.usage(
        [deed.household_id], [deed.month], with_open=True, with_years=rule.cap_year is not None,
        with_ever=rule.cap_ever is not None,
    )  # fmt: skip
    left = caps.room(rule, used, deed.household_id, deed.happened_on)
    # The deed's own points are among those counted.
    room = checks.MOST_QUANTITY * abs(rule.points) if left is None else left + deed.points
    if rule.levels:
        levels = tuple(sorted({int(level) for level in rule.levels.split("/")} & set(range(1, room + 1))))
        return Range(max(levels, default=0), levels=levels)
    if rule.has_quantity:
        return Range(room, each=rule.points)
    return Range(min(rule.points, room))


def amend(village_id: int, deed_id: int, points: int, *, why: str, key: str, by: int) -> Outcome:
    """A reviewer sets other points; the deed is approved anew, by this reviewer or another.

    Raises what ``deciding.to_decide`` refuses, ReasonNeeded, OutOfRange, NotByThePiece.
    """

    def work() -> dict[str, Any]:
        deed = deciding.to_decide(village_id, deed_id, by=by)
        target("amend", deed.state)
        reason, allowed = checks.reason(why), range_of(deed)
        if points not in allowed or points == deed.points:
            raise allowed.refusal
        deed.points = points
        if deed.rule.has_quantity:
            deed.quantity = points // deed.rule.points
        steps.move(deed, "amend", by=by, why=reason)
        db.session.flush()
        return {"deed_id": deed_id, "state": str(deed.state), "points": points}

    contents = [village_id, deed_id, by, points, why]
    return keys.run_once(
        key, "awarding.amend", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
