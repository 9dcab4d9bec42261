"""What the ledger can be asked: balances, statements, closed months, today's check words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from virtue import clock
from virtue.extensions import db
from virtue.ledger import seals
from virtue.ledger.models import Account, AccountKind, Chain, Checkpoint, ClosedMonth, Entry, EntryKind, Transfer
from virtue.prepared import Prepared

_ACCOUNT, _CLOSED = Account.__table__, ClosedMonth.__table__
_BALANCES = select(_ACCOUNT.c.household_id, _ACCOUNT.c.unit, _ACCOUNT.c.kind, _ACCOUNT.c.balance).where(
    _ACCOUNT.c.household_id.in_(bindparam("household_ids", expanding=True))
)
_CLOSED_MONTHS = Prepared(
    select(_CLOSED.c.month).where(_CLOSED.c.village_id == bindparam("village_id"), _CLOSED.c.second_at.is_not(None))
)

_OF_ENTRY = (
    Entry.id.label("entry_id"), Entry.seq, Entry.kind, Entry.subject_id, Entry.day, Entry.by_id, Entry.reverses_id,
)  # fmt: skip


@dataclass
class Balance:
    """What a household can spend (可兑换) by unit, and what it still owes after reversals (owed as positive numbers)."""

    home: int = 0
    civility: int = 0
    home_owed: int = 0
    civility_owed: int = 0

    def of(self, unit: str) -> int:
        """The purse of a unit."""
        return self.home if unit == "home" else self.civility


def balances(household_ids: Iterable[int]) -> dict[int, Balance]:
    """The balances of these households in one statement; zeros for those that never had points."""
    found = {household_id: Balance() for household_id in household_ids}
    for row in db.session.execute(_BALANCES, {"household_ids": list(found)}):
        balance = found[row.household_id]
        if row.kind == "purse":
            setattr(balance, row.unit, row.balance)
        else:
            setattr(balance, f"{row.unit}_owed", -row.balance)
    return found


def balance(household_id: int) -> Balance:
    """The balance of one household."""
    return balances([household_id])[household_id]


def statement(household_id: int, months: Iterable[int]) -> list[Any]:
    """A household's entries in these months, newest first: the entry's columns, and one row a transfer on its purse.

    Rows: entry_id, seq, kind, subject_id, day, by_id, reverses_id, household_id, recorded_at, seal, unit, change (signed),
    balance_after, account_kind ('purse' or 'owed'); an entry without transfers has unit None and change 0. What was
    held and is fetched touches no account of the household: account_kind 'held', change 0, no balance_after.
    """
    rows = _statement().where(Entry.month.in_(list(months)), Entry.household_id == household_id)
    return list(db.session.execute(rows))


def one_entry(village_id: int, seq: int) -> list[Any]:
    """第N笔 of a village, in the same rows; none when there is no such entry."""
    return list(db.session.execute(_statement().where(Entry.village_id == village_id, Entry.seq == seq)))


def _statement() -> Select[*tuple[Any, ...]]:
    source, destination = _ACCOUNT.alias(), _ACCOUNT.alias()
    signed = case(
        (destination.c.household_id.is_not(None), Transfer.points),
        (source.c.household_id.is_not(None), -Transfer.points),
        else_=0,
    )
    return (
        select(
            *_OF_ENTRY, Entry.household_id, Entry.recorded_at, Entry.seal, Transfer.unit,
            func.coalesce(signed, 0).label("change"), Transfer.balance_after,
            case((destination.c.household_id.is_not(None), destination.c.kind), else_=source.c.kind).label(
                "account_kind"
            ),
        )
        .join(Transfer, Transfer.entry_id == Entry.id, isouter=True)
        .join(source, source.c.id == Transfer.source_id, isouter=True)
        .join(destination, destination.c.id == Transfer.destination_id, isouter=True)
        .order_by(Entry.id.desc(), Transfer.id)
    )  # fmt: skip


def all_months() -> list[int]:
    """Every month since the first that has an entry anywhere, newest first: what leads the index to a household's all."""
    first, this = db.session.scalar(select(func.min(Entry.month))), clock.month_of(clock.today())
    months = [this]
    while first is not None and months[-1] > first:
        months.append(clock.previous_month(months[-1]))
    return months


