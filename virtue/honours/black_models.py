"""The black board (黑榜、限期整改): problems by public place, never by household; and the list of public places."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class BlackState(StrEnum):
    """See ``black_states.py`` for what leads where."""

    REPORTED = "reported"
    TOLD = "told"
    SIGNED = "signed"
    POSTED = "posted"
    OBJECTED = "objected"
    REPAIRED = "repaired"
    WITHDRAWN = "withdrawn"
    OVER = "over"
    DROPPED = "dropped"


class PublicPlace(db.Model):  # type: ignore[name-defined]
    """A place that everybody uses: a road, a canal, the square; never a spot that one household uses."""

    __tablename__ = "public_place"
    __table_args__ = (
        Index(
            "uq_public_place_standing", "village_id", "name", unique=True,
            sqlite_where=text("ended_on IS NULL"), postgresql_where=text("ended_on IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    name: Mapped[str] = mapped_column(String(20))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    added_at: Mapped[datetime]
    ended_on: Mapped[date | None]
    """Taken from the list: nothing at it is shown any more."""
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class BlackEntry(db.Model):  # type: ignore[name-defined]
    """A problem at a place, from its report to its end. It has no household; ``deed_id`` is for the rule's sake alone."""

    __tablename__ = "black_entry"
    __table_args__ = (
        Index("ix_black_entry_village_id_state", "village_id", "state"),
        CheckConstraint(
            "state IN ('reported', 'told', 'signed', 'posted', 'objected', 'repaired', 'withdrawn', 'over', 'dropped')",
            name="state",
        ),
        CheckConstraint("state NOT IN ('told', 'signed', 'posted', 'objected') OR due_on IS NOT NULL", name="told"),
        CheckConstraint("state <> 'posted' OR (second_by_id IS NOT NULL AND ends_on IS NOT NULL)", name="posted"),
        CheckConstraint("second_by_id IS NULL OR second_by_id <> first_by_id", name="two_people"),
        CheckConstraint("first_by_id IS NULL OR first_by_id <> reported_by_id", name="not_who_reported"),
        CheckConstraint("second_by_id IS NULL OR second_by_id <> reported_by_id", name="nor_the_second"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("public_place.id"))
    """NULL: somewhere in the grid."""
    deed_id: Mapped[int | None] = mapped_column(ForeignKey("deed.id"))
    """The settled deduction of a rule for places that it comes from; NULL: somebody reported it."""
    problem_id: Mapped[int] = mapped_column(ForeignKey("remark.id"))
    to_do_id: Mapped[int] = mapped_column(ForeignKey("remark.id"))
    """What is to be done (整改要求)."""
    state: Mapped[str] = mapped_column(String(10), default=BlackState.REPORTED)
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    reported_at: Mapped[datetime]
    told_how: Mapped[str | None] = mapped_column(String(10))
    """in_person, slip, phone: the private repair notice."""
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    told_on: Mapped[date | None]
    due_on: Mapped[date | None]
    """The last day to put it right before it may be posted."""
    first_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    posted_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    """The last day on which it may be shown."""
    objection_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """What was said against it; who said it is kept nowhere."""
    objected_at: Mapped[datetime | None]
    why_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """Why it was taken down, dropped, or an objection answered so."""
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL, with an ``ended_at``: by itself."""
    ended_at: Mapped[datetime | None]
