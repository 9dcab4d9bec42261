"""What stands on a notice of stars: a line each household; on one of removals: lines that nobody but its household reads."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import null, select

from virtue.extensions import db
from virtue.honours.star_models import StarPeriod, StarRating, StarRemoval
from virtue.notices.models import Notice, NoticeLine


@dataclass(frozen=True)
class StarLine:
    """One line, before anything of the household is added. ``stars`` None: a removal."""

    number: int
    household_id: int
    stars: int | None
    state: str
    publish: str


def star_lines(notice: Notice) -> list[StarLine]:
    """The lines of a notice in their order; who left meanwhile has none."""
    levels: dict[int, str] = dict(
        db.session.execute(select(NoticeLine.number, NoticeLine.publish).where(NoticeLine.notice_id == notice.id)).all()  # type: ignore[arg-type]  # rows of two
    )  # fmt: skip
    lines: list[tuple[Any, ...]]
    if notice.kind == "stars":
        rated = (
            select(StarRating.notice_line, StarRating.household_id, StarRating.stars, StarRating.state)
            .join(StarPeriod, StarPeriod.id == StarRating.period_id)
            .where(
                StarPeriod.notice_id == notice.id, StarRating.state != "withdrawn", StarRating.notice_line.is_not(None)
            )
        )
        lines = [tuple(row) for row in db.session.execute(rated)]
    else:
        removed = select(StarRemoval.notice_line, StarRemoval.household_id, null(), StarRemoval.state).where(
            StarRemoval.notice_id == notice.id, StarRemoval.state != "dropped"
        )
        lines = [tuple(row) for row in db.session.execute(removed)]
    lines.sort(key=lambda line: line[0])
    return [StarLine(number, one, stars, state, levels[number]) for number, one, stars, state in lines]
