"""The star scheme and its versions; each quarter's ratings; what the review group changed; the removal of a star."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db


class Mode(StrEnum):
    """How a star is earned."""

    SCORE = "score"
    """达分得星: at least so many points."""
    CLEAN = "clean"
    """无过得星: held unless something was deducted or vetoed."""
    REVIEW = "review"
    """评议得星: the review group's word."""


class PeriodState(StrEnum):
    """See ``star_states.py`` for who may do what where."""

    REVIEW = "review"
    NOTICE = "notice"
    PUBLISHED = "published"


class RatingState(StrEnum):
    """Of one household's rating; it follows its period, but a line that is objected to stands still."""

    REVIEW = "review"
    ON_NOTICE = "on_notice"
    FROZEN = "frozen"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    """The household took no part any more: 未参评."""


class RemovalState(StrEnum):
    """Taking a star away goes the way of a deduction."""

    PROPOSED = "proposed"
    TOLD = "told"
    DECIDED = "decided"
    ON_NOTICE = "on_notice"
    FROZEN = "frozen"
    DONE = "done"
    DROPPED = "dropped"


class StarScheme(db.Model):  # type: ignore[name-defined]
    """One version of a village's stars: it rates the quarters from ``from_quarter`` on, until a later one does."""

    __tablename__ = "star_scheme"
    __table_args__ = (
        UniqueConstraint("village_id", "version"),
        CheckConstraint("from_quarter % 100 IN (1, 4, 7, 10)", name="from_quarter"),
        CheckConstraint("listed_from > 0", name="listed_from"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(20))
    """What a household with all stars is called: 八星级文明户."""
    listed_from: Mapped[int]
    """The public list shows households from so many stars up."""
    from_quarter: Mapped[int]
    """A quarter by its first month: 202610."""
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL: the eight stars that come with the program."""
    made_at: Mapped[datetime]
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """Who decided it, and why."""
    stars: Mapped[list["Star"]] = relationship(order_by="Star.position", lazy="selectin")


class Star(db.Model):  # type: ignore[name-defined]
    """One star of a scheme: its subject, its name, and what earns it in a quarter."""

    __tablename__ = "star"
    __table_args__ = (
        UniqueConstraint("scheme_id", "position"),
        UniqueConstraint("scheme_id", "dimension"),
        CheckConstraint("mode IN ('score', 'clean', 'review')", name="mode"),
        CheckConstraint(
            "home_at_least >= 0 AND civility_at_least >= 0 AND deducted_at_most >= 0", name="thresholds"
        ),
        CheckConstraint("mode = 'score' OR (home_at_least = 0 AND civility_at_least = 0)", name="score"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("star_scheme.id"))
    position: Mapped[int]
    """From 1; a rating's letters stand in this order."""
    dimension: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(20))
    name_en: Mapped[str] = mapped_column(String(40), default="")
    icon: Mapped[str] = mapped_column(String(20), default="star")
    mode: Mapped[str] = mapped_column(String(10))
    home_at_least: Mapped[int] = mapped_column(default=0)
    civility_at_least: Mapped[int] = mapped_column(default=0)
    deducted_at_most: Mapped[int] = mapped_column(default=0)
    without_able: Mapped[bool] = mapped_column(default=False)
    """A household without able adults needs no points for it."""


