"""Staff sessions: a random token in the signed cookie, its hash in a row that can be ended.

Idle and absolute limits are shorter for roles that spend or see more. ``seen_at`` is written at most once a minute.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from virtue import clock
from virtue.extensions import db
from virtue.prepared import Prepared
from virtue.staff.models import RoleGrant, StaffSession, User
from virtue.transactions import atomic

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=14)
IDLE_ADMIN = timedelta(hours=2)
ABSOLUTE_ADMIN = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
ADMINS = {"village_admin", "township_admin", "county_admin", "supervisor"}

_SESSION, _USER, _GRANT = StaffSession.__table__, User.__table__, RoleGrant.__table__
# Every page asks this first: the session, its user and the roles in force, a row for each role.
_FIND = Prepared(
    select(
        _SESSION.c.id, _SESSION.c.user_id, _SESSION.c.village_id, _SESSION.c.created_at, _SESSION.c.seen_at,
        _USER.c.name, _USER.c.must_change_password, _USER.c.is_demo,
        _GRANT.c.role, _GRANT.c.village_id.label("role_village_id"),
    )
    .select_from(
        _SESSION.join(_USER, _USER.c.id == _SESSION.c.user_id)
        .outerjoin(_GRANT, (_GRANT.c.user_id == _USER.c.id) & _GRANT.c.ended_at.is_(None))
    )
    .where(_SESSION.c.token_hash == bindparam("token_hash"), _SESSION.c.ended_at.is_(None), _USER.c.is_active)
)  # fmt: skip


@dataclass(frozen=True)
class SignedIn:
    """Who sends this request: as much of session and user as every page needs. ``access.user`` loads the whole account."""

    id: int
    """The user's."""
    name: str
    must_change_password: bool
    is_demo: bool
    session_id: int
    village_id: int | None
    seen_at: datetime
    grants: tuple[tuple[str, int | None], ...]
    """The roles in force, each with its village; None for one above the villages."""

    # What Flask-Login asks of the signed-in person.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def roles_here(self) -> set[str]:
        """The roles in the session's village, and above it."""
        return {role for role, village_id in self.grants if village_id is None or village_id == self.village_id}


def token_hash(token: str) -> str:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(user: User, *, address: str | None, village_id: int | None = None) -> str:
    """Open a session for a user whose password was right; gives the token for the cookie. Inside a write."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    home = village_id if village_id is not None else first_village(user)
    db.session.add(
        StaffSession(
            token_hash=token_hash(token),
            user_id=user.id,
            village_id=home,
            csrf="",
            created_at=now,
            seen_at=now,
            address=address,
        )
    )
    db.session.flush()
    return token


def first_village(user: User) -> int | None:
    """The village a user starts in: that of the first role in force."""
    return next((g.village_id for g in user.grants if g.ended_at is None and g.village_id is not None), None)


def find(token: str) -> SignedIn | None:
    """Who holds a token, if its session is neither ended nor timed out and its user is active."""
    rows: list[Any] = _FIND.all({"token_hash": token_hash(token)})
    if not rows:
        return None
    grants = tuple((row.role, row.role_village_id) for row in rows if row.role is not None)
    idle, absolute = (IDLE_ADMIN, ABSOLUTE_ADMIN) if ADMINS & {role for role, _ in grants} else (IDLE, ABSOLUTE)
    now, row = clock.now(), rows[0]
    if now - row.seen_at > idle or now - row.created_at > absolute:
        return None
    return SignedIn(
        row.user_id, row.name, row.must_change_password, row.is_demo, row.id, row.village_id, row.seen_at, grants
    )


def owner(token: str) -> int | None:
    """Whose session a token opened, ended or not."""
    return db.session.scalar(select(StaffSession.user_id).where(StaffSession.token_hash == token_hash(token)))


def touch(person: SignedIn) -> bool:
    """Write that the session is alive, at most once a minute, in a short write of its own; gives whether it did."""
    now = clock.now()
    if now - person.seen_at < SEEN_EVERY:
        return False
    with atomic():
        db.session.execute(update(StaffSession).where(StaffSession.id == person.session_id).values(seen_at=now))
    return True


def end(session_id: int) -> None:
    """Sign out. Inside a write."""
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def end_all(user_id: int) -> None:
    """Sign a user out everywhere: the password changed, the account was ended. Inside a write."""
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.user_id == user_id, StaffSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
