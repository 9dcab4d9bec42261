"""What a month's papers say: each household's purse, for many at once, and the village's sums. A fixed number of statements."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, func, or_, select

from virtue import clock
from virtue.extensions import db
from virtue.ledger import queries
from virtue.ledger.models import Account, AccountKind, Entry, EntryKind, Transfer

UNITS = ("home", "civility")


@dataclass(frozen=True)
class Purse:
    """One unit of a household in a month: what came, what went (positive), what was left at the month's end."""

    unit: str
    came: int
    went: int
    left: int


def purses(household_ids: Collection[int], month: int) -> dict[int, tuple[Purse, ...]]:
    """By household, both units. What was left is today's purse less what moved it in later months."""
    now = queries.balances(household_ids)
    is_in, came = Entry.month == month, Transfer.destination_id == Account.id
    rows = db.session.execute(
        select(
            Account.household_id, Account.unit, func.sum(case((is_in & came, Transfer.points), else_=0)).label("came"),
            func.sum(case((is_in & ~came, Transfer.points), else_=0)).label("went"),
            func.sum(case((is_in, 0), (came, Transfer.points), else_=-Transfer.points)).label("later"),
        )
        .join(Transfer, or_(Account.id == Transfer.source_id, Account.id == Transfer.destination_id))
        .join(Entry, Entry.id == Transfer.entry_id)
        .where(
            Entry.month.in_(_since(month)), Entry.household_id.in_(list(household_ids)),
            Account.kind == str(AccountKind.PURSE), Account.household_id == Entry.household_id,
        )
        .group_by(Account.household_id, Account.unit)
    )  # fmt: skip
    moved = {(row.household_id, row.unit): (int(row.came), int(row.went), int(row.later)) for row in rows}
    return {one: tuple(_purse(unit, now[one].of(unit), moved.get((one, unit))) for unit in UNITS) for one in now}


def _purse(unit: str, now: int, moved: tuple[int, int, int] | None) -> Purse:
    came, went, later = moved or (0, 0, 0)
    return Purse(unit, came, went, now - later)


def redeemed(village_id: int, month: int) -> dict[str, int]:
    """What a village's households handed in for goods in a month, less what came back, by unit."""
    to_till = Account.id == Transfer.destination_id
    rows = db.session.execute(
        select(Transfer.unit, func.sum(case((to_till, Transfer.points), else_=-Transfer.points)))
        .join(Entry, Entry.id == Transfer.entry_id)
        .join(Account, or_(Account.id == Transfer.source_id, Account.id == Transfer.destination_id))
        .where(Entry.month == month, Entry.village_id == village_id, Account.kind == str(AccountKind.TILL))
        .group_by(Transfer.unit)
    )
    return dict.fromkeys(UNITS, 0) | {unit: int(points) for unit, points in rows}


def _since(month: int) -> list[int]:
    months, this = [month], clock.month_of(clock.today())
    while months[-1] < this:
        months.append(clock.next_month(months[-1]))
    return months


def fetches(household_ids: Collection[int], month: int) -> dict[int, int]:
    """By household, how often it took goods in a month."""
    rows = db.session.execute(
        select(Entry.household_id, func.count())
        .where(
            Entry.month == month, Entry.household_id.in_(list(household_ids)),
            Entry.kind.in_([str(EntryKind.ORDER), str(EntryKind.FETCH)]),
        )
        .group_by(Entry.household_id)
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}
