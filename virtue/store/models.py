"""Stores, goods, prices, batches, movements, orders, returns."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db


class Store(db.Model):
    """A points store of a village."""

    __tablename__ = "store"
    __table_args__ = (UniqueConstraint("village_id", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    name: Mapped[str] = mapped_column(String(40))
    place: Mapped[str | None] = mapped_column(String(60))
    """Where it is: 村委会一楼."""


class Item(db.Model):
    """A kind of goods. Editing it never changes past orders: these keep the price and the points."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("village_id", "barcode"),
        CheckConstraint("limit_quantity IS NULL OR limit_quantity > 0", name="limit_quantity"),
        CheckConstraint("limit_period IS NULL OR limit_period IN ('month', 'quarter', 'year')", name="limit_period"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    barcode: Mapped[str] = mapped_column(String(13))
    name: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(20))
    measure: Mapped[str] = mapped_column(String(10))
    """瓶, 袋, 块."""
    cost_fen: Mapped[int]
    market_fen: Mapped[int | None]
    limit_quantity: Mapped[int | None]
    limit_period: Mapped[str | None] = mapped_column(String(10))
    """A household gets at most ``limit_quantity`` in a calendar month, quarter or year."""
    low_stock: Mapped[int] = mapped_column(default=0)
    needs_best_before: Mapped[bool] = mapped_column(default=False)
    """Nothing of it is taken in without a best-before day."""
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    prices: Mapped[list["Price"]] = relationship(back_populates="item", order_by="Price.from_on")


class Price(db.Model):
    """Points for one piece in one unit from a day on. The latest ``from_on`` not after today is in force.

    ``points`` NULL: from that day on the good isn't given in this unit.
    """

    __tablename__ = "price"
    __table_args__ = (
        Index("ix_price_item_id_unit_from_on", "item_id", "unit", "from_on"),
        CheckConstraint("points IS NULL OR points > 0", name="points"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    unit: Mapped[str] = mapped_column(String(8))
    points: Mapped[int | None]
    from_on: Mapped[date]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    set_at: Mapped[datetime]
    item: Mapped[Item] = relationship(back_populates="prices")


class Batch(db.Model):
    """Goods that came in together. ``quantity`` is what lies there now; the database keeps it from going below zero."""

    __tablename__ = "batch"
    __table_args__ = (
        Index("ix_batch_store_id_item_id", "store_id", "item_id"),
        CheckConstraint("quantity >= 0", name="quantity_not_below_zero"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    source: Mapped[str] = mapped_column(String(10))
    """opening, bought, donated, counted (found in a stocktake)"""
    received_on: Mapped[date]
    best_before: Mapped[date | None]
    cost_fen: Mapped[int]
    """Cost of one piece."""
    quantity: Mapped[int] = mapped_column(default=0)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    """With what it came in; kept when it moves to another store."""
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    """The batch of another store that it was moved out of."""


class Movement(db.Model):
    """Pieces in or out of a batch: append-only, with what lay there before and after."""

    __tablename__ = "movement"
    __table_args__ = (
        Index("ix_movement_batch_id", "batch_id"),
        Index("ix_movement_order_id", "order_id"),
        # Led by time: a month's stock ledger costs the same in the tenth year.
        Index("ix_movement_recorded_at", "recorded_at", "village_id"),
        Index("ix_movement_item_id", "item_id"),
        CheckConstraint("quantity != 0", name="quantity"),
        CheckConstraint("after = before + quantity", name="sum"),
        CheckConstraint("after >= 0", name="after_not_below_zero"),
        Index("ix_movement_reservation_id", "reservation_id"),
        CheckConstraint(
            "kind IN ('received', 'sold', 'returned', 'written_off', 'moved_out', 'moved_in', 'counted', "
            "'reserved', 'released', 'fetched')",
            name="kind",
        ),
        CheckConstraint("reason IS NULL OR reason IN ('broken', 'expired', 'lost')", name="reason"),
        CheckConstraint("(kind IN ('moved_out', 'moved_in')) = (transfer_id IS NOT NULL)", name="transfer"),
        CheckConstraint("(kind = 'counted') = (stocktake_id IS NOT NULL)", name="stocktake"),
        CheckConstraint(
            "(kind IN ('reserved', 'released', 'fetched')) = (reservation_id IS NOT NULL)", name="reservation"
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    kind: Mapped[str] = mapped_column(String(12))
    quantity: Mapped[int]
    """Positive into the batch, negative out of it."""
    before: Mapped[int]
    after: Mapped[int]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("store_order.id"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("stock_transfer.id"))
    stocktake_id: Mapped[int | None] = mapped_column(ForeignKey("stocktake.id"))
    reason: Mapped[str | None] = mapped_column(String(10))
    """Why it was written off; NULL for those before reasons were told apart."""
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL: the household reserved, or gave up, by itself; or the day's run gave back what nobody fetched."""
    recorded_at: Mapped[datetime]
    remark_id: Mapped[int | None] = mapped_column(Id)
    remark_hash: Mapped[str | None] = mapped_column(String(64))


class Order(db.Model):
    """Goods handed over for points. Written once; returns of its lines stand beside it."""

    __tablename__ = "store_order"
    __table_args__ = (
        Index("ix_store_order_drawn_at", "drawn_at", "store_id"),
        CheckConstraint("cash_fen >= 0", name="cash_fen"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("card.id"))
    """NULL: found by household code."""
    month: Mapped[int]
    """Month of ``drawn_at`` in Shanghai, as 202611."""
    home_points: Mapped[int] = mapped_column(default=0)
    civility_points: Mapped[int] = mapped_column(default=0)
    cash_fen: Mapped[int] = mapped_column(default=0)
    """Cash topped up, all lines together; it buys no points and pays for none."""
    pieces: Mapped[int]
    drawn_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    lines: Mapped[list["OrderLine"]] = relationship(back_populates="order", order_by="OrderLine.id")


class OrderLine(db.Model):
    """Some pieces of one good paid in one unit at the price in force when drawn."""

    __tablename__ = "order_line"
    __table_args__ = (
        Index("ix_order_line_month_household_id", "month", "household_id"),
        Index("ix_order_line_order_id", "order_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("cash_fen >= 0", name="cash_fen"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("store_order.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    month: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    price_id: Mapped[int] = mapped_column(ForeignKey("price.id"))
    quantity: Mapped[int]
    unit: Mapped[str] = mapped_column(String(8))
    points: Mapped[int]
    """All pieces of the line together."""
    cash_fen: Mapped[int] = mapped_column(default=0)
    """Cash that was topped up for this good, beside the points."""
    order: Mapped[Order] = relationship(back_populates="lines")
    item: Mapped[Item] = relationship(lazy="joined")


class Return(db.Model):
    """Lines of an order taken back together: the keeper within 15 minutes, later a second person."""

    __tablename__ = "store_return"
    __table_args__ = (Index("ix_store_return_order_id", "order_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("store_order.id"))
    returned_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    remark_id: Mapped[int | None] = mapped_column(Id)
    remark_hash: Mapped[str | None] = mapped_column(String(64))


class ReturnLine(db.Model):
    """A line that was taken back, whole; the database lets each be taken back once."""

    __tablename__ = "return_line"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    return_id: Mapped[int] = mapped_column(ForeignKey("store_return.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), unique=True)
