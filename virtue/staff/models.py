"""Users, their roles, and their sessions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db


class User(db.Model):
    """A staff account. It names the household member it is, or says "from outside"; one member, one account."""

    __tablename__ = "app_user"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    """Lower case; what is typed at sign-in."""
    name: Mapped[str] = mapped_column(String(40))
    """What others read: 李执委."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    """Made by the demo with a printed password; refused on a server bound beyond loopback."""
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), unique=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="user", foreign_keys="RoleGrant.user_id", lazy="selectin"
    )

    # What Flask-Login asks of the signed-in person.
    is_authenticated = True
    is_anonymous = False


class RoleGrant(db.Model):
    """A role that a user holds, where, and from when till when. Ended, never deleted."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    """committee, reviewer, keeper, supervisor, village_admin, township_admin, county_admin"""
    village_id: Mapped[int | None] = mapped_column(ForeignKey("village.id"))
    township_id: Mapped[int | None] = mapped_column(ForeignKey("township.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    """Only for committee members and grid workers who award in one grid; NULL is the whole village."""
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])


class StaffSession(db.Model):
    """A sign-in. The cookie holds a random token, the row its hash; ended at sign-out or password change."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_user_id", "user_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    village_id: Mapped[int | None] = mapped_column(ForeignKey("village.id"))
    """The village this person works in at the moment."""
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str | None] = mapped_column(String(45))
    user: Mapped[User] = relationship(lazy="joined")
