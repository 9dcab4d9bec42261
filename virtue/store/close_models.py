"""The store's daily close (日结): which orders and returns it covers, what was counted, who closed and who signed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class StoreClose(db.Model):  # type: ignore[name-defined]
    """A store's day, closed once. It covers orders and returns by their ids, so that each belongs to exactly one close.

    The figures are kept as they were signed; orders that were taken back later stand in a later close, beside its own.
    """

    __tablename__ = "store_close"
    __table_args__ = (
        UniqueConstraint("store_id", "day"),
        Index("ix_store_close_store_id_last_order_id", "store_id", "last_order_id"),
        Index("ix_store_close_store_id_last_return_id", "store_id", "last_return_id"),
        CheckConstraint("last_order_id >= after_order_id AND last_return_id >= after_return_id", name="span"),
        CheckConstraint("last_order_id > after_order_id OR last_return_id > after_return_id", name="not_empty"),
        CheckConstraint("counted_fen >= 0", name="counted_fen"),
        CheckConstraint("counted_fen = cash_fen OR remark_id IS NOT NULL", name="explained"),
        CheckConstraint("signed_by_id IS NULL OR signed_by_id != closed_by_id", name="two_people"),
        CheckConstraint("(signed_by_id IS NULL) = (signed_at IS NULL)", name="signed"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    day: Mapped[date]
    """The day that was closed; days before it that nobody closed are covered with it."""
    first_day: Mapped[date]
    """The earliest day with an order or a return in it."""
    after_order_id: Mapped[int] = mapped_column(Id)
    last_order_id: Mapped[int] = mapped_column(Id)
    """Covers this store's orders from ``after_order_id`` (without it) to this one."""
    after_return_id: Mapped[int] = mapped_column(Id)
    last_return_id: Mapped[int] = mapped_column(Id)
    orders: Mapped[int]
    pieces: Mapped[int]
    home_points: Mapped[int]
    civility_points: Mapped[int]
    returns: Mapped[int]
    returned_pieces: Mapped[int]
    returned_home: Mapped[int]
    returned_civility: Mapped[int]
    cash_fen: Mapped[int]
    """What should lie in the box: top-ups less what went back with returns."""
    counted_fen: Mapped[int]
    remark_id: Mapped[int | None] = mapped_column(Id)
    """A remark: why what was counted differs."""
    remark_hash: Mapped[str | None] = mapped_column(String(64))
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    closed_at: Mapped[datetime]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """The second person; never the same."""
    signed_at: Mapped[datetime | None]


class StoreCloseCount(db.Model):  # type: ignore[name-defined]
    """A good that was counted at a close: what should lie there, and what does. It corrects nothing: a stocktake does."""

    __tablename__ = "store_close_count"
    __table_args__ = (CheckConstraint("counted >= 0", name="counted"),)

    close_id: Mapped[int] = mapped_column(ForeignKey("store_close.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    recorded: Mapped[int]
    counted: Mapped[int]
