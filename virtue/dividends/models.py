"""Pots, the lines of their sheets, what months a household counts, payments."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class PotState(StrEnum):
    """See ``states`` for who may lead a pot where."""

    DRAFT = "draft"
    OPEN = "open"
    VOTED = "voted"
    CHECKED = "checked"
    SIGNED = "signed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Pot(db.Model):
    """Money of a year to be divided among the households of a village (分红资金)."""

    __tablename__ = "pot"
    __table_args__ = (
        UniqueConstraint("village_id", "year", "name"),
        CheckConstraint("kind IN ('county', 'village', 'other')", name="kind"),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("basis IN ('shares', 'score', 'both')", name="basis"),
        CheckConstraint(
            "shares_weight >= 0 AND score_weight >= 0 AND shares_weight + score_weight > 0", name="weights"
        ),
        CheckConstraint("base >= 0", name="base"),
        CheckConstraint(
            "state IN ('draft', 'open', 'voted', 'checked', 'signed', 'closed', 'withdrawn')", name="state"
        ),
        CheckConstraint("(state IN ('signed', 'closed')) = (seal IS NOT NULL)", name="sealed"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    year: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    fen: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the amount was worked out from: capital_fen, rate, key_part, key_total, or income_fen, percent; basis points."""
    basis: Mapped[str] = mapped_column(String(8))
    shares_weight: Mapped[int]
    score_weight: Mapped[int]
    base: Mapped[int] = mapped_column(default=100)
    """The base score of a whole year; it exists in this formula alone."""
    state: Mapped[str] = mapped_column(String(10), default=PotState.DRAFT)
    sheet: Mapped[int] = mapped_column(default=0)
    """The number of the sheet that counts; 0: none was drawn yet."""
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    drafted_at: Mapped[datetime]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    """The notice whose lines are the open sheet's."""
    opened_on: Mapped[date | None]
    open_until: Mapped[date | None]
    voted_on: Mapped[date | None]
    assembly: Mapped[str | None] = mapped_column(String(16))
    """villagers, representatives"""
    entitled: Mapped[int | None]
    present: Mapped[int | None]
    in_favour: Mapped[int | None]
    minutes_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    checked_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    signed_at: Mapped[datetime | None]
    seal: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 over the inputs and lines of the sheet that was signed."""
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    closed_at: Mapped[datetime | None]


class PotMonths(db.Model):
    """How many months of the year a household counts in a pot, where it isn't what the register says."""

    __tablename__ = "pot_months"
    __table_args__ = (
        UniqueConstraint("pot_id", "household_id"),
        CheckConstraint("months BETWEEN 0 AND 12", name="months"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    pot_id: Mapped[int] = mapped_column(ForeignKey("pot.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    months: Mapped[int]
    why_id: Mapped[int] = mapped_column(ForeignKey("remark.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


class DividendLine(db.Model):
    """A household on a sheet of a pot, with all that its amount was worked out from. Append-only: a new sheet is new lines."""

    __tablename__ = "dividend_line"
    __table_args__ = (
        UniqueConstraint("pot_id", "sheet", "household_id"),
        UniqueConstraint("pot_id", "sheet", "place"),
        Index("ix_dividend_line_household_id", "household_id"),
        CheckConstraint("months BETWEEN 0 AND 12", name="months"),
        CheckConstraint("fen >= 0 AND fen = shares_fen + shares_extra + score_fen + score_extra", name="fen"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    pot_id: Mapped[int] = mapped_column(ForeignKey("pot.id"))
    sheet: Mapped[int]
    place: Mapped[int]
    """The line's number, by household code; the same on every sheet of the pot."""
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    months: Mapped[int]
    earned: Mapped[int]
    deducted: Mapped[int]
    twelfths: Mapped[int]
    """base x months + (earned - deducted) x 12, not below zero: the score in twelfths of a point."""
    shares: Mapped[int]
    shares_fen: Mapped[int] = mapped_column(BigInteger)
    shares_rest: Mapped[int] = mapped_column(BigInteger)
    shares_extra: Mapped[int]
    score_fen: Mapped[int] = mapped_column(BigInteger)
    score_rest: Mapped[int] = mapped_column(BigInteger)
    score_extra: Mapped[int]
    fen: Mapped[int] = mapped_column(BigInteger)


class Payout(db.Model):
    """That a line was paid: once, ever. Append-only."""

    __tablename__ = "payout"
    __table_args__ = (
        UniqueConstraint("line_id"),
        Index("ix_payout_pot_id", "pot_id"),
        CheckConstraint("how IN ('bank', 'signature', 'thumb')", name="how"),
        CheckConstraint("fen > 0", name="fen"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    pot_id: Mapped[int] = mapped_column(ForeignKey("pot.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("dividend_line.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    fen: Mapped[int] = mapped_column(BigInteger)
    how: Mapped[str] = mapped_column(String(10))
    paid_on: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime]
