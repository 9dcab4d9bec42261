"""The score lane: what counts, by household, month, dimension and unit."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db

NO_DIMENSION = "-"


class Tally(db.Model):
    """Earned and deducted points of a household in a month; spending never touches it."""

    __tablename__ = "tally"

    month: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(20), primary_key=True)
    """One of the stars' subjects, or "-" for none."""
    unit: Mapped[str] = mapped_column(String(8), primary_key=True)
    earned: Mapped[int] = mapped_column(default=0)
    deducted: Mapped[int] = mapped_column(default=0)
    deeds: Mapped[int] = mapped_column(default=0)
    last_seq: Mapped[int] = mapped_column(default=0)
    """The ledger sequence of the last change: the smaller one got there first."""


class GridTally(db.Model):
    """How many households and deeds a rule reached in a grid in a month."""

    __tablename__ = "grid_tally"

    month: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"), primary_key=True)
    rule_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    households: Mapped[int] = mapped_column(default=0)
    deeds: Mapped[int] = mapped_column(default=0)


class Veto(db.Model):
    """No star in this dimension for this household from a day to a day, on a numbered document."""

    __tablename__ = "veto"
    __table_args__ = (Index("ix_veto_village_id_until_on", "village_id", "until_on"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    dimension: Mapped[str] = mapped_column(String(20))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), unique=True)
    document_number: Mapped[str] = mapped_column(String(60))
    from_on: Mapped[date]
    until_on: Mapped[date]
    ended_on: Mapped[date | None]
    """Lifted early, by a reversal."""
