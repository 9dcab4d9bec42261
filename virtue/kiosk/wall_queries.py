"""What the walls' slides show: good people four to a slide, the honour roll and donors eight rows to a slide."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from virtue import clock
from virtue.honours import wall_queries
from virtue.honours.wall_queries import Shown
from virtue.places.models import Village
from virtue.store import stock_queries as stock

PEOPLE = 4
ROWS = 8
THANKED_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Slide:
    """One slide: its rows, and the instant from which it no longer stands."""

    rows: tuple[Any, ...]
    until: datetime
    heading: str = ""


@dataclass(frozen=True)
class Wall:
    """All slides of one wall."""

    village_name: str
    day: date
    as_of: datetime
    fresh_until: datetime
    slides: tuple[Slide, ...]
    others: int = 0
    """Donors who want no name."""


def good_people(village: Village) -> Wall:
    """好人墙."""
    shown = wall_queries.good_people(village.id, clock.today())
    return wall_of(village, [_slide(rows) for rows in parts(shown, PEOPLE)])


def honour_roll(village: Village) -> Wall:
    """光荣榜 by year and title."""
    slides = [
        _slide(rows, f"{year}")
        for year, titles in wall_queries.roll(village.id, clock.today()).items()
        for rows in parts([one for shown in titles.values() for one in shown], ROWS)
    ]
    return wall_of(village, slides)


def thanks(village: Village) -> Wall:
    """Donors of the last year."""
    found = stock.thanks(village.id, clock.today() - THANKED_FOR)
    midnight = clock.start_of(clock.today() + timedelta(days=1))
    return wall_of(village, [Slide(tuple(rows), midnight) for rows in parts(found.names, ROWS)], found.others)


def parts(rows: list[Any], size: int) -> list[tuple[Any, ...]]:
    """The rows of each slide."""
    return [tuple(rows[at : at + size]) for at in range(0, len(rows), size)]


def _slide(rows: tuple[Shown, ...], heading: str = "") -> Slide:
    """It ends with the first of its honours; whatever still stands then comes with the next drawing."""
    ends = [one.ends_on for one in rows if one.ends_on is not None]
    last = min([*ends, clock.today() + timedelta(days=366)])
    return Slide(rows, clock.start_of(last + timedelta(days=1)), heading)


def wall_of(village: Village, slides: list[Slide], others: int = 0) -> Wall:
    """A wall as of now; an empty one has one slide without rows."""
    midnight = clock.start_of(clock.today() + timedelta(days=1))
    return Wall(village.name, clock.today(), clock.now(), midnight, tuple(slides) or (Slide((), midnight),), others)
