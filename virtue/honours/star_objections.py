"""Objections to a star's line: frozen, settled by somebody without a hand in it, and the star is given back with a reason.

A star that somebody else's household should not hold isn't struck out: an upheld objection only begins its removal, with
the due process of a deduction. Upheld against a removal, the star stays.
"""

from collections.abc import Collection
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from virtue.awarding import line_subjects
from virtue.awarding.line_subjects import About, Corrected, Verdict
from virtue.core import audit
from virtue.errors import BrokenRule, OwnKin
from virtue.extensions import db
from virtue.honours import star_notice_queries as queries
from virtue.honours import star_quarters as quarters
from virtue.honours import star_queries, star_removal_queries, star_removals, star_words
from virtue.honours.star_models import RatingState, RemovalState, StarRating, StarRemoval
from virtue.honours.star_states import RATING_STEPS, REMOVAL_STEPS, target
from virtue.honours.stars import set_star, star_of
from virtue.notices import queries as notices
from virtue.notices.errors import DecidedTheLine, LineGone, NoSuchLine
from virtue.notices.models import NoticeLine, Objection
from virtue.people import queries as people

KIND, LOSS_KIND = "stars", "star_loss"
RATING_STANDS = (RatingState.ON_NOTICE, RatingState.FROZEN)
REMOVAL_STANDS = (RemovalState.ON_NOTICE, RemovalState.FROZEN)


class RatingLines:
    """A line on a quarter's notice: see ``line_subjects.Subject``."""

    outcomes = {
        "dismissed": _l("不成立：这一行没有错，接着公示"),
        "upheld_amended": _l("成立：有一颗星不对（少了的补上；不该有的，开始办摘星：告知、申辩、两人决定）"),
    }

    def household_id(self, line: NoticeLine) -> int:
        """Of the rating."""
        return _rating(line).household_id

    def begin(self, line: NoticeLine) -> None:
        """Freeze the rating."""
        rating = _locked(line)
        if rating.state not in RATING_STANDS:
            raise LineGone
        if rating.state == RatingState.ON_NOTICE:
            rating.state = target(RATING_STEPS, "freeze", rating.state)
            _note("freeze_stars", rating, by=None)

    def barred(self, line: NoticeLine, *, by: int) -> BrokenRule | None:
        """Who proposed the quarter, or changed a star of this household in it."""
        rating = _rating(line)
        changes = star_queries.changes_of([rating.id])[rating.id]
        hands = {change.by_id for change in changes if change.occasion == "review"}
        if by in hands | {rating.period.proposed_by_id}:
            return DecidedTheLine()
        return OwnKin() if people.is_kin(by, rating.household_id) else None

    def uphold(self, objection: Objection, verdict: Verdict, reason: str, *, by: int) -> None:
        """Give the star that is missing; of one that is held, begin the removal. Raises UnknownStar, RemovalOpen, LineGone."""
        rating = _locked(objection.line)
        star = star_of(rating, verdict.dimension)
        if rating.state not in RATING_STANDS:
            raise LineGone
        if rating.held[star.position - 1] == "0":
            set_star(rating, star, is_held=True, occasion="objection", why=reason, by=by)
        else:
            star_removals.begin(rating, star.dimension, why=reason, by=by)
            # Nobody reads who may lose a star.
            objection.corrected_until = None
        if notices.open_on_line(objection.line_id) == 0:
            self.thaw(objection.line, reason, by=by)

    def thaw(self, line: NoticeLine, _reason: str | None, *, by: int | None) -> None:
        """On notice again; published with the next day when that is over."""
        rating = _locked(line)
        if rating.state == RatingState.FROZEN:
            rating.state = target(RATING_STEPS, "thaw", rating.state)
            _note("thaw_stars", rating, by=by)

    def state(self, line: NoticeLine) -> str:
        """The rating's."""
        return str(_rating(line).state)


