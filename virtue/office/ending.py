"""What keeps a household from ending: points it can still spend, deeds that are still open, goods held for it."""

from flask_babel import gettext
from sqlalchemy import func, select

from virtue.awarding.models import Deed
from virtue.awarding.states import OPEN
from virtue.extensions import db
from virtue.formatting import day
from virtue.honours import star_removal_queries
from virtue.ledger import queries as ledger
from virtue.people import services as people
from virtue.store import reservation_queries as reservations


def points_left(household_id: int) -> list[str]:
    """The points in its purses."""
    balance = ledger.balance(household_id)
    words = []
    if balance.home:
        words.append(gettext("可兑换的家美积分%(points)s", points=balance.home))
    if balance.civility:
        words.append(gettext("可兑换的文明积分%(points)s", points=balance.civility))
    return words


def open_deeds(household_id: int) -> list[str]:
    """Deeds that may still be settled."""
    number = db.session.scalar(
        select(func.count()).select_from(Deed).where(Deed.household_id == household_id, Deed.state.in_(OPEN))
    )
    return [gettext("没办完的积分事项%(number)s件", number=number)] if number else []


def held_reservations(household_id: int) -> list[str]:
    """Goods that are held for it, with the points that lie there: each named, so that the desk knows what to settle first."""
    return [
        gettext("没取的预约（%(goods)s，留到%(day)s）", goods=reservations.words_of(one), day=day(one.fetch_by))
        for one in reservations.held_by(household_id)
    ]


def open_removals(household_id: int) -> list[str]:
    """Stars that are being taken away: told, answered, decided or on notice."""
    number = star_removal_queries.count_open(household_id)
    return [gettext("没办完的摘星%(number)s件", number=number)] if number else []


people.open_things.extend([points_left, open_deeds, held_reservations, open_removals])
