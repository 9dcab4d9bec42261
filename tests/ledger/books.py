"""What the ledger's tests do to a village's books, as the packages to its right do it: keyed, locked, in one write.

``Books`` settles, deducts, redeems, takes back and reverses; ``rows`` reads everything that a law is about.
"""

import itertools
import os
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tests import factories
from virtue import clock
from virtue.core import audit, keys, remarks
from virtue.core.models import Remark
from virtue.extensions import db
from virtue.ledger import services
from virtue.ledger.models import Account, Chain, Checkpoint, Entry, EntryKind, Transfer
from virtue.ledger.services import Flow, Move, Posting
from virtue.scores import services as scores
from virtue.scores.models import Tally
from virtue.scores.services import Change
from virtue.transactions import atomic

_subjects = itertools.count(1)


@dataclass(frozen=True)
class Deed:
    """A settled deed, as its tally has it: ``points`` negative for a deduction."""

    entry_id: int
    village_id: int
    household_id: int
    unit: str
    points: int
    dimension: str
    month: int


class Books:
    """One village's books. Every act takes a key, so that it can be sent again."""

    def __init__(self, village_id: int) -> None:
        self.village_id = village_id

    def settle(self, key: str, deeds: list[tuple[int, str, int, str]], *, batch: str | None = None) -> keys.Outcome:
        """Settle deeds (household, unit, signed points, dimension) in one write, as the end of a notice does."""

        def work() -> dict[str, Any]:
            month = clock.month_of(clock.today())
            postings = [
                Posting(EntryKind.DEED, subject(), household, (_move(unit, points),), (unit, points, dimension))
                for household, unit, points, dimension in deeds
            ]
            posted = services.post(self.village_id, postings, by=None, batch=batch)
            changes = [
                Change(month, household, dimension, unit, max(points, 0), max(-points, 0), 1, entry.seq)
                for (household, unit, points, dimension), entry in zip(deeds, posted, strict=True)
            ]
            scores.add(self.village_id, changes)
            return self._answer("settle", posted)

        return self._once(key, "settle", deeds, work)

    def redeem(self, key: str, household_id: int, **units: int) -> keys.Outcome:
        """Pay with points of one or both units; what the till writes first goes too when the purse says no."""

        def work() -> dict[str, Any]:
            remarks.keep("一桶油", village_id=self.village_id)
            moves = tuple(Move(unit, points, Flow.SPEND) for unit, points in units.items() if points)
            posting = Posting(EntryKind.ORDER, subject(), household_id, moves)
            return self._answer("redeem", services.post(self.village_id, [posting], by=None))

        return self._once(key, "redeem", [household_id, units], work)

    def give_back(self, key: str, order: tuple[int, dict[str, int]], household_id: int) -> keys.Outcome:
        """Take an order's goods back, once: the ledger keeps a second return of the same order out."""
        number, units = order

        def work() -> dict[str, Any]:
            moves = tuple(Move(unit, points, Flow.RETURN) for unit, points in units.items() if points)
            posting = Posting(EntryKind.RETURN, number, household_id, moves)
            return self._answer("return", services.post(self.village_id, [posting], by=None))

        return self._once(key, "return", [number, household_id], work)

    def move(self, key: str, kind: EntryKind, household_id: int, unit: str, points: int, flow: Flow) -> keys.Outcome:
        """Any other single move: hold, release, fetch, lapse."""

        def work() -> dict[str, Any]:
            posting = Posting(kind, subject(), household_id, (Move(unit, points, flow),))
            return self._answer(str(kind), services.post(self.village_id, [posting], by=None))

        return self._once(key, str(kind), [household_id, unit, points], work)

    def reverse(self, key: str, deed: Deed, *, by: int | None = None) -> keys.Outcome:
        """Reverse a deed: points back, tally back."""

        def work() -> dict[str, Any]:
            posted = services.reverse(deed.entry_id, by=by, words=(deed.points,))
            earned, deducted = max(deed.points, 0), max(-deed.points, 0)
            change = Change(
                deed.month, deed.household_id, deed.dimension, deed.unit, -earned, -deducted, -1, posted.seq
            )
            scores.add(self.village_id, [change])
            return self._answer("reverse", [posted])

        return self._once(key, "reverse", [deed.entry_id, by], work)

    def _answer(self, action: str, posted: list[services.Posted]) -> dict[str, Any]:
        audit.record(f"test.{action}", village_id=self.village_id, by=None, points=[p.moved for p in posted])
        return {"entries": [p.entry_id for p in posted], "balances": [p.balance for p in posted]}

    def _once(self, key: str, purpose: str, contents: Any, work: Any) -> keys.Outcome:
        lock = lambda: services.lock(self.village_id)  # noqa: E731
        return keys.run_once(key, f"test.{purpose}", contents, work, village_id=self.village_id, lock=lock)


def _move(unit: str, points: int) -> Move:
    return Move(unit, abs(points), Flow.AWARD if points > 0 else Flow.DEDUCT)


def open_village(households: int = 3) -> tuple[Books, list[int]]:
    """A village with some households: its books and their ids."""
    grid = factories.GridFactory()
    return Books(grid.village_id), [factories.HouseholdFactory(grid=grid).id for _ in range(households)]


def give(household_id: int, village_id: int, **units: int) -> list[services.Posted]:
    """Points in a purse, to start a test with."""
    with atomic():
        moves = tuple(Move(unit, points, Flow.AWARD) for unit, points in units.items())
        return services.post(village_id, [Posting(EntryKind.DEED, subject(), household_id, moves)], by=None)


def subject() -> int:
    """A subject's number that no entry has yet, in whatever process."""
    return os.getpid() * 10_000_000 + next(_subjects)


class Rows(list):
    """Rows of a table; ``of`` those of one village."""

    def of(self, village_id: int) -> list[Any]:
        """The rows of one village, in their order."""
        return [row for row in self if row.village_id == village_id]


Everything = dict[str, Rows]

# What the laws are about, in the books' own order.
_READ = {
    model.__tablename__: sa.select(model.__table__)
    .where(model.__table__.c.village_id.in_(sa.bindparam("village_ids", expanding=True)))
    .order_by(*model.__table__.primary_key)
    for model in (Account, Chain, Entry, Transfer, Checkpoint, Tally, Remark)
}


def everything(*village_ids: int) -> Everything:
    """All committed rows of these villages' books by table: what laws are about, and what a refusal leaves alone."""
    db.session.rollback()
    return {name: Rows(db.session.execute(query, {"village_ids": village_ids})) for name, query in _READ.items()}
