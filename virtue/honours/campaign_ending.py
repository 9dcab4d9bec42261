"""The winners' notice: objections to a line of it, and, when it is over, the honours that come of the campaign."""

from typing import Any

from virtue import clock
from virtue.awarding import checks
from virtue.awarding.errors import WrongState
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.honours import campaign_counting, campaign_queries, titles
from virtue.honours.campaign_errors import AnsweredByOpener, NoSuchWinner, NoticeStillOpen
from virtue.honours.campaign_models import Campaign, Nominee
from virtue.honours.campaign_nominating import take_out
from virtue.honours.campaign_states import campaign_target
from virtue.honours.campaign_writing import note, once, step
from virtue.honours.campaigns import KIND
from virtue.honours.wall_models import WallEntry
from virtue.notices import queries as notices
from virtue.notices import services
from virtue.notices.errors import OwnObjection
from virtue.notices.models import Objection
from virtue.notices.services import Sender
from virtue.people import queries as people
from virtue.places import services as places

KINDS = (KIND,)
OUTCOMES = ("upheld_withdrawn", "dismissed")


def object_to(
    village_id: int, campaign_id: int, line: int, words: str, sender: Sender, *, came_by: str, key: str, by: int | None
) -> Outcome:
    """Take an objection to a winner down. Gives the receipt's ``number``; the key leaves the sender out.

    Raises NoSuchWinner, NoticeOver, WordsNeeded, OneNameOnly.
    """
    if sender.household_id is not None and people.find_household(village_id, sender.household_id) is None:
        raise NotFoundHere

    def work() -> dict[str, Any]:
        campaign = campaign_queries.locked_campaign(village_id, campaign_id)
        campaign_target("object", campaign.state)
        notice = campaign_queries.notice_of(campaign)
        found = notices.find_line(village_id, notice.number, line, KINDS) if notice else None
        if found is None:
            raise NoSuchWinner
        objection = services.receive(found, words, sender, came_by=came_by, by=by)
        return {"number": objection.number, "answer_by": objection.answer_by.isoformat()}

    return once("object", village_id, [campaign_id, line, words, came_by, by], work, key=key)


def answer(village_id: int, campaign_id: int, number: int, outcome: str, reason: str, *, key: str, by: int) -> Outcome:
    """Answer an objection; upheld, the winner is taken off and the next one moves up.

    Raises AnsweredByOpener, OwnKin, OwnObjection, AlreadyAnswered, ReasonNeeded.
    """
    found = notices.find_objection(village_id, number, KINDS)
    if found is None:
        raise NotFoundHere
    # Outside the key: a refusal kept on it would say that the one who answers is kin of who objected.
    objector = notices.find_objector(found.id)
    if objector is not None and objector.household_id is not None and people.is_kin(by, objector.household_id):
        raise OwnObjection

    def work(campaign: Campaign) -> dict[str, Any]:
        campaign_target("answer", campaign.state)
        objection = _objection(campaign, number)
        if by in {campaign.opened_by_id, campaign.closed_by_id, campaign.counted_by_id}:
            raise AnsweredByOpener
        winner = _on_line(campaign, objection.line.number)
        if winner is not None and people.is_kin(by, winner.household_id):
            raise OwnKin
        if outcome not in OUTCOMES:
            raise WrongState
        words = checks.reason(reason)
        services.answer(objection, outcome, words, corrected=outcome != "dismissed", by=by)
        if outcome != "dismissed" and winner is not None and winner.is_winner:
            take_out(campaign, winner, words)
        note("answer", campaign, by=by, number=number, outcome=outcome)
        places.raise_board_version(village_id)
        return {"number": number, "state": outcome}

    return step("answer", village_id, campaign_id, [number, outcome, reason], work, key=key, by=by)


def give(village_id: int, campaign_id: int, document: str, *, key: str, by: int) -> Outcome:
    """Enter an honour for each winner, once the notice is over; a second person confirms each.

    Gives ``entered`` and ``left_out``: winners who are kin of ``by``, for whom somebody else does it; the campaign ends
    with the last. Raises NoticeStillOpen, DocumentNumberNeeded and what entering an honour refuses.
    """

    def work(campaign: Campaign) -> dict[str, Any]:
        target = campaign_target("give", campaign.state)
        notice = campaign_queries.notice_of(campaign)
        if notice is None or notice.ends_on >= clock.today() or notices.contested_lines(notice.id):
            raise NoticeStillOpen
        waiting = [one for one in campaign_counting.winners(campaign.id) if one.honour_id is None]
        able = [one for one in waiting if not people.is_kin(by, one.household_id)]
        if waiting and not able:
            raise OwnKin
        for one in able:
            _enter(campaign, one, document, by=by)
        if len(able) == len(waiting):
            campaign.state, campaign.ended_by_id, campaign.ended_at = target, by, clock.now()
            notice.settled_at = clock.now()
        db.session.flush()
        note("give", campaign, by=by, entered=len(able))
        places.raise_board_version(village_id)
        return {"entered": len(able), "left_out": len(waiting) - len(able)}

    return step("give", village_id, campaign_id, [document], work, key=key, by=by)


def _enter(campaign: Campaign, one: Nominee, document: str, *, by: int) -> None:
    new = titles.NewHonour(
        campaign.title_id, one.household_id, campaign.year, document, clock.today(), member_id=one.member_id,
        ends_on=campaign.shown_until,
    )  # fmt: skip
    honour = titles.enter_in(campaign.village_id, new, by=by)
    one.honour_id = honour.id
    db.session.add(WallEntry(honour_id=honour.id, story_id=one.story_id, set_by_id=by, set_at=clock.now()))


def _objection(campaign: Campaign, number: int) -> Objection:
    objection = notices.locked_objection(campaign.village_id, number, KINDS)
    if objection.line.notice_id != campaign.notice_id:
        raise NotFoundHere
    return objection


def _on_line(campaign: Campaign, line: int) -> Nominee | None:
    return next((one for one in campaign_queries.nominees(campaign.id) if one.notice_line == line), None)
