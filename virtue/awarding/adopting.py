"""A rulebook's way into force: comments, the township's check, the villagers' vote, filing, the day it starts.

Every move is one keyed write with a step and an audit row; ``book_states.py`` says from where to where.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from virtue import clock
from virtue.awarding import book_queries
from virtue.awarding.book_errors import (
    AlreadyScheduled,
    BadCommentDay,
    BadStartDay,
    BadVote,
    CommentsStillOpen,
    EmptyBook,
    FilingNumberNeeded,
    InForceAlready,
    OwnCheck,
    PaperNeeded,
    TownshipChecks,
    VoteNotCarried,
)
from virtue.awarding.book_models import RulebookStep
from virtue.awarding.book_states import target
from virtue.awarding.checks import reason
from virtue.awarding.models import Rule, Rulebook
from virtue.awarding.queries import rulebook_in_force
from virtue.core import audit, keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.places import services as places
from virtue.staff import queries as staff
from virtue.transactions import atomic

MOST_COMMENT_DAYS = timedelta(days=60)
MOST_AHEAD = timedelta(days=366)

_STARTING = {"put_in_force", "try_out"}


@dataclass(frozen=True)
class Vote:
    """The villagers' vote."""

    adopted_on: date
    present: int
    in_favour: int
    women_present: int


def open_comments(village_id: int, rulebook_id: int, until: date, *, key: str, by: int) -> Outcome:
    """Let everybody comment on a draft through the end of ``until``."""

    def move(book: Rulebook) -> None:
        if not clock.today() <= until <= clock.today() + MOST_COMMENT_DAYS:
            raise BadCommentDay
        _has_rules(book)
        book.comments_until = until

    return _act("open_comments", village_id, rulebook_id, move, key=key, by=by, asked=[until])


def submit(village_id: int, rulebook_id: int, *, key: str, by: int) -> Outcome:
    """Hand a draft to the township, once its time for comments is over."""

    def move(book: Rulebook) -> None:
        if book.comments_until is not None and book.comments_until >= clock.today():
            raise CommentsStillOpen(until=book.comments_until.isoformat())

    return _act("submit", village_id, rulebook_id, move, key=key, by=by)


def confirm(village_id: int, rulebook_id: int, *, key: str, by: int) -> Outcome:
    """The township finds a draft lawful. Raises ``OwnCheck`` for the village's own people."""

    def move(book: Rulebook) -> None:
        _of_the_township(village_id, book, by)
        book.checked_on, book.checked_by_id = clock.today(), by

    return _act("confirm", village_id, rulebook_id, move, key=key, by=by)


def send_back(village_id: int, rulebook_id: int, *, why: str, key: str, by: int) -> Outcome:
    """The township sends a draft back, with its reason."""

    def move(book: Rulebook) -> None:
        _of_the_township(village_id, book, by)
        _clear_papers(book)

    return _act("send_back", village_id, rulebook_id, move, key=key, by=by, why=reason(why))


def enter_paper(village_id: int, rulebook_id: int, number: str, day: date, *, key: str, by: int) -> Outcome:
    """Where nobody of the township works in the system: the number and day of its paper."""

    def move(book: Rulebook) -> None:
        if staff.overseers(village_id):
            raise TownshipChecks
        if len(number.strip()) < 2 or day > clock.today():
            raise PaperNeeded
        book.checked_on, book.check_number = day, number.strip()[:60]

    return _act("enter_paper", village_id, rulebook_id, move, key=key, by=by, asked=[number, day])


def record_vote(village_id: int, rulebook_id: int, vote: Vote, *, key: str, by: int) -> Outcome:
    """The vote's figures; more than half of those present were in favour. Raises ``BadVote``, ``VoteNotCarried``."""

    def move(book: Rulebook) -> None:
        if not (book.checked_on or date.min) <= vote.adopted_on <= clock.today():
            raise BadVote
        check_figures(vote.present, vote.in_favour, vote.women_present)
        book.adopted_on, book.present = vote.adopted_on, vote.present
        book.in_favour, book.women_present = vote.in_favour, vote.women_present

    return _act("record_vote", village_id, rulebook_id, move, key=key, by=by, asked=list(asdict(vote).values()))


def check_figures(present: int, in_favour: int, women_present: int) -> None:
    """Raise what is wrong with a vote's figures."""
    if present < 1 or not 0 <= in_favour <= present or not 0 <= women_present <= present:
        raise BadVote
    if in_favour * 2 <= present:
        raise VoteNotCarried(present=present, favour=in_favour)


def file(village_id: int, rulebook_id: int, number: str, *, key: str, by: int) -> Outcome:
    """The township filed the book under a number (备案文号)."""

    def move(book: Rulebook) -> None:
        if len(number.strip()) < 2:
            raise FilingNumberNeeded
        book.filing_number = number.strip()[:60]

    return _act("file", village_id, rulebook_id, move, key=key, by=by, asked=[number])


def put_in_force(village_id: int, rulebook_id: int, day: date, *, key: str, by: int) -> Outcome:
    """Let a filed book count from ``day`` on, today or later; until then the old one does."""

    def move(book: Rulebook) -> None:
        book.is_trial = False
        _schedule(book, day)

    return _act("put_in_force", village_id, rulebook_id, move, key=key, by=by, asked=[day])


