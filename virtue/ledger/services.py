"""The only place where points move.

Lock, then look: every posting takes the village's chain row first, then reads balances, plans all transfers in
memory, and writes entries, transfers, balances and the chain's new end with statements built once. The database's
CHECKs stand behind it as a second wall. One posting or a notice of 620 go the same way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, column, or_, select, table, update
from sqlalchemy.dialects import postgresql, sqlite

from virtue import clock
from virtue.extensions import db
from virtue.ledger import seals
from virtue.ledger.errors import AlreadyReversed, NotEnoughPoints, NotReversible
from virtue.ledger.models import Account, AccountKind, Chain, Checkpoint, Entry, EntryKind, Transfer
from virtue.prepared import Prepared, into, values_of
from virtue.transactions import in_atomic

ENTRY_IDS = 10_000_000_000
"""A village's entries have ids from village_id x this."""


class Flow(StrEnum):
    """A way points may go. What it takes and gives stands in ``_ROUTES``."""

    AWARD = "award"
    DEDUCT = "deduct"
    SPEND = "spend"
    RETURN = "return"
    HOLD = "hold"
    RELEASE = "release"
    FETCH = "fetch"
    LAPSE = "lapse"
    TAKEN = "taken"
    """Goods that were handed over on paper: what the purse holds, the rest owed; the till gets all of it."""
    TAKEN_BACK = "taken_back"
    """The same goods come back: what is owed is paid first."""


_ROUTES = {
    Flow.SPEND: (AccountKind.PURSE, AccountKind.TILL),
    Flow.RETURN: (AccountKind.TILL, AccountKind.PURSE),
    Flow.HOLD: (AccountKind.PURSE, AccountKind.HELD),
    Flow.RELEASE: (AccountKind.HELD, AccountKind.PURSE),
    Flow.FETCH: (AccountKind.HELD, AccountKind.TILL),
    Flow.LAPSE: (AccountKind.PURSE, AccountKind.LAPSED),
}


@dataclass(frozen=True)
class Move:
    """Points of one unit that are to go one way. ``points`` > 0."""

    unit: str
    points: int
    flow: Flow


@dataclass(frozen=True)
class Posting:
    """What one entry is to book. ``words``: ids, codes and numbers that the seal covers, never names."""

    kind: EntryKind
    subject_id: int
    household_id: int
    moves: tuple[Move, ...]
    words: tuple[Any, ...] = ()
    reverses_id: int | None = None


@dataclass(frozen=True)
class Posted:
    """What an entry did: ``moved`` is the signed change of the purse by unit, ``balance`` the purse after it."""

    entry_id: int
    seq: int
    seal: str
    household_id: int
    moved: dict[str, int]
    balance: dict[str, int]


@dataclass
class _Purse:
    """An account as read under the lock, and as it stands while a batch is planned."""

    id: int
    before: int
    balance: int


@dataclass
class _Book:
    """The village's chain and the accounts a batch needs, as read under the lock; missing accounts are opened on the way.

    Accounts stand by (household or None, unit, kind).
    """

    village_id: int
    chain: Any
    accounts: dict[tuple[int | None, str, str], _Purse] = field(default_factory=dict)

    def load(self, household_ids: Iterable[int]) -> None:
        """Read all accounts of these households and of the village in one statement."""
        values = {"village_id": self.village_id, "household_ids": list(household_ids)}
        for row in _FIND_ACCOUNTS.all(values):
            if row.village_id != self.village_id:
                raise RuntimeError(f"household {row.household_id} is of another village")
            self.accounts[(row.household_id, row.unit, row.kind)] = _Purse(row.id, row.balance, row.balance)

    def of(self, household_id: int | None, unit: str, kind: AccountKind) -> _Purse:
        """An account, opened when it isn't there yet."""
        found = self.accounts.get((household_id, unit, kind))
        if found is None:
            if household_id is not None:
                where = {"household_id": household_id, "village_id": self.village_id}
                if _IS_OF_VILLAGE.scalar(where) is None:
                    raise RuntimeError(f"household {household_id} is of another village")
            row = {"village_id": self.village_id, "household_id": household_id, "unit": unit, "kind": str(kind)}
            account_id = _OPEN_ACCOUNT.scalar({**row, "balance": 0})
            found = self.accounts[(household_id, unit, kind)] = _Purse(account_id, 0, 0)
        return found

    def check_spend(self, household_id: int, unit: str, points: int) -> None:
        """Raise ``NotEnoughPoints`` when the purse holds less, before anything is written."""
        purse = self.accounts.get((household_id, unit, AccountKind.PURSE))
        balance = purse.balance if purse else 0
        if balance < points:
            raise NotEnoughPoints(unit=str(unit), balance=balance, points=points)

    def changed(self) -> list[dict[str, int]]:
        """The balances to write: id, old and new."""
        return [
            {"account_id": account.id, "old": account.before, "new": account.balance}
            for account in self.accounts.values()
            if account.balance != account.before
        ]


