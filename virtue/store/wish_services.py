"""Wishes (心愿单): up to three a household, one of the goods or words of its own; counted for buying, never by whom."""

import re
import unicodedata
from typing import Any

from sqlalchemy import delete, func, select

from virtue import clock
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.people.errors import HouseholdEnded
from virtue.people.locks import lock_household
from virtue.store import queries, wish_queries
from virtue.store.reservation_errors import BadWish, TooManyWishes, WishedAlready
from virtue.store.wish_models import Wish

MOST = 3
_LENGTH = range(2, 21)
# Telephone and identity numbers have seven digits and more; groups may be set apart. Sizes (500 ml, 2024) have fewer.
_NUMBER = re.compile(r"(?:\d[\s\-—.]*){7,}")


def plain_words(text: str) -> str:
    """A wish in own words as it is kept and counted: full-width signs made plain, blanks joined. Raises BadWish."""
    words = " ".join(unicodedata.normalize("NFKC", text[:200]).split())
    if _NUMBER.search(words):
        raise BadWish(kind="number")
    if len(words) not in _LENGTH:
        raise BadWish(kind="length")
    return words


def wish(village_id: int, household_id: int, *, item_id: int | None, text: str, key: str, by: int | None) -> Outcome:
    """Add a wish: one of the goods, or words. ``by`` None: the household itself.

    Raises BadWish, WishedAlready, TooManyWishes, HouseholdEnded, NotFoundHere.
    """

    def work() -> dict[str, Any]:
        household = lock_household(village_id, household_id)
        if household.state == "ended":
            raise HouseholdEnded
        words = "" if item_id is not None else plain_words(text)
        if item_id is not None and queries.find_item(village_id, item_id) is None:
            raise NotFoundHere
        mine = wish_queries.wishes_of(household_id)
        if any((one.item_id == item_id) if item_id is not None else (one.words == words) for one in mine):
            raise WishedAlready
        count = db.session.scalar(select(func.count()).select_from(Wish).where(Wish.household_id == household_id)) or 0
        if count >= MOST:
            raise TooManyWishes(most=MOST)
        remark_id, _salted = remarks.keep(words, village_id=village_id)
        row = Wish(
            village_id=village_id, household_id=household_id, item_id=item_id, remark_id=remark_id,
            wished_at=clock.now(), by_id=by,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        _record("store.wish", row, by=by)
        return {"wish_id": row.id}

    fingerprint = remarks.fingerprint(text, "wish")
    return _once(key, "store.wish", [by, household_id, item_id, fingerprint], work, village_id)


def unwish(village_id: int, household_id: int, wish_id: int, *, key: str, by: int | None) -> Outcome:
    """Take a wish off the household's list; its words are forgotten. Raises NotFoundHere."""

    def work() -> dict[str, Any]:
        row = db.session.scalar(
            select(Wish).where(Wish.id == wish_id, Wish.household_id == household_id, Wish.village_id == village_id)
        )
        if row is None:
            raise NotFoundHere
        _record("store.unwish", row, by=by)
        if row.remark_id is not None:
            remarks.forget(row.remark_id)
        db.session.execute(delete(Wish).where(Wish.id == wish_id))
        return {"wish_id": wish_id}

    return _once(key, "store.unwish", [by, household_id, wish_id], work, village_id)


def _once(key: str, purpose: str, contents: Any, work: Any, village_id: int) -> Outcome:
    return keys.run_once(key, purpose, contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id))


def _record(action: str, row: Wish, *, by: int | None) -> None:
    audit.record(
        action, village_id=row.village_id, by=by, household_id=row.household_id, subject="wish", subject_id=row.id,
        item_id=row.item_id,
    )  # fmt: skip