def try_out(village_id: int, rulebook_id: int, day: date, *, key: str, by: int) -> Outcome:
    """试运行: a draft scores from ``day`` on, and nothing can be redeemed while it does."""

    def move(book: Rulebook) -> None:
        _has_rules(book)
        book.is_trial = True
        _schedule(book, day)

    return _act("try_out", village_id, rulebook_id, move, key=key, by=by, asked=[day])


def call_off(village_id: int, rulebook_id: int, *, key: str, by: int) -> Outcome:
    """Take back the day of a book that hasn't started. Raises ``InForceAlready``."""

    def move(book: Rulebook) -> None:
        if book.in_force_from is None or book.in_force_from <= clock.today():
            raise InForceAlready
        book.in_force_from, book.is_trial = None, False

    book = db.session.get(Rulebook, rulebook_id)
    action = "call_off_trial" if book is not None and book.is_trial else "call_off"
    return _act(action, village_id, rulebook_id, move, key=key, by=by)


def revise(village_id: int, rulebook_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Back to the draft, to be changed; what was confirmed and voted on another text no longer counts."""
    return _act("revise", village_id, rulebook_id, _clear_papers, key=key, by=by, why=reason(why))


def withdraw(village_id: int, rulebook_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Give a book up; it stays to be read."""
    return _act("withdraw", village_id, rulebook_id, lambda _book: None, key=key, by=by, why=reason(why))


def settle_due(village_id: int) -> int:
    """A book whose day has come starts: its trial holds or ends, the screens learn of it. Gives how many (0 or 1)."""
    if _waiting(village_id) is None:
        return 0
    with atomic():
        ledger.lock(village_id)
        book = _waiting(village_id)
        if book is None:
            return 0
        _start(book)
    return 1


def _waiting(village_id: int) -> Rulebook | None:
    """The book in force, if its start hasn't been noted."""
    book = rulebook_in_force(village_id)
    step = book_queries.last_step(book.id) if book is not None else None
    return book if step is not None and step.action in _STARTING else None


def _start(book: Rulebook) -> None:
    settings.change("is_trial_run", book.is_trial, book.village_id)
    places.raise_board_version(book.village_id)
    note_step(book, "start", by=None)


def _act(
    action: str, village_id: int, rulebook_id: int, move: Callable[[Rulebook], None], *, key: str, by: int,
    asked: list[Any] | None = None, why: str | None = None,
) -> Outcome:  # fmt: skip
    """One move, once: the state allows it, ``move`` agrees, then state, step and audit row."""

    def work() -> dict[str, Any]:
        book = db.session.scalar(
            select(Rulebook)
            .where(Rulebook.id == rulebook_id, Rulebook.village_id == village_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if book is None:
            raise NotFoundHere
        target(action, book.state)
        with db.session.no_autoflush:
            move(book)
        note_step(book, action, by=by, why=why)
        if action in _STARTING and book.in_force_from is not None and book.in_force_from <= clock.today():
            _start(book)
        return {"rulebook_id": book.id, "state": book.state, "version": book.version}

    return keys.run_once(
        key, f"awarding.book.{action}", [village_id, rulebook_id, asked, why, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def note_step(book: Rulebook, action: str, *, by: int | None, why: str | None = None) -> None:
    """Write the new state, its step and its audit row."""
    from_state, book.state = book.state, str(target(action, book.state))
    remark_id, remark_hash = remarks.keep(why, village_id=book.village_id)
    step = RulebookStep(
        rulebook_id=book.id, action=action, from_state=from_state, to_state=book.state, by_id=by, at=clock.now(),
        remark_id=remark_id, remark_hash=remark_hash,
    )  # fmt: skip
    db.session.add(step)
    db.session.flush()
    audit.record(
        f"awarding.book_{action}", village_id=book.village_id, by=by, subject="rulebook", subject_id=book.id,
        version=book.version,
    )  # fmt: skip


def _schedule(book: Rulebook, day: date) -> None:
    """One at a time: no other book starts that day or is due to. Its number is the latest, as its day is."""
    if not clock.today() <= day <= clock.today() + MOST_AHEAD:
        raise BadStartDay
    with db.session.no_autoflush:
        other = book_queries.starts_from(book.village_id, day)
        if other is not None and other.in_force_from is not None:
            raise AlreadyScheduled(version=other.version, from_on=other.in_force_from.isoformat())
    book.in_force_from = day


def _has_rules(book: Rulebook) -> None:
    scoring = (Rule.rulebook_id == book.id, Rule.subject != "opening")
    if not db.session.scalar(select(func.count()).select_from(Rule).where(*scoring)):
        raise EmptyBook


def _of_the_township(village_id: int, book: Rulebook, by: int) -> None:
    if by not in staff.overseers(village_id) or by == book.entered_by_id:
        raise OwnCheck


def _clear_papers(book: Rulebook) -> None:
    book.comments_until = book.checked_on = book.check_number = book.checked_by_id = None
    book.adopted_on = book.present = book.in_favour = book.women_present = book.filing_number = None
