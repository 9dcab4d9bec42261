"""What an objection may be about, by the kind of the line's notice: a deed's here; rooms to the right add their own.

Every act is inside the write that holds the village's lock; who objected is never handed over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from virtue.errors import BrokenRule
from virtue.notices.models import NoticeLine, Objection


@dataclass(frozen=True)
class Verdict:
    """How an objection is settled. ``points``: the right ones, when they are amended (as a number above zero).

    ``dimension``: the star that the line has wrong, where it is about stars.
    """

    state: str
    reason: str
    points: int | None = None
    corrected: bool = False
    dimension: str = ""


@dataclass(frozen=True)
class About:
    """What stands on a line, for the pages."""

    household_id: int
    title: str
    state: str
    """In words."""
    endpoint: str
    """The page of the thing itself, with its arguments."""
    arguments: dict[str, Any]
    choices: tuple[tuple[str, str], ...] = ()
    """Which part of the line may be put right: value and words."""
    stands: bool = True
    """Whether it is still what the notice said."""


@dataclass(frozen=True)
class Corrected:
    """更正 of a line that named a household and is about no deed: what is right, in words."""

    notice: int
    line: int
    household_id: int
    words: str


class Subject(Protocol):
    """What can stand on the lines of some kinds of notice."""

    outcomes: dict[str, Any]
    """The verdicts that there are, in the settler's words."""

    def household_id(self, line: NoticeLine) -> int:
        """Whose line it is. Raises NoSuchLine."""

    def begin(self, line: NoticeLine) -> None:
        """The first objection freezes the line. Raises LineGone when nothing stands there any more."""

    def barred(self, line: NoticeLine, *, by: int) -> BrokenRule | None:
        """What keeps a user from settling: a hand in the line, kinship with its household."""

    def uphold(self, objection: Objection, verdict: Verdict, reason: str, *, by: int) -> int | None:
        """What an upheld objection does; gives the id of the deed that starts again, if there is one."""

    def thaw(self, line: NoticeLine, reason: str | None, *, by: int | None) -> None:
        """No objection is open any more: a frozen line goes on."""

    def state(self, line: NoticeLine) -> str:
        """Where the thing on the line stands."""


class Shown(Protocol):
    """What a subject tells the pages; the deed has pages of its own."""

    def abouts(self, lines: Collection[NoticeLine]) -> dict[int, About]:
        """By the line's id, what stands there."""

    def outcome_words(self, state: str) -> str | None:
        """How a verdict is called here; None: as everywhere."""

    def lines_of(self, household_id: int, since: date) -> list[tuple[int, int]]:
        """A household's own lines (notice's id, line's number) that were published since a day."""

    def corrected(self, objections: Collection[Objection]) -> dict[int, Corrected]:
        """By the objection's id, what was put right of these lines where others saw it."""


_subjects: dict[str, Subject] = {}
_shown: dict[str, Shown] = {}


def register(kinds: Collection[str], subject: Subject, shown: Shown | None = None) -> None:
    """Say what stands on the lines of these kinds of notice."""
    for kind in kinds:
        _subjects[kind] = subject
        if shown is not None:
            _shown[kind] = shown


def of(line: NoticeLine) -> Subject:
    """What a line is about."""
    return _subjects[line.notice.kind]


def shown_of(kind: str) -> Shown | None:
    """How it is shown; None for a deed."""
    return _shown.get(kind)


def abouts(lines: Collection[NoticeLine]) -> dict[int, About]:
    """By the line's id, what stands on those of these lines that are about no deed."""
    found: dict[int, About] = {}
    for shown in set(_shown.values()):
        found |= shown.abouts([line for line in lines if _shown.get(line.notice.kind) is shown])
    return found


def lines_of(household_id: int, since: date) -> list[tuple[int, int]]:
    """A household's own lines that are about no deed."""
    return [line for shown in set(_shown.values()) for line in shown.lines_of(household_id, since)]


def corrected(objections: Collection[Objection]) -> list[Corrected]:
    """What was put right of lines that are about no deed, in the order of the objections."""
    found: dict[int, Corrected] = {}
    for shown in set(_shown.values()):
        found |= shown.corrected(objections)
    return [found[one.id] for one in objections if one.id in found]
