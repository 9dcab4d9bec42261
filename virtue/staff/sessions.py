"""Staff sessions: a random token in the signed cookie, its hash in a row that can be ended.

Idle and absolute limits are shorter for roles that spend or see more. ``seen_at`` is written at most once a minute.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select, update

from virtue import clock
from virtue.extensions import db
from virtue.staff.models import StaffSession, User
from virtue.transactions import atomic

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=14)
IDLE_ADMIN = timedelta(hours=2)
ABSOLUTE_ADMIN = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
ADMINS = {"village_admin", "township_admin", "county_admin", "supervisor"}


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


def find(token: str) -> StaffSession | None:
    """The session of a token, if it is neither ended nor timed out and its user is active."""
    row = db.session.scalar(select(StaffSession).where(StaffSession.token_hash == token_hash(token)))
    if row is None or row.ended_at is not None or not row.user.is_active:
        return None
    roles = {grant.role for grant in row.user.grants if grant.ended_at is None}
    idle, absolute = (IDLE_ADMIN, ABSOLUTE_ADMIN) if roles & ADMINS else (IDLE, ABSOLUTE)
    now = clock.now()
    if now - row.seen_at > idle or now - row.created_at > absolute:
        return None
    return row


def owner(token: str) -> int | None:
    """Whose session a token opened, ended or not."""
    return db.session.scalar(select(StaffSession.user_id).where(StaffSession.token_hash == token_hash(token)))


def touch(row: StaffSession) -> None:
    """Write that the session is alive, at most once a minute, in a short write of its own."""
    now = clock.now()
    if now - row.seen_at < SEEN_EVERY:
        return
    session_id = row.id
    with atomic():
        db.session.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))


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
