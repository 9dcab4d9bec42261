"""Public notices and their lines. They know no subject: subjects point to them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class Notice(db.Model):
    """Lines shown for some days before they count. Whether it is over is decided from ``ends_on`` at every read."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("village_id", "number"),
        Index("ix_notice_ends_on", "ends_on", "village_id"),
        CheckConstraint("ends_on >= published_on", name="span"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    number: Mapped[int]
    """第N号, per village."""
    kind: Mapped[str] = mapped_column(String(10), default="deeds")
    """deeds: open, settles after its end; booked: a month's list of what was booked at once."""
    published_on: Mapped[date]
    ends_on: Mapped[date]
    """The last open day."""
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    published_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class NoticeLine(db.Model):
    """One numbered line of a notice."""

    __tablename__ = "notice_line"
    __table_args__ = (UniqueConstraint("notice_id", "number"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    number: Mapped[int]
    publish: Mapped[str] = mapped_column(String(10))
    """red, list, place_only, never: what the line may show."""
