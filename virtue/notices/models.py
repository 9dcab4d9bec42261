"""Public notices, their lines, and objections to a line. They know no subject: subjects point to them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db


class Notice(db.Model):
    """Lines shown for some days before they count. Whether it is over is decided from ``ends_on`` at every read."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("village_id", "number"),
        Index("ix_notice_ends_on", "ends_on", "village_id"),
        CheckConstraint("ends_on >= published_on", name="span"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    number: Mapped[int]
    """第N号, per village."""
    kind: Mapped[str] = mapped_column(String(10), default="deeds")
    """deeds: open, settles after its end; booked: a month's list of what was booked at once; dividend: a trial sheet."""
    published_on: Mapped[date]
    ends_on: Mapped[date]
    """The last open day."""
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    published_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class NoticeLine(db.Model):
    """One numbered line of a notice."""

    __tablename__ = "notice_line"
    __table_args__ = (UniqueConstraint("notice_id", "number"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    number: Mapped[int]
    publish: Mapped[str] = mapped_column(String(10))
    """red, list, place_only, never: what the line may show."""
    notice: Mapped[Notice] = relationship()


class Objection(db.Model):
    """Anyone's challenge to a line: a numbered receipt, a day by which it is answered. Who objected isn't in here."""

    __tablename__ = "objection"
    __table_args__ = (
        UniqueConstraint("village_id", "number"),
        Index("ix_objection_line_id", "line_id"),
        # Only those that wait: small, whatever the history.
        Index(
            "ix_objection_open", "village_id", "answer_by", sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_objection_corrected", "village_id", "corrected_until",
            sqlite_where=text("corrected_until IS NOT NULL"), postgresql_where=text("corrected_until IS NOT NULL"),
        ),
        CheckConstraint("came_by IN ('passbook','desk','paper','spoken')", name="came_by"),
        CheckConstraint(
            "state IN ('open','upheld_withdrawn','upheld_amended','dismissed','taken_back')", name="state"
        ),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("answer_by >= received_on", name="span"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    number: Mapped[int]
    """回执第N号, per village."""
    line_id: Mapped[int] = mapped_column(ForeignKey("notice_line.id"))
    came_by: Mapped[str] = mapped_column(String(10))
    """passbook, desk, paper, spoken"""
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who took it down; NULL: it came from a passbook."""
    words_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    answer_by: Mapped[date]
    """The last day on which it is answered in time."""
    state: Mapped[str] = mapped_column(String(20), default="open")
    settler_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who was named to settle it; NULL: the supervision committee."""
    settled_on: Mapped[date | None]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """What both sides read."""
    corrected_until: Mapped[date | None]
    """The last day of its 更正, where others saw the line and the household wants one."""
    line: Mapped[NoticeLine] = relationship(lazy="joined", innerjoin=True)


class Objector(db.Model):
    """Who objected: sealed. Read when the one who settles opens it (see ``SealOpening``), and by the objector alone."""

    __tablename__ = "objector"
    __table_args__ = (
        Index("ix_objector_household_id", "household_id"),
        # Both are empty once it was forgotten.
        CheckConstraint("household_id IS NULL OR outsider IS NULL", name="one"),
    )

    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"), primary_key=True, autoincrement=False)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    outsider: Mapped[str | None] = mapped_column(String(40))


class SealOpening(db.Model):
    """That somebody opened an objector's name, and when. The objector sees it."""

    __tablename__ = "seal_opening"
    __table_args__ = (Index("ix_seal_opening_objection_id", "objection_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    opened_at: Mapped[datetime]
