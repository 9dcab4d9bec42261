"""Baskets put aside for a while, at the till."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class ParkedBasket(db.Model):  # type: ignore[name-defined]
    """A basket that waits for its household, or for its card. It holds neither goods nor points, and is gone after an hour."""

    __tablename__ = "parked_basket"
    __table_args__ = (
        Index("ix_parked_basket_store_id_parked_at", "store_id", "parked_at"),
        CheckConstraint("pieces > 0", name="pieces"),
        CheckConstraint("card_id IS NULL OR household_id IS NOT NULL", name="card"),
        CheckConstraint("(taken_at IS NULL) = (taken_by_id IS NULL)", name="taken"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    """NULL: no card was scanned yet."""
    card_id: Mapped[int | None] = mapped_column(ForeignKey("card.id"))
    contents: Mapped[list[Any]] = mapped_column(JSON)
    """The basket's fields as name and value: goods and numbers only."""
    pieces: Mapped[int]
    parked_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    taken_at: Mapped[datetime | None]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
