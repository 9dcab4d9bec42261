"""Freezing a board before a ceremony, and letting it run again: by hand, or by itself after its last day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.honours import board_lists, comparison_queries
from virtue.honours import star_quarters as quarters
from virtue.honours.board_errors import BadFreezeEnd, FrozenAlready, NotFrozen
from virtue.honours.board_models import BoardFreeze
from virtue.honours.board_queries import standing_freeze
from virtue.ledger import services as ledger
from virtue.places import services as places

MOST_DAYS = 31


def freeze_top(village_id: int, until: date, *, key: str, by: int) -> Outcome:
    """Let the quarter's top lists stand still through a day, as they are now. Raises BadFreezeEnd, FrozenAlready."""

    def read() -> tuple[str, dict[str, Any]]:
        today = clock.today()
        found = board_lists.compute(village_id, today, board_lists.NAMES, without=(), rows=board_lists.KEPT)
        return quarters.key(quarters.of(today)), {
            "lists": {
                name: [[row.household_id, row.figure, row.last_seq] for row in rows] for name, rows in found.items()
            }
        }

    return _freeze(village_id, "top", [until, by], read, until, key=key, by=by)


def freeze_comparison(village_id: int, until: date, *, key: str, by: int) -> Outcome:
    """Let the comparison board (month, quarter and year) stand still through a day. Raises BadFreezeEnd, FrozenAlready."""

    def read() -> tuple[str, dict[str, Any]]:
        today = clock.today()
        return comparison_queries.period_of("month", today)[0], comparison_queries.to_freeze(village_id, today)

    return _freeze(village_id, "comparison", [until, by], read, until, key=key, by=by)


def _freeze(
    village_id: int, board: str, contents: list[Any], read: Callable[[], tuple[str, dict[str, Any]]], until: date,
    *, key: str, by: int,
) -> Outcome:  # fmt: skip
    def work() -> dict[str, Any]:
        today = clock.today()
        if not today <= until <= today + timedelta(days=MOST_DAYS):
            raise BadFreezeEnd(days=MOST_DAYS)
        if standing_freeze(village_id, board, today) is not None:
            raise FrozenAlready
        _lift(village_id, board, by=None)
        period, content = read()
        row = BoardFreeze(
            village_id=village_id, board=board, period=period, until=until, content=content, frozen_at=clock.now(),
            frozen_by_id=by,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        _note("honours.freeze_board", row, by=by, until=until.isoformat())
        return {"freeze_id": row.id}

    return keys.run_once(
        key, "honours.freeze_board", [board, *contents], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def lift(village_id: int, board: str, *, key: str, by: int) -> Outcome:
    """Let a board run again before its day. Raises NotFrozen."""

    def work() -> dict[str, Any]:
        if standing_freeze(village_id, board, clock.today()) is None:
            raise NotFrozen
        _lift(village_id, board, by=by)
        return {"board": board}

    return keys.run_once(
        key, "honours.lift_board", [board, by], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def _lift(village_id: int, board: str, *, by: int | None) -> None:
    rows = select(BoardFreeze).where(
        BoardFreeze.village_id == village_id, BoardFreeze.board == board, BoardFreeze.lifted_at.is_(None)
    )
    for row in db.session.scalars(rows):
        row.lifted_at, row.lifted_by_id = clock.now(), by
        db.session.flush()
        _note("honours.lift_board", row, by=by)


def _note(action: str, row: BoardFreeze, *, by: int | None, **details: Any) -> None:
    places.raise_board_version(row.village_id)
    audit.record(
        action, village_id=row.village_id, by=by, subject="board_freeze", subject_id=row.id, board=row.board,
        period=row.period, **details,
    )  # fmt: skip
