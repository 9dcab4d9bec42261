"""Who stands in a campaign: nominated with own consent, checked by a second person, withdrawn at any time."""

from dataclasses import dataclass
from typing import Any

from virtue import clock
from virtue.awarding import checks
from virtue.core import remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours import campaign_counting, campaign_queries, honour_checks
from virtue.honours.campaign_errors import (
    NominatedAlready,
    NominationConsentNeeded,
    NominationsOver,
    NominationStoryNeeded,
    NomineeChecked,
    SecondPersonChecks,
)
from virtue.honours.campaign_models import Campaign, CampaignState, Nominee, NomineeState
from virtue.honours.campaign_states import campaign_target
from virtue.honours.campaign_writing import note, step
from virtue.notices import queries as notices_of
from virtue.notices import services as notices
from virtue.people import public_queries as people
from virtue.places import services as places


@dataclass(frozen=True)
class NewNominee:
    """Who is nominated and why; ``consent_how``: that they agreed to stand, with their name on the ballot."""

    household_id: int
    story: str
    consent_how: str
    member_id: int | None = None


def nominate(village_id: int, campaign_id: int, new: NewNominee, *, key: str, by: int) -> Outcome:
    """Nominate a household or one of its people of age. Gives ``nominee_id`` and ``number``.

    Raises NominationsOver, NominationConsentNeeded, NominationStoryNeeded, NominatedAlready, OwnKin, NotOfAge.
    """

    def work(campaign: Campaign) -> dict[str, Any]:
        campaign_target("nominate", campaign.state)
        if clock.today() > campaign.nominate_until:
            raise NominationsOver
        checks.household_for(village_id, new.household_id, by=by)
        if new.consent_how not in {"signed", "by_mouth"}:
            raise NominationConsentNeeded
        story = new.story.strip()
        if not 5 <= len(story) <= 200 or people.has_long_number(story):
            raise NominationStoryNeeded
        if new.member_id is not None:
            honour_checks.member_of_age(village_id, new.household_id, new.member_id, clock.today())
        if campaign_queries.is_nominated(campaign.id, new.household_id):
            raise NominatedAlready
        story_id, _hash = remarks.keep(story, village_id=village_id)
        one = Nominee(
            campaign_id=campaign.id, village_id=village_id, household_id=new.household_id, member_id=new.member_id,
            number=campaign_queries.next_number(campaign.id), story_id=story_id, consent_how=new.consent_how,
            nominated_by_id=by, nominated_at=clock.now(),
        )  # fmt: skip
        db.session.add(one)
        db.session.flush()
        note("nominate", campaign, by=by, household_id=new.household_id, number=one.number)
        return {"nominee_id": one.id, "number": one.number}

    contents = [new.household_id, new.story, new.consent_how, new.member_id]
    return step("nominate", village_id, campaign_id, contents, work, key=key, by=by)


def check(
    village_id: int, campaign_id: int, nominee_id: int, *, is_fit: bool, why: str = "", key: str, by: int
) -> Outcome:
    """A second person holds a nominee against the criteria. Raises NomineeChecked, SecondPersonChecks, OwnKin, ReasonNeeded."""

    def work(campaign: Campaign) -> dict[str, Any]:
        campaign_target("check", campaign.state)
        one = _nominee(campaign, nominee_id)
        if one.state != NomineeState.PROPOSED:
            raise NomineeChecked
        if by == one.nominated_by_id:
            raise SecondPersonChecks
        checks.not_own(one.household_id, by=by)
        if not is_fit:
            one.why_id, _hash = remarks.keep(checks.reason(why), village_id=village_id)
        one.state, one.checked_by_id = NomineeState.ACCEPTED if is_fit else NomineeState.REFUSED, by
        db.session.flush()
        note("check", campaign, by=by, household_id=one.household_id, number=one.number, is_fit=is_fit)
        places.raise_board_version(village_id)
        return {"state": one.state}

    return step("check", village_id, campaign_id, [nominee_id, is_fit, why], work, key=key, by=by)


def withdraw(village_id: int, campaign_id: int, nominee_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A nominee no longer wants to stand: gone from ballot, pages and notice. Before the notice the next one moves up.

    Raises NomineeChecked, ReasonNeeded.
    """

    def work(campaign: Campaign) -> dict[str, Any]:
        campaign_target("withdraw", campaign.state)
        one = _nominee(campaign, nominee_id)
        if one.state not in {NomineeState.PROPOSED, NomineeState.ACCEPTED}:
            raise NomineeChecked
        take_out(campaign, one, checks.reason(why))
        note("withdraw", campaign, by=by, household_id=one.household_id, number=one.number)
        return {"nominee_id": nominee_id}

    return step("withdraw", village_id, campaign_id, [nominee_id, why], work, key=key, by=by)


def take_out(campaign: Campaign, one: Nominee, why: str) -> None:
    """Take a nominee out of the campaign, inside a write that holds the village's lock; a seat goes to the next."""
    was_winner, one.is_winner = one.is_winner, False
    one.why_id, _hash = remarks.keep(why, village_id=campaign.village_id)
    one.state = NomineeState.WITHDRAWN
    db.session.flush()
    if campaign.state == CampaignState.COUNTED:
        campaign_counting.choose(campaign)
    elif campaign.state == CampaignState.NOTICE and was_winner:
        _move_up(campaign)
    places.raise_board_version(campaign.village_id)


def _move_up(campaign: Campaign) -> None:
    """The next by the count gets the seat and a line of the same notice, with all the days to object to it."""
    following, notice = campaign_counting.next_winner(campaign.id), campaign_queries.notice_of(campaign)
    if following is None or notice is None:
        return
    following.is_winner, following.notice_line = True, notices_of.last_line(notice.id) + 1
    notices.add_lines(notice, ["list"], days=settings.value("notice_days", campaign.village_id))


def _nominee(campaign: Campaign, nominee_id: int) -> Nominee:
    found = campaign_queries.find_nominee(campaign.id, nominee_id)
    if found is None:
        raise NotFoundHere
    db.session.refresh(found)
    return found
