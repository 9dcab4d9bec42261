"""What waits in campaigns for whom: the next step of each, to who may take it and took none that forbids it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from virtue.extensions import db
from virtue.honours import campaign_queries
from virtue.honours.campaign_counting import winners
from virtue.honours.campaign_ending import KINDS
from virtue.honours.campaign_models import Campaign, CampaignJudge, CampaignState, JudgeScore, Nominee, NomineeState
from virtue.notices import queries as notices
from virtue.people import queries as people


@dataclass(frozen=True)
class ToRun:
    """For the clerk, in campaigns."""

    to_begin: int
    to_close: int
    to_publish: int
    to_give: int


def to_run(village_id: int, day: date) -> ToRun:
    """Nominations that are over, votes that are over, counts without a notice, notices that are over without objection."""
    found = campaign_queries.running(village_id)
    return ToRun(
        sum(one.state == CampaignState.NOMINATING and one.nominate_until < day for one in found),
        sum(one.state == CampaignState.OPEN and one.vote_until < day for one in found),
        sum(one.state == CampaignState.COUNTED for one in found),
        sum(one.state == CampaignState.NOTICE and _is_over(one, day) for one in found),
    )


def to_check(village_id: int, user_id: int) -> int:
    """Nominees whom another nominated, of no household of the own kin."""
    rows = db.session.execute(
        select(Nominee.household_id)
        .join(Campaign, Campaign.id == Nominee.campaign_id)
        .where(
            Nominee.village_id == village_id, Nominee.state == NomineeState.PROPOSED, Nominee.nominated_by_id != user_id,
            Campaign.state == CampaignState.NOMINATING,
        )
    ).all()  # fmt: skip
    kin = people.kin_household_ids(user_id) if rows else set()
    return sum(row.household_id not in kin for row in rows)


def to_judge(village_id: int, user_id: int, day: date) -> int:
    """Campaigns in which this judge has given no score yet."""
    scored = select(JudgeScore.nominee_id).join(Nominee, Nominee.id == JudgeScore.nominee_id)
    query = (
        select(func.count())
        .select_from(Campaign)
        .join(CampaignJudge, CampaignJudge.campaign_id == Campaign.id)
        .where(
            Campaign.village_id == village_id, Campaign.state == CampaignState.OPEN, Campaign.how == "judges",
            Campaign.vote_until >= day, CampaignJudge.user_id == user_id,
            ~scored.where(JudgeScore.user_id == user_id, Nominee.campaign_id == Campaign.id).exists(),
        )
    )  # fmt: skip
    return db.session.scalar(query) or 0


def to_count(village_id: int, user_id: int) -> int:
    """Closed boxes that another closed."""
    found = campaign_queries.running(village_id)
    return sum(one.state == CampaignState.CLOSED and one.closed_by_id != user_id for one in found)


def to_answer(village_id: int, user_id: int, day: date) -> tuple[int, bool]:
    """Open objections to winners of campaigns in which this person had no hand; whether one is late."""
    free = {
        one.notice_id
        for one in campaign_queries.running(village_id)
        if one.state == CampaignState.NOTICE and user_id not in {one.opened_by_id, one.closed_by_id, one.counted_by_id}
    }
    if not free:
        return 0, False
    found = [
        one
        for one in db.session.scalars(notices.objections(village_id, is_open=True, kinds=KINDS))
        if one.line.notice_id in free
    ]
    return len(found), any(one.answer_by < day for one in found)


def _is_over(campaign: Campaign, day: date) -> bool:
    notice = campaign_queries.notice_of(campaign)
    return (
        notice is not None
        and notice.ends_on < day
        and not notices.contested_lines(notice.id)
        and any(one.honour_id is None for one in winners(campaign.id))
    )
