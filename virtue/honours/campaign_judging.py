"""Judges: each gives every nominee a score from 0 to 100, sees the own ones alone, and none of the own kin's."""

from collections.abc import Mapping
from typing import Any

from virtue import clock
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.honours import campaign_queries
from virtue.honours.campaign_errors import BadJudgeScore, NotACampaignJudge, VotingOver
from virtue.honours.campaign_models import Campaign, JudgeScore
from virtue.honours.campaign_states import campaign_target
from virtue.honours.campaign_writing import note, step
from virtue.people import queries as people


def judge(village_id: int, campaign_id: int, given: Mapping[int, int], *, key: str, by: int) -> Outcome:
    """Write down what a judge gives, by nominee; may be changed until the close. Own kin's nominees are left out.

    Gives ``scored``. Raises NotACampaignJudge, VotingOver, BadJudgeScore.
    """

    def work(campaign: Campaign) -> dict[str, Any]:
        campaign_target("judge", campaign.state)
        if campaign.how != "judges" or by not in campaign_queries.judges(campaign.id):
            raise NotACampaignJudge
        if clock.today() > campaign.vote_until:
            raise VotingOver
        scored = 0
        for one in campaign_queries.standing(campaign.id):
            score = given.get(one.id)
            if score is None or people.is_kin(by, one.household_id):
                continue
            if not 0 <= score <= 100:
                raise BadJudgeScore
            db.session.merge(JudgeScore(nominee_id=one.id, user_id=by, score=score))
            scored += 1
        db.session.flush()
        note("judge", campaign, by=by, scored=scored)
        return {"scored": scored}

    # The scores stay out of the key's contents as they stay out of the trail.
    return step("judge", village_id, campaign_id, [sorted(given)], work, key=key, by=by)