def movements(
    household_id: int, unit: str, kind: str, months: Iterable[int], *, last: date | None = None
) -> Select[*tuple[Any, ...]]:
    """The statement of one of a household's accounts (purse, owed) in these months, newest first, to be paged.

    Rows: the entry's columns, change (signed) and balance_after. ``last``: nothing that was booked after that day.
    """
    account = (
        select(_ACCOUNT.c.id)
        .where(_ACCOUNT.c.household_id == household_id, _ACCOUNT.c.unit == unit, _ACCOUNT.c.kind == kind)
        .scalar_subquery()
    )
    came = Transfer.destination_id == account
    query = (
        select(*_OF_ENTRY, case((came, Transfer.points), else_=-Transfer.points).label("change"), Transfer.balance_after)
        .join(Transfer, Transfer.entry_id == Entry.id)
        .where(
            Entry.month.in_(list(months)), Entry.household_id == household_id, or_(came, Transfer.source_id == account)
        )
        .order_by(Entry.id.desc(), Transfer.id.desc())
    )  # fmt: skip
    return query if last is None else query.where(Entry.day <= last)


def entries_by_ids(entry_ids: Iterable[int]) -> dict[int, Any]:
    """The columns of these entries by id, in one statement."""
    wanted = sorted(set(entry_ids))
    if not wanted:
        return {}
    return {row.entry_id: row for row in db.session.execute(select(*_OF_ENTRY).where(Entry.id.in_(wanted)))}


def reversals_of(entry_ids: Iterable[int]) -> dict[int, int]:
    """By entry, the id of the one that reverses it."""
    wanted = sorted(set(entry_ids))
    if not wanted:
        return {}
    rows = db.session.execute(select(Entry.reverses_id, Entry.id).where(Entry.reverses_id.in_(wanted)))
    return {row.reverses_id: row.id for row in rows}


@dataclass(frozen=True)
class Moved:
    """What an entry did to a household's purse and to what it owes, signed: a debt is a negative ``owed``."""

    purse: int = 0
    owed: int = 0


def moved_by(entry_ids: Iterable[int]) -> dict[int, Moved]:
    """What each of these entries moved, in one statement; for entries of deeds, which have one unit."""
    wanted = sorted(set(entry_ids))
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Transfer.entry_id, _ACCOUNT.c.kind, func.sum(_signed()))
        .join(_ACCOUNT, or_(_ACCOUNT.c.id == Transfer.source_id, _ACCOUNT.c.id == Transfer.destination_id))
        .where(Transfer.entry_id.in_(wanted), _ACCOUNT.c.household_id.is_not(None))
        .group_by(Transfer.entry_id, _ACCOUNT.c.kind)
    )
    sums: dict[int, dict[str, int]] = {}
    for entry_id, kind, points in rows:
        sums.setdefault(entry_id, {})[kind] = int(points)
    return {entry_id: Moved(**kinds) for entry_id, kinds in sums.items()}


def _signed() -> ColumnElement[int]:
    return case((_ACCOUNT.c.id == Transfer.destination_id, Transfer.points), else_=-Transfer.points)


def find_entry(kind: str, subject_id: int) -> Entry | None:
    """The entry of a subject, or None while there is none."""
    return db.session.scalar(select(Entry).where(Entry.kind == kind, Entry.subject_id == subject_id))


def owed_change(entry_id: int | None, *, reversed_by: bool = False) -> int:
    """What an entry (or the one that reverses it) changed of what its household owes: +n paid back, -n newly owed."""
    if entry_id is None:
        return 0
    query = _owed_changes().where(Entry.reverses_id == entry_id if reversed_by else Entry.id == entry_id)
    return sum(int(change) for _entry_id, change in db.session.execute(query))


def owed_changes(entry_ids: Iterable[int]) -> dict[int, int]:
    """The same for several entries, by id: what each changed of what its household owes; in one question."""
    rows = db.session.execute(_owed_changes().where(Entry.id.in_(list(entry_ids))))
    return {entry_id: int(change) for entry_id, change in rows}


def _owed_changes() -> Select[int, int]:
    source, destination = aliased(Account), aliased(Account)
    came = case((destination.kind == str(AccountKind.OWED), Transfer.points), else_=0)
    went = case((source.kind == str(AccountKind.OWED), Transfer.points), else_=0)
    return (
        select(Entry.id, func.sum(came - went))
        .join(Transfer, Transfer.entry_id == Entry.id)
        .join(source, source.id == Transfer.source_id)
        .join(destination, destination.id == Transfer.destination_id)
        .group_by(Entry.id)
    )


