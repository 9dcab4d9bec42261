"""Each step of a campaign: nominees, the box, the count, the notice, objections, the honours."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue.access import permission
from virtue.honours import campaign_ending, campaign_judging, campaign_nominating, campaigns
from virtue.honours.campaign_errors import NoSuchWinner
from virtue.honours.campaign_forms import read_scores
from virtue.honours.campaign_nominating import NewNominee
from virtue.honours.campaign_views import do
from virtue.honours.honour_errors import NotInTheHousehold
from virtue.honours.star_views import honours
from virtue.notices.services import Sender
from virtue.people import household_queries
from virtue.people import queries as people
from virtue.quantities import parse_whole

Answer = Response | tuple[str, int]


@honours.post("/campaigns/<int:campaign_id>/nominees")
@permission("campaigns.nominate")
def nominate(campaign_id: int) -> Answer:
    """Nominate somebody who agreed."""
    form = request.form

    def act(village_id: int, key: str, by: int) -> Any:
        household = people.household_by_input(village_id, form.get("household", "")).household
        new = NewNominee(
            household.id,
            form.get("story", "")[:600],
            form.get("consent_how", ""),
            _member(household.id, form.get("person")),
        )
        return campaign_nominating.nominate(village_id, campaign_id, new, key=key, by=by)

    return do(campaign_id, act, _("已推荐。下一步：请另一个人审核。"))


@honours.post("/campaigns/<int:campaign_id>/nominees/<int:nominee_id>/check")
@permission("campaigns.check")
def check_nominee(campaign_id: int, nominee_id: int) -> Answer:
    """Fit, or not."""
    is_fit, why = request.form.get("fit") == "1", request.form.get("why", "")[:300]
    return do(
        campaign_id,
        lambda v, key, by: campaign_nominating.check(
            v, campaign_id, nominee_id, is_fit=is_fit, why=why, key=key, by=by
        ),
        _("已审核。"),
    )


@honours.post("/campaigns/<int:campaign_id>/nominees/<int:nominee_id>/withdraw")
@permission("campaigns.nominate")
def withdraw_nominee(campaign_id: int, nominee_id: int) -> Answer:
    """They no longer want to stand."""
    why = request.form.get("why", "")[:300]
    return do(
        campaign_id,
        lambda v, key, by: campaign_nominating.withdraw(v, campaign_id, nominee_id, why=why, key=key, by=by),
        _("已退出，选票和公开页上不再有。"),
    )


@honours.post("/campaigns/<int:campaign_id>/begin")
@permission("campaigns.run")
def begin_campaign(campaign_id: int) -> Answer:
    """Open the box, or let the judges begin."""
    return do(campaign_id, lambda v, key, by: campaigns.begin(v, campaign_id, key=key, by=by), _("已经开始。"))


@honours.post("/campaigns/<int:campaign_id>/scores")
@permission("campaigns.judge")
def give_scores(campaign_id: int) -> Answer:
    """What one judge gives."""
    given = read_scores(request.form)
    return do(
        campaign_id, lambda v, key, by: campaign_judging.judge(v, campaign_id, given, key=key, by=by),
        lambda done: _("给 %(count)s 位打了分，关之前可以改。", count=done["scored"]),
    )  # fmt: skip


@honours.post("/campaigns/<int:campaign_id>/close")
@permission("campaigns.run")
def close_campaign(campaign_id: int) -> Answer:
    """Close and seal the box."""
    return do(
        campaign_id, lambda v, key, by: campaigns.close(v, campaign_id, key=key, by=by),
        _("已关箱，加了封。下一步：请另一个人计票。"),
    )  # fmt: skip


@honours.post("/campaigns/<int:campaign_id>/count")
@permission("campaigns.count")
def count_campaign(campaign_id: int) -> Answer:
    """Count."""
    return do(
        campaign_id, lambda v, key, by: campaigns.count(v, campaign_id, key=key, by=by),
        lambda done: _("计票完毕，共 %(count)s 张。", count=done["ballots"]),
    )  # fmt: skip


@honours.post("/campaigns/<int:campaign_id>/recount")
@permission("campaigns.count")
def recount_campaign(campaign_id: int) -> Answer:
    """Count anew, and say whether it is the same."""

    def said(done: dict[str, Any]) -> str:
        if done["is_equal"] and done["seal_holds"]:
            return _("重新数了一遍：共 %(count)s 张，和上次一样，封条完好。", count=done["ballots"])
        return _("重新数了一遍：和记下的不一样，或者封条不对。请停下来，报村监会和镇里。")

    return do(campaign_id, lambda v, key, by: campaigns.recount(v, campaign_id, key=key, by=by), said)


@honours.post("/campaigns/<int:campaign_id>/publish")
@permission("campaigns.run")
def publish_campaign(campaign_id: int) -> Answer:
    """Put the winners on a notice."""
    return do(
        campaign_id, lambda v, key, by: campaigns.publish(v, campaign_id, key=key, by=by),
        lambda done: _("第%(number)s号公示已发布。", number=done["number"]),
    )  # fmt: skip


@honours.post("/campaigns/<int:campaign_id>/cancel")
@permission("campaigns.run")
def cancel_campaign(campaign_id: int) -> Answer:
    """Give it up."""
    why = request.form.get("why", "")[:300]
    return do(
        campaign_id, lambda v, key, by: campaigns.cancel(v, campaign_id, why=why, key=key, by=by), _("评选已取消。")
    )


@honours.post("/campaigns/<int:campaign_id>/objections")
@permission("notices.take")
def take_campaign_objection(campaign_id: int) -> Answer:
    """Take an objection to a winner down."""
    form = request.form

    def act(village_id: int, key: str, by: int) -> Any:
        line = parse_whole(form.get("line"), most=99_999)
        if line is None:
            raise NoSuchWinner
        code = form.get("code", "").strip()
        household_id = people.household_by_input(village_id, code).household.id if code else None
        return campaign_ending.object_to(
            village_id, campaign_id, line, form.get("words", ""), Sender(household_id), came_by="desk", key=key, by=by
        )

    return do(campaign_id, act, lambda done: _("已登记异议，回执第%(number)s号。", number=done["number"]))


@honours.post("/campaigns/<int:campaign_id>/objections/<int:number>/answer")
@permission("campaigns.answer")
def answer_campaign_objection(campaign_id: int, number: int) -> Answer:
    """Answer one; upheld, the winner is taken off."""
    outcome, reason = request.form.get("state", ""), request.form.get("reason", "")[:500]
    return do(
        campaign_id,
        lambda v, key, by: campaign_ending.answer(v, campaign_id, number, outcome, reason, key=key, by=by),
        _("已答复。"),
    )


@honours.post("/campaigns/<int:campaign_id>/honours")
@permission("campaigns.run")
def give_honours(campaign_id: int) -> Answer:
    """The notice is over: an honour for each winner, each to be confirmed by a second person."""
    document = request.form.get("document", "")[:80]

    def said(done: dict[str, Any]) -> str:
        if done["left_out"]:
            return _(
                "录入了 %(count)s 项荣誉；还有 %(left)s 位是您的亲属家，请别人来录。",
                count=done["entered"],
                left=done["left_out"],
            )
        return _("录入了 %(count)s 项荣誉。下一步：请另一个人逐项核对。", count=done["entered"])

    return do(campaign_id, lambda v, key, by: campaign_ending.give(v, campaign_id, document, key=key, by=by), said)


def _member(household_id: int, name: str | None) -> int | None:
    wanted = people.plain(name)
    if not wanted:
        return None
    for one in household_queries.members_of(household_id):
        if people.plain(one.name) == wanted:
            return one.id
    raise NotInTheHousehold
