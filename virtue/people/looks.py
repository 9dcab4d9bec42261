"""Who looked at a household's private pages. The household sees this log."""

from sqlalchemy import Row, Select, insert, select

from virtue import clock
from virtue.extensions import db
from virtue.people.models import Look
from virtue.staff.models import User
from virtue.transactions import atomic

_INSERT = insert(Look.__table__)


def record_look(village_id: int, household_id: int, *, by: int, what: str) -> None:
    """Write that a user looks at a household (household, history, reveal, export), before the page reads it.

    A short write of its own, also on a GET: nobody sees a private page without leaving a row.
    """
    record_looks(village_id, [household_id], by=by, what=what)


def record_looks(village_id: int, household_ids: list[int], *, by: int, what: str) -> None:
    """The same for many households at once: an export shows them all."""
    now = clock.now()
    rows = [
        {"village_id": village_id, "household_id": number, "user_id": by, "looked_at": now, "what": what}
        for number in household_ids
    ]
    if rows:
        with atomic():
            db.session.execute(_INSERT, rows)


def looks_at(household_id: int) -> Select[Look, str]:
    """The statement that lists who looked at a household, newest first: rows of Look and the user's name."""
    return (
        select(Look, User.name)
        .join(User, User.id == Look.user_id)
        .where(Look.household_id == household_id)
        .order_by(Look.looked_at.desc(), Look.id.desc())
    )


def latest_looks(household_id: int, limit: int = 10) -> list[Row[Look, str]]:
    """The newest looks at a household."""
    return list(db.session.execute(looks_at(household_id).limit(limit)).all())
