"""The store's public sheet of a quarter: what was bought, donated, given, lost and left, and the collective's money."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class PublicSheet(db.Model):  # type: ignore[name-defined]
    """One version of a quarter's sheet. Once a supervisor has signed it, its figures stay; a correction is a new version."""

    __tablename__ = "public_sheet"
    __table_args__ = (
        UniqueConstraint("village_id", "quarter", "version"),
        # One draft of a quarter waits for its signature, no more.
        Index(
            "uq_public_sheet_draft", "village_id", "quarter", unique=True,
            sqlite_where=text("signed_at IS NULL"), postgresql_where=text("signed_at IS NULL"),
        ),
        CheckConstraint("quarter % 100 IN (1, 4, 7, 10)", name="quarter"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("collective_fen >= 0", name="collective_fen"),
        CheckConstraint("collective_fen = 0 OR proof_id IS NOT NULL", name="proof"),
        CheckConstraint("version = 1 OR reason_id IS NOT NULL", name="reason"),
        CheckConstraint("signed_by_id IS NULL OR signed_by_id != drafted_by_id", name="two_people"),
        CheckConstraint(
            "(signed_at IS NULL) = (signed_by_id IS NULL) AND (signed_at IS NULL) = (seal_seq IS NULL)",
            name="signed",
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    quarter: Mapped[int]
    """Its first month, as 202610."""
    version: Mapped[int]
    collective_fen: Mapped[int]
    """The collective's money that was used, in fen."""
    proof_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """Where that money stands in the collective's books."""
    proof_hash: Mapped[str | None] = mapped_column(String(64))
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """Why the version before was corrected."""
    reason_hash: Mapped[str | None] = mapped_column(String(64))
    figures: Mapped[dict[str, Any] | None]
    """As signed: the goods' lines and sums; NULL for a draft, which is reckoned when it is read."""
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    drafted_at: Mapped[datetime]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    signed_at: Mapped[datetime | None]
    seal_seq: Mapped[int | None]
    """The ledger's last entry when it was signed, and its seal."""
    seal: Mapped[str | None] = mapped_column(String(64))
