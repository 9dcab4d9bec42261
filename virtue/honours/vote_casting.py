"""Voting in three ways, each of which blocks the others: the passbook with PIN, the desk by card, a numbered paper.

A paper is handed out against the voter list, which is thereby used up; which number it bears is written nowhere. Out of
the paper box two people type each number and choice by themselves; where they agree, one ballot goes into the box, and
the choice leaves the paper's row. See ``ballot_box`` for what keeps a ballot secret; contents of keys here name no choice.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from virtue import clock
from virtue.awarding.errors import NotTakingPart
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.honours import ballot_box, campaign_queries, voter_list
from virtue.honours.ballot_models import BallotPaper
from virtue.honours.campaign_errors import (
    BadChoice,
    CampaignMovedOn,
    MorePapersThanGiven,
    PaperUnknown,
    SecondPersonReads,
    TooManyPapers,
    VotingOver,
)
from virtue.honours.campaign_models import Campaign
from virtue.honours.campaign_states import campaign_target
from virtue.honours.campaign_writing import note, step
from virtue.people import queries as people
from virtue.quantities import parse_whole


def cast(
    village_id: int, campaign_id: int, household_id: int, choice: Collection[int], *, key: str, by: int | None
) -> Outcome:
    """A household's ballot: from its passbook (``by`` None), or at the desk with its card in hand.

    Gives ``place``, the household's on the voter list. Raises VotingOver, BadChoice, NotOnVoterList, VotedAlready, OwnKin.
    """
    way = "passbook" if by is None else "desk"

    def work(campaign: Campaign) -> dict[str, Any]:
        _may_vote(campaign, "cast" if by is None else "desk", household_id, by=by)
        text = _choice(campaign, choice)
        place = voter_list.mark(campaign.id, household_id, way)
        ballot_box.put_in(campaign.id, text)
        note("vote", campaign, by=by, household_id=household_id, way=way)
        return {"place": place}

    return step("vote", village_id, campaign_id, [household_id, way], work, key=key, by=by)


def give_paper(village_id: int, campaign_id: int, household_id: int, *, key: str, by: int) -> Outcome:
    """Hand a paper out: from now on the household votes by no other way. Gives ``place``."""

    def work(campaign: Campaign) -> dict[str, Any]:
        _may_vote(campaign, "desk", household_id, by=by)
        place = voter_list.mark(campaign.id, household_id, "paper")
        note("paper", campaign, by=by, household_id=household_id)
        return {"place": place}

    return step("paper", village_id, campaign_id, [household_id], work, key=key, by=by)


def print_papers(village_id: int, campaign_id: int, count: int, *, key: str, by: int) -> Outcome:
    """Number so many papers more. Gives ``first`` and ``last``. Raises TooManyPapers: one a household is enough."""

    def work(campaign: Campaign) -> dict[str, Any]:
        campaign_target("desk", campaign.state)
        _by_vote(campaign)
        most = voter_list.turnout(campaign.id)["all"]
        there = _count(BallotPaper.campaign_id == campaign.id)
        if not 1 <= count <= most - there:
            raise TooManyPapers(most=most)
        db.session.add_all(
            BallotPaper(campaign_id=campaign.id, number=number) for number in range(there + 1, there + count + 1)
        )
        db.session.flush()
        note("print", campaign, by=by, first=there + 1, last=there + count)
        return {"first": there + 1, "last": there + count}

    return step("print", village_id, campaign_id, [count], work, key=key, by=by)


def read_paper(
    village_id: int, campaign_id: int, number: int, choice: Collection[int], *, key: str, by: int
) -> Outcome:
    """Type a paper from the box; nobody chosen: a spoilt one. Gives ``state``: first, done, or differs (both begin anew).

    Raises PaperUnknown, SecondPersonReads, MorePapersThanGiven, BadChoice.
    """

    def work(campaign: Campaign) -> dict[str, Any]:
        campaign_target("read", campaign.state)
        paper = db.session.get(BallotPaper, (campaign.id, number), populate_existing=True)
        if paper is None or paper.second_by_id is not None:
            raise PaperUnknown
        text = _choice(campaign, choice) if choice else ""
        state = _first(paper, text, by) if paper.first_by_id is None else _second(campaign, paper, text, by)
        db.session.flush()
        note("read", campaign, by=by, number=number)
        return {"state": state}

    return step("read", village_id, campaign_id, [number], work, key=key, by=by)


def numbers(ticked: list[str]) -> list[int]:
    """The ticked boxes of a ballot as nominees' numbers; what is no number counts as nobody's."""
    return [parse_whole(value, most=999) or 0 for value in ticked[:50]]


def papers(campaign_id: int) -> dict[str, int]:
    """How many papers are numbered, read once, and read by two."""
    of = BallotPaper.campaign_id == campaign_id
    return {
        "all": _count(of), "half": _count(of, BallotPaper.first_choice.is_not(None)),
        "done": _count(of, BallotPaper.second_by_id.is_not(None)),
    }  # fmt: skip


def _first(paper: BallotPaper, text: str, by: int) -> str:
    paper.first_by_id, paper.first_choice = by, text
    return "first"


def _second(campaign: Campaign, paper: BallotPaper, text: str, by: int) -> str:
    if by == paper.first_by_id:
        raise SecondPersonReads
    if text != paper.first_choice:
        paper.first_by_id, paper.first_choice = None, None
        return "differs"
    done = _count(BallotPaper.campaign_id == campaign.id, BallotPaper.second_by_id.is_not(None))
    if done >= voter_list.turnout(campaign.id).get("paper", 0):
        raise MorePapersThanGiven
    paper.second_by_id, paper.first_choice = by, None
    ballot_box.put_in(campaign.id, text)
    return "done"


def _may_vote(campaign: Campaign, action: str, household_id: int, *, by: int | None) -> None:
    """The vote runs, and the household may be served by ``by``."""
    campaign_target(action, campaign.state)
    _by_vote(campaign)
    if clock.today() > campaign.vote_until:
        raise VotingOver
    household = people.find_household(campaign.village_id, household_id)
    if household is None:
        raise NotFoundHere
    if not household.takes_part:
        raise NotTakingPart
    if by is not None and people.is_kin(by, household_id):
        raise OwnKin


def _by_vote(campaign: Campaign) -> None:
    if campaign.how != "vote":
        raise CampaignMovedOn


def _choice(campaign: Campaign, choice: Collection[int]) -> str:
    """The chosen numbers in their order. Raises BadChoice."""
    standing = {one.number for one in campaign_queries.standing(campaign.id)}
    chosen = sorted(set(choice))
    if not 1 <= len(chosen) <= campaign.picks or not set(chosen) <= standing:
        raise BadChoice(picks=campaign.picks)
    return ",".join(map(str, chosen))


def _count(*wanted: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(BallotPaper).where(*wanted)) or 0
