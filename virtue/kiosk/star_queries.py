"""What the stars' slides show: how many households hold how many, and who from six stars up, with what they gained.

Never who lost one, never who has fewer. They end with the second quarter after the rated one, if no later one is published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from virtue import clock
from virtue.honours import star_list_queries as lists
from virtue.honours import star_quarters as quarters
from virtue.honours import star_queries
from virtue.honours.star_models import StarPeriod
from virtue.kiosk.wall_queries import ROWS, Slide, Wall, parts, wall_of
from virtue.people import public_queries as people
from virtue.people.queries import NAME_ON_BOARD
from virtue.places.models import Village

MOST = 12 * ROWS
"""As many households pass over the screen; the rest stand on the public page."""


@dataclass(frozen=True)
class StarCount:
    """So many households hold so many stars."""

    stars: int
    households: int


@dataclass(frozen=True)
class Shining:
    """One household: masked, or by name where it agreed."""

    name: str
    tail: str | None
    stars: int
    risen: int
    """How many more than in the last published quarter; 0 also where it is fewer."""


def stars(village: Village) -> tuple[Wall, str]:
    """The slides, and the rated quarter's name; no slide has rows when nothing is published or all is over."""
    period = star_queries.latest_published(village.id)
    if period is None or clock.today() > _last_day(period):
        return wall_of(village, []), ""
    until = clock.start_of(_last_day(period) + timedelta(days=1))
    rows = lists.listed(period)
    most = period.scheme.listed_from
    counts = [StarCount(number, count) for number, count in lists.counts(period).items() if number >= most and count]
    slides = [Slide(tuple(counts), until, "counts")] if counts else []
    slides += [Slide(part, until) for part in parts(_shining(period, rows[:MOST]), ROWS)]
    return wall_of(village, slides), quarters.name(period.quarter)


def _shining(period: StarPeriod, rows: Sequence[Any]) -> list[Shining]:
    ids = [household_id for household_id, _stars, _letters in rows]
    faces, earlier = people.faces(ids, NAME_ON_BOARD), lists.letters_before(period, ids)
    return [
        Shining(faces[one].name, faces[one].tail, count, lists.risen(letters, period.scheme, earlier.get(one)))
        for one, count, letters in rows
        if one in faces
    ]


def _last_day(period: StarPeriod) -> date:
    return quarters.span(quarters.after(quarters.after(period.quarter)))[1]
