"""The voter list, the ballot box and the numbered papers of a campaign: three tables that know nothing of each other.

Whoever reads all of them finds who has voted, and what was voted, and nothing by which to join the two: the list has no
time, a ballot neither time nor number nor household, and its table keeps no order of its own.
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import db


class Voter(db.Model):  # type: ignore[name-defined]
    """A household on a campaign's voter list. ``way``: that it has voted, and how; it is set once, by one UPDATE."""

    __tablename__ = "voter"
    __table_args__ = (
        UniqueConstraint("campaign_id", "place"),
        CheckConstraint("way IN ('passbook', 'desk', 'paper')", name="way"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), primary_key=True)
    place: Mapped[int]
    """In the order of household codes, from 1; all that a slip proves."""
    way: Mapped[str | None] = mapped_column(String(10))


class Ballot(db.Model):  # type: ignore[name-defined]
    """One ballot: a random id, a campaign, a choice. Without rowid, so that SQLite keeps no order of arrival."""

    __tablename__ = "ballot"
    __table_args__ = (Index("ix_ballot_campaign_id", "campaign_id"), {"sqlite_with_rowid": False})

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    choice: Mapped[str] = mapped_column(String(80))
    """Nominees' numbers in their order, "2,5"; empty: a spoilt paper."""


class BallotPaper(db.Model):  # type: ignore[name-defined]
    """A numbered paper. Which household got which number is written nowhere. Read by two; then the choice leaves this row."""

    __tablename__ = "ballot_paper"
    __table_args__ = (
        CheckConstraint("second_by_id IS NULL OR second_by_id <> first_by_id", name="two_people"),
        CheckConstraint(
            "(first_choice IS NOT NULL) = (first_by_id IS NOT NULL AND second_by_id IS NULL)", name="choice"
        ),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    first_choice: Mapped[str | None] = mapped_column(String(80))
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
