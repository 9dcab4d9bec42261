"""Campaigns (评选): from the opening over nominations, votes or judges to the notice; nominees and what judges gave."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db
from virtue.honours.title_models import Title


class CampaignState(StrEnum):
    """See ``campaign_states`` for what leads where."""

    NOMINATING = "nominating"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    NOTICE = "notice"
    ENDED = "ended"
    CANCELLED = "cancelled"


class NomineeState(StrEnum):
    """``refused``: the check found that the criteria don't fit; ``withdrawn``: by own will, or an objection was upheld."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Campaign(db.Model):  # type: ignore[name-defined]
    """How a title's seats of a year are given. What is said when it opens (criteria, seats, ties) stays as it was said."""

    __tablename__ = "campaign"
    __table_args__ = (
        Index("ix_campaign_village_id_state", "village_id", "state"),
        CheckConstraint(
            "state IN ('nominating', 'open', 'closed', 'counted', 'notice', 'ended', 'cancelled')", name="state"
        ),
        CheckConstraint("how IN ('vote', 'judges')", name="how"),
        CheckConstraint("tie IN ('score', 'lot')", name="tie"),
        CheckConstraint("seats > 0 AND picks BETWEEN 1 AND seats", name="seats"),
        CheckConstraint("nominate_until < vote_until", name="span"),
        CheckConstraint("counted_by_id IS NULL OR counted_by_id <> closed_by_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id"))
    name: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    criteria_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    criteria_hash: Mapped[str | None] = mapped_column(String(64))
    how: Mapped[str] = mapped_column(String(10))
    """vote: one household one ballot; judges: the median of their scores."""
    seats: Mapped[int]
    picks: Mapped[int]
    """How many nominees a ballot may name."""
    tie: Mapped[str] = mapped_column(String(10))
    """score: the higher civility score of the year, then who got there first; lot: drawn from the box's seal."""
    nominate_until: Mapped[date]
    vote_until: Mapped[date]
    """The last day on which a household may vote, or a judge give scores."""
    shown_until: Mapped[date | None]
    """The last day on which its honours stand on a wall; NULL: without end."""
    state: Mapped[str] = mapped_column(String(10), default=CampaignState.NOMINATING)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    opened_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    closed_at: Mapped[datetime | None]
    nonce: Mapped[str | None] = mapped_column(String(32))
    """Drawn at the close, so that nobody can work out beforehand what lot the seal will draw."""
    seal: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 over the nonce and the sorted ballots (or scores): the box as it was closed."""
    counted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    counted_at: Mapped[datetime | None]
    ballots: Mapped[int | None]
    """How many ballots, or scores, were in the box."""
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), unique=True)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    why_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """Why it was cancelled."""
    title: Mapped[Title] = relationship(lazy="joined", innerjoin=True)


class Nominee(db.Model):  # type: ignore[name-defined]
    """A household, or one of its members, that stands in a campaign; one a household. It agreed before it was nominated."""

    __tablename__ = "nominee"
    __table_args__ = (
        UniqueConstraint("campaign_id", "household_id"),
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint("state IN ('proposed', 'accepted', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("consent_how IN ('signed', 'by_mouth')", name="consent_how"),
        CheckConstraint("checked_by_id IS NULL OR checked_by_id <> nominated_by_id", name="two_people"),
        CheckConstraint("NOT is_winner OR state = 'accepted'", name="winner"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    number: Mapped[int]
    """On the ballot, in the order of nomination."""
    story_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    consent_how: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default=NomineeState.PROPOSED)
    nominated_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    nominated_at: Mapped[datetime]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    why_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """Why it was refused or withdrawn."""
    votes: Mapped[int | None]
    twice_median: Mapped[int | None]
    """Twice the median of the judges' scores, so that it is whole."""
    lowest: Mapped[int | None]
    highest: Mapped[int | None]
    rank: Mapped[int | None]
    is_winner: Mapped[bool] = mapped_column(default=False)
    notice_line: Mapped[int | None]
    honour_id: Mapped[int | None] = mapped_column(ForeignKey("honour.id"), unique=True)


class CampaignJudge(db.Model):  # type: ignore[name-defined]
    """Who judges a campaign, named when it opens."""

    __tablename__ = "campaign_judge"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)


class JudgeScore(db.Model):  # type: ignore[name-defined]
    """What one judge gives one nominee; seen by that judge alone until the campaign is counted."""

    __tablename__ = "judge_score"
    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 100", name="score"),)

    nominee_id: Mapped[int] = mapped_column(ForeignKey("nominee.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    score: Mapped[int]
