"""A household's stars as it reads them: what it holds and why, what each missing star still asks for, what it may lose."""

from dataclasses import dataclass
from datetime import date

from virtue import clock
from virtue.core import remarks
from virtue.honours import star_notice_queries, star_queries, star_removal_queries, star_risks, star_words
from virtue.honours import star_quarters as quarters
from virtue.honours.star_models import Mode, RatingState, StarRemoval
from virtue.honours.star_plates import published_rating
from virtue.honours.star_rules import missing
from virtue.honours.star_words import StarStory
from virtue.people.models import Household


@dataclass(frozen=True)
class OwnStars:
    """The last published rating."""

    rating_id: int
    quarter: str
    stars: int
    most: int
    held: tuple[tuple[str, str], ...]
    """Icon and name of each star that is held."""
    stories: tuple[StarStory, ...]


@dataclass(frozen=True)
class Outlook:
    """One star in the quarter that runs: what is still missing, and whether a star that is held would be lost."""

    name: str
    is_reached: bool
    short: str
    is_at_risk: bool


@dataclass(frozen=True)
class ToldRemoval:
    """That a star is to be taken, as its household was told."""

    id: int
    name: str
    state: str
    words: str
    reason: str
    until: date | None
    answer: str
    can_answer: bool


def own_stars(household: Household, *, with_reasons: bool = True) -> OwnStars | None:
    """What a household holds, with its reasons; the first page, open to the card alone, shows none."""
    rating = published_rating(household)
    if rating is None:
        return None
    scheme = rating.period.scheme
    held = tuple((star.icon, star_words.name_of(star)) for star in star_queries.held_stars(rating, scheme))
    if not with_reasons:
        return OwnStars(rating.id, quarters.name(rating.period.quarter), rating.stars, len(scheme.stars), held, ())
    changes = star_queries.changes_of([rating.id])[rating.id]
    reasons = remarks.texts([change.reason_id for change in changes])
    return OwnStars(
        rating.id, quarters.name(rating.period.quarter), rating.stars, len(scheme.stars), held,
        tuple(star_words.stories(rating, scheme, changes, reasons)),
    )  # fmt: skip


@dataclass(frozen=True)
class OnNotice:
    """The own line of a quarter that is on notice: whoever isn't listed reads it here."""

    rating_id: int
    quarter: str
    stars: int
    notice: int
    line: int
    ends_on: date
    is_frozen: bool
    stories: tuple[StarStory, ...]


def on_notice(household: Household) -> OnNotice | None:
    """The own rating while its notice hangs; None otherwise."""
    period = star_queries.latest_period(household.village_id)
    rating = star_queries.find_rating(period.id, household.id) if period and household.takes_part else None
    if period is None or rating is None or rating.state not in {RatingState.ON_NOTICE, RatingState.FROZEN}:
        return None
    notice = star_notice_queries.notice_of(period)
    if notice is None:
        return None
    changes = star_queries.changes_of([rating.id])[rating.id]
    reasons = remarks.texts([change.reason_id for change in changes])
    return OnNotice(
        rating.id, quarters.name(period.quarter), rating.stars, notice.number, rating.notice_line or 0, notice.ends_on,
        rating.state == RatingState.FROZEN, tuple(star_words.stories(rating, period.scheme, changes, reasons)),
    )  # fmt: skip


def outlook(household: Household) -> list[Outlook]:
    """The running quarter star by star. A star is at risk when what was deducted costs it, or in the last month, when points lack."""
    now = star_risks.running(household.village_id, household.id)
    rating = published_rating(household)
    held = {star.dimension for star in star_queries.held_stars(rating, rating.period.scheme)} if rating else set()
    found = []
    for star in now.stars:
        figures = now.figures(household.id, star)
        lacks = missing(star, figures)
        found.append(
            Outlook(
                star_words.name_of(star), not lacks and star.mode != Mode.REVIEW, star_words.missing_words(star, figures),
                star.dimension in held and now.is_at_risk(lacks),
            )
        )  # fmt: skip
    return found


def told(household: Household) -> list[ToldRemoval]:
    """The removals that the household was told of, with what it may still answer."""
    rows = star_removal_queries.removals_told(household.id)
    texts = remarks.texts([number for row in rows for number in (row.reason_id, row.rebuttal_id)])
    return [_told(row, texts) for row in rows]


def _told(row: StarRemoval, texts: dict[int, str]) -> ToldRemoval:
    star = star_queries.star_of(row.rating.period.scheme, row.dimension)
    can_answer = row.state == "told" and row.rebuttal_until is not None and clock.today() <= row.rebuttal_until
    return ToldRemoval(
        row.id, star_words.name_of(star) if star else row.dimension, row.state, str(star_words.REMOVALS[row.state]),
        texts.get(row.reason_id or 0, ""), row.rebuttal_until, texts.get(row.rebuttal_id or 0, ""), can_answer,
    )  # fmt: skip
