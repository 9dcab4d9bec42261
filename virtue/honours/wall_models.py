"""What a wall tells of an honour beside its name: a short story and a portrait."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import db


class WallEntry(db.Model):  # type: ignore[name-defined]
    """Story and portrait of an honour. Shown only as far, and as long, as its consents (``HonourConsent``) let it."""

    __tablename__ = "wall_entry"

    honour_id: Mapped[int] = mapped_column(ForeignKey("honour.id"), primary_key=True, autoincrement=False)
    story_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    set_at: Mapped[datetime]