class RemovalLines:
    """A line on a notice of removals."""

    outcomes = {
        "dismissed": _l("不成立：这一行没有错，接着公示"),
        "upheld_withdrawn": _l("成立：不摘，这颗星保留"),
    }

    def household_id(self, line: NoticeLine) -> int:
        """Of the removal."""
        return _removal(line).household_id

    def begin(self, line: NoticeLine) -> None:
        """Freeze the removal."""
        removal = _locked_removal(line)
        if removal.state not in REMOVAL_STANDS:
            raise LineGone
        if removal.state == RemovalState.ON_NOTICE:
            removal.state = target(REMOVAL_STEPS, "freeze", removal.state)
            _note("freeze_stars", removal, by=None)

    def barred(self, line: NoticeLine, *, by: int) -> BrokenRule | None:
        """Who proposed or decided it."""
        removal = _removal(line)
        if by in {removal.proposed_by_id, removal.first_by_id, removal.second_by_id}:
            return DecidedTheLine()
        return OwnKin() if people.is_kin(by, removal.household_id) else None

    def uphold(self, objection: Objection, _verdict: Verdict, reason: str, *, by: int) -> None:
        """The removal falls. A second objection that is upheld finds nothing left to do."""
        removal = _locked_removal(objection.line)
        if removal.state in REMOVAL_STANDS:
            star_removals.let_fall(removal, why=reason, by=by)

    def thaw(self, line: NoticeLine, _reason: str | None, *, by: int | None) -> None:
        """On notice again."""
        removal = _locked_removal(line)
        if removal.state == RemovalState.FROZEN:
            removal.state = target(REMOVAL_STEPS, "thaw", removal.state)
            _note("thaw_stars", removal, by=by)

    def state(self, line: NoticeLine) -> str:
        """The removal's."""
        return str(_removal(line).state)


class StarLines:
    """What the pages of objections show of both."""

    def abouts(self, lines: Collection[NoticeLine]) -> dict[int, About]:
        """Each line's rating or removal in words; two questions for a list."""
        wanted = {line.notice_id for line in lines}
        ratings, removals = (queries.ratings_on(wanted), queries.removals_by_line(wanted)) if wanted else ({}, {})
        found: dict[int, About] = {}
        for line in lines:
            place = (line.notice_id, line.number)
            if place in ratings:
                found[line.id] = _about_rating(ratings[place])
            elif place in removals:
                found[line.id] = _about_removal(removals[place])
        return found

    def outcome_words(self, state: str) -> str | None:
        """What was done about it."""
        words = {"upheld_amended": _("异议成立，已按理由办"), "upheld_withdrawn": _("异议成立，星保留")}
        return words.get(state)

    def lines_of(self, household_id: int, since: date) -> list[tuple[int, int]]:
        """A household's own lines."""
        return queries.lines_of(household_id, since)

    def corrected(self, objections: Collection[Objection]) -> dict[int, Corrected]:
        """The stars that a line lacked."""
        return {
            number: Corrected(
                one.notice, one.line, one.household_id,
                _("少写了，应有%(stars)s。", stars=star_words.listed_names(one.stars)),
            )
            for number, one in queries.corrected(objections).items()
        }  # fmt: skip


_STARS = StarLines()
line_subjects.register((KIND,), RatingLines(), _STARS)
line_subjects.register((LOSS_KIND,), RemovalLines(), _STARS)


def _about_rating(rating: StarRating) -> About:
    scheme = rating.period.scheme
    title = _(
        "%(quarter)s星级：%(count)s 颗星", quarter=quarters.name(rating.period.quarter), count=rating.stars
    )  # fmt: skip
    choices = tuple(
        (
            star.dimension,
            _("%(star)s：不该有，开始办摘星", star=star_words.name_of(star))
            if rating.held[star.position - 1] == "1"
            else _("%(star)s：少了，补上", star=star_words.name_of(star)),
        )
        for star in scheme.stars
    )
    return About(
        rating.household_id, title, str(star_words.LINES[rating.state]), "honours.star_rating", {"rating_id": rating.id},
        choices, stands=rating.state in {*RATING_STANDS, RatingState.PUBLISHED},
    )  # fmt: skip


def _about_removal(removal: StarRemoval) -> About:
    star = star_queries.star_of(removal.rating.period.scheme, removal.dimension)
    title = _("摘星：%(star)s", star=star_words.name_of(star) if star else removal.dimension)
    return About(
        removal.household_id, title, str(star_words.LINES[removal.state]), "honours.star_rating",
        {"rating_id": removal.rating_id}, stands=removal.state in REMOVAL_STANDS,
    )  # fmt: skip


def _rating(line: NoticeLine) -> StarRating:
    found = queries.ratings_on([line.notice_id]).get((line.notice_id, line.number))
    if found is None:
        raise NoSuchLine
    return found


def _locked(line: NoticeLine) -> StarRating:
    return star_queries.locked_rating(line.village_id, _rating(line).id)


def _removal(line: NoticeLine) -> StarRemoval:
    found = queries.removals_by_line([line.notice_id]).get((line.notice_id, line.number))
    if found is None:
        raise NoSuchLine
    return found


def _locked_removal(line: NoticeLine) -> StarRemoval:
    return star_removal_queries.locked_removal(line.village_id, _removal(line).id)


def _note(action: str, row: StarRating | StarRemoval, *, by: int | None) -> None:
    db.session.flush()
    subject = "star_rating" if isinstance(row, StarRating) else "star_removal"
    audit.record(
        f"honours.{action}", village_id=row.village_id, by=by, household_id=row.household_id, subject=subject,
        subject_id=row.id,
    )  # fmt: skip
