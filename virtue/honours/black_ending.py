"""How entries of the black board end beside a person's step: at their day, with their ground, or with the whole board."""

from sqlalchemy import select

from virtue import clock
from virtue.core import audit, remarks
from virtue.extensions import db
from virtue.honours import black_queries as queries
from virtue.honours.black_models import BlackEntry, BlackState
from virtue.honours.black_states import black_target
from virtue.ledger import services as ledger
from virtue.places import services as places
from virtue.transactions import atomic


def close_board(village_id: int, *, by: int) -> int:
    """Take everything down, because the board is switched off. Inside a write, under the village's lock; gives how many."""
    query = select(BlackEntry).where(BlackEntry.village_id == village_id, BlackEntry.state == BlackState.POSTED)
    rows = list(db.session.scalars(query))
    for entry in rows:
        entry.state = black_target("withdraw", entry.state)
        end(entry, by=by)
        note("take_down", entry, by=by)
    return len(rows)


def settle_due(village_id: int) -> int:
    """Close the rows of entries whose day has come or whose ground has gone; they were shown nowhere. Gives how many."""
    if not queries.not_standing(village_id, clock.today()):
        return 0
    with atomic():
        ledger.lock(village_id)
        over = queries.not_standing(village_id, clock.today())
        for entry in over:
            is_over = entry.ends_on is not None and entry.ends_on < clock.today()
            entry.state = black_target("end" if is_over else "withdraw", entry.state)
            end(entry, by=None)
            note("end", entry, by=None)
        places.raise_board_version(village_id)
        return len(over)


def end(entry: BlackEntry, *, by: int | None, is_forgotten: bool = False) -> None:
    """Write down who ended it (None: by itself); what was written may be forgotten with it. Inside a write."""
    entry.ended_by_id, entry.ended_at = by, clock.now()
    if is_forgotten:
        for remark_id in (entry.problem_id, entry.to_do_id):
            remarks.forget(remark_id)


def note(action: str, entry: BlackEntry, *, by: int | None) -> None:
    """Leave the entry's trail, which knows no household."""
    audit.record(
        f"honours.black_{action}", village_id=entry.village_id, by=by, subject="black_entry", subject_id=entry.id,
        grid=entry.grid_id,
    )  # fmt: skip
