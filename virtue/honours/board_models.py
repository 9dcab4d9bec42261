"""Boards that stand still before a ceremony: what they showed on the day they were frozen."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db

_STANDING = text("lifted_at IS NULL")


class BoardFreeze(db.Model):  # type: ignore[name-defined]
    """A board as it was frozen, by ids and figures alone: names are put to it at every reading, by the word of that day."""

    __tablename__ = "board_freeze"
    __table_args__ = (
        Index(
            "uq_board_freeze_standing", "village_id", "board", unique=True,
            sqlite_where=_STANDING, postgresql_where=_STANDING,
        ),
        CheckConstraint("board IN ('top', 'comparison')", name="board"),
        CheckConstraint("lifted_at IS NOT NULL OR lifted_by_id IS NULL", name="lifted"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    board: Mapped[str] = mapped_column(String(10))
    period: Mapped[str] = mapped_column(String(7))
    """Of what it tells: 2026-q4; of the comparison also 2026-11 or 2026."""
    until: Mapped[date]
    """The last day on which it stands still."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
