"""What of a year's home points is left, household by household, and where a year's close stands.

The rule: who spends, spends the oldest points first. So of a year's points is left what stood in the purse at its end
less what was used since; never more than lies there now. Goods and reservations given back count as not used.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, not_, or_, select
from sqlalchemy.orm import aliased

from virtue.extensions import db
from virtue.ledger.models import Account, AccountKind, Entry, EntryKind, Transfer
from virtue.people.models import Household, Participation
from virtue.store.year_models import YearCarry, YearClose, YearState
from virtue.store.year_states import RUNNING

SUBJECTS = 10_000_000_000
"""A lapse entry is about close_id x this + household_id: one a household and year."""

_USES = ("order", "return", "reservation", "release", "lapse")


@dataclass(frozen=True)
class Coming:
    """What of a household's home points lapses on a day, if it isn't spent before."""

    points: int
    day: date
    year: int


def find_close(village_id: int, close_id: int) -> YearClose | None:
    """A year's close of this village."""
    return db.session.scalar(select(YearClose).where(YearClose.id == close_id, YearClose.village_id == village_id))


def close_of(village_id: int, year: int) -> YearClose | None:
    """The close of a year, in whatever state."""
    return db.session.scalar(select(YearClose).where(YearClose.year == year, YearClose.village_id == village_id))


def running(village_id: int) -> YearClose | None:
    """The close that was announced and isn't booked to its end."""
    states = [str(state) for state in RUNNING]
    return db.session.scalar(
        select(YearClose)
        .where(YearClose.village_id == village_id, YearClose.state.in_(states))
        .order_by(YearClose.year)
    )


def closes_of(village_id: int) -> list[YearClose]:
    """All years, the latest first."""
    rows = select(YearClose).where(YearClose.village_id == village_id).order_by(YearClose.year.desc())
    return list(db.session.scalars(rows))


