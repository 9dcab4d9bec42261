"""What a village's public pages show. Drawn from types without a full name, a telephone or a birth date.

A name (masked) stands only on lines that may carry one, only while the notice is open, never beside a deduction.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from virtue import clock
from virtue.awarding import book_diff, book_queries
from virtue.awarding import objection_queries as objections
from virtue.awarding import public_queries as awarding
from virtue.awarding import queries as rules
from virtue.awarding.book_diff import Differences
from virtue.awarding.models import Rule, Rulebook
from virtue.awarding.public_queries import STANDING, Line
from virtue.formatting import rule_name
from virtue.honours import star_notice_queries, star_words
from virtue.notices import queries as notices
from virtue.notices.models import Notice
from virtue.people import public_queries as people
from virtue.people.public_queries import Face
from virtue.people.queries import grids_of

NAMED = {"red", "list"}


@dataclass(frozen=True)
class NamedLine:
    """A line that says who and what: masked name, tail, rule, points."""

    number: int
    name: str | None
    """None: withdrawn or corrected, or the household no longer takes part; then nothing of it is told."""
    tail: str | None
    rule: str
    unit: str
    points: int
    state: str
    is_contested: bool
    """Somebody objects to it; who does isn't known here."""


@dataclass(frozen=True)
class PlaceLine:
    """A line that says what is wrong in which grid, and nothing of a household or points."""

    number: int
    problem: str
    place: str
    state: str
    is_contested: bool


@dataclass(frozen=True)
class CorrectedLine:
    """更正: what a line said, and what is right. It names the household as the line did, or a place."""

    notice: int
    line: int
    who: str
    tail: str | None
    rule: str
    points: int
    amended: int | None
    stars: str = ""
    """The names of the stars that a line lacked."""


@dataclass(frozen=True)
class NoticePage:
    """A notice as everybody sees it."""

    is_open: bool
    is_due: bool
    named: tuple[NamedLine, ...]
    places: int
    unpublished: int
    counts: tuple[tuple[str, int], ...]
    """After its end: how many lines of each rule; no names any more."""


def notice_page(notice: Notice) -> NoticePage:
    """A notice by publish level. Deductions are left out here, whatever their level says: see ``place_lines``."""
    lines = awarding.notice_lines(notice.id)
    today = clock.today()
    is_open = notice.ends_on >= today
    if notice.kind in rules.STAR_KINDS:
        return _star_page(notice, is_open=is_open)
    named = [line for line in lines if _is_named(line)]
    counts = Counter(_rule(line) for line in named if line.state in STANDING)
    return NoticePage(
        is_open=is_open,
        is_due=awarding.is_due(notice, today),
        named=tuple(_named(named, notices.contested_lines(notice.id))) if is_open else (),
        places=sum(_is_place(line) for line in lines),
        unpublished=sum(not _is_named(line) and not _is_place(line) for line in lines),
        counts=() if is_open else tuple(counts.most_common()),
    )


def _star_page(notice: Notice, *, is_open: bool) -> NoticePage:
    """A notice of stars: from six up by name, all others as a count; one of removals names nobody."""
    lines = star_notice_queries.star_lines(notice)
    named = [line for line in lines if line.publish == "list"]
    faces, contested = people.faces({line.household_id for line in named}, None), notices.contested_lines(notice.id)
    shown = [
        NamedLine(
            line.number, face.name if face else None, face.tail if face else None,
            gettext("%(count)s 颗星", count=line.stars), "", 0, line.state, line.number in contested,
        )
        for line in named
        for face in [faces.get(line.household_id)]
    ]  # fmt: skip
    counts = Counter(line.rule for line in shown)
    return NoticePage(
        is_open=is_open, is_due=not is_open and notice.settled_at is None, named=tuple(shown) if is_open else (), places=0,
        unpublished=len(lines) - len(named), counts=() if is_open else tuple(counts.most_common()),
    )  # fmt: skip


def place_lines(notice: Notice) -> list[PlaceLine]:
    """The lines of a notice that tell a place and a problem: on a page of their own, beside no household."""
    if notice.ends_on < clock.today():
        return []
    grids = {grid.id: grid.name for grid in grids_of(notice.village_id)}
    contested = notices.contested_lines(notice.id)
    return [
        PlaceLine(line.number, _rule(line), grids[line.grid_id], line.state, line.number in contested)
        for line in awarding.notice_lines(notice.id)
        if _is_place(line) and line.state in STANDING
    ]


