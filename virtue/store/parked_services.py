"""Baskets put aside at the till and taken up again within the hour, by any keeper of the store, once.

Nothing is held: goods and points are looked at anew when the basket is confirmed.
"""

from typing import Any

from sqlalchemy import delete, select

from virtue import clock
from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.store import parked_queries
from virtue.store.baskets import Piece
from virtue.store.errors import EmptyBasket
from virtue.store.parked_errors import ParkedOver, ParkedTaken, TooManyParked
from virtue.store.parked_models import ParkedBasket
from virtue.store.parked_queries import HOUR
from virtue.transactions import atomic

MOST = 20
"""Baskets that may wait at one store."""

Fields = list[tuple[str, str]]


def park(
    village_id: int,
    store_id: int,
    household: tuple[int, int | None] | None,
    fields: Fields,
    pieces: list[Piece],
    *,
    key: str,
    by: int,
) -> Outcome:
    """Put a basket aside, once per key. ``household``: its id and by which card it was found; None: nobody yet.

    ``fields``: what the form said of ``pieces``. Raises EmptyBasket, TooManyParked.
    """
    household_id, card_id = household or (None, None)
    count = sum(piece.quantity for piece in pieces)

    def work() -> dict[str, Any]:
        if not count:
            raise EmptyBasket
        if len(parked_queries.waiting(store_id)) >= MOST:
            raise TooManyParked(most=MOST)
        row = ParkedBasket(
            village_id=village_id, store_id=store_id, household_id=household_id, card_id=card_id,
            contents=[list(field) for field in fields], pieces=count, parked_at=clock.now(), by_id=by,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        _record("store.park", row, by=by)
        return {"parked_id": row.id}

    contents = [by, store_id, household_id, card_id, [list(field) for field in fields]]
    return keys.run_once(key, "store.park", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id))


def take_up(village_id: int, store_id: int, parked_id: int, *, key: str, by: int) -> Outcome:
    """Take a basket up again, once per key; of two tills one gets it.

    The result: household_id, card_id, is_checked (its card was scanned, or this keeper put it aside), fields.
    Raises NotFoundHere, ParkedTaken, ParkedOver.
    """

    def work() -> dict[str, Any]:
        row = db.session.scalar(
            select(ParkedBasket)
            .where(
                ParkedBasket.id == parked_id, ParkedBasket.store_id == store_id, ParkedBasket.village_id == village_id
            )
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFoundHere
        if row.taken_at is not None:
            raise ParkedTaken
        if row.parked_at <= clock.now() - HOUR:
            raise ParkedOver
        row.taken_at, row.taken_by_id = clock.now(), by
        db.session.flush()
        _record("store.take_up", row, by=by)
        is_checked = row.card_id is not None or row.by_id == by
        return {
            "household_id": row.household_id, "card_id": row.card_id, "is_checked": is_checked, "fields": row.contents,
        }  # fmt: skip

    return keys.run_once(
        key, "store.take_up", [by, store_id, parked_id], work,
        village_id=village_id, lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def sweep() -> None:
    """Take away what was put aside more than an hour ago, taken up or not."""
    with atomic():
        db.session.execute(delete(ParkedBasket).where(ParkedBasket.parked_at <= clock.now() - HOUR))


def _record(action: str, row: ParkedBasket, *, by: int) -> None:
    audit.record(
        action, village_id=row.village_id, by=by, household_id=row.household_id, subject="parked_basket",
        subject_id=row.id, pieces=row.pieces,
    )  # fmt: skip
