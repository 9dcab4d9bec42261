"""For how long households took no part (暂不参加): asked for a whole village and year at once."""

from calendar import monthrange
from datetime import date, timedelta

from sqlalchemy import or_, select

from virtue.extensions import db
from virtue.people.models import Participation


def months_away(village_id: int, year: int) -> dict[int, int]:
    """By household, the months of a year in which it took no part on any day; only who missed one stands in it."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    spells = db.session.execute(
        select(Participation.household_id, Participation.left_on, Participation.back_on).where(
            Participation.village_id == village_id, Participation.left_on <= last,
            or_(Participation.back_on.is_(None), Participation.back_on > first),
        )
    )  # fmt: skip
    days: dict[tuple[int, int], int] = {}
    for household_id, left_on, back_on in spells:
        day, end = max(left_on, first), min(back_on or date.max, date(year + 1, 1, 1))
        while day < end:
            days[(household_id, day.month)] = days.get((household_id, day.month), 0) + 1
            day += timedelta(days=1)
    found: dict[int, int] = {}
    for (household_id, month), away in days.items():
        if away >= monthrange(year, month)[1]:
            found[household_id] = found.get(household_id, 0) + 1
    return found
