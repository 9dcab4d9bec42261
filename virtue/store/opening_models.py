"""When a store is open: hours by weekday, hours of single days (market days), and pauses."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class Opening(db.Model):  # type: ignore[name-defined]
    """Open from one minute of the day to another, on each such weekday or on one day.

    A day that has hours of its own follows these alone; its weekday's don't count then.
    """

    __tablename__ = "opening"
    __table_args__ = (
        UniqueConstraint("store_id", "weekday", "opens"),
        UniqueConstraint("store_id", "day", "opens"),
        CheckConstraint("(weekday IS NULL) != (day IS NULL)", name="when"),
        CheckConstraint("weekday IS NULL OR weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name="hours"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    weekday: Mapped[int | None]
    """0 is Monday."""
    day: Mapped[date | None]
    """A market day (集日), or any other single day."""
    opens: Mapped[int]
    """Minutes after midnight in Shanghai."""
    closes: Mapped[int]


class Pause(db.Model):  # type: ignore[name-defined]
    """A store stays closed from one day through another, whatever its hours say."""

    __tablename__ = "store_pause"
    __table_args__ = (
        Index("ix_store_pause_store_id", "store_id"),
        CheckConstraint("from_on <= until_on", name="days"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    from_on: Mapped[date]
    until_on: Mapped[date]
    """The last closed day."""
    reason: Mapped[str] = mapped_column(String(40))
    """Shown to everybody: 盘点, 进货, 停电."""
    set_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    set_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    """Ended early, or called off: from then on it no longer holds."""
