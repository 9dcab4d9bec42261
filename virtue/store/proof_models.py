"""What stood behind an order above the village's amount."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import db


class OrderProof(db.Model):  # type: ignore[name-defined]
    """The household by its PIN, or a second member of staff beside the keeper; written with the order, never changed."""

    __tablename__ = "order_proof"
    __table_args__ = (
        CheckConstraint("kind IN ('pin', 'second')", name="kind"),
        CheckConstraint("(kind = 'second') = (second_id IS NOT NULL)", name="second"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("store_order.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(6))
    """pin or second"""
    second_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who stood beside the keeper, by an own password."""
