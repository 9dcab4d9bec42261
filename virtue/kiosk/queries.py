"""What a screen shows. Drawn from types that have no field for a full name, a telephone or a birth date.

A fixed, small number of statements whatever the history: tallies for the ranks, a small index for the red deeds.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from virtue import clock
from virtue.awarding import public_queries as deeds
from virtue.awarding.public_queries import RedDeed
from virtue.formatting import rule_name
from virtue.ledger import queries as ledger
from virtue.people import public_queries as people
from virtue.people.public_queries import Face
from virtue.people.queries import NAME_ON_BOARD
from virtue.places.models import Village
from virtue.scores import queries as scores
from virtue.store import opening_words

ROWS = 6
"""Households on a slide."""
DEEDS_READ = 24
DEED_DAYS = 92
"""How long a red deed may stand on the board after it was settled."""
LINE = 17
"""Characters of a deed's line on the wall; see ``static/kiosk.css``."""
LINES_OF_A_SLIDE = 9
"""Lines of deeds that fit on a slide; the space between two deeds counts as half a line."""


@dataclass(frozen=True)
class Rank:
    """One row of a top list."""

    number: int
    name: str
    tail: str | None
    points: int

    @property
    def is_long(self) -> bool:
        """A name that needs smaller type, so that nothing is cut off."""
        return len(self.name) > 8


@dataclass(frozen=True)
class Told:
    """One good deed, told in a line or two."""

    name: str
    tail: str | None
    text: str


@dataclass(frozen=True)
class Slide:
    """A top list with some good deeds beside it."""

    unit: str
    ranks: tuple[Rank, ...]
    deeds: tuple[Told, ...]
    until: datetime


@dataclass(frozen=True)
class Board:
    """All that the red board shows."""

    village_name: str
    day: date
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
    red = deeds.red_deeds(village.id, today - timedelta(days=DEED_DAYS), without=unlisted, limit=DEEDS_READ)
    tops = {unit: _top(village.id, unit, today, unlisted) for unit in ("civility", "home")}
    ids = {row.household_id for top in tops.values() for row in top} | {deed.household_id for deed in red}
    faces = people.faces(ids, NAME_ON_BOARD)
    told = _told(village.id, red, faces)
    pages = _pages(told)
    seal = ledger.day_seal(village.id)
    quarter_ends = clock.start_of(clock.first_day(clock.next_month(clock.months_of_quarter(today)[-1])))
    order = ("home", "civility") if first == "home" else ("civility", "home")
    slides = tuple(
        Slide(unit, _ranks(tops[unit], faces), pages[number % len(pages)] if pages else (), quarter_ends)
        for number, unit in enumerate(order)
    )
    return Board(
        village.name,
        today,
        clock.now(),
        midnight,
        seal.text if seal else None,
        opening_words.for_screen(village.id, today),
        slides,
    )


@dataclass(frozen=True)
class _Row:
    household_id: int
    score: int
    last_seq: int


def _top(village_id: int, unit: str, today: date, unlisted: set[int]) -> list[_Row]:
    """The best of the quarter: ties by who got there first, then by household code."""
    months = clock.months_of_quarter(today)
    rows = [
        _Row(row.household_id, int(row.score), int(row.last_seq))
        for row in scores.standings(village_id, months, unit)
        if row.household_id not in unlisted
    ]
    if len(rows) > ROWS:
        last = rows[ROWS - 1]
        # Whoever is even with the last one must be there when the household code decides.
        rows = rows[:ROWS] + [r for r in rows[ROWS:] if (r.score, r.last_seq) == (last.score, last.last_seq)]
    if len({(row.score, row.last_seq) for row in rows}) < len(rows):
        codes = people.codes_of([row.household_id for row in rows])
        rows.sort(key=lambda row: (-row.score, row.last_seq, codes[row.household_id]))
    return rows[:ROWS]


def _ranks(rows: Sequence[_Row], faces: dict[int, Face]) -> tuple[Rank, ...]:
    shown = [(faces[row.household_id], row.score) for row in rows if row.household_id in faces]
    return tuple(Rank(number, face.name, face.tail, score) for number, (face, score) in enumerate(shown, 1))


def _told(village_id: int, red: Sequence[RedDeed], faces: dict[int, Face]) -> list[Told]:
    named = people.names_within(village_id, "\n".join(deed.story for deed in red if deed.story))
    return [
        Told(face.name, face.tail, _text(deed, face, named))
        for deed in red
        if (face := faces.get(deed.household_id)) is not None
    ]


def _text(deed: RedDeed, face: Face, named: set[tuple[str, int]]) -> str:
    """The reviewer's story, unless it says more than the household has agreed to; else the rule's name."""
    story = (deed.story or "").strip()
    own = {face.name.removesuffix("家")} if face.is_full else set()
    says_too_much = people.has_long_number(story) or any(name in story and name not in own for name, _ in named)
    if story and not says_too_much:
        return story
    return rule_name(deed)


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