def find_signed_month(village_id: int, month: int) -> ClosedMonth | None:
    """The closing of a month, once one person has signed it."""
    return db.session.scalar(
        select(ClosedMonth).where(ClosedMonth.village_id == village_id, ClosedMonth.month == month)
    )


def closed_months(village_id: int) -> set[int]:
    """All months that two people closed."""
    return {row.month for row in _CLOSED_MONTHS.all({"village_id": village_id})}


def is_closed(village_id: int, month: int) -> bool:
    """Whether a month was closed by two people."""
    row = find_signed_month(village_id, month)
    return row is not None and row.second_at is not None


def earliest_open(village_id: int, month: int) -> int:
    """``month`` itself, or the first open month after it: where a deed of that month counts."""
    closed = closed_months(village_id)
    while month in closed:
        month = clock.next_month(month)
    return month


@dataclass(frozen=True)
class DaySeal:
    """The seal a day ended with: sequence, seal, and its check words."""

    seq: int
    seal: str

    @property
    def words(self) -> tuple[str, str, str, str]:
        """Three words and four digits."""
        return seals.check_words(self.seal)

    @property
    def text(self) -> str:
        """The check words as one line: 春风 渠水 白杨 7731."""
        return " ".join(self.words)


def day_seal(village_id: int) -> DaySeal | None:
    """Today's check words (今日对账码): the seal with which the last booked day before today ended; None before that."""
    chain = db.session.execute(
        select(Chain.seq, Chain.seal, Chain.recorded_at).where(Chain.village_id == village_id)
    ).one_or_none()
    if chain is None:
        return None
    if clock.day_of(chain.recorded_at) < clock.today():
        return DaySeal(chain.seq, chain.seal) if chain.seq else None
    return _seal_before(village_id, clock.today())


def seal_of_month(village_id: int, month: int) -> DaySeal | None:
    """The seal at the end of a month's last day; None while the month isn't over, or where nothing was booked by then."""
    if month >= clock.month_of(clock.today()):
        return None
    after = clock.first_day(clock.next_month(month))
    chain = db.session.execute(
        select(Chain.seq, Chain.seal, Chain.recorded_at).where(Chain.village_id == village_id)
    ).one_or_none()
    if chain is not None and clock.day_of(chain.recorded_at) < after:
        return DaySeal(chain.seq, chain.seal) if chain.seq else None
    return _seal_before(village_id, after)


def _seal_before(village_id: int, day: date) -> DaySeal | None:
    """The seal with which the last booked day before ``day`` ended, once a later day was booked on."""
    row = db.session.execute(
        select(Checkpoint.seq, Checkpoint.seal)
        .where(Checkpoint.village_id == village_id, Checkpoint.day < day)
        .order_by(Checkpoint.day.desc())
        .limit(1)
    ).one_or_none()
    return DaySeal(row.seq, row.seal) if row else None


def deeds_booked(village_id: int, month: int, up_to: int) -> Subquery:
    """Inside a query: the deeds (``subject_id``) booked in a month that no entry up to the ``up_to``-th has reversed."""
    reversal = aliased(Entry)
    return (
        select(Entry.subject_id)
        .outerjoin(reversal, and_(reversal.reverses_id == Entry.id, reversal.seq <= up_to))
        .where(
            Entry.month == month, Entry.village_id == village_id, Entry.kind == str(EntryKind.DEED), Entry.seq <= up_to,
            reversal.id.is_(None),
        )
        .subquery("booked")
    )  # fmt: skip


def current_seal(village_id: int) -> DaySeal | None:
    """The newest link of the chain: printed on slips."""
    row = db.session.execute(select(Chain.seq, Chain.seal).where(Chain.village_id == village_id)).one_or_none()
    return DaySeal(row.seq, row.seal) if row else None