_ACCOUNT, _CHAIN, _ENTRY, _TRANSFER = Account.__table__, Chain.__table__, Entry.__table__, Transfer.__table__
_LOCK = Prepared(
    select(_CHAIN.c.seq, _CHAIN.c.seal, _CHAIN.c.recorded_at)
    .where(_CHAIN.c.village_id == bindparam("village_id"))
    .with_for_update()
)
_NEW_CHAIN = Prepared({
    name: dialect.insert(_CHAIN).values(values_of(_CHAIN)).on_conflict_do_nothing(index_elements=[_CHAIN.c.village_id])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
})  # fmt: skip
_MOVE_CHAIN = Prepared(
    update(_CHAIN)
    .where(_CHAIN.c.village_id == bindparam("of_village"))
    .values(seq=bindparam("new_seq"), seal=bindparam("new_seal"), recorded_at=bindparam("new_recorded_at"))
)
_FIND_ACCOUNTS = Prepared(
    select(
        _ACCOUNT.c.id, _ACCOUNT.c.village_id, _ACCOUNT.c.household_id, _ACCOUNT.c.unit, _ACCOUNT.c.kind, _ACCOUNT.c.balance
    ).where(
        or_(
            _ACCOUNT.c.household_id.in_(bindparam("household_ids", expanding=True)),
            (_ACCOUNT.c.village_id == bindparam("village_id")) & _ACCOUNT.c.household_id.is_(None),
        )
    )
)  # fmt: skip
# By its table's name alone: the ledger knows nobody, but points must stay in their village.
_HOUSEHOLD = table("household", column("id"), column("village_id"))
_IS_OF_VILLAGE = Prepared(
    select(_HOUSEHOLD.c.id).where(
        _HOUSEHOLD.c.id == bindparam("household_id"), _HOUSEHOLD.c.village_id == bindparam("village_id")
    )
)
_OPEN_ACCOUNT = into(_ACCOUNT, "id", returning="id")
_SET_BALANCE = Prepared(
    update(_ACCOUNT)
    .where(_ACCOUNT.c.id == bindparam("account_id"), _ACCOUNT.c.balance == bindparam("old"))
    .values(balance=bindparam("new"))
)
_NEW_ENTRY, _NEW_TRANSFER = into(_ENTRY), into(_TRANSFER, "id")
_NEW_CHECKPOINT = into(Checkpoint.__table__, "id")


def lock(village_id: int) -> Any:
    """Take the village's chain row: whoever holds it is alone in this village's ledger until the commit.

    Gives its seq, seal and recorded_at. Must stand first in a write that moves points.
    """
    if not in_atomic():
        raise RuntimeError("lock outside atomic()")
    chain = _LOCK.first({"village_id": village_id})
    if chain is None:
        row = {"village_id": village_id, "seq": 0, "seal": seals.GENESIS, "recorded_at": clock.start_of(clock.today())}
        _NEW_CHAIN.run(row)
        chain = _LOCK.first({"village_id": village_id})
    return chain


def open_book(village_id: int, household_ids: Iterable[int], *, chain: Any = None) -> _Book:
    """Read these households' accounts under the village's lock. ``chain``: what ``lock`` gave, if nothing was posted since."""
    book = _Book(village_id, chain or lock(village_id))
    book.load(household_ids)
    return book


