"""What stands on a notice of stars: a line each household; on one of removals: lines that nobody but its household reads."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import null, select
from sqlalchemy.orm import contains_eager

from virtue.extensions import db
from virtue.honours.star_models import Star, StarChange, StarPeriod, StarRating, StarRemoval
from virtue.honours.star_queries import changes_of, star_of
from virtue.notices import queries as notices
from virtue.notices.models import Notice, NoticeLine, Objection


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


def notice_of(period: StarPeriod) -> Notice | None:
    """The notice on which a quarter stands."""
    return db.session.get(Notice, period.notice_id) if period.notice_id is not None else None


def ratings_on(notice_ids: Collection[int]) -> dict[tuple[int, int], StarRating]:
    """By notice's id and line, the ratings that stand on these notices."""
    rows = db.session.scalars(
        select(StarRating)
        .join(StarRating.period)
        .where(StarPeriod.notice_id.in_(list(notice_ids)), StarRating.notice_line.is_not(None))
        .options(contains_eager(StarRating.period))
    )
    return {(row.period.notice_id or 0, row.notice_line or 0): row for row in rows}


def removals_by_line(notice_ids: Collection[int]) -> dict[tuple[int, int], StarRemoval]:
    """The same of removals."""
    rows = db.session.scalars(select(StarRemoval).where(StarRemoval.notice_id.in_(list(notice_ids))))
    return {(row.notice_id or 0, row.notice_line or 0): row for row in rows}


def lines_of(household_id: int, since: date) -> list[tuple[int, int]]:
    """A household's own lines (notice's id, line's number) on notices published since a day."""
    rated = (
        select(Notice.id, StarRating.notice_line)
        .join(StarPeriod, StarPeriod.notice_id == Notice.id)
        .join(StarRating, StarRating.period_id == StarPeriod.id)
        .where(StarRating.household_id == household_id, StarRating.notice_line.is_not(None))
    )
    removed = (
        select(Notice.id, StarRemoval.notice_line)
        .join(StarRemoval, StarRemoval.notice_id == Notice.id)
        .where(StarRemoval.household_id == household_id)
    )
    both = [query.where(Notice.published_on >= since) for query in (rated, removed)]
    return [(row[0], row[1] or 0) for query in both for row in db.session.execute(query)]


@dataclass(frozen=True)
class StarCorrection:
    """更正: stars that a line lacked, as others saw it."""

    notice: int
    line: int
    household_id: int
    stars: tuple[Star, ...]


def corrections(village_id: int, day: date) -> list[StarCorrection]:
    """The corrections of star lines that are shown on ``day``; a star that was lost since is in none."""
    rows = [one for one in notices.corrections(village_id) if (one.corrected_until or day) >= day]
    return list(corrected(rows).values())


def corrected(objections: Collection[Objection]) -> dict[int, StarCorrection]:
    """By objection's id, what was put right of the star lines among these; a star that was lost since is in none."""
    rows = [one for one in objections if one.line.notice.kind == "stars"]
    if not rows:
        return {}
    ratings = ratings_on({one.line.notice_id for one in rows})
    changes = changes_of([rating.id for rating in ratings.values()])
    found = {one.id: _correction(one, ratings.get((one.line.notice_id, one.line.number)), changes) for one in rows}
    return {number: one for number, one in found.items() if one is not None and one.stars}


def _correction(
    one: Objection, rating: StarRating | None, changes: dict[int, list[StarChange]]
) -> StarCorrection | None:
    if rating is None:
        return None
    given = [change.dimension for change in changes[rating.id] if change.occasion == "objection" and change.to_held]
    stars = [star_of(rating.period.scheme, dimension) for dimension in given]
    held = tuple(star for star in stars if star is not None and rating.held[star.position - 1] == "1")
    return StarCorrection(one.line.notice.number, one.line.number, rating.household_id, held)
