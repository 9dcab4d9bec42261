"""Wishes: what a household would like to find at the points store."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class Wish(db.Model):  # type: ignore[name-defined]
    """One wish of a household: one of the goods, or words of its own, which lie in a remark and can be forgotten."""

    __tablename__ = "wish"
    __table_args__ = (
        UniqueConstraint("household_id", "item_id"),
        Index("ix_wish_village_id", "village_id"),
        CheckConstraint("(item_id IS NULL) = (remark_id IS NOT NULL)", name="one"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    remark_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    wished_at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who wrote it down for the household; NULL: the household itself."""
