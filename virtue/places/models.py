"""The tree of places: county, township, village, grid."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db


class County(db.Model):
    """One county is one database or schema."""

    __tablename__ = "county"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)


class Township(db.Model):
    """A town of the county, over its villages."""

    __tablename__ = "township"
    __table_args__ = (UniqueConstraint("county_id", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("county.id"))
    name: Mapped[str] = mapped_column(String(40))
    county: Mapped[County] = relationship(lazy="joined")


class Village(db.Model):
    """A village: the scope of nearly every row. ``board_version`` rises with all that screens show."""

    __tablename__ = "village"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    township_id: Mapped[int | None] = mapped_column(ForeignKey("township.id"))
    name: Mapped[str] = mapped_column(String(40), unique=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    """The office's telephone, printed on cards (挂失)."""
    board_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    township: Mapped[Township | None] = relationship(lazy="joined")
    grids: Mapped[list["Grid"]] = relationship(back_populates="village", order_by="Grid.number")


class OldSlug(db.Model):
    """An address the village once had; it redirects."""

    __tablename__ = "old_slug"

    slug: Mapped[str] = mapped_column(String(60), primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))


class Grid(db.Model):
    """About 67 households with a grid worker. ``number`` orders them and stands on the card (3-0147)."""

    __tablename__ = "grid"
    __table_args__ = (UniqueConstraint("village_id", "name"), UniqueConstraint("village_id", "number"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    name: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    village: Mapped[Village] = relationship(back_populates="grids")
