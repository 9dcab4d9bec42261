"""What everybody sees of drawn lots: each with its result; a household only where its line may name it, and only if all was right.

What was found wrong never stands beside a household here, and a deduction or a matter that isn't published shows nothing
but its number.
"""

from collections import Counter
from dataclasses import dataclass

from virtue import clock
from virtue.awarding import spot_check_queries as spots
from virtue.awarding.models import Deed
from virtue.awarding.spot_check_models import RIGHT, SpotDraw
from virtue.formatting import rule_name
from virtue.people import public_queries as people
from virtue.portal.queries import NAMED


@dataclass(frozen=True)
class SpotLine:
    """One lot."""

    place: int
    deed_id: int
    lot: str
    """Its first 16 digits, to compare with one's own reckoning."""
    rule: str | None
    """None: not published."""
    unit: str
    points: int
    name: str | None
    tail: str | None
    outcome: str | None
    is_reversed: bool


@dataclass(frozen=True)
class SpotPage:
    """A month's lots, and how many came out how."""

    lines: tuple[SpotLine, ...]
    counts: tuple[tuple[str, int], ...]
    waiting: int


def spot_page(draw: SpotDraw) -> SpotPage:
    """A month's draw as everybody sees it; names only until its last day."""
    checks = spots.checks_of(draw.id)
    outcomes = spots.outcomes_of(checks)
    is_shown = draw.shown_until >= clock.today()
    right = [one.deed for one in checks if is_shown and outcomes.get(one.id) == RIGHT and _is_named(one.deed)]
    faces = people.faces({deed.household_id for deed in right if deed.state == "settled"}, None)
    lines = tuple(
        _line(draw, check.place, check.deed, outcomes.get(check.id), faces if check.deed in right else {})
        for check in checks
    )
    counts = Counter(outcomes.values())
    return SpotPage(lines, tuple(sorted(counts.items(), reverse=True)), len(checks) - len(outcomes))


def _is_named(deed: Deed) -> bool:
    return deed.publish in NAMED and (deed.settled_points or 0) >= 0 and deed.route != "deduction"


def _line(draw: SpotDraw, place: int, deed: Deed, outcome: str | None, faces: dict[int, people.Face]) -> SpotLine:
    face = faces.get(deed.household_id)
    rule = rule_name(deed) if _is_named(deed) else None
    return SpotLine(
        place, deed.id, spots.lot(draw.seed, deed.id)[:16], rule, deed.unit, deed.settled_points or 0,
        face.name if face else None, face.tail if face else None, outcome, is_reversed=deed.state == "reversed",
    )  # fmt: skip
