"""The states of a campaign and every way from one to another: one table.

An action that isn't listed for a state is refused with ``CampaignMovedOn`` and changes nothing. The permission is that of
whoever does it (None: the household in its passbook).
"""

from virtue.awarding.states import Step, from_states
from virtue.honours.campaign_errors import CampaignMovedOn
from virtue.honours.campaign_models import CampaignState as S

CAMPAIGN_STEPS: dict[str, Step[S]] = {
    "nominate": Step(from_states(S.NOMINATING), S.NOMINATING, "campaigns.nominate"),
    "check": Step(from_states(S.NOMINATING), S.NOMINATING, "campaigns.check"),
    "begin": Step(from_states(S.NOMINATING), S.OPEN, "campaigns.run"),
    "cast": Step(from_states(S.OPEN), S.OPEN, None),
    "desk": Step(from_states(S.OPEN), S.OPEN, "campaigns.desk"),
    "read": Step(from_states(S.OPEN), S.OPEN, "campaigns.desk"),
    "judge": Step(from_states(S.OPEN), S.OPEN, "campaigns.judge"),
    "close": Step(from_states(S.OPEN), S.CLOSED, "campaigns.run"),
    "count": Step(from_states(S.CLOSED), S.COUNTED, "campaigns.count"),
    "publish": Step(from_states(S.COUNTED), S.NOTICE, "campaigns.run"),
    "object": Step(from_states(S.NOTICE), S.NOTICE, "notices.take"),
    "answer": Step(from_states(S.NOTICE), S.NOTICE, "campaigns.answer"),
    "give": Step(from_states(S.NOTICE), S.ENDED, "campaigns.run"),
    "cancel": Step(
        from_states(S.NOMINATING, S.OPEN, S.CLOSED, S.COUNTED, S.NOTICE), S.CANCELLED, "campaigns.run"
    ),
    "withdraw": Step(
        from_states(S.NOMINATING, S.OPEN, S.CLOSED, S.COUNTED, S.NOTICE), S.NOMINATING, "campaigns.nominate"
    ),
    "recount": Step(from_states(S.COUNTED, S.NOTICE, S.ENDED), S.COUNTED, "campaigns.count"),
}  # fmt: skip
"""``withdraw`` and ``recount`` leave the campaign where it is."""

STAYING = {"withdraw", "recount"}


def campaign_target(action: str, state: str) -> S:
    """Where an action leads. Raises ``CampaignMovedOn`` when it isn't allowed there."""
    step = CAMPAIGN_STEPS[action]
    if S(state) not in step.sources:
        raise CampaignMovedOn
    return S(state) if action in STAYING else step.target