def post(
    village_id: int, postings: Sequence[Posting], *, by: int | None, batch: str | None = None, book: _Book | None = None
) -> list[Posted]:
    """_Book entries, all or none, in their order, under the village's lock.

    ``by``: the user who acts (None: the household itself, or the day's run). ``batch``: one reference on all entries of
    a notice or event. ``book``: where the caller has opened it. Raises ``NotEnoughPoints`` when a strict flow (SPEND,
    HOLD, LAPSE) finds too little.
    """
    if not postings:
        lock(village_id)
        return []
    book = book or open_book(village_id, {posting.household_id for posting in postings})
    chain = book.chain
    now = max(clock.now(), chain.recorded_at)
    seal_yesterday(village_id, chain, now)
    entries: list[dict[str, Any]] = []
    transfers: list[dict[str, Any]] = []
    posted: list[Posted] = []
    seq, seal = chain.seq, chain.seal
    for posting in postings:
        seq += 1
        entry = _entry_row(village_id, seq, posting, by=by, batch=batch, now=now)
        rows, moved = _plan(book, posting, entry["id"])
        content = seals.canonical(
            entry, [(r["unit"], r["source_id"], r["destination_id"], r["points"], r["balance_after"]) for r in rows]
        )
        seal = entry["seal"] = seals.seal(seal, content)
        entries.append(entry)
        transfers += rows
        balance = {unit: book.of(posting.household_id, unit, AccountKind.PURSE).balance for unit in moved}
        posted.append(Posted(entry["id"], seq, seal, posting.household_id, moved, balance))
    _write(book, entries, transfers)
    _MOVE_CHAIN.run({"of_village": village_id, "new_seq": seq, "new_seal": seal, "new_recorded_at": now})
    return posted


def reverse(entry_id: int, *, by: int | None, words: tuple[Any, ...] = ()) -> Posted:
    """_Book the mirror of a deed's entry, once. What the purse lacks is owed; later awards pay that first.

    Reversing a deduction returns only what was taken. Raises ``AlreadyReversed``, ``NotReversible``.
    The caller holds the rule that a second person does this.
    """
    original = db.session.execute(select(_ENTRY).where(_ENTRY.c.id == entry_id)).one()
    if original.kind != EntryKind.DEED:
        raise NotReversible
    lock(original.village_id)
    if db.session.scalar(select(_ENTRY.c.id).where(_ENTRY.c.reverses_id == entry_id)) is not None:
        raise AlreadyReversed
    moves = tuple(_mirror(entry_id))
    posting = Posting(EntryKind.REVERSAL, entry_id, original.household_id, moves, words, reverses_id=entry_id)
    return post(original.village_id, [posting], by=by)[0]


def touch(village_id: int) -> None:
    """Move the chain's clock on without an entry: nothing is recorded before this moment any more.

    Closing a month does this, so that a clock set back can't book into it.
    """
    chain = lock(village_id)
    now = max(clock.now(), chain.recorded_at)
    seal_yesterday(village_id, chain, now)
    _MOVE_CHAIN.run({
        "of_village": village_id, "new_seq": chain.seq, "new_seal": chain.seal, "new_recorded_at": now,
    })  # fmt: skip


def seal_yesterday(village_id: int, chain: Any, now: datetime) -> None:
    """Keep the seal that the last booked day ended with, before the first booking of a new day changes the chain."""
    last_day = clock.day_of(chain.recorded_at)
    if chain.seq == 0 or last_day >= clock.day_of(now):
        return
    known = select(Checkpoint.id).where(Checkpoint.village_id == village_id, Checkpoint.day == last_day)
    if db.session.scalar(known) is None:
        row = {"village_id": village_id, "day": last_day, "seq": chain.seq, "seal": chain.seal}
        _NEW_CHECKPOINT.run(row)


def _entry_row(
    village_id: int, seq: int, posting: Posting, *, by: int | None, batch: str | None, now: datetime
) -> dict[str, Any]:
    day = clock.day_of(now)
    return {
        "id": village_id * ENTRY_IDS + seq, "village_id": village_id, "seq": seq, "kind": str(posting.kind),
        "subject_id": posting.subject_id, "household_id": posting.household_id, "day": day,
        "month": clock.month_of(day), "batch": batch, "reverses_id": posting.reverses_id, "by_id": by,
        "recorded_at": now, "words": list(posting.words),
    }  # fmt: skip


def _plan(book: _Book, posting: Posting, entry_id: int) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The transfers of one posting, with the book's balances moved on; and what the purse got or lost by unit."""
    rows: list[dict[str, Any]] = []
    moved: dict[str, int] = {}
    for move in posting.moves:
        purse_before = book.of(posting.household_id, move.unit, AccountKind.PURSE).balance
        for source, destination, points in _legs(book, posting, move):
            rows.append(_transfer(book, posting, entry_id, move.unit, source, destination, points))
        after = book.of(posting.household_id, move.unit, AccountKind.PURSE).balance
        moved[move.unit] = moved.get(move.unit, 0) + after - purse_before
    return rows, moved


