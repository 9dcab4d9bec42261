"""What a household reads of votes that are over: who won, by line of the notice, while it may be objected to."""

from dataclasses import dataclass

from virtue import clock
from virtue.honours import campaign_queries as queries
from virtue.honours.campaign_counting import winners
from virtue.honours.campaign_models import Campaign, CampaignState
from virtue.honours.campaign_words import Stander, shown_standers
from virtue.notices.models import Notice


@dataclass(frozen=True)
class Result:
    """A campaign whose winners hang."""

    campaign: Campaign
    notice: Notice
    winners: tuple[Stander, ...]
    can_object: bool


def told(village_id: int) -> list[Campaign]:
    """The campaigns whose winners are on notice."""
    return [one for one in queries.running(village_id) if one.state == CampaignState.NOTICE]


def results(village_id: int) -> list[Result]:
    """The same with who won; objections are taken until the notice's last day."""
    found = [(one, queries.notice_of(one)) for one in told(village_id)]
    return [
        Result(one, notice, tuple(shown_standers(winners(one.id))), clock.today() <= notice.ends_on)
        for one, notice in found
        if notice is not None
    ]