def purse_sums(kind: str) -> Subquery:
    """Inside a query: the entries of a kind with what each did to its household's accounts, by unit.

    Columns subject_id, entry_id, seq, village_id, household_id, home, civility (signed; purse and owed together).
    """
    source = _ACCOUNT.alias()

    def change(unit: str) -> ColumnElement[Any]:
        signed = case((source.c.household_id.is_not(None), -Transfer.points), else_=Transfer.points)
        return func.coalesce(func.sum(case((Transfer.unit == unit, signed), else_=0)), 0).label(unit)

    of_entry = (Entry.subject_id, Entry.id.label("entry_id"), Entry.seq, Entry.village_id, Entry.household_id)
    return (
        select(*of_entry, change("home"), change("civility"))
        .outerjoin(Transfer, and_(Transfer.entry_id == Entry.id, Transfer.balance_after.is_not(None)))
        .outerjoin(source, source.c.id == Transfer.source_id)
        .where(Entry.kind == kind)
        .group_by(Entry.id, Entry.subject_id, Entry.seq, Entry.village_id, Entry.household_id)
        .subquery(f"{kind}_entries")
    )


@dataclass(frozen=True)
class MonthSums:
    """A month's points over a village: awarded less reversed and deducted, redeemed less returned; both units together."""

    month: int
    awarded: int
    redeemed: int


def month_sums(village_id: int, months: Iterable[int]) -> list[MonthSums]:
    """What these months awarded and redeemed, the oldest first, in one statement; months without bookings are left out."""
    source, destination = aliased(Account), aliased(Account)

    def net(kind: AccountKind, sign: int) -> ColumnElement[Any]:
        gave = case((source.kind == str(kind), Transfer.points), else_=0)
        got = case((destination.kind == str(kind), Transfer.points), else_=0)
        return func.coalesce(func.sum(sign * (got - gave)), 0)

    rows = db.session.execute(
        select(Entry.month, net(AccountKind.FUND, -1).label("awarded"), net(AccountKind.TILL, 1).label("redeemed"))
        .outerjoin(Transfer, Transfer.entry_id == Entry.id)
        .outerjoin(source, source.id == Transfer.source_id)
        .outerjoin(destination, destination.id == Transfer.destination_id)
        .where(Entry.month.in_(list(months)), Entry.village_id == village_id)
        .group_by(Entry.month)
        .order_by(Entry.month)
    )
    return [MonthSums(row.month, int(row.awarded), int(row.redeemed)) for row in rows]


def points_in_hands(village_id: int) -> dict[str, int]:
    """All that a village's households can spend, by unit."""
    rows = db.session.execute(
        select(Account.unit, func.sum(Account.balance))
        .where(Account.village_id == village_id, Account.kind == str(AccountKind.PURSE))
        .group_by(Account.unit)
    )
    return {unit: int(points) for unit, points in rows}


def held_sums() -> Subquery:
    """Inside a query: what lies in each village's held account by unit, summed from its transfers.

    Columns village_id, unit, points.
    """
    change = case((Transfer.destination_id == _ACCOUNT.c.id, Transfer.points), else_=-Transfer.points)
    return (
        select(_ACCOUNT.c.village_id, _ACCOUNT.c.unit, func.sum(change).label("points"))
        .join(Transfer, or_(Transfer.destination_id == _ACCOUNT.c.id, Transfer.source_id == _ACCOUNT.c.id))
        .where(_ACCOUNT.c.kind == str(AccountKind.HELD))
        .group_by(_ACCOUNT.c.village_id, _ACCOUNT.c.unit)
        .subquery("held")
    )


def fetch_sums() -> Subquery:
    """Inside a query: the entries that gave what was held to the till, with how much of each unit.

    Columns subject_id, seq, household_id, home, civility.
    """

    def points(unit: str) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((Transfer.unit == unit, Transfer.points), else_=0)), 0).label(unit)

    return (
        select(Entry.subject_id, Entry.seq, Entry.household_id, points("home"), points("civility"))
        .outerjoin(Transfer, Transfer.entry_id == Entry.id)
        .where(Entry.kind == str(EntryKind.FETCH))
        .group_by(Entry.id, Entry.subject_id, Entry.seq, Entry.household_id)
        .subquery("fetch_entries")
    )


def owing_entries(kind: str) -> Subquery:
    """Inside a query: the entries of a kind that moved what a household owes. Columns subject_id, seq."""
    touched = select(_ACCOUNT.c.id).where(_ACCOUNT.c.kind == str(AccountKind.OWED))
    return (
        select(Entry.subject_id, Entry.seq)
        .join(Transfer, Transfer.entry_id == Entry.id)
        .where(Entry.kind == kind, or_(Transfer.source_id.in_(touched), Transfer.destination_id.in_(touched)))
        .distinct()
        .subquery(f"{kind}_owing")
    )
