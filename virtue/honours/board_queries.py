"""Whether a board stands still. Reads only."""

from datetime import date

from sqlalchemy import select

from virtue.extensions import db
from virtue.honours.board_models import BoardFreeze


def standing_freeze(village_id: int, board: str, day: date) -> BoardFreeze | None:
    """The freeze that holds a board on a day; over by itself after its last one."""
    return db.session.scalar(
        select(BoardFreeze).where(
            BoardFreeze.village_id == village_id, BoardFreeze.board == board, BoardFreeze.lifted_at.is_(None),
            BoardFreeze.until >= day,
        )
    )  # fmt: skip
