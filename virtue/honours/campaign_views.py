"""The desk's campaigns: the list, opening one, its page with whatever comes next."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule
from virtue.honours import campaign_queries as queries
from virtue.honours import campaign_words, campaigns, title_queries, title_words, vote_casting, voter_list
from virtue.honours.campaign_forms import CampaignForm, put
from virtue.honours.campaign_models import Campaign, CampaignState
from virtue.honours.star_views import honours
from virtue.notices import queries as notices
from virtue.people import queries as people
from virtue.staff import queries as staff

Act = Callable[[int, str, int], Outcome]


@honours.get("/campaigns")
@permission("campaigns.view")
def campaign_list() -> str:
    """All campaigns, newest first."""
    state = request.args.get("state", "")
    state = state if state in set(CampaignState) else ""
    page = pages.paged(queries.campaigns(access.village_id(), state), request.args.get("page", 1, type=int))
    return render_template(
        "honours/campaigns.html", page=page, state=state, words=campaign_words, title_name=title_words.title_name
    )


@honours.get("/campaigns/new")
@permission("campaigns.run")
def new_campaign() -> str:
    """The form for a campaign."""
    return _new(_form())


@honours.post("/campaigns")
@permission("campaigns.run")
def open_campaign() -> Response | tuple[str, int]:
    """Open it."""
    form = _form()
    if not form.validate():
        return _new(form), 422
    try:
        done = campaigns.open_campaign(
            access.village_id(), form.read(), key=request.form.get("key", ""), by=access.by()
        )  # fmt: skip
    except BrokenRule as error:
        put(form, error)
        return _new(form), error.status
    flash(_("评选已开。下一步：推荐候选人。"), "good")
    return redirect(url_for("honours.campaign", campaign_id=done.result["campaign_id"]), 303)


@honours.get("/campaigns/<int:campaign_id>")
@permission("campaigns.view")
def campaign(campaign_id: int) -> str:
    """One campaign: what was said, who stands, what comes next."""
    return campaign_page(load_campaign(campaign_id))


def load_campaign(campaign_id: int) -> Campaign:
    """A campaign of this village, or 404."""
    found = queries.find_campaign(access.village_id(), campaign_id)
    if found is None:
        abort(404)
    return found


def do(campaign_id: int, act: Act, said: Callable[[dict[str, Any]], str] | str) -> Response | tuple[str, int]:
    """One step of a campaign: back to its page with a word, or with what was wrong and what was typed."""
    found = load_campaign(campaign_id)
    try:
        done = act(found.village_id, request.form.get("key", ""), access.by())
    except BrokenRule as error:
        return campaign_page(load_campaign(campaign_id), str(error)), 422 if error.status == 404 else error.status
    flash(said if isinstance(said, str) else said(done.result), "good")
    return redirect(url_for("honours.campaign", campaign_id=campaign_id), 303)


def campaign_page(found: Campaign, error: str | None = None) -> str:
    """The page of one campaign."""
    everybody, me = queries.nominees(found.id), access.by()
    notice = queries.notice_of(found)
    raised = (
        notices.objections_to({(notice.id, one.notice_line) for one in everybody if one.notice_line}) if notice else []
    )
    texts = remarks.texts(
        [found.criteria_id, found.why_id, *(one.why_id for one in everybody), *(one.words_id for one in raised)]
    )
    users = {found.opened_by_id, found.closed_by_id, found.counted_by_id, *(one.nominated_by_id for one in everybody)}
    return render_template(
        "honours/campaign.html", campaign=found, error=error, words=campaign_words, title_name=title_words.title_name,
        standers=campaign_words.standers(everybody), texts=texts, notice=notice, raised=raised, names=staff.names_of(users),
        turnout=voter_list.turnout(found.id) if found.how == "vote" else None, papers=vote_casting.papers(found.id),
        judges=staff.names_of(set(queries.judges(found.id))), me=me, typed=request.form if error else {},
        kin=people.kin_household_ids(me),
        own_scores=queries.scores_by(found.id, me), is_over=notice is not None and notice.ends_on < clock.today(),
    )  # fmt: skip


def _form() -> CampaignForm:
    form, today = CampaignForm(), clock.today()
    form.title.choices = [
        (one.id, title_words.title_name(one))
        for one in title_queries.titles(access.village_id())
        if one.level == "village" and (one.retired_on is None or one.retired_on > today)
    ]
    form.judges.choices = [(one.id, one.name) for one in staff.active_staff(access.village_id(), "reviewer")]
    return form


def _new(form: CampaignForm) -> str:
    return render_template("honours/new_campaign.html", form=form, key=request.form.get("key") or keys.new())


from virtue.honours import campaign_step_views, vote_views  # noqa: E402, F401  their routes join the same blueprint
