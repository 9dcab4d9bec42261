"""Campaigns, their nominees and judges: what stands where. What lies in the box is ``ballot_box``'s alone."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Select, func, select

from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours.campaign_models import (
    Campaign,
    CampaignJudge,
    CampaignState,
    JudgeScore,
    Nominee,
    NomineeState,
)
from virtue.notices.models import Notice
from virtue.people.models import Member

RUNNING = (CampaignState.NOMINATING, CampaignState.OPEN, CampaignState.CLOSED, CampaignState.COUNTED, CampaignState.NOTICE)  # fmt: skip
"""Shown to everybody; what has ended lives on in its honours, what was cancelled in the desk's list."""


def campaigns(village_id: int, state: str = "") -> Select[Campaign]:
    """The statement that lists campaigns, newest first."""
    query = select(Campaign).where(Campaign.village_id == village_id).order_by(Campaign.id.desc())
    return query.where(Campaign.state == state) if state else query


def running(village_id: int) -> list[Campaign]:
    """The campaigns that everybody may see, the newest first."""
    return list(db.session.scalars(campaigns(village_id).where(Campaign.state.in_(RUNNING))))


def open_votes(village_id: int, day: date) -> list[Campaign]:
    """The campaigns in which a household may vote on a day."""
    query = campaigns(village_id, CampaignState.OPEN).where(Campaign.how == "vote", Campaign.vote_until >= day)
    return list(db.session.scalars(query))


def find_campaign(village_id: int, campaign_id: int) -> Campaign | None:
    """A campaign of this village."""
    return db.session.scalar(select(Campaign).where(Campaign.id == campaign_id, Campaign.village_id == village_id))


def locked_campaign(village_id: int, campaign_id: int) -> Campaign:
    """The same, loaded anew for writing. Raises ``NotFoundHere``."""
    found = db.session.scalar(
        select(Campaign)
        .where(Campaign.id == campaign_id, Campaign.village_id == village_id)
        .with_for_update(of=Campaign)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundHere
    return found


def nominees(campaign_id: int) -> list[Nominee]:
    """All nominees by their number."""
    return list(db.session.scalars(select(Nominee).where(Nominee.campaign_id == campaign_id).order_by(Nominee.number)))


def standing(campaign_id: int) -> list[Nominee]:
    """The nominees that may be chosen."""
    return [one for one in nominees(campaign_id) if one.state == NomineeState.ACCEPTED]


def find_nominee(campaign_id: int, nominee_id: int) -> Nominee | None:
    """A nominee of this campaign."""
    return db.session.scalar(select(Nominee).where(Nominee.id == nominee_id, Nominee.campaign_id == campaign_id))


def is_nominated(campaign_id: int, household_id: int) -> bool:
    """Whether a household has a nominee, in whatever state."""
    query = select(Nominee.id).where(Nominee.campaign_id == campaign_id, Nominee.household_id == household_id)
    return db.session.scalar(query.limit(1)) is not None


def next_number(campaign_id: int) -> int:
    """The number of the next nominee; the caller holds the village's lock."""
    return (db.session.scalar(select(func.max(Nominee.number)).where(Nominee.campaign_id == campaign_id)) or 0) + 1


def judges(campaign_id: int) -> list[int]:
    """The user ids of a campaign's judges."""
    query = select(CampaignJudge.user_id).where(CampaignJudge.campaign_id == campaign_id)
    return list(db.session.scalars(query.order_by(CampaignJudge.user_id)))


def scores_by(campaign_id: int, user_id: int) -> dict[int, int]:
    """By nominee, what one judge gave."""
    rows = db.session.execute(
        select(JudgeScore.nominee_id, JudgeScore.score)
        .join(Nominee, Nominee.id == JudgeScore.nominee_id)
        .where(Nominee.campaign_id == campaign_id, JudgeScore.user_id == user_id)
    )
    return {row.nominee_id: row.score for row in rows}


def notice_of(campaign: Campaign) -> Notice | None:
    """The notice of its winners."""
    return db.session.get(Notice, campaign.notice_id) if campaign.notice_id is not None else None


def member_names(member_ids: Collection[int]) -> dict[int, str]:
    """The names of nominated people, who agreed to have them on the ballot."""
    if not member_ids:
        return {}
    rows = db.session.execute(select(Member.id, Member.name).where(Member.id.in_(list(member_ids))))
    return {row.id: row.name for row in rows}