def _legs(book: _Book, posting: Posting, move: Move) -> list[tuple[AccountKind, AccountKind, int]]:
    """From where to where how many points go for a move, given what lies there now."""
    if type(move.points) is not int or move.points <= 0:
        raise ValueError("points must be a whole number above zero")
    purse = book.of(posting.household_id, move.unit, AccountKind.PURSE)
    fund = AccountKind.FUND
    if move.flow is Flow.AWARD:
        owed = book.accounts.get((posting.household_id, move.unit, AccountKind.OWED))
        pays = min(move.points, -owed.balance) if owed else 0
        legs = [(fund, AccountKind.OWED, pays), (fund, AccountKind.PURSE, move.points - pays)]
    elif move.flow is Flow.DEDUCT:
        taken = min(move.points, purse.balance)
        legs = [(AccountKind.PURSE, fund, taken)]
        if posting.kind is EntryKind.REVERSAL:
            legs.append((AccountKind.OWED, fund, move.points - taken))
    elif move.flow is Flow.TAKEN:
        taken, till = min(move.points, purse.balance), AccountKind.TILL
        legs = [(AccountKind.PURSE, till, taken), (AccountKind.OWED, till, move.points - taken)]
    elif move.flow is Flow.TAKEN_BACK:
        owed, till = book.accounts.get((posting.household_id, move.unit, AccountKind.OWED)), AccountKind.TILL
        pays = min(move.points, -owed.balance) if owed else 0
        legs = [(till, AccountKind.OWED, pays), (till, AccountKind.PURSE, move.points - pays)]
    else:
        source, destination = _ROUTES[move.flow]
        if source is AccountKind.PURSE and purse.balance < move.points:
            raise NotEnoughPoints(unit=str(move.unit), balance=purse.balance, points=move.points)
        legs = [(source, destination, move.points)]
    return [leg for leg in legs if leg[2] > 0]


def _transfer(
    book: _Book, posting: Posting, entry_id: int, unit: str, source: AccountKind, destination: AccountKind, points: int
) -> dict[str, Any]:
    """One row, and the household's account that it touches moved on."""
    of_household = {AccountKind.PURSE, AccountKind.OWED}
    balance_after: int | None = None
    ids = []
    for kind, change in ((source, -points), (destination, points)):
        owner = posting.household_id if kind in of_household else None
        account = book.of(owner, unit, kind)
        if owner is not None:
            account.balance += change
            balance_after = account.balance
        ids.append(account.id)
    return {
        "entry_id": entry_id, "village_id": book.village_id, "unit": str(unit), "source_id": ids[0],
        "destination_id": ids[1], "points": points, "balance_after": balance_after,
    }  # fmt: skip


def _mirror(entry_id: int) -> Iterable[Move]:
    """The moves that undo a deed's entry, by unit: an award is taken back whole, a deduction given back as taken."""
    source = _ACCOUNT.alias()
    rows = db.session.execute(
        select(_TRANSFER.c.unit, _TRANSFER.c.points, source.c.kind)
        .join(source, source.c.id == _TRANSFER.c.source_id)
        .where(_TRANSFER.c.entry_id == entry_id)
        .order_by(_TRANSFER.c.id)
    ).all()
    totals: dict[tuple[str, Flow], int] = {}
    for row in rows:
        flow = Flow.DEDUCT if row.kind == AccountKind.FUND else Flow.AWARD
        totals[(row.unit, flow)] = totals.get((row.unit, flow), 0) + row.points
    return [Move(unit, points, flow) for (unit, flow), points in totals.items()]


def _write(book: _Book, entries: list[dict[str, Any]], transfers: list[dict[str, Any]]) -> None:
    """All rows of a batch. A balance that isn't what was read under the lock means a broken wall: nothing is kept."""
    _NEW_ENTRY.run_many(entries)
    _NEW_TRANSFER.run_many(transfers)
    changes = book.changed()
    if _SET_BALANCE.run_many(changes) != len(changes):
        raise RuntimeError("a balance changed under the village's lock")
