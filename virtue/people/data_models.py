"""What a household asks about the data kept of it: to correct something, or to delete it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class DataRequest(db.Model):  # type: ignore[name-defined]
    """A household's wish, and the village's answer in words; the correction itself is done where it always is."""

    __tablename__ = "data_request"
    __table_args__ = (
        Index("ix_data_request_village_id_answered_at", "village_id", "answered_at"),
        CheckConstraint("kind IN ('correct', 'delete')", name="kind"),
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answered"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    words_id: Mapped[int] = mapped_column(ForeignKey("remark.id"))
    asked_at: Mapped[datetime]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
