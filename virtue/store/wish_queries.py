"""A household's own wishes; and how often each thing is wished in a village, never by whom."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from virtue.core.models import Remark
from virtue.extensions import db
from virtue.store.models import Item
from virtue.store.wish_models import Wish


@dataclass(frozen=True)
class OwnWish:
    """A wish as its household reads it."""

    id: int
    item_id: int | None
    words: str


def wishes_of(household_id: int) -> list[OwnWish]:
    """A household's wishes, the oldest first."""
    rows = db.session.execute(
        select(Wish.id, Wish.item_id, func.coalesce(Item.name, Remark.text, "").label("words"))
        .outerjoin(Item, Item.id == Wish.item_id)
        .outerjoin(Remark, Remark.id == Wish.remark_id)
        .where(Wish.household_id == household_id)
        .order_by(Wish.id)
    )
    return [OwnWish(row.id, row.item_id, row.words) for row in rows]


def counted(village_id: int, text: str = "") -> Select[*tuple[object, ...]]:
    """What is wished how often, most wished first; rows words, item_id (NULL: in own words), times. To be paged."""
    words = func.coalesce(Item.name, Remark.text)
    query = (
        select(words.label("words"), Wish.item_id, func.count().label("times"))
        .outerjoin(Item, Item.id == Wish.item_id)
        .outerjoin(Remark, Remark.id == Wish.remark_id)
        .where(Wish.village_id == village_id, words.is_not(None))
        .group_by(words, Wish.item_id)
        .order_by(func.count().desc(), words)
    )
    return query.where(words.contains(text, autoescape=True)) if text else query
