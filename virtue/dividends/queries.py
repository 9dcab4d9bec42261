"""Pots, their sheets and payments; which households stand in a sheet and for how many months."""

from typing import Any

from sqlalchemy import Select, func, select

from virtue.dividends.division import MONTHS
from virtue.dividends.errors import ObjectionsOpen
from virtue.dividends.models import DividendLine, Payout, Pot, PotMonths, PotState
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.notices import queries as notices
from virtue.notices.models import NoticeLine, Objection
from virtue.people import queries as people
from virtue.people.models import Household

_HOUSEHOLD = Household.__table__

SHOWN = (PotState.OPEN, PotState.VOTED, PotState.CHECKED, PotState.SIGNED, PotState.CLOSED)
"""The states in which everybody may know of a pot: its trial sheet is, or was, open."""


def pots(village_id: int) -> Select[Pot]:
    """All pots of a village, newest first."""
    return select(Pot).where(Pot.village_id == village_id).order_by(Pot.year.desc(), Pot.id.desc())


def find_pot(village_id: int, pot_id: int) -> Pot | None:
    """A pot of this village."""
    return db.session.scalar(select(Pot).where(Pot.id == pot_id, Pot.village_id == village_id))


def running(village_id: int) -> list[Pot]:
    """The pots whose sheet is open, decided on or being paid."""
    return list(db.session.scalars(shown_pots(village_id).where(Pot.state != PotState.CLOSED)))


def shown_pots(village_id: int) -> Select[Pot]:
    """The pots that everybody may know of, newest first."""
    return pots(village_id).where(Pot.state.in_(SHOWN))


def own_line(pot: Pot, household_id: int) -> DividendLine | None:
    """A household's line on the sheet that counts."""
    return db.session.scalar(lines(pot).where(DividendLine.household_id == household_id))


