"""Reservations: goods and points held for a household until it, or somebody it names, fetches them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db
from virtue.store.models import Item


class ReservationState(StrEnum):
    """What became of a reservation. See ``reservation_states`` for every way from one to another."""

    OPEN = "open"
    """Held at the store."""
    OUT = "out"
    """With a volunteer on the way to the household; still held."""
    FETCHED = "fetched"
    RELEASED = "released"
    """Given up or over its time: points and goods went back."""


_HELD = text("state IN ('open', 'out')")


class Reservation(db.Model):  # type: ignore[name-defined]
    """Goods put aside for a household, paid with points that lie in the village's ``held`` account meanwhile.

    ``month`` is the month of reserving, in which it counts towards a good's limit. ``reserved_by_id`` NULL: the household
    itself, with its PIN. The code to fetch is derived from ``id``, ``version`` and the card key; its HMAC finds it again.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        UniqueConstraint("order_id"),
        Index("ix_reservation_month_household_id", "month", "household_id"),
        Index("ix_reservation_ended_at", "ended_at", "village_id"),
        Index("ix_reservation_held", "village_id", "fetch_by", sqlite_where=_HELD, postgresql_where=_HELD),
        Index(
            "uq_reservation_code", "village_id", "code_hmac", unique=True, sqlite_where=_HELD, postgresql_where=_HELD
        ),
        CheckConstraint("state IN ('open', 'out', 'fetched', 'released')", name="state"),
        CheckConstraint("home_points >= 0 AND civility_points >= 0", name="points"),
        CheckConstraint("home_points + civility_points > 0 AND pieces > 0", name="something"),
        CheckConstraint("(state = 'fetched') = (order_id IS NOT NULL)", name="order"),
        CheckConstraint("(state IN ('fetched', 'released')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(state = 'released') = (released_for IS NOT NULL)", name="released"),
        CheckConstraint("released_for IS NULL OR released_for IN ('cancelled', 'expired')", name="released_for"),
        CheckConstraint("state != 'out' OR volunteer_id IS NOT NULL", name="volunteer"),
        CheckConstraint("NOT is_by_helper OR (state = 'fetched' AND helper_hash IS NOT NULL)", name="helper"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    month: Mapped[int]
    home_points: Mapped[int] = mapped_column(default=0)
    civility_points: Mapped[int] = mapped_column(default=0)
    pieces: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=ReservationState.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    key_number: Mapped[int]
    code_hmac: Mapped[str] = mapped_column(String(64))
    reserved_at: Mapped[datetime]
    reserved_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    fetch_by: Mapped[date]
    """The last day on which it is held."""
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """The name of who may fetch it for the household (代领人)."""
    helper_hash: Mapped[str | None] = mapped_column(String(64))
    """By which a helper's months are counted when the name is forgotten."""
    wants_delivery: Mapped[bool] = mapped_column(default=False)
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    out_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who handed the goods to the volunteer."""
    out_at: Mapped[datetime | None]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("store_order.id"))
    is_by_helper: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who handed it over, delivered it or gave it up; NULL: the household itself, or its time was over."""
    released_for: Mapped[str | None] = mapped_column(String(10))
    remark_id: Mapped[int | None] = mapped_column(Id)
    """Why the desk gave it up."""
    remark_hash: Mapped[str | None] = mapped_column(String(64))
    lines: Mapped[list["ReservationLine"]] = relationship(
        back_populates="reservation", order_by="ReservationLine.id", lazy="selectin"
    )

    @property
    def points(self) -> dict[str, int]:
        """Points by unit; units it doesn't touch are left out."""
        return {unit: n for unit, n in (("home", self.home_points), ("civility", self.civility_points)) if n}


class ReservationLine(db.Model):  # type: ignore[name-defined]
    """Some pieces of one good paid in one unit, at the price that was in force when they were reserved."""

    __tablename__ = "reservation_line"
    __table_args__ = (
        Index("ix_reservation_line_reservation_id", "reservation_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("unit IN ('home', 'civility')", name="unit"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    price_id: Mapped[int] = mapped_column(ForeignKey("price.id"))
    quantity: Mapped[int]
    unit: Mapped[str] = mapped_column(String(8))
    points: Mapped[int]
    """All pieces of the line together."""
    reservation: Mapped[Reservation] = relationship(back_populates="lines")
    item: Mapped[Item] = relationship(lazy="joined")
