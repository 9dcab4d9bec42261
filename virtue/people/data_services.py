"""A household asks that something kept of it be corrected or deleted; the clerk answers in words."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from virtue import clock
from virtue.core import keys, remarks
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.people.data_models import DataRequest
from virtue.people.locks import lock_active, lock_household, record
from virtue.transactions import atomic

KINDS = {"correct": _l("更正"), "delete": _l("删除")}
LONGEST = 500
MOST_OPEN = 5


class RequestUnclear(BrokenRule):
    """What is asked, in words."""

    sentence = _l("请写明是哪一项、应该怎样，500个字以内。")


class TooManyRequests(BrokenRule):
    """Others still wait for their answer."""

    sentence = _l("已经提了%(most)s件，还没有答复。请等村里答复了再提。")


class AnswerMissing(BrokenRule):
    """An answer in words."""

    sentence = _l("请写明怎么办的，或者为什么不能办，500个字以内。")


def ask_about_data(village_id: int, household_id: int, kind: str, words: str, *, key: str) -> keys.Outcome:
    """Ask for a correction or deletion, from the passbook; ``request_id``.

    Raises RequestUnclear, TooManyRequests, HouseholdEnded.
    """
    _ = KINDS[kind]
    said = _words(words, RequestUnclear)

    def work() -> dict[str, Any]:
        household = lock_active(village_id, household_id)
        waiting = select(DataRequest.id).where(
            DataRequest.household_id == household_id, DataRequest.answered_at.is_(None)
        )
        if len(db.session.scalars(waiting).all()) >= MOST_OPEN:
            raise TooManyRequests(most=MOST_OPEN)
        words_id, _hash = remarks.keep(said, village_id=village_id)
        request = DataRequest(
            village_id=village_id, household_id=household_id, kind=kind, words_id=words_id, asked_at=clock.now()
        )
        db.session.add(request)
        record("people.ask_about_data", household, by=None)
        return {"request_id": request.id}

    return keys.run_once(key, "people.ask_about_data", [household_id, kind, said], work, village_id=village_id)


def answer_about_data(village_id: int, request_id: int, words: str, *, by: int) -> None:
    """Answer a request; one that was answered stays as it is. Raises AnswerMissing, NotFoundHere."""
    said = _words(words, AnswerMissing)
    with atomic():
        request = db.session.scalar(
            select(DataRequest)
            .where(DataRequest.id == request_id, DataRequest.village_id == village_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        if request is None:
            raise NotFoundHere
        if request.answered_at is not None:
            return
        request.answer_id, _hash = remarks.keep(said, village_id=village_id)
        request.answered_at, request.answered_by_id = clock.now(), by
        record("people.answer_about_data", lock_household(village_id, request.household_id), by=by)


def _words(text: str, wrong: type[BrokenRule]) -> str:
    said = text.strip()
    if not 1 <= len(said) <= LONGEST:
        raise wrong
    return said
