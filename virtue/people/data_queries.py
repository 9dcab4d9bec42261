"""Requests about the data kept of a household: its own, and those that wait at the desk."""

from datetime import date, timedelta

from sqlalchemy import Row, Select, func, select

from virtue import clock
from virtue.extensions import db
from virtue.people.data_models import DataRequest
from virtue.people.models import Household

ANSWER_DAYS = 15
"""Days in which the village answers."""


def requests_of(household_id: int) -> list[DataRequest]:
    """What a household asked, newest first."""
    return list(
        db.session.scalars(
            select(DataRequest).where(DataRequest.household_id == household_id).order_by(DataRequest.id.desc())
        )
    )


def requests(village_id: int) -> Select[DataRequest, Household]:
    """The statement that lists a village's requests with their households: open ones first, the oldest of them first."""
    return (
        select(DataRequest, Household)
        .join(Household, Household.id == DataRequest.household_id)
        .where(DataRequest.village_id == village_id)
        .order_by(DataRequest.answered_at.is_not(None), DataRequest.answered_at.desc(), DataRequest.id)
    )


def waiting(village_id: int) -> Row[int, int]:
    """How many wait for an answer, and how many of them longer than they should."""
    late = clock.start_of(clock.today() - timedelta(days=ANSWER_DAYS))
    return db.session.execute(
        select(func.count(), func.count().filter(DataRequest.asked_at < late)).where(
            DataRequest.village_id == village_id, DataRequest.answered_at.is_(None)
        )
    ).one()


def due_on(request: DataRequest) -> date:
    """The last day for the answer."""
    return clock.end_after(clock.day_of(request.asked_at), ANSWER_DAYS)
