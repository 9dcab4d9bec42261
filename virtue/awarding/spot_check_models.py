"""Drawn lots (抽查): the settled deeds of a month that are looked at on site, and what was found there."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.awarding.models import Deed
from virtue.extensions import Id, db

RIGHT, NOT_FOUND, DIFFERS = "right", "not_found", "differs"
"""What was found on site: as it was booked, nothing of it, or something else."""


class SpotDraw(db.Model):  # type: ignore[name-defined]
    """One month's draw: its seed, how many deeds took part, how many were wanted. Once, ever."""

    __tablename__ = "spot_draw"
    __table_args__ = (
        UniqueConstraint("village_id", "month"),
        CheckConstraint("month % 100 BETWEEN 1 AND 12", name="month"),
        CheckConstraint("length(seed) = 64", name="seed"),
        CheckConstraint("wanted > 0 AND pool > 0", name="counts"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    month: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    """The ledger's seal at the end of the month's last day: nobody could choose it, anybody can draw again with it."""
    seal_seq: Mapped[int]
    """Which entry of the ledger that seal is."""
    pool: Mapped[int]
    wanted: Mapped[int]
    """The village's setting on that day; fewer are drawn where fewer were booked."""
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL: the day's run."""
    shown_until: Mapped[date]
    """The last day on which the public page says which household a lot is about."""
    checks: Mapped[list["SpotCheck"]] = relationship(back_populates="draw", order_by="SpotCheck.place")


class SpotCheck(db.Model):  # type: ignore[name-defined]
    """A deed that was drawn, in the order of the lots. It was booked in one month, so it is drawn once at most."""

    __tablename__ = "spot_check"
    __table_args__ = (
        UniqueConstraint("draw_id", "place"),
        UniqueConstraint("deed_id"),
        CheckConstraint("place > 0", name="place"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("spot_draw.id"))
    place: Mapped[int]
    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id"))
    draw: Mapped[SpotDraw] = relationship(back_populates="checks")
    deed: Mapped[Deed] = relationship()


class SpotResult(db.Model):  # type: ignore[name-defined]
    """What somebody found on site. The last row of a check counts; those before it are its history."""

    __tablename__ = "spot_result"
    __table_args__ = (
        Index("ix_spot_result_check_id", "check_id"),
        CheckConstraint("outcome IN ('right', 'not_found', 'differs')", name="outcome"),
        CheckConstraint("outcome = 'right' OR note_id IS NOT NULL", name="note"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("spot_check.id"))
    outcome: Mapped[str] = mapped_column(String(10))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime]
