"""The guards that an honour passes before it is entered: title, level, document, days, person, seats."""

from datetime import date

from virtue import clock
from virtue.honours import title_queries
from virtue.honours.honour_errors import (
    AlreadyHonoured,
    BadHonourYear,
    DocumentNumberNeeded,
    GivenAbove,
    HonourEndsTooSoon,
    NotInTheHousehold,
    NotOfAge,
    SeatsTaken,
    UnknownTitle,
)
from virtue.honours.title_models import Title
from virtue.people import queries as people
from virtue.staff import queries as staff

OF_AGE = 18
YEARS_BACK = 2


def title_for(village_id: int, title_id: int, *, by: int) -> Title:
    """The title, if it is given today and ``by`` may handle its level."""
    title = title_queries.find_title(village_id, title_id)
    if title is None or (title.retired_on is not None and title.retired_on <= clock.today()):
        raise UnknownTitle
    may_handle(title, by=by)
    return title


def may_handle(title: Title, *, by: int) -> None:
    """Titles above the village are the township's and the county's to enter and confirm. Raises GivenAbove."""
    if title.level != "village" and by not in staff.overseers(title.village_id):
        raise GivenAbove(title=title.name)


def document_number(text: str) -> str:
    """The number, trimmed."""
    number = text.strip()
    if not 1 <= len(number) <= 60:
        raise DocumentNumberNeeded
    return number


def days_hold(year: int, given_on: date, ends_on: date | None) -> None:
    """The year is this one or one of the two before; it was given in it or later, and ends after that."""
    today = clock.today()
    if not today.year - YEARS_BACK <= year <= today.year or not date(year, 1, 1) <= given_on <= today:
        raise BadHonourYear
    if ends_on is not None and ends_on <= given_on:
        raise HonourEndsTooSoon


def member_of_age(village_id: int, household_id: int, member_id: int, day: date) -> None:
    """A named person belongs to the household and is of age; of a birth only year and month are known."""
    member = people.find_member(village_id, member_id)
    if member is None or member.household_id != household_id or member.gone_on is not None:
        raise NotInTheHousehold
    if member.birth_year is None or (member.birth_year + OF_AGE, member.birth_month or 12) >= (day.year, day.month):
        raise NotOfAge


def has_room(title: Title, household_id: int, year: int) -> None:
    """One title, one household, one year: once; and no more than the title's seats."""
    if title_queries.stands(title.id, household_id, year):
        raise AlreadyHonoured
    if title.seats is not None and title_queries.standing_count(title.id, year) >= title.seats:
        raise SeatsTaken(title=title.name, year=year, seats=title.seats)
