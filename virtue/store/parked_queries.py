"""Which baskets wait at a store."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.extensions import db
from virtue.people.models import Household
from virtue.store.parked_models import ParkedBasket

HOUR = timedelta(hours=1)
"""So long a basket waits; what is older is gone, swept or not."""


def waiting(store_id: int) -> list[Any]:
    """The baskets that may be taken up at a store, oldest first: id, pieces, parked_at, and the household's tail (None:
    no card was scanned yet).
    """
    return list(
        db.session.execute(
            select(ParkedBasket.id, ParkedBasket.pieces, ParkedBasket.parked_at, Household.tail)
            .outerjoin(Household, Household.id == ParkedBasket.household_id)
            .where(
                ParkedBasket.store_id == store_id,
                ParkedBasket.parked_at > clock.now() - HOUR,
                ParkedBasket.taken_at.is_(None),
            )
            .order_by(ParkedBasket.parked_at, ParkedBasket.id)
        )
    )
