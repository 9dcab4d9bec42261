"""Money for goods: what was given to the points store, what of it was spent. Append-only; large sums are signed by two."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class FundMoney(db.Model):  # type: ignore[name-defined]
    """Money that came for goods (above zero), or was spent on them or entered by mistake (below)."""

    __tablename__ = "fund_money"
    __table_args__ = (
        Index("ix_fund_money_village_id", "village_id"),
        CheckConstraint("amount_fen != 0", name="amount"),
        CheckConstraint("source IN ('granted', 'collective', 'donated', 'spent', 'corrected')", name="source"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    amount_fen: Mapped[int]
    source: Mapped[str] = mapped_column(String(10))
    day: Mapped[date]
    needs_second: Mapped[bool]
    """It counts once a second person has signed; decided by the sum on the day it was entered."""
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
    remark_id: Mapped[int | None] = mapped_column(Id)
    remark_hash: Mapped[str | None] = mapped_column(String(64))


class FundSignature(db.Model):  # type: ignore[name-defined]
    """The second person's signature under a large sum; once."""

    __tablename__ = "fund_signature"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    money_id: Mapped[int] = mapped_column(ForeignKey("fund_money.id"), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime]
