"""Tries that may fail only so often: by name, by address, by card. In the database, so all processes count together.

The first failures cost nothing; then each further one doubles the pause up to ``longest``. A pause ends by itself, so
nobody can lock the keeper out on market day by typing wrong passwords from elsewhere: names are paused per address.
"""

import hashlib
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from virtue import clock
from virtue.core.models import Throttle
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.transactions import atomic, in_atomic

WINDOW = timedelta(hours=1)
FIRST_PAUSE = timedelta(seconds=30)

_OPEN = {
    name: dialect.insert(Throttle.__table__).on_conflict_do_nothing(index_elements=[Throttle.bucket])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


class TooManyTries(BrokenRule):
    """Wrong too often; says how many minutes to wait."""

    sentence = _l("试错的次数太多，请 %(minutes)s 分钟后再试。")
    status = 429


def bucket(kind: str, *parts: str) -> str:
    """The name of a counter: its kind, and a hash of what it counts, so that no address or name is stored."""
    return f"{kind}:{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:32]}"


def check(*buckets: str) -> None:
    """Raise ``TooManyTries`` when one of these is paused."""
    now = clock.now()
    rows = db.session.scalars(select(Throttle.blocked_until).where(Throttle.bucket.in_(buckets)))
    latest = max((until for until in rows if until is not None and until > now), default=None)
    if latest is not None:
        raise TooManyTries(minutes=int((latest - now).total_seconds() // 60) + 1)


def failed(*limits: tuple[str, int]) -> None:
    """Count one failure for each (bucket, free failures), in a short write of its own.

    Inside another write the count would go with that write's refusal, so it is refused there.
    """
    if in_atomic():
        raise RuntimeError("throttle.failed inside atomic(): its count would be rolled back")
    now = clock.now()
    with atomic():
        # In one order, and made before they are read: two that fail at once wait for each other, once.
        for name, free in sorted(limits):
            start = {"bucket": name, "failures": 0, "window_start": now}
            db.session.execute(_OPEN[db.engine.dialect.name], start)
            row = db.session.get_one(Throttle, name, with_for_update=True, populate_existing=True)
            if now - row.window_start > WINDOW:
                row.failures, row.window_start, row.blocked_until = 0, now, None
            row.failures += 1
            if row.failures >= free:
                pause = FIRST_PAUSE * 2 ** min(row.failures - free, 7)
                row.blocked_until = now + pause
            db.session.flush()


def succeeded(*buckets: str) -> None:
    """Forget the failures of these counters, in a short write of its own; nothing is written when there are none."""
    if db.session.scalar(select(Throttle.bucket).where(Throttle.bucket.in_(buckets)).limit(1)) is None:
        return
    with atomic():
        db.session.execute(delete(Throttle).where(Throttle.bucket.in_(buckets)))
