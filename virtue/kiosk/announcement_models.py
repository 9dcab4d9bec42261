"""What the village announces on its screens: jobs, training, and free announcements."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db

KINDS = ("notice", "job", "training")


class Announcement(db.Model):  # type: ignore[name-defined]
    """One slide of text. Whether it is over is decided from ``ends_on`` at every read."""

    __tablename__ = "announcement"
    __table_args__ = (
        Index("ix_announcement_village_id_ends_on", "village_id", "ends_on"),
        CheckConstraint("kind IN ('notice', 'job', 'training')", name="kind"),
        CheckConstraint("kind <> 'job' OR checked_by IS NOT NULL", name="checked"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(120))
    checked_by: Mapped[str | None] = mapped_column(String(20))
    """The office that made sure that the job is real."""
    ends_on: Mapped[date]
    """The last day on which it stands."""
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    """Taken down before its day."""
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
