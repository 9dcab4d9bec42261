"""The close of a year for home points that lapse: announced, signed by two, booked; and what was carried into the next year."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class YearState(StrEnum):
    """Where a year's close stands; ``year_states`` has the ways between."""

    ANNOUNCED = "announced"
    WITHDRAWN = "withdrawn"
    SIGNED = "signed"
    BOOKING = "booking"
    CLOSED = "closed"


class YearClose(db.Model):  # type: ignore[name-defined]
    """A village's year whose unspent home points lapse. Figures told are those the second person signed for."""

    __tablename__ = "year_close"
    __table_args__ = (
        UniqueConstraint("village_id", "year"),
        CheckConstraint("state IN ('announced', 'withdrawn', 'signed', 'booking', 'closed')", name="state"),
        CheckConstraint("lapses_on > announced_on", name="span"),
        CheckConstraint("signed_by_id IS NULL OR signed_by_id != announced_by_id", name="two_people"),
        CheckConstraint("(signed_by_id IS NULL) = (state IN ('announced', 'withdrawn'))", name="signed"),
        CheckConstraint("(closed_at IS NULL) = (state != 'closed')", name="closed"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=YearState.ANNOUNCED)
    announced_on: Mapped[date]
    announced_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    lapses_on: Mapped[date]
    """On this day they lapse; the day before is the last on which they can be spent for certain."""
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """The second person; never the one who announced."""
    signed_at: Mapped[datetime | None]
    told_households: Mapped[int | None]
    told_points: Mapped[int | None]
    """What was confirmed in words when it was signed."""
    job_id: Mapped[int | None] = mapped_column(Id)
    """The latest job that books it."""
    households: Mapped[int | None]
    points: Mapped[int | None]
    """What lapsed in the end: what households spent between signing and booking didn't."""
    closed_at: Mapped[datetime | None]


class YearCarry(db.Model):  # type: ignore[name-defined]
    """Something of the year that was still open and goes on in the next: one row each, with a reason."""

    __tablename__ = "year_carry"
    __table_args__ = (
        UniqueConstraint("close_id", "kind", "subject_id"),
        CheckConstraint("kind IN ('deeds', 'objections', 'held')", name="kind"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    close_id: Mapped[int] = mapped_column(ForeignKey("year_close.id"))
    kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int] = mapped_column(Id)
    """The deed, the objection, or the household whose points are held."""
    remark_id: Mapped[int | None] = mapped_column(Id)
    remark_hash: Mapped[str | None] = mapped_column(String(64))
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime]
