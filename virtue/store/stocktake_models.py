"""Stocktakes (盘点): blind by two people, each number beside what the books said at that moment."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db
from virtue.store.models import Item


class TakeState(StrEnum):
    """See ``stocktake_states`` for who may lead a stocktake where."""

    COUNTING = "counting"
    """Two people count, blind."""
    COMPARED = "compared"
    """Both have handed in: differences are seen, and counted again."""
    TO_SIGN = "to_sign"
    """The differences are above the village's limit: the supervision committee signs first."""
    BOOKED = "booked"
    CANCELLED = "cancelled"


_OPEN = text("state IN ('counting', 'compared', 'to_sign')")


class Stocktake(db.Model):  # type: ignore[name-defined]
    """One count of a store, or of one category in it."""

    __tablename__ = "stocktake"
    __table_args__ = (
        Index("ix_stocktake_village_id_opened_at", "village_id", "opened_at"),
        # Two at once would book the same difference twice.
        Index("uq_stocktake_open", "store_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("state IN ('counting', 'compared', 'to_sign', 'booked', 'cancelled')", name="state"),
        CheckConstraint("(state IN ('booked', 'cancelled')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("signed_by_id IS NULL OR signed_by_id != proposed_by_id", name="signed"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    category: Mapped[str | None] = mapped_column(String(20))
    """NULL: all goods."""
    state: Mapped[str] = mapped_column(String(10), default=TakeState.COUNTING)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    opened_at: Mapped[datetime]
    compared_at: Mapped[datetime | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who gave the reasons: the counter who didn't write down the recount."""
    proposed_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    remark_id: Mapped[int | None] = mapped_column(Id)
    """What was found out about the differences, or why it was given up."""
    remark_hash: Mapped[str | None] = mapped_column(String(64))


class StocktakeSeat(db.Model):  # type: ignore[name-defined]
    """One of the two who count."""

    __tablename__ = "stocktake_seat"
    __table_args__ = (
        UniqueConstraint("stocktake_id", "user_id"),
        UniqueConstraint("stocktake_id", "place"),
        CheckConstraint("place IN (1, 2)", name="place"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    stocktake_id: Mapped[int] = mapped_column(ForeignKey("stocktake.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    place: Mapped[int]
    joined_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]


class StocktakeGood(db.Model):  # type: ignore[name-defined]
    """A good that is to be counted, and what came of it once both had counted."""

    __tablename__ = "stocktake_good"
    __table_args__ = (
        UniqueConstraint("stocktake_id", "item_id"),
        CheckConstraint(
            "reason IS NULL OR reason IN ('lost', 'broken', 'mixed_up', 'typed_wrong', 'unknown')", name="reason"
        ),
        CheckConstraint("reason IS NULL OR (difference IS NOT NULL AND difference != 0)", name="difference"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    stocktake_id: Mapped[int] = mapped_column(ForeignKey("stocktake.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    difference: Mapped[int | None]
    """Pieces more (or fewer) than in the books; 0 where both counted what the books said. NULL until it is known."""
    cost_fen: Mapped[int]
    """Cost of one piece when the count began: what the limit for a signature is measured in."""
    reason: Mapped[str | None] = mapped_column(String(12))
    item: Mapped[Item] = relationship(lazy="joined")


class StocktakeCount(db.Model):  # type: ignore[name-defined]
    """A number that somebody counted (``place`` 1 and 2, or 3 for the recount), and the books at that moment."""

    __tablename__ = "stocktake_count"
    __table_args__ = (
        UniqueConstraint("good_id", "place"),
        CheckConstraint("place IN (1, 2, 3)", name="place"),
        CheckConstraint("quantity >= 0 AND book >= 0", name="quantity"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    good_id: Mapped[int] = mapped_column(ForeignKey("stocktake_good.id"))
    place: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    quantity: Mapped[int]
    book: Mapped[int]
    """Pieces in the store's batches of the good at ``counted_at``; later sales don't touch it."""
    movement_id: Mapped[int] = mapped_column(Id)
    """The last movement of the good in the store up to then; 0 for none."""
    counted_at: Mapped[datetime]

    @property
    def difference(self) -> int:
        """Pieces more (or fewer) than in the books at that moment."""
        return self.quantity - self.book
