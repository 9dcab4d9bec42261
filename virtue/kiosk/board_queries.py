"""What the boards' slides show beside the red one: the quarter's other lists."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from virtue import clock
from virtue.honours import black_queries, board_lists
from virtue.honours import star_quarters as quarters
from virtue.honours.black_queries import Posted
from virtue.honours.board_lists import Place
from virtue.places.models import Village

ROWS = 5
LINES = 5
"""Problems on a slide of the black board."""
SLIDES = (("improved", "per_able"), ("newcomers", "helpers"))


@dataclass(frozen=True)
class Panel:
    """A list on a slide."""

    name: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Lists:
    """The slides of the quarter's lists, two lists each; one that nobody stands in leaves its room to the other."""

    village_name: str
    quarter: date
    frozen_on: date | None
    as_of: datetime
    fresh_until: datetime
    until: datetime
    """The end that every slide carries."""
    slides: tuple[tuple[Panel, ...], ...]


def top_lists(village: Village) -> Lists:
    """The lists as of now."""
    today = clock.today()
    names = [name for slide in SLIDES for name in slide]
    tops = board_lists.top_lists(village.id, today, names, rows=ROWS)
    last = tops.until or quarters.span(tops.quarter)[1]
    slides = [tuple(Panel(name, tops.lists[name]) for name in slide if tops.lists[name]) for slide in SLIDES]
    return Lists(
        village.name, clock.first_day(tops.quarter), tops.frozen_on, clock.now(),
        clock.start_of(today + timedelta(days=1)), clock.start_of(last + timedelta(days=1)),
        tuple(slide for slide in slides if slide) or ((),),
    )  # fmt: skip


@dataclass(frozen=True)
class Black:
    """The black board's slides; each carries the end of the line that ends first. No type here knows a household."""

    village_name: str
    as_of: datetime
    fingerprint: str
    slides: tuple[tuple[Posted, ...], ...]
    until: tuple[datetime, ...]


def black_board(village: Village) -> Black:
    """What stands on the black board now; one empty slide while it is off or nothing stands there."""
    today = clock.today()
    board = black_queries.posted(village.id, today)
    slides = tuple(tuple(board[at : at + LINES]) for at in range(0, len(board), LINES)) or ((),)
    midnight = clock.start_of(today + timedelta(days=1))
    # At midnight the screen asks anew whether it reaches us; a line that is over leaves even if it doesn't.
    until = tuple(
        min((clock.start_of(one.until + timedelta(days=1)) for one in lines), default=midnight + timedelta(days=1))
        for lines in slides
    )
    return Black(village.name, clock.now(), black_queries.fingerprint(board), slides, until)
