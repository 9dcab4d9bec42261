"""Televisions of the village: who each is (a hash of its own token), and what it plays."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db

_STANDING = text("revoked_at IS NULL")


class Screen(db.Model):  # type: ignore[name-defined]
    """A screen from its pairing to its revocation. The device keeps its token in a cookie; here lie only hashes."""

    __tablename__ = "screen"
    __table_args__ = (
        Index("ix_screen_village_id", "village_id"),
        Index("uq_screen_code_hash", "code_hash", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
        Index("ix_screen_token_hash", "token_hash"),
        CheckConstraint("seconds BETWEEN 5 AND 120", name="seconds"),
        CheckConstraint("(on_from IS NULL) = (off_from IS NULL)", name="hours"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    name: Mapped[str] = mapped_column(String(20))
    code_hash: Mapped[str] = mapped_column(String(64))
    """Of the pairing code: by it the device is known until its first sign of life."""
    token_hash: Mapped[str | None] = mapped_column(String(64))
    """Of the device's token, from its first sign of life on; then no other device with the same code is this screen."""
    slides: Mapped[list[Any]] = mapped_column(JSON)
    """Names of slides (``slide_words.SLIDES``) in their order."""
    seconds: Mapped[int]
    """How long a slide stands; in slow mode twice as long."""
    on_from: Mapped[str | None] = mapped_column(String(5))
    """07:00, Shanghai time; NULL: on all day."""
    off_from: Mapped[str | None] = mapped_column(String(5))
    is_tall: Mapped[bool] = mapped_column(default=False)
    """The television stands on its side."""
    is_slow: Mapped[bool] = mapped_column(default=False)
    is_led: Mapped[bool] = mapped_column(default=False)
    """A wall of lamps: four rows of large type."""
    version: Mapped[int] = mapped_column(default=1)
    """Rises with every change of the above."""
    paired_at: Mapped[datetime]
    paired_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    seen_at: Mapped[datetime | None]
    """Its last sign of life, written at most once a minute."""
    seen_slide: Mapped[str | None] = mapped_column(String(40))
    """The title of the slide that stood then."""