def closes_by_subjects(subject_ids: Iterable[int]) -> dict[int, YearClose]:
    """By a lapse entry's subject, the close it belongs to; other lapses are missing."""
    wanted = {number: number // SUBJECTS for number in subject_ids if number >= SUBJECTS}
    if not wanted:
        return {}
    rows = db.session.scalars(select(YearClose).where(YearClose.id.in_(set(wanted.values()))))
    found = {row.id: row for row in rows}
    return {number: found[close_id] for number, close_id in wanted.items() if close_id in found}


def carried(close_id: int) -> list[YearCarry]:
    """What was carried into the next year, in the order it was written."""
    return list(db.session.scalars(select(YearCarry).where(YearCarry.close_id == close_id).order_by(YearCarry.id)))


def _since(village_id: int, year: int) -> Subquery:
    """By purse: what moved it after the year (``change``), and how much of that is spending or its undoing (``used``)."""
    source, destination, original = aliased(Account), aliased(Account), aliased(Entry)
    purse = str(AccountKind.PURSE)
    is_out = source.kind == purse
    change = case((is_out, -Transfer.points), else_=Transfer.points)
    end = year * 100 + 12
    # An award of the new year that is taken back again used none of the old points.
    is_new_back = and_(is_out, original.month > end)
    is_use = or_(
        Entry.kind.in_(_USES),
        and_(Entry.kind == str(EntryKind.DEED), is_out),
        and_(Entry.kind == str(EntryKind.REVERSAL), not_(is_new_back)),
    )
    account_id = case((is_out, source.id), else_=destination.id)
    return (
        select(
            account_id.label("account_id"), func.sum(change).label("change"),
            func.sum(case((is_use, -change), else_=0)).label("used"),
        )
        .join_from(Transfer, Entry, Entry.id == Transfer.entry_id)
        .join(source, source.id == Transfer.source_id)
        .join(destination, destination.id == Transfer.destination_id)
        .outerjoin(original, original.id == Entry.reverses_id)
        .where(
            Entry.village_id == village_id, Entry.month > end, Transfer.unit == "home",
            or_(is_out, destination.kind == purse),
        )
        .group_by(account_id)
        .subquery("since")
    )  # fmt: skip


def _keeps(close: YearClose) -> ColumnElement[bool]:
    """暂不参加 on the day of the announcement or now: it wasn't told, and its points stay spendable."""
    then = select(Participation.id).where(
        Participation.household_id == Household.id, Participation.left_on <= close.announced_on,
        or_(Participation.back_on.is_(None), Participation.back_on > close.announced_on),
    )  # fmt: skip
    return or_(Household.left_on.is_not(None), then.exists())


def lines(close: YearClose) -> Select[*tuple[Any, ...]]:
    """Households with home points: Household, balance, lapses, keeps; as it stands now, if nothing more is spent."""
    since = _since(close.village_id, close.year)
    balance = Account.balance
    used = func.coalesce(since.c.used, 0)
    left = balance - func.coalesce(since.c.change, 0) - case((used > 0, used), else_=0)
    keeps = _keeps(close)
    lapses = case((keeps, 0), (left <= 0, 0), (left > balance, balance), else_=left)
    return (
        select(Household, balance.label("balance"), lapses.label("lapses"), keeps.label("keeps"))
        .join(Account, and_(Account.household_id == Household.id, Account.kind == "purse", Account.unit == "home"))
        .outerjoin(since, since.c.account_id == Account.id)
        .where(Household.village_id == close.village_id, Household.state == "active", balance > 0)
    )


def due(close: YearClose) -> Select[*tuple[Any, ...]]:
    """Household_id and points that are still to be booked: each household once a year."""
    rows = lines(close).subquery("line")
    there = select(Entry.id).where(
        Entry.kind == str(EntryKind.LAPSE), Entry.subject_id == close.id * SUBJECTS + rows.c.id
    )
    return select(rows.c.id.label("household_id"), rows.c.lapses).where(rows.c.lapses > 0, not_(there.exists()))


def booked(close: YearClose) -> Select[*tuple[Any, ...]]:
    """Households whose points of the year lapsed: Household, balance (what lay there), lapses, keeps (never)."""
    first = close.id * SUBJECTS
    return (
        select(
            Household, (Transfer.points + Transfer.balance_after).label("balance"), Transfer.points.label("lapses"),
            (Household.id < 0).label("keeps"),
        )
        .join_from(Entry, Household, Household.id == Entry.household_id)
        .join(Transfer, Transfer.entry_id == Entry.id)
        .where(Entry.kind == str(EntryKind.LAPSE), Entry.subject_id > first, Entry.subject_id < first + SUBJECTS)
    )  # fmt: skip


def shown(close: YearClose) -> Select[*tuple[Any, ...]]:
    """The list as its page shows it: what would lapse, or what did."""
    return booked(close) if close.state in {YearState.BOOKING, YearState.CLOSED} else lines(close)


def totals(rows: Select[*tuple[Any, ...]]) -> tuple[int, int]:
    """How many households lose how many points, over lines of this module."""
    sub = rows.subquery("rows")
    found = db.session.execute(
        select(func.count(), func.coalesce(func.sum(sub.c.lapses), 0)).where(sub.c.lapses > 0)
    ).one()
    return int(found[0]), int(found[1])


def coming(village_id: int, household_id: int) -> Coming | None:
    """What this household is to be told; None while nothing of it lapses."""
    close = running(village_id)
    if close is None:
        return None
    rows = due(close).subquery("due")
    points = int(db.session.scalar(select(rows.c.lapses).where(rows.c.household_id == household_id)) or 0)
    return Coming(points, close.lapses_on, close.year) if points > 0 else None


def held_by_household(village_id: int) -> dict[int, int]:
    """Home points that wait for reserved goods, by household."""
    source, destination = aliased(Account), aliased(Account)
    held = str(AccountKind.HELD)
    change = case((destination.kind == held, Transfer.points), else_=-Transfer.points)
    rows = db.session.execute(
        select(Entry.household_id, func.sum(change).label("points"))
        .join_from(Transfer, Entry, Entry.id == Transfer.entry_id)
        .join(source, source.id == Transfer.source_id)
        .join(destination, destination.id == Transfer.destination_id)
        .where(
            Entry.village_id == village_id, Transfer.unit == "home", or_(source.kind == held, destination.kind == held)
        )
        .group_by(Entry.household_id)
        .having(func.sum(change) > 0)
    )
    return {row.household_id: int(row.points) for row in rows}
