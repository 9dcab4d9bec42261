"""How goods come in and move on: donors, deliveries, further barcodes, goods given to another store, who works where."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db
from virtue.store.models import Item


class StepState(StrEnum):
    """Of a delivery and of goods on the way to another store. ``WAITING``: a second person hasn't confirmed yet."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


_STATES = "state IN ('waiting', 'done', 'refused')"


class StoreSeat(db.Model):  # type: ignore[name-defined]
    """At which of the village's stores a member of staff works; chosen once, kept until chosen anew."""

    __tablename__ = "store_seat"
    __table_args__ = (UniqueConstraint("user_id", "village_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))


class ItemBarcode(db.Model):  # type: ignore[name-defined]
    """A further barcode of a good, beside ``Item.barcode``: another maker's package of the same thing."""

    __tablename__ = "item_barcode"
    __table_args__ = (UniqueConstraint("village_id", "code"), Index("ix_item_barcode_item_id", "item_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    code: Mapped[str] = mapped_column(String(13))


class Donor(db.Model):  # type: ignore[name-defined]
    """Who gives goods. The name may be forgotten (NULL); it is shown to others only where ``thanks`` is named."""

    __tablename__ = "donor"
    __table_args__ = (
        Index("ix_donor_village_id", "village_id"),
        CheckConstraint("thanks IN ('named', 'anonymous')", name="thanks"),
        CheckConstraint("thanks = 'anonymous' OR name IS NOT NULL", name="name"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    name: Mapped[str | None] = mapped_column(String(60))
    thanks: Mapped[str] = mapped_column(String(10))
    """named: agreed to be thanked on the wall by name. anonymous: 爱心人士."""
    asked_at: Mapped[datetime]
    """When the donor last said how to be thanked."""
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))


class Delivery(db.Model):  # type: ignore[name-defined]
    """Goods that came in together from one supplier or donor. While ``waiting`` nothing of it is in stock."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_village_id_entered_at", "village_id", "entered_at"),
        CheckConstraint(_STATES, name="state"),
        CheckConstraint("source IN ('bought', 'donated')", name="source"),
        CheckConstraint("source = 'donated' OR donor_id IS NULL", name="donor"),
        CheckConstraint("source = 'bought' OR supplier IS NULL", name="supplier"),
        CheckConstraint("total_fen >= 0", name="total_fen"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("NOT needs_second OR state != 'done' OR decided_by_id != entered_by_id", name="second"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    source: Mapped[str] = mapped_column(String(10))
    supplier: Mapped[str | None] = mapped_column(String(60))
    donor_id: Mapped[int | None] = mapped_column(ForeignKey("donor.id"))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    """A photo of the invoice or of the list of gifts."""
    total_fen: Mapped[int]
    """All lines at cost; gifts at their estimated worth."""
    needs_second: Mapped[bool]
    """At or above the village's sum when it was entered."""
    state: Mapped[str] = mapped_column(String(8))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    entered_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who confirmed or refused it; below the village's sum who entered it."""
    decided_at: Mapped[datetime | None]
    remark_id: Mapped[int | None] = mapped_column(Id)
    """Why it was refused."""
    remark_hash: Mapped[str | None] = mapped_column(String(64))
    lines: Mapped[list["DeliveryLine"]] = relationship(order_by="DeliveryLine.id", lazy="selectin")
    donor: Mapped[Donor | None] = relationship()


class DeliveryLine(db.Model):  # type: ignore[name-defined]
    """Pieces of one good with one cost and one best-before day; ``batch_id`` once they are in stock."""

    __tablename__ = "delivery_line"
    __table_args__ = (
        Index("ix_delivery_line_delivery_id", "delivery_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("cost_fen >= 0", name="cost_fen"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int]
    cost_fen: Mapped[int]
    """Cost of one piece."""
    best_before: Mapped[date | None]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"), unique=True)
    item: Mapped[Item] = relationship(lazy="joined")


class StockTransfer(db.Model):  # type: ignore[name-defined]
    """Pieces of a batch given to another store of the village: out of one batch and into a new one, in one act."""

    __tablename__ = "stock_transfer"
    __table_args__ = (
        Index("ix_stock_transfer_village_id_sent_at", "village_id", "sent_at"),
        CheckConstraint(_STATES, name="state"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("(state = 'done') = (to_batch_id IS NOT NULL)", name="to_batch"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("NOT needs_second OR state != 'done' OR decided_by_id != sent_by_id", name="second"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    from_batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    to_store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    to_batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"), unique=True)
    quantity: Mapped[int]
    needs_second: Mapped[bool]
    state: Mapped[str] = mapped_column(String(8))
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    sent_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    item: Mapped[Item] = relationship(lazy="joined")