class StarPeriod(db.Model):  # type: ignore[name-defined]
    """A quarter's rating of a village, with the version of the scheme that it was rated by."""

    __tablename__ = "star_period"
    __table_args__ = (
        UniqueConstraint("village_id", "quarter"),
        UniqueConstraint("notice_id"),
        CheckConstraint("state IN ('review', 'notice', 'published')", name="state"),
        CheckConstraint("quarter % 100 IN (1, 4, 7, 10)", name="quarter"),
        CheckConstraint("(state = 'review') = (notice_id IS NULL)", name="notice"),
        CheckConstraint("(state = 'published') = (published_on IS NOT NULL)", name="published"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    quarter: Mapped[int]
    """By its first month: 202607."""
    scheme_id: Mapped[int] = mapped_column(ForeignKey("star_scheme.id"))
    state: Mapped[str] = mapped_column(String(10))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    proposed_at: Mapped[datetime]
    """Of the last proposal."""
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    published_on: Mapped[date | None]
    scheme: Mapped[StarScheme] = relationship(lazy="joined", innerjoin=True)


class StarRating(db.Model):  # type: ignore[name-defined]
    """One household's stars in one quarter: what was proposed, from which figures, and what it holds."""

    __tablename__ = "star_rating"
    __table_args__ = (
        UniqueConstraint("period_id", "household_id"),
        Index("ix_star_rating_household_id", "household_id"),
        CheckConstraint("state IN ('review', 'on_notice', 'frozen', 'published', 'withdrawn')", name="state"),
        CheckConstraint("stars >= 0", name="stars"),
        CheckConstraint("length(proposed) = length(held)", name="letters"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    period_id: Mapped[int] = mapped_column(ForeignKey("star_period.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    """The household's grid at the proposal."""
    state: Mapped[str] = mapped_column(String(10))
    proposed: Mapped[str] = mapped_column(String(12))
    """A letter a star in the scheme's order, 1 held, 0 not: 11101111."""
    held: Mapped[str] = mapped_column(String(12))
    stars: Mapped[int]
    """How many are held."""
    marks: Mapped[list[Any]]
    """The figures behind the proposal, a list a star: home earned, civility earned, civility deducted, vetoed, waived."""
    notice_line: Mapped[int | None]
    period: Mapped[StarPeriod] = relationship()


class StarChange(db.Model):  # type: ignore[name-defined]
    """A star given (or a given one taken back) against the proposal: by whom, why, and on what occasion."""

    __tablename__ = "star_change"
    __table_args__ = (
        Index("ix_star_change_rating_id", "rating_id"),
        CheckConstraint("occasion IN ('review', 'objection', 'removal')", name="occasion"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rating_id: Mapped[int] = mapped_column(ForeignKey("star_rating.id"))
    dimension: Mapped[str] = mapped_column(String(20))
    to_held: Mapped[bool]
    occasion: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL: a removal's notice was over."""
    at: Mapped[datetime]
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    reason_hash: Mapped[str | None] = mapped_column(String(64))


class StarRemoval(db.Model):  # type: ignore[name-defined]
    """Taking a star away: told, answered, decided by two, on notice. Until it is done the star is held."""

    __tablename__ = "star_removal"
    __table_args__ = (
        # One at a time for each star: a second would only be a double tap.
        Index(
            "uq_star_removal_open", "rating_id", "dimension", unique=True,
            sqlite_where=text("state NOT IN ('done', 'dropped')"),
            postgresql_where=text("state NOT IN ('done', 'dropped')"),
        ),
        # Only those that still move: small, whatever the history.
        Index(
            "ix_star_removal_open", "village_id", "state", sqlite_where=text("state NOT IN ('done', 'dropped')"),
            postgresql_where=text("state NOT IN ('done', 'dropped')"),
        ),
        Index("ix_star_removal_notice_id", "notice_id"),
        Index("ix_star_removal_household_id", "household_id"),
        CheckConstraint(
            "state IN ('proposed', 'told', 'decided', 'on_notice', 'frozen', 'done', 'dropped')", name="state"
        ),
        CheckConstraint("second_by_id IS NULL OR first_by_id <> second_by_id", name="two"),
        CheckConstraint(
            "state NOT IN ('decided', 'on_notice', 'frozen', 'done') OR (told_on IS NOT NULL AND second_by_id IS NOT NULL)",
            name="process",
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    rating_id: Mapped[int] = mapped_column(ForeignKey("star_rating.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    dimension: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    proposed_at: Mapped[datetime]
    told_on: Mapped[date | None]
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    told_how: Mapped[str | None] = mapped_column(String(12))
    witness_1_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    witness_2_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    rebuttal_until: Mapped[date | None]
    """The last day on which the household may answer."""
    rebuttal_at: Mapped[datetime | None]
    rebuttal_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    rebuttal_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who took it down; NULL: the household wrote it in its passbook."""
    first_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    notice_line: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who dropped it; NULL: the notice was over, or an objection was upheld."""
    end_reason_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    rating: Mapped[StarRating] = relationship()
