"""What villagers say about a draft of the rulebook: from the passbook with the PIN, or taken down at the desk."""

from typing import Any

from virtue import clock
from virtue.awarding import book_queries
from virtue.awarding.book_errors import CommentsClosed, NoWords
from virtue.awarding.book_models import BookState, RulebookComment
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger

MOST_WORDS = 500


def comment(village_id: int, rulebook_id: int, household_id: int, words: str, *, key: str) -> Outcome:
    """A household's own comment. Raises ``CommentsClosed``, ``NoWords``."""
    return _note(village_id, rulebook_id, words, "", household_id=household_id, key=key, by=None)


def take_down(village_id: int, rulebook_id: int, speaker: str, words: str, *, key: str, by: int) -> Outcome:
    """What somebody said by mouth or on paper, with whose words they are."""
    if not speaker.strip():
        raise NoWords
    return _note(village_id, rulebook_id, words, speaker, household_id=None, key=key, by=by)


def _note(
    village_id: int, rulebook_id: int, words: str, speaker: str, *, household_id: int | None, key: str, by: int | None
) -> Outcome:
    if len(words.strip()) < 2:
        raise NoWords

    def work() -> dict[str, Any]:
        book = book_queries.find_book(village_id, rulebook_id)
        if book is None:
            raise NotFoundHere
        is_over = book.comments_until is None or book.comments_until < clock.today()
        if book.state != str(BookState.COMMENTS) or is_over:
            raise CommentsClosed
        row = RulebookComment(
            rulebook_id=book.id, household_id=household_id, by_id=by, at=clock.now(),
            speaker_id=remarks.keep(speaker[:40], village_id=village_id)[0],
            remark_id=remarks.keep(words[:MOST_WORDS], village_id=village_id)[0],
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        audit.record(
            "awarding.comment", village_id=village_id, by=by, household_id=household_id, subject="rulebook",
            subject_id=book.id, version=book.version,
        )  # fmt: skip
        return {"comment_id": row.id}

    asked = [village_id, rulebook_id, household_id, speaker, words, by]
    return keys.run_once(
        key, "awarding.comment", asked, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