def _is_named(line: Line) -> bool:
    return line.publish in NAMED and not line.is_deduction


def _is_place(line: Line) -> bool:
    return line.publish == "place_only" or (line.publish in NAMED and line.is_deduction)


def _rule(line: Line) -> str:
    return rule_name(line)


def corrections(village_id: int) -> list[CorrectedLine]:
    """The corrections shown today that name a household: with what the wrong line said. No deduction among them."""
    shown = [one for one in objections.corrections_of(village_id, clock.today()) if one.names_household]
    stars = star_notice_queries.corrections(village_id, clock.today())
    faces = people.faces({one.household_id for one in shown} | {one.household_id for one in stars}, None)
    return [
        CorrectedLine(
            one.notice, one.line, faces[one.household_id].name, faces[one.household_id].tail, gettext("星级"), 0, None,
            star_words.listed_names(one.stars),
        )
        for one in stars
        if one.household_id in faces
    ] + [
        CorrectedLine(
            one.notice, one.line, faces[one.household_id].name, faces[one.household_id].tail,
            rule_name(one), one.points, one.amended,
        )
        for one in shown
        if one.household_id in faces
    ]  # fmt: skip


def place_corrections(village_id: int) -> list[CorrectedLine]:
    """The same for problems: by place, for the page on which no household stands."""
    shown = [one for one in objections.corrections_of(village_id, clock.today()) if not one.names_household]
    grids = {grid.id: grid.name for grid in grids_of(village_id)} if shown else {}
    return [
        CorrectedLine(
            one.notice,
            one.line,
            grids[one.grid_id],
            None,
            rule_name(one),
            one.points,
            None,
        )
        for one in shown
    ]


def _named(lines: Sequence[Line], contested: set[int]) -> list[NamedLine]:
    standing = {line.household_id for line in lines if line.state in STANDING}
    # The consent for the board is not one for notices: here every name is masked.
    faces = people.faces(standing, None)
    return [
        _line(line, faces.get(line.household_id) if line.state in STANDING else None, line.number in contested)
        for line in lines
    ]


def _line(line: Line, face: Face | None, is_contested: bool) -> NamedLine:
    name, tail = (face.name, face.tail) if face else (None, None)
    return NamedLine(line.number, name, tail, _rule(line), line.unit, line.points, line.state, is_contested)


@dataclass(frozen=True)
class RuleList:
    """The rulebook in force, as people read it: what earns, what is deducted."""

    book: Rulebook
    home: tuple[Rule, ...]
    civility: tuple[Rule, ...]
    deductions: tuple[Rule, ...]
    pictures: dict[int, str]
    """The random names of the rules' pictures."""


def rule_list(village_id: int) -> RuleList | None:
    """The rules of today; None before a book is in force. Opening balances are bookkeeping, no way to earn."""
    book = rules.rulebook_in_force(village_id)
    if book is None:
        return None
    shown = [rule for rule in awarding.rules_of(book.id) if rule.subject != "opening"]
    return RuleList(
        book,
        tuple(rule for rule in shown if not rule.is_deduction and rule.unit == "home"),
        tuple(rule for rule in shown if not rule.is_deduction and rule.unit == "civility"),
        tuple(rule for rule in shown if rule.is_deduction),
        book_queries.pictures_of(shown),
    )


@dataclass(frozen=True)
class NextBook:
    """A version that comes, or that everybody is asked about, beside the one in force."""

    book: Rulebook
    is_draft: bool
    found: Differences | None
    """None: it is the village's first."""


def next_books(village_id: int) -> list[Rulebook]:
    """The version that has its day, and the draft that is open for comments."""
    found = (book_queries.next_book(village_id), book_queries.book_in_comments(village_id))
    return [book for book in found if book is not None]


def next_book(village_id: int, version: int) -> NextBook | None:
    """One of these with what it changes."""
    book = next((one for one in next_books(village_id) if one.version == version), None)
    if book is None:
        return None
    current = rules.rulebook_in_force(village_id)
    old = awarding.rules_of(current.id) if current is not None else None
    new = awarding.rules_of(book.id)
    return NextBook(
        book, book.in_force_from is None, book_diff.differences(old, new) if old is not None else None
    )  # fmt: skip
