"""A campaign's way, from the opening to the honours: what is said when it opens holds until its end.

The box is closed by one and counted by another; the winners stand on a notice; who opens, closes or counts answers no
objection. Honours follow as all honours do: entered by one person, confirmed by another.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from virtue import clock
from virtue.awarding import checks
from virtue.core import remarks, settings
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.honours import ballot_box, campaign_counting, campaign_queries, honour_checks, title_queries
from virtue.honours.ballot_models import BallotPaper
from virtue.honours.campaign_errors import (
    BadCampaignDays,
    BadCampaignSeats,
    CampaignJudgesNeeded,
    CampaignTextNeeded,
    CampaignWayUnknown,
    NominationsRunning,
    NomineesUnchecked,
    NoNominees,
    PapersHalfRead,
    SecondPersonCounts,
    VotingRunning,
)
from virtue.honours.campaign_models import Campaign, CampaignJudge, NomineeState
from virtue.honours.campaign_states import campaign_target
from virtue.honours.campaign_writing import note, once, step
from virtue.honours.voter_list import draw_up
from virtue.notices import services as notices
from virtue.places import services as places
from virtue.staff import queries as staff

KIND = "campaign"
"""The kind of a notice on which winners stand."""
LONGEST = timedelta(days=124)
FEWEST_JUDGES = 3


@dataclass(frozen=True)
class NewCampaign:
    """A campaign as it is opened. ``judges``: users of the review group, where judges decide."""

    title_id: int
    name: str
    criteria: str
    how: str
    seats: int
    picks: int
    tie: str
    nominate_until: date
    vote_until: date
    shown_until: date | None = None
    judges: Sequence[int] = field(default_factory=tuple)


def open_campaign(village_id: int, new: NewCampaign, *, key: str, by: int) -> Outcome:
    """Open a campaign for a title that the village gives. Gives ``campaign_id``.

    Raises UnknownTitle, GivenAbove, CampaignTextNeeded, CampaignWayUnknown, BadCampaignDays, BadCampaignSeats,
    CampaignJudgesNeeded.
    """

    def work() -> dict[str, Any]:
        year = clock.today().year
        title = honour_checks.title_for(village_id, new.title_id, by=by)
        _texts_and_days_hold(new)
        left = None if title.seats is None else title.seats - title_queries.standing_count(title.id, year)
        if new.seats < 1 or not 1 <= new.picks <= new.seats or (left is not None and new.seats > left):
            raise BadCampaignSeats(left="∞" if left is None else max(0, left))
        judges = _judges(village_id, new)
        criteria_id, criteria_hash = remarks.keep(new.criteria, village_id=village_id)
        campaign = Campaign(
            village_id=village_id, title_id=title.id, name=new.name.strip(), year=year, criteria_id=criteria_id,
            criteria_hash=criteria_hash, how=new.how, seats=new.seats, picks=new.picks, tie=new.tie,
            nominate_until=new.nominate_until, vote_until=new.vote_until, shown_until=new.shown_until, opened_by_id=by,
            opened_at=clock.now(),
        )  # fmt: skip
        db.session.add(campaign)
        db.session.flush()
        db.session.add_all(CampaignJudge(campaign_id=campaign.id, user_id=one) for one in judges)
        db.session.flush()
        note("open", campaign, by=by, title=title.id, seats=new.seats)
        places.raise_board_version(village_id)
        return {"campaign_id": campaign.id}

    return once("open", village_id, [*astuple(new)[:-1], sorted(new.judges), by], work, key=key)


def begin(village_id: int, campaign_id: int, *, key: str, by: int) -> Outcome:
    """Nominations are over and checked: draw the voter list up and open the box, or let the judges begin.

    Gives ``voters``. Raises NominationsRunning, NomineesUnchecked, NoNominees.
    """

    def work(campaign: Campaign) -> dict[str, Any]:
        target = campaign_target("begin", campaign.state)
        if clock.today() <= campaign.nominate_until:
            raise NominationsRunning
        found = campaign_queries.nominees(campaign.id)
        unchecked = sum(one.state == NomineeState.PROPOSED for one in found)
        if unchecked:
            raise NomineesUnchecked(count=unchecked)
        if not any(one.state == NomineeState.ACCEPTED for one in found):
            raise NoNominees
        voters = draw_up(campaign) if campaign.how == "vote" else 0
        campaign.state = target
        db.session.flush()
        note("begin", campaign, by=by, households=voters)
        places.raise_board_version(village_id)
        return {"voters": voters}

    return step("begin", village_id, campaign_id, [], work, key=key, by=by)


def close(village_id: int, campaign_id: int, *, key: str, by: int) -> Outcome:
    """Close the box, shake and seal it. Gives ``seal``. Raises VotingRunning, PapersHalfRead, ScoresMissing."""

    def work(campaign: Campaign) -> dict[str, Any]:
        target = campaign_target("close", campaign.state)
        if campaign.how == "judges":
            campaign_counting.seal_scores(campaign)
        else:
            if clock.today() <= campaign.vote_until:
                raise VotingRunning
            half = db.session.scalar(
                select(func.count()).where(
                    BallotPaper.campaign_id == campaign.id, BallotPaper.first_choice.is_not(None)
                )
            )
            if half:
                raise PapersHalfRead(count=half)
            ballot_box.shake_and_seal(campaign)
        campaign.state, campaign.closed_by_id, campaign.closed_at = target, by, clock.now()
        db.session.flush()
        note("close", campaign, by=by)
        places.raise_board_version(village_id)
        return {"seal": campaign.seal}

    return step("close", village_id, campaign_id, [], work, key=key, by=by)


def count(village_id: int, campaign_id: int, *, key: str, by: int) -> Outcome:
    """Somebody else counts: votes or medians, ranks, winners. Gives ``ballots``. Raises SecondPersonCounts."""

    def work(campaign: Campaign) -> dict[str, Any]:
        target = campaign_target("count", campaign.state)
        if by == campaign.closed_by_id:
            raise SecondPersonCounts
        campaign.ballots = campaign_counting.write_down(campaign)
        campaign_counting.choose(campaign)
        campaign.state, campaign.counted_by_id, campaign.counted_at = target, by, clock.now()
        db.session.flush()
        note("count", campaign, by=by, ballots=campaign.ballots)
        places.raise_board_version(village_id)
        return {"ballots": campaign.ballots}

    return step("count", village_id, campaign_id, [], work, key=key, by=by)


def recount(village_id: int, campaign_id: int, *, key: str, by: int) -> Outcome:
    """Count anew from the box, as often as anybody asks. Gives ``ballots``, ``is_equal`` and ``seal_holds``."""

    def work(campaign: Campaign) -> dict[str, Any]:
        campaign_target("recount", campaign.state)
        found = campaign_counting.compare(campaign)
        note("recount", campaign, by=by, ballots=found["ballots"], is_equal=found["is_equal"])
        return found

    return step("recount", village_id, campaign_id, [], work, key=key, by=by)


def publish(village_id: int, campaign_id: int, *, key: str, by: int) -> Outcome:
    """Put the winners on a notice, a line each. Gives its ``number``."""

    def work(campaign: Campaign) -> dict[str, Any]:
        target = campaign_target("publish", campaign.state)
        winners = campaign_counting.winners(campaign.id)
        if not winners:
            raise NoNominees
        notice = notices.publish(
            village_id, ["list"] * len(winners), days=settings.value("notice_days", village_id), by=by, kind=KIND
        )
        for number, one in enumerate(winners, 1):
            one.notice_line = number
        campaign.state, campaign.notice_id = target, notice.id
        db.session.flush()
        note("publish", campaign, by=by, lines=len(winners), number=notice.number)
        places.raise_board_version(village_id)
        return {"number": notice.number, "ends_on": notice.ends_on.isoformat()}

    return step("publish", village_id, campaign_id, [], work, key=key, by=by)


def cancel(village_id: int, campaign_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Give a campaign up, with a reason everybody reads; no honour comes of it. Raises ReasonNeeded."""

    def work(campaign: Campaign) -> dict[str, Any]:
        target = campaign_target("cancel", campaign.state)
        campaign.why_id, _hash = remarks.keep(checks.reason(why), village_id=village_id)
        campaign.state, campaign.ended_by_id, campaign.ended_at = target, by, clock.now()
        db.session.flush()
        note("cancel", campaign, by=by)
        places.raise_board_version(village_id)
        return {"campaign_id": campaign_id}

    return step("cancel", village_id, campaign_id, [why], work, key=key, by=by)


def _texts_and_days_hold(new: NewCampaign) -> None:
    if not 2 <= len(new.name.strip()) <= 40 or not 10 <= len(new.criteria.strip()) <= 500:
        raise CampaignTextNeeded
    if new.how not in {"vote", "judges"} or new.tie not in {"score", "lot"}:
        raise CampaignWayUnknown
    today = clock.today()
    days_hold = today <= new.nominate_until < new.vote_until <= today + LONGEST
    if not days_hold or (new.shown_until is not None and new.shown_until <= new.vote_until):
        raise BadCampaignDays


def _judges(village_id: int, new: NewCampaign) -> list[int]:
    if new.how != "judges":
        return []
    able = {one.id for one in staff.active_staff(village_id, "reviewer")}
    chosen = sorted(set(new.judges) & able)
    if len(chosen) < FEWEST_JUDGES:
        raise CampaignJudgesNeeded
    return chosen
