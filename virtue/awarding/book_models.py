"""What a rulebook has on its way into force: steps and comments."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class BookState(StrEnum):
    """See ``book_states.py`` for who may move a book from which state to which."""

    DRAFT = "draft"
    COMMENTS = "comments"
    TOWNSHIP_CHECK = "township_check"
    VOTE = "vote"
    VOTED = "voted"
    FILED = "filed"
    IN_FORCE = "in_force"
    """Or will be: from ``in_force_from`` on, until the next one is."""
    WITHDRAWN = "withdrawn"


class RulebookStep(db.Model):  # type: ignore[name-defined]
    """A move of a book from one state to another: who, when, why. Only ever added to."""

    __tablename__ = "rulebook_step"
    __table_args__ = (Index("ix_rulebook_step_rulebook_id", "rulebook_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("rulebook.id"))
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL: the day came."""
    at: Mapped[datetime]
    remark_id: Mapped[int | None] = mapped_column(Id)
    remark_hash: Mapped[str | None] = mapped_column(String(64))


class RulebookComment(db.Model):  # type: ignore[name-defined]
    """What somebody said about a draft: from the passbook, or taken down at the desk."""

    __tablename__ = "rulebook_comment"
    __table_args__ = (
        Index("ix_rulebook_comment_rulebook_id", "rulebook_id"),
        CheckConstraint("by_id IS NOT NULL OR household_id IS NOT NULL", name="somebody"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("rulebook.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    """Whose passbook it came from."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who took it down."""
    at: Mapped[datetime]
    speaker_id: Mapped[int | None] = mapped_column(Id)
    """A remark: who said it, as taken down."""
    remark_id: Mapped[int | None] = mapped_column(Id)
    """A remark: what was said."""