def locked_pot(village_id: int, pot_id: int) -> Pot:
    """The same, loaded anew for writing. Raises ``NotFoundHere``."""
    found = db.session.scalar(
        select(Pot)
        .where(Pot.id == pot_id, Pot.village_id == village_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundHere
    return found


def is_taken(village_id: int, year: int, name: str) -> bool:
    """Whether a pot of this year has the name, also one that was withdrawn."""
    query = select(Pot.id).where(Pot.village_id == village_id, Pot.year == year, Pot.name == name)
    return db.session.scalar(query) is not None


def households(village_id: int) -> list[Any]:
    """All households of a village by code, also ended ones: id, code, state, ended_on."""
    columns = (_HOUSEHOLD.c.id, _HOUSEHOLD.c.code, _HOUSEHOLD.c.state, _HOUSEHOLD.c.ended_on)
    query = select(*columns).where(_HOUSEHOLD.c.village_id == village_id).order_by(_HOUSEHOLD.c.code)
    # The database's own order of text may differ from one to the other; digits compare alike everywhere.
    return sorted(db.session.execute(query), key=lambda row: row.code)


def codes_of(village_id: int) -> dict[int, str]:
    """The codes of a village's households, by id."""
    return {row.id: row.code for row in households(village_id)}


def months_here(household: Any, year: int) -> int:
    """In how many months of a year a household stood in the register: through the month in which it ended."""
    if household.state != "ended" or household.ended_on is None or household.ended_on.year > year:
        return MONTHS
    return household.ended_on.month if household.ended_on.year == year else 0


def stated_months(pot_id: int) -> dict[int, int]:
    """By household, the months that were stated for a pot (moved, merged, split)."""
    rows = db.session.execute(select(PotMonths.household_id, PotMonths.months).where(PotMonths.pot_id == pot_id))
    return {row.household_id: row.months for row in rows}


def stated_why(pot_id: int) -> dict[int, int]:
    """By household, the remark that says why its months were stated."""
    rows = db.session.execute(select(PotMonths.household_id, PotMonths.why_id).where(PotMonths.pot_id == pot_id))
    return {row.household_id: row.why_id for row in rows}


def places(pot_id: int) -> dict[int, int]:
    """By household, the number of its line on the sheets of a pot."""
    rows = db.session.execute(
        select(DividendLine.household_id, func.min(DividendLine.place))
        .where(DividendLine.pot_id == pot_id)
        .group_by(DividendLine.household_id)
    )
    return {row[0]: row[1] for row in rows}


def lines(pot: Pot) -> Select[DividendLine]:
    """The lines of the sheet that counts, by number."""
    return (
        select(DividendLine)
        .where(DividendLine.pot_id == pot.id, DividendLine.sheet == pot.sheet)
        .order_by(DividendLine.place)
    )


def find_line(pot: Pot, line_id: int) -> DividendLine | None:
    """A line of the sheet that counts."""
    return db.session.scalar(lines(pot).where(DividendLine.id == line_id))


def household_of_place(pot_id: int, place: int) -> int | None:
    """Whose line a number is."""
    query = select(DividendLine.household_id).where(DividendLine.pot_id == pot_id, DividendLine.place == place)
    return db.session.scalar(query.limit(1))


def is_paid(line_id: int) -> bool:
    """Whether a line was paid."""
    return db.session.scalar(select(Payout.id).where(Payout.line_id == line_id)) is not None


def unclaimed(pot: Pot) -> list[DividendLine]:
    """The lines that are due and not paid, by number."""
    paid = select(Payout.line_id).where(Payout.pot_id == pot.id)
    return list(db.session.scalars(lines(pot).where(DividendLine.fen > 0, DividendLine.id.not_in(paid))))


def paid_fen(pot_id: int) -> tuple[int, int]:
    """How many lines of a pot were paid, and their sum in fen."""
    row = db.session.execute(select(func.count(), func.sum(Payout.fen)).where(Payout.pot_id == pot_id)).one()
    return int(row[0]), int(row[1] or 0)


def paid_by_how(pot_id: int) -> dict[str, tuple[int, int]]:
    """By way of payment, how many lines were paid and their sum in fen."""
    rows = db.session.execute(
        select(Payout.how, func.count(), func.sum(Payout.fen)).where(Payout.pot_id == pot_id).group_by(Payout.how)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def rounding(pot: Pot) -> tuple[int, int]:
    """Of the sheet that counts: what the floors add up to, and how many single fen were handed out by remainder."""
    row = db.session.execute(
        select(
            func.sum(DividendLine.shares_fen + DividendLine.score_fen),
            func.sum(DividendLine.shares_extra + DividendLine.score_extra),
        ).where(DividendLine.pot_id == pot.id, DividendLine.sheet == pot.sheet)
    ).one()
    return int(row[0] or 0), int(row[1] or 0)


def notice_line(pot: Pot, place: int) -> NoticeLine | None:
    """The line of the open sheet's notice that stands for a number; None for one that isn't on the sheet that counts."""
    stands = select(DividendLine.id).where(
        DividendLine.pot_id == pot.id, DividendLine.sheet == pot.sheet, DividendLine.place == place
    )
    return db.session.scalar(
        select(NoticeLine).where(NoticeLine.notice_id == pot.notice_id, NoticeLine.number == place, stands.exists())
    )


def contested(pot: Pot) -> set[int]:
    """The numbers of lines to which an objection is open."""
    return notices.contested_lines(pot.notice_id) if pot.notice_id is not None else set()


def no_open_objection(pot: Pot) -> None:
    """Raise ``ObjectionsOpen`` while an objection to a line of the open sheet waits for its answer."""
    waiting = contested(pot)
    if waiting:
        raise ObjectionsOpen(open=len(waiting))


def all_lines(pot: Pot) -> list[DividendLine]:
    """The whole sheet that counts, by number."""
    return list(db.session.scalars(lines(pot)))


def lines_found(pot: Pot, text: str, *, is_left: bool) -> Select[DividendLine]:
    """The lines of households whose name, initials or code match; only those due and not paid, if asked."""
    query = lines(pot)
    if text.strip():
        found = people.search_households(pot.village_id, text).with_only_columns(Household.id).order_by(None)
        query = query.where(DividendLine.household_id.in_(found))
    if is_left:
        paid = select(Payout.line_id).where(Payout.pot_id == pot.id)
        query = query.where(DividendLine.fen > 0, DividendLine.id.not_in(paid))
    return query


def payouts(line_ids: list[int]) -> dict[int, Payout]:
    """The payments of these lines, by line."""
    rows = db.session.scalars(select(Payout).where(Payout.line_id.in_(line_ids)))
    return {row.line_id: row for row in rows}


def objections_of(pot: Pot) -> list[Objection]:
    """All objections to the open sheet's lines, the newest first."""
    if pot.notice_id is None:
        return []
    query = (
        select(Objection)
        .join(NoticeLine, NoticeLine.id == Objection.line_id)
        .where(NoticeLine.notice_id == pot.notice_id)
        .order_by(Objection.number.desc())
    )
    return list(db.session.scalars(query))
