"""What stands on the red board: settled deeds and honours that a person picked, each until a day."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db

_STANDING = text("ended_at IS NULL")


class RedPick(db.Model):  # type: ignore[name-defined]
    """A deed or an honour on the red board. Taken down, never deleted: publishing is a step with an end and a log."""

    __tablename__ = "red_pick"
    __table_args__ = (
        # Only those that stand: small, whatever the history.
        Index("ix_red_pick_standing", "village_id", sqlite_where=_STANDING, postgresql_where=_STANDING),
        Index("uq_red_pick_deed", "deed_id", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
        Index("uq_red_pick_honour", "honour_id", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
        CheckConstraint("(deed_id IS NULL) <> (honour_id IS NULL)", name="subject"),
        CheckConstraint("ends_on >= picked_on", name="span"),
        CheckConstraint("ended_at IS NOT NULL OR ended_by_id IS NULL", name="ended"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    deed_id: Mapped[int | None] = mapped_column(ForeignKey("deed.id"))
    honour_id: Mapped[int | None] = mapped_column(ForeignKey("honour.id"))
    story_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """What is told of it; NULL: the rule's or the title's name alone."""
    picked_on: Mapped[date]
    ends_on: Mapped[date]
    """The last day on which it stands."""
    picked_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    picked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL, with an ``ended_at``: its day came, or what it tells of doesn't stand any more."""
