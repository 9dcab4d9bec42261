"""What a screen shows. Drawn from types that have no field for a full name, a telephone or a birth date.

A fixed, small number of statements whatever the history: tallies for the ranks, a small index for what was picked.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from virtue import clock
from virtue.honours import board_lists, red_queries
from virtue.honours import star_quarters as quarters
from virtue.honours.board_lists import Place
from virtue.honours.red_queries import MOST_SHOWN, Told
from virtue.ledger import queries as ledger
from virtue.people import public_queries as people
from virtue.people.queries import NAME_ON_BOARD
from virtue.places.models import Village
from virtue.store import opening_words

ROWS = 6
"""Households on a slide."""
LINE = 17
"""Characters of a deed's line on the wall; see ``static/kiosk.css``."""
LINES_OF_A_SLIDE = 9
"""Lines of deeds that fit on a slide; the space between two deeds counts as half a line."""


@dataclass(frozen=True)
class Slide:
    """A top list with some good deeds beside it."""

    unit: str
    ranks: tuple[Place, ...]
    deeds: tuple[Told, ...]
    until: datetime


@dataclass(frozen=True)
class Board:
    """All that the red board shows."""

    village_name: str
    quarter: date
    """The first day of the quarter that the lists are of."""
    frozen_on: date | None
    """The lists stand still as they were on this day."""
    as_of: datetime
    fresh_until: datetime
    check_words: str | None
    opening: str | None
    """What the points store does today, or when it opens next; it holds the whole day."""
    slides: tuple[Slide, ...]


def red_board(village: Village, first: str = "civility") -> Board:
    """The red board of a village as of now; ``first`` is the unit of the slide that stands first."""
    today = clock.today()
    midnight = clock.start_of(today + timedelta(days=1))
    unlisted = people.unlisted(village.id)
    picks = red_queries.standing(village.id, today, without=unlisted, limit=MOST_SHOWN)
    tops = board_lists.top_lists(village.id, today, ("civility", "home"), rows=ROWS, unlisted=unlisted)
    faces = people.faces({pick.household_id for pick in picks if not pick.is_honour}, NAME_ON_BOARD)
    pages = _pages(red_queries.told(village.id, picks, faces)) or [()]
    seal = ledger.day_seal(village.id)
    lists_end = tops.until or quarters.span(tops.quarter)[1]
    ends = clock.start_of(lists_end + timedelta(days=1))
    order = ("home", "civility") if first == "home" else ("civility", "home")
    slides = tuple(
        Slide(unit, tops.lists[unit], page, min([ends, *map(_end, page)]))
        for number, unit in enumerate(order)
        for page in [pages[number % len(pages)]]
    )
    return Board(
        village.name,
        clock.first_day(tops.quarter),
        tops.frozen_on,
        clock.now(),
        midnight,
        seal.text if seal else None,
        opening_words.for_screen(village.id, today),
        slides,
    )


def _end(deed: Told) -> datetime:
    """When a deed leaves the wall."""
    return clock.start_of(deed.until + timedelta(days=1))


def _pages(told: Sequence[Told]) -> list[tuple[Told, ...]]:
    """The deeds dealt out to two slides, each filled to its height and no further."""
    pages: list[tuple[Told, ...]] = []
    rest = list(told)
    while rest and len(pages) < 2:
        page: list[Told] = []
        room = float(LINES_OF_A_SLIDE)
        while rest and room >= (needed := _lines(rest[0]) + 0.6):
            page.append(rest.pop(0))
            room -= needed
        if not page:
            rest.pop(0)
            continue
        pages.append(tuple(page))
    return pages


def _lines(deed: Told) -> int:
    """How many lines a deed takes; a Latin letter is half as wide as a Han character."""
    tail = f" {deed.tail} 尾号" if deed.tail else ""
    text = f"{deed.name}{tail} {deed.text}。"
    width = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.56 for letter in text)
    return max(1, -(-int(width * 10) // (LINE * 10)))
