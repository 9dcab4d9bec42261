"""Households, members, cards, consents, recusals; who looked at whom."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db
from virtue.places.models import Grid, Village


class Household(db.Model):
    """The account holder: points are a household's, never a person's."""

    __tablename__ = "household"
    __table_args__ = (
        UniqueConstraint("village_id", "code"),
        Index("ix_household_village_id_grid_id", "village_id", "grid_id"),
        CheckConstraint("state IN ('active', 'ended')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    code: Mapped[str] = mapped_column(String(20))
    """户号 as in the register, digits only."""
    tail: Mapped[str] = mapped_column(String(4))
    """The code's last four digits (尾号)."""
    head_name: Mapped[str] = mapped_column(String(40))
    """The householder's name, kept here so that a list needs no join; follows the member marked ``is_head``."""
    initials: Mapped[str] = mapped_column(String(40))
    """Pinyin initials of ``head_name`` for search (王永智 -> wyz)."""
    members_count: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="active")
    left_on: Mapped[date | None]
    """暂不参加 since this day; NULL takes part."""
    board_opt_out: Mapped[bool] = mapped_column(default=False)
    """Does not want to stand in the top list."""
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    """The PIN the household chose. NULL: the printed one-time PIN of ``pin_version`` still holds."""
    pin_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    ended_on: Mapped[date | None]

    village: Mapped[Village] = relationship()
    grid: Mapped[Grid] = relationship(lazy="joined")
    members: Mapped[list["Member"]] = relationship(back_populates="household", order_by="Member.position")
    cards: Mapped[list["Card"]] = relationship(back_populates="household", order_by="Card.id")

    @property
    def takes_part(self) -> bool:
        """Neither ended nor 暂不参加: may be scored, rated, listed, notified."""
        return self.state == "active" and self.left_on is None


class Member(db.Model):
    """A person in a household. Of the birth date only year and month are ever kept."""

    __tablename__ = "member"
    __table_args__ = (
        Index("ix_member_household_id", "household_id"),
        Index("ix_member_village_id_initials", "village_id", "initials"),
        CheckConstraint("sex IN ('男', '女')", name="sex"),
        CheckConstraint("birth_month IS NULL OR birth_month BETWEEN 1 AND 12", name="birth_month"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    name: Mapped[str] = mapped_column(String(40))
    initials: Mapped[str] = mapped_column(String(40))
    relation: Mapped[str] = mapped_column(String(20))
    sex: Mapped[str] = mapped_column(String(1))
    birth_year: Mapped[int | None]
    birth_month: Mapped[int | None]
    phone: Mapped[str | None] = mapped_column(String(20))
    is_head: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
    """The order on the sheet, from 1."""
    gone_on: Mapped[date | None]
    """Left the household (moved, died); the row stays."""
    household: Mapped[Household] = relationship(back_populates="members")


class Card(db.Model):
    """A printed QR card. The code itself is never stored: only its HMAC, and what derives it again."""

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint("state IN ('in_force', 'lost', 'replaced', 'ended')", name="state"),
        Index("ix_card_household_id", "household_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    version: Mapped[int] = mapped_column(default=1)
    """Raised where the derived code was taken, so that a code is unique."""
    key_number: Mapped[int] = mapped_column(default=1)
    code_hmac: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="in_force")
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    printed_at: Mapped[datetime | None]
    handed_over_on: Mapped[date | None]
    lost_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("card.id"))
    household: Mapped[Household] = relationship(back_populates="cards")


class RememberedPhone(db.Model):
    """A phone that opens the passbook without the card: what it shows is what the card alone shows.

    Whether it still does is decided when it is read: until its last day, while the card it came by is in force and the
    PIN was not reset since.
    """

    __tablename__ = "remembered_phone"
    __table_args__ = (Index("ix_remembered_phone_household_id", "household_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"))
    pin_version: Mapped[int]
    """The household's ``pin_version`` of that day."""
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the random secret in the phone's cookie, which is kept nowhere else."""
    label: Mapped[str] = mapped_column(String(20))
    """What the household calls the phone."""
    is_linked: Mapped[bool] = mapped_column(default=False)
    """Came by a code that the household gave, not by card and PIN."""
    remembered_at: Mapped[datetime]
    until: Mapped[date]
    pin_given_at: Mapped[datetime | None]
    """When the PIN was last given on it."""
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL with ``ended_at``: the household itself."""
    card: Mapped[Card] = relationship()


class PhoneCode(db.Model):
    """Eight digits that link one more phone, once and within minutes. Derived, never stored: only their HMAC."""

    __tablename__ = "phone_code"
    __table_args__ = (
        Index("ix_phone_code_household_id", "household_id"),
        Index("ix_phone_code_code_hmac", "code_hmac"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"))
    pin_version: Mapped[int]
    key_number: Mapped[int] = mapped_column(default=1)
    code_hmac: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """Used, or put out of use by a newer one."""


class DoorCode(db.Model):
    """The QR on a household's star plate and on grid sheets: it names the household, and opens nothing private."""

    __tablename__ = "door_code"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    key_number: Mapped[int] = mapped_column(default=1)
    code_hmac: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime]
    household: Mapped[Household] = relationship()


class Consent(db.Model):
    """A household's word that something of it may be shown, for one purpose. Withdrawn, never deleted."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_household_id_purpose", "household_id", "purpose"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    purpose: Mapped[str] = mapped_column(String(30))
    """name_on_board: the full name on the red board and screens; name_by_voice: the same through the loudspeaker."""
    given_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(20))
    """signed, by_mouth, passbook"""
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class Participation(db.Model):
    """A spell of 暂不参加: when a household left and when it came back, and who wrote it down."""

    __tablename__ = "participation"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    left_on: Mapped[date]
    left_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL: the household itself, from the passbook."""
    back_on: Mapped[date | None]
    back_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class Recusal(db.Model):
    """A household a user may not act for: kin declared by the user or found by the supervisor."""

    __tablename__ = "recusal"
    __table_args__ = (Index("ix_recusal_user_id_household_id", "user_id", "household_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    relation: Mapped[str] = mapped_column(String(20))
    declared_at: Mapped[datetime]
    declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]


class RegisterChange(db.Model):
    """A correction of a household or member: which field, when, by whom; the values stand in a remark."""

    __tablename__ = "register_change"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    field: Mapped[str] = mapped_column(String(30))
    changed_at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    source: Mapped[str] = mapped_column(String(20))
    """page, import"""
    remark_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))


class Look(db.Model):
    """Staff opened a household's private page; the household sees this log."""

    __tablename__ = "look"
    __table_args__ = (Index("ix_look_household_id_looked_at", "household_id", "looked_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    looked_at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(30))
    """household, history, why, reveal, export"""
