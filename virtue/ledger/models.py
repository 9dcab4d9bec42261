"""Accounts, entries, transfers, the chain of seals. See ``services`` for the only code that writes them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class Unit(StrEnum):
    """The two kinds of points. They are never added up."""

    HOME = "home"
    CIVILITY = "civility"


class AccountKind(StrEnum):
    """purse and owed belong to a household; the rest to a village."""

    PURSE = "purse"
    OWED = "owed"
    FUND = "fund"
    HELD = "held"
    TILL = "till"
    LAPSED = "lapsed"


class EntryKind(StrEnum):
    """What an entry is about; with ``subject_id`` its unique reference."""

    DEED = "deed"
    REVERSAL = "reversal"
    ORDER = "order"
    RETURN = "return"
    RESERVATION = "reservation"
    RELEASE = "release"
    FETCH = "fetch"
    LAPSE = "lapse"


class Account(db.Model):
    """Where points lie. A purse never goes below zero; owed never above (what a household lacks)."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("household_id", "unit", "kind"),
        Index(
            "uq_account_village_id_unit_kind",
            "village_id",
            "unit",
            "kind",
            unique=True,
            sqlite_where=text("household_id IS NULL"),
            postgresql_where=text("household_id IS NULL"),
        ),
        CheckConstraint("kind != 'purse' OR balance >= 0", name="purse_not_below_zero"),
        CheckConstraint("kind != 'owed' OR balance <= 0", name="owed_not_above_zero"),
        CheckConstraint("unit IN ('home', 'civility')", name="unit"),
        CheckConstraint("(kind IN ('purse', 'owed')) = (household_id IS NOT NULL)", name="owner"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    unit: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(8))
    balance: Mapped[int] = mapped_column(default=0)
    """Kept for purse and owed only; the village's accounts stay at 0 and are summed where needed."""


class Chain(db.Model):
    """One row a village: the lock of its ledger, and the end of its chain of seals."""

    __tablename__ = "chain"

    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)
    seal: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]


class Entry(db.Model):
    """One thing that moved points (or could have): append-only, sealed, numbered 1..n in its village."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("village_id", "seq"),
        UniqueConstraint("kind", "subject_id"),
        UniqueConstraint("reverses_id"),
        Index("ix_entry_month_household_id", "month", "household_id"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    """village_id x 10^10 + seq: known before the insert, so that a batch needs no round trip for its ids."""
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int] = mapped_column(Id)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    day: Mapped[date]
    month: Mapped[int]
    """The month of ``day``, as 202611: the leading column of the index."""
    batch: Mapped[str | None] = mapped_column(String(40))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    by_id: Mapped[int | None] = mapped_column(Id)
    recorded_at: Mapped[datetime]
    words: Mapped[list[Any]]
    """What the seal covers beside the transfers: for a deed rule, version, points; only ids, codes, numbers."""
    seal: Mapped[str] = mapped_column(String(64))


class Transfer(db.Model):
    """Points from one account to another: double entry in one row."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index("ix_transfer_entry_id", "entry_id"),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("source_id != destination_id", name="accounts"),
        CheckConstraint("unit IN ('home', 'civility')", name="unit"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    unit: Mapped[str] = mapped_column(String(8))
    source_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    destination_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    points: Mapped[int]
    balance_after: Mapped[int | None]
    """Of the household's account that this transfer touches; a transfer touches at most one."""


class Checkpoint(db.Model):
    """The seal that a day ended with, as handed out: on the wall, on slips, on card pages."""

    __tablename__ = "checkpoint"
    __table_args__ = (UniqueConstraint("village_id", "day"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    day: Mapped[date]
    """The day whose end this is."""
    seq: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))


class ClosedMonth(db.Model):
    """A month that two people closed: nothing is booked or counted into it any more."""

    __tablename__ = "closed_month"
    __table_args__ = (
        UniqueConstraint("village_id", "month"),
        CheckConstraint("second_by_id IS NULL OR second_by_id != first_by_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    month: Mapped[int]
    first_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    first_at: Mapped[datetime]
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    second_at: Mapped[datetime | None]
    """NULL: one has signed, the month is still open."""
