"""Numbered slips of paper for days without power or network: printed in advance, typed in later, each number once."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class SlipState(StrEnum):
    """A slip is typed in once, ever; a spoiled or unused one is voided."""

    PRINTED = "printed"
    ENTERED = "entered"
    VOID = "void"


class PaperSlip(db.Model):  # type: ignore[name-defined]
    """One slip. The order that it became stands beside it, with the day on which the goods were really handed over."""

    __tablename__ = "paper_slip"
    __table_args__ = (
        UniqueConstraint("village_id", "number"),
        UniqueConstraint("order_id"),
        Index("ix_paper_slip_household_id_day", "household_id", "day"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("state IN ('printed', 'entered', 'void')", name="state"),
        CheckConstraint("(state = 'printed') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(state = 'entered') = (order_id IS NOT NULL)", name="entered"),
        CheckConstraint(
            "(order_id IS NULL) = (day IS NULL) AND (order_id IS NULL) = (household_id IS NULL)", name="order"
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=SlipState.PRINTED)
    printed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    printed_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who typed it in, or voided it."""
    ended_at: Mapped[datetime | None]
    day: Mapped[date | None]
    """The day without power, as it stands on the slip."""
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("store_order.id"))
