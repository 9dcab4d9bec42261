"""The village's campaigns for everybody: what was said at the opening, who stands, and, once on notice, who was chosen."""

from flask import abort, render_template

from virtue import pages
from virtue.access import public
from virtue.core import remarks
from virtue.honours import campaign_queries as queries
from virtue.honours import campaign_words, voter_list
from virtue.honours.campaign_counting import winners
from virtue.honours.campaign_models import CampaignState
from virtue.portal.views import portal


@portal.get("/v/<string:slug>/campaigns")
@public
def campaigns(slug: str) -> str:
    """The campaigns that run."""
    found = pages.public_village(slug)
    return render_template(
        "portal/campaigns.html", village=found, running=queries.running(found.id), words=campaign_words
    )


@portal.get("/v/<string:slug>/campaigns/<int:campaign_id>")
@public
def campaign(slug: str, campaign_id: int) -> str:
    """One that runs. How many voted is told, how they voted not before the notice."""
    village = pages.public_village(slug)
    found = queries.find_campaign(village.id, campaign_id)
    if found is None or found.state not in queries.RUNNING:
        abort(404)
    is_told = found.state == CampaignState.NOTICE
    return render_template(
        "portal/campaign.html", village=village, campaign=found, words=campaign_words, notice=queries.notice_of(found),
        criteria=remarks.texts([found.criteria_id]).get(found.criteria_id or 0, ""),
        standers=campaign_words.shown_standers(queries.standing(found.id)),
        winners=campaign_words.shown_standers(winners(found.id)) if is_told else [],
        turnout=voter_list.turnout(found.id) if found.how == "vote" else None,
    )  # fmt: skip
