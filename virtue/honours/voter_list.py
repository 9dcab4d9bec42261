"""The voter list of a campaign: who may vote, who has, and by which way. It knows nothing of ballots."""

from sqlalchemy import func, insert, select, update

from virtue.extensions import db
from virtue.honours.ballot_models import Voter
from virtue.honours.campaign_errors import NotOnVoterList, VotedAlready
from virtue.honours.campaign_models import Campaign
from virtue.people.models import Household

_VOTER = Voter.__table__


def draw_up(campaign: Campaign) -> int:
    """Every household that takes part today, by code; gives how many."""
    ids = db.session.scalars(
        select(Household.id)
        .where(
            Household.village_id == campaign.village_id, Household.state == "active", Household.left_on.is_(None)
        )
        .order_by(Household.code)
    ).all()  # fmt: skip
    rows = [
        {"campaign_id": campaign.id, "household_id": household_id, "place": place, "way": None}
        for place, household_id in enumerate(ids, 1)
    ]
    if rows:
        db.session.execute(insert(_VOTER), rows)
    return len(rows)


def find_voter(campaign_id: int, household_id: int) -> Voter | None:
    """A household's row on the list."""
    return db.session.get(Voter, (campaign_id, household_id))


def way_at(campaign_id: int, place: int) -> str | None:
    """By which way the household at a place voted; None while it hasn't, or where the list has no such place."""
    return db.session.scalar(select(Voter.way).where(Voter.campaign_id == campaign_id, Voter.place == place))


def mark(campaign_id: int, household_id: int, way: str) -> int:
    """Mark that a household votes this way, if it hasn't yet; gives its place. One UPDATE decides, so that of two at once
    one is refused. Raises NotOnVoterList, VotedAlready.
    """
    of_voter = (Voter.campaign_id == campaign_id, Voter.household_id == household_id)
    place = db.session.scalar(select(Voter.place).where(*of_voter))
    if place is None:
        raise NotOnVoterList
    marked = db.session.execute(update(Voter).where(*of_voter, Voter.way.is_(None)).values(way=way))
    if marked.rowcount != 1:  # type: ignore[attr-defined]
        raise VotedAlready
    return place


def turnout(campaign_id: int) -> dict[str, int]:
    """How many households are on the list (``all``), and how many of them voted which way."""
    rows = db.session.execute(
        select(Voter.way, func.count()).where(Voter.campaign_id == campaign_id).group_by(Voter.way)
    ).all()
    found = {row[0]: row[1] for row in rows if row[0] is not None}
    return {"all": sum(row[1] for row in rows), **found}
