"""Titles (荣誉称号) and honours: which household got which title in which year, on which document."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db

LEVELS = ("village", "township", "county")
"""Who gives a title, the nearest first."""


class HonourState(StrEnum):
    """See ``honour_states`` for what leads where."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"
    REVOKED = "revoked"


class Title(db.Model):  # type: ignore[name-defined]
    """A title that a household may get. Titles of one ``group`` count once a year: the highest."""

    __tablename__ = "title"
    __table_args__ = (
        UniqueConstraint("village_id", "name"),
        CheckConstraint("level IN ('village', 'township', 'county')", name="level"),
        CheckConstraint("shares >= 0", name="shares"),
        CheckConstraint("seats IS NULL OR seats > 0", name="seats"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    level: Mapped[str] = mapped_column(String(10))
    group: Mapped[str] = mapped_column("title_group", String(40))
    rule_code: Mapped[str | None] = mapped_column(String(12))
    """The rule under which an honour makes a deed; NULL: the title carries no points."""
    shares: Mapped[int] = mapped_column(default=0)
    """Civility shares of the county pot of the honour's year."""
    has_portrait: Mapped[bool] = mapped_column(default=False)
    seats: Mapped[int | None]
    """How many a year; NULL: as many as earn it."""
    retired_on: Mapped[date | None]
    """Not given any more from this day; honours that stand keep it."""


class Honour(db.Model):  # type: ignore[name-defined]
    """A title that a household got, with the title as it was then."""

    __tablename__ = "honour"
    __table_args__ = (
        Index("ix_honour_village_id_year", "village_id", "year"),
        Index("ix_honour_household_id", "household_id"),
        Index(
            "uq_honour_standing", "title_id", "household_id", "year", unique=True,
            sqlite_where=text("state IN ('entered', 'confirmed')"),
            postgresql_where=text("state IN ('entered', 'confirmed')"),
        ),
        CheckConstraint("state IN ('entered', 'confirmed', 'dropped', 'revoked')", name="state"),
        CheckConstraint("shares >= 0", name="shares"),
        CheckConstraint("ends_on IS NULL OR ends_on >= given_on", name="span"),
        CheckConstraint("(state IN ('confirmed', 'revoked')) = (confirmed_by_id IS NOT NULL)", name="confirmed"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> entered_by_id", name="two_people"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    """The person it was given to, of age; NULL: the whole household."""
    year: Mapped[int]
    """The year whose county pot its shares count in."""
    title_name: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(10))
    group: Mapped[str] = mapped_column("title_group", String(40))
    shares: Mapped[int]
    document_number: Mapped[str] = mapped_column(String(60))
    given_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day on which it is shown; NULL: without end."""
    state: Mapped[str] = mapped_column(String(10), default=HonourState.ENTERED)
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    entered_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_at: Mapped[datetime | None]
    deed_id: Mapped[int | None] = mapped_column(ForeignKey("deed.id"))
    """The deed it made; NULL: nothing was left to give (a higher title of the group came first), or no rule."""
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    why_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """Why it was dropped or revoked."""
    title: Mapped[Title] = relationship(lazy="joined", innerjoin=True)


class HonourConsent(db.Model):  # type: ignore[name-defined]
    """That an honour may be shown, for one purpose. Withdrawn, never deleted; without one it is shown nowhere."""

    __tablename__ = "honour_consent"
    __table_args__ = (
        Index("ix_honour_consent_honour_id", "honour_id"),
        CheckConstraint("purpose IN ('name', 'portrait')", name="purpose"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    honour_id: Mapped[int] = mapped_column(ForeignKey("honour.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    how: Mapped[str] = mapped_column(String(20))
    """signed, by_mouth, passbook"""
    given_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
