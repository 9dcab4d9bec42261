"""A star's why, deed by deed: what it asks for, what was found, which deeds that adds up from, which vetoes stood."""

from dataclasses import dataclass

from virtue.core import remarks
from virtue.formatting import day_long
from virtue.honours import star_notice_queries, star_queries, star_words
from virtue.honours import star_quarters as quarters
from virtue.honours.star_models import StarRating
from virtue.honours.star_rules import Figures
from virtue.honours.star_words import StarStory
from virtue.scores import queries as scores
from virtue.why import queries
from virtue.why.periods import Period, of_quarter
from virtue.why.queries import Chain, Reader


@dataclass(frozen=True)
class StarChain:
    """One star of one rating."""

    story: StarStory
    asks: str
    period: Period
    chains: tuple[tuple[str, Chain], ...]
    """Of each unit in which something counts."""
    vetoes: tuple[tuple[str, str], ...]
    """Document number and last day of what stood in the quarter."""
    notice: int | None
    line: int | None
    has_moved: bool
    """Something was corrected since: the lines add up to another number than the rating kept."""


def of_rating(rating: StarRating, position: int, reader: Reader) -> StarChain | None:
    """A star by its place in the rating's scheme; None where there is none."""
    star = next((one for one in rating.period.scheme.stars if one.position == position), None)
    if star is None:
        return None
    changes = star_queries.changes_of([rating.id])[rating.id]
    reasons = remarks.texts([change.reason_id for change in changes])
    stories = star_words.stories(rating, rating.period.scheme, changes, reasons)
    first, last = quarters.span(rating.period.quarter)
    months = quarters.months(rating.period.quarter)
    found = {
        unit: queries.score(rating.household_id, unit, months, reader, dimension=star.dimension)
        for unit in ("home", "civility")
    }
    kept = Figures.of_mark(rating.marks[position - 1])
    vetoes = scores.vetoes_between(rating.village_id, first, last, rating.household_id)
    notice = star_notice_queries.notice_of(rating.period)
    return StarChain(
        next(one for one in stories if one.dimension == star.dimension), star_words.asks(star), of_quarter(first),
        tuple((unit, chain) for unit, chain in found.items() if chain.lines),
        tuple((one.document_number, day_long(one.until_on)) for one in vetoes if one.dimension == star.dimension),
        notice.number if notice else None, rating.notice_line,
        (found["home"].number, found["civility"].number) != (kept.home, kept.civility - kept.deducted),
    )  # fmt: skip
