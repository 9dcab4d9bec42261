"""A machine that does to two villages' books whatever can be done to them, in any order, and keeps its own accounts.

Small numbers and sums that lie at the edge (all there is, and one more) are what finds faults.
"""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.ledger import books, laws
from virtue import clock
from virtue.core import keys
from virtue.errors import BrokenRule, KeyReused
from virtue.ledger import queries, services
from virtue.ledger.errors import AlreadyReversed, NotEnoughPoints
from virtue.ledger.models import EntryKind
from virtue.ledger.services import Flow
from virtue.transactions import atomic

HOUSEHOLDS = st.integers(0, 2)
UNITS = st.sampled_from(["home", "civility"])
POINTS = st.integers(1, 3)
DIMENSIONS = st.sampled_from(["-", "孝老"])
# Mostly of what was done last.
RECENT = st.sampled_from([-1, -1, -1, -2, -3, -5, 0])
# How a sum lies to what the purse holds: less by one, all, one more.
EDGES = st.sampled_from([0, 1, -1])


@dataclass
class Settled:
    """A settled deed as the machine remembers it: what really went out of or into the household's accounts."""

    deed: books.Deed
    moved: int
    is_reversed: bool = False


@dataclass
class Sent:
    """A key that was used: how to send it again, with the same or other contents, and what was answered."""

    again: Any
    otherwise: Any
    answer: Any


class Ledger(RuleBasedStateMachine):
    """Two villages, of two households and of one. What they should hold stands in ``purse``, ``owed`` and ``tally``."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 30, 15, 50, tzinfo=UTC)
        self.villages: list[books.Books] = []
        self.households: list[tuple[books.Books, int]] = []
        for households in (2, 1):
            village, ids = books.open_village(households)
            self.villages.append(village)
            self.households += [(village, number) for number in ids]
            with clock.set_to(self.now), atomic():
                services.lock(village.village_id)
        self.purse: dict[tuple[int, str], int] = defaultdict(int)
        self.owed: dict[tuple[int, str], int] = defaultdict(int)
        self.held: dict[tuple[int, str], int] = defaultdict(int)
        self.tally: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self.seq: dict[int, int] = defaultdict(int)
        self.deeds: list[Settled] = []
        self.orders: list[tuple[books.Books, int, tuple[int, dict[str, int]]]] = []
        self.sent: list[Sent] = []
        self.seen: books.Everything | None = None
        for household in range(len(self.households)):
            self._settle([(household, "home", 2, "-"), (household, "civility", 3, "-")])

    # What can be done.

    @rule(household=HOUSEHOLDS, unit=UNITS, points=POINTS, dimension=DIMENSIONS)
    def award(self, household, unit, points, dimension):
        self._settle([(household, unit, points, dimension)])

    @rule(household=HOUSEHOLDS, unit=UNITS, first=st.integers(0, 2), edge=EDGES, dimension=DIMENSIONS)
    def deduct(self, household, unit, first, edge, dimension):
        if first:
            self.award(household, unit, first, dimension)
        purse = self.purse[self.households[household][1], unit]
        self._settle([(household, unit, -max(purse + edge, 1), dimension)])

    @rule(
        rows=st.lists(st.tuples(HOUSEHOLDS, UNITS, st.sampled_from([1, 2, -1, -3]), DIMENSIONS), min_size=2, max_size=5)
    )
    def close_notice(self, rows):
        village = self.households[rows[0][0]][0]
        self._settle([row for row in rows if self.households[row[0]][0] is village], batch="notice")

    @rule(household=HOUSEHOLDS, home=EDGES, civility=EDGES, units=st.sampled_from(["home", "civility", "both"]))
    def redeem(self, household, home, civility, units):
        village, number = self.households[household]
        asked = {"home": self.purse[number, "home"] + home, "civility": self.purse[number, "civility"] + civility}
        asked = {unit: max(points, 1) for unit, points in asked.items() if units in {unit, "both"}}
        enough = all(self.purse[number, unit] >= points for unit, points in asked.items())
        more = {**asked, "home": asked.get("home", 0) + 1}
        answer = self._send(
            lambda key: village.redeem(key, number, **asked),
            lambda key: village.redeem(key, number, **more),
            refusal=None if enough else NotEnoughPoints,
        )
        if enough:
            for unit, points in asked.items():
                self.purse[number, unit] -= points
            self.seq[village.village_id] += 1
            self._answered(answer, number, asked)
            entry = queries.db.session.get(queries.Entry, answer["entries"][0])
            self.orders.append((village, number, (entry.subject_id, asked)))

    @precondition(lambda self: self.orders)
    @rule(which=RECENT)
    def give_back(self, which):
        village, number, order = self.orders.pop(max(which, -len(self.orders)))
        answer = self._send(
            lambda key: village.give_back(key, order, number),
            lambda key: village.give_back(key, (order[0] + 1, order[1]), number),
        )
        for unit, points in order[1].items():
            self.purse[number, unit] += points
        self.seq[village.village_id] += 1
        self._answered(answer, number, order[1])

    @precondition(lambda self: any(not settled.is_reversed for settled in self.deeds))
    @rule(which=RECENT)
    def reverse_for_the_first_time(self, which):
        standing = [place for place, settled in enumerate(self.deeds) if not settled.is_reversed]
        self.reverse(standing[max(which, -len(standing))])

    @precondition(lambda self: self.deeds)
    @rule(which=RECENT)
    def reverse(self, which):
        settled = self.deeds[max(which, -len(self.deeds))]
        deed = settled.deed
        village = next(village for village in self.villages if village.village_id == deed.village_id)
        answer = self._send(
            lambda key: village.reverse(key, deed),
            lambda key: village.reverse(key, deed, by=1),
            refusal=AlreadyReversed if settled.is_reversed else None,
        )
        if settled.is_reversed:
            return
        settled.is_reversed = True
        purse = deed.household_id, deed.unit
        if deed.points > 0:
            taken = min(settled.moved, self.purse[purse])
            self.purse[purse] -= taken
            self.owed[purse] += settled.moved - taken
        else:
            self._earn(purse, -settled.moved)
        self._count(deed, sign=-1)
        self._answered(answer, deed.household_id, {deed.unit} if settled.moved else set())

    @rule(household=HOUSEHOLDS, unit=UNITS, edge=EDGES, lapse=st.sampled_from([False, False, True]))
    def hold_or_lapse(self, household, unit, edge, lapse):
        points = max(self.purse[self.households[household][1], unit] + edge, 1)
        kind, flow = (EntryKind.LAPSE, Flow.LAPSE) if lapse else (EntryKind.RESERVATION, Flow.HOLD)
        if self._move(kind, household, unit, points, flow) and not lapse:
            self.held[household, unit] += points

    @precondition(lambda self: any(self.held.values()))
    @rule(which=RECENT, fetch=st.booleans())
    def end_hold(self, which, fetch):
        held = [key for key, points in self.held.items() if points]
        household, unit = held[max(which, -len(held))]
        points = self.held.pop((household, unit))
        kind, flow = (EntryKind.FETCH, Flow.FETCH) if fetch else (EntryKind.RELEASE, Flow.RELEASE)
        self._move(kind, household, unit, points, flow)

    @precondition(lambda self: self.sent)
    @rule(which=RECENT)
    def send_again(self, which):
        sent = self.sent[max(which, -len(self.sent))]
        before = self._everything()
        try:
            with self._acting():
                again = sent.again()
        except BrokenRule as error:
            assert (type(error), error.params) == sent.answer
        else:
            assert again.is_repeat
            assert again.result == sent.answer
        assert self._everything() == before, "a repeated key changed something"

    @precondition(lambda self: self.sent)
    @rule(which=RECENT)
    def send_otherwise(self, which):
        before = self._everything()
        try:
            with self._acting():
                self.sent[max(which, -len(self.sent))].otherwise()
        except KeyReused:
            pass
        else:
            raise AssertionError("a key was taken for something else")
        assert self._everything() == before, "a reused key changed something"

    @rule(household=HOUSEHOLDS)
    def book_elsewhere(self, household, unit="home"):
        village, number = self.households[household]
        other = next(each for each in self.villages if each is not village)
        before = self._everything()
        try:
            with self._acting():
                other.settle(keys.new(), [(number, unit, 1, "-")])
        except RuntimeError:
            pass
        else:
            raise AssertionError("points crossed into another village")
        assert self._everything() == before

    @rule(hours=st.sampled_from([1, 1, 24, 50, -30]))
    def wait(self, hours):
        self.now += timedelta(hours=hours)

    # What must hold after every step.

    @invariant()
    def the_laws_hold(self):
        found = self._everything()
        for village in self.villages:
            laws.check(found, village.village_id)
            assert len(found["entry"].of(village.village_id)) == self.seq[village.village_id]
            ours = {key[1:]: tuple(sums) for key, sums in self.tally.items() if key[0] == village.village_id}
            assert laws.tallies(found, village.village_id) == ours

    @invariant()
    def the_balances_are_ours(self):
        found = queries.balances([number for _, number in self.households])
        for _, number in self.households:
            for unit in ("home", "civility"):
                balance = found[number]
                assert balance.of(unit) == self.purse[number, unit], f"{unit} of {number}"
                assert getattr(balance, f"{unit}_owed") == self.owed[number, unit], f"{unit} owed by {number}"

    # How it is done.

    def _settle(self, rows, batch=None):
        village = self.households[rows[0][0]][0]
        deeds = [(self.households[place][1], unit, points, dimension) for place, unit, points, dimension in rows]
        other = [(household, unit, points + 9, dimension) for household, unit, points, dimension in deeds]
        answer = self._send(
            lambda key: village.settle(key, deeds, batch=batch), lambda key: village.settle(key, other, batch=batch)
        )
        with clock.set_to(self.now):
            month = clock.month_of(clock.today())
        for entry_id, (household, unit, points, dimension) in zip(answer["entries"], deeds, strict=True):
            if points > 0:
                moved = points
                self._earn((household, unit), points)
            else:
                moved = -min(-points, self.purse[household, unit])
                self.purse[household, unit] += moved
            deed = books.Deed(entry_id, village.village_id, household, unit, points, dimension, month)
            self.deeds.append(Settled(deed, moved))
            self._count(deed, sign=1)
        self._answered(answer, deeds[-1][0], {deeds[-1][1]})

    def _move(self, kind, household, unit, points, flow) -> bool:
        village, number = self.households[household]
        takes = flow in {Flow.HOLD, Flow.LAPSE}
        enough = not takes or self.purse[number, unit] >= points
        self._send(
            lambda key: village.move(key, kind, number, unit, points, flow),
            lambda key: village.move(key, kind, number, unit, points + 1, flow),
            refusal=None if enough else NotEnoughPoints,
        )
        if enough:
            change = -points if takes else points if flow is Flow.RELEASE else 0
            self.purse[number, unit] += change
            self.seq[village.village_id] += 1
        return enough

    def _earn(self, purse: tuple[int, str], points: int) -> None:
        pays = min(points, self.owed[purse])
        self.owed[purse] -= pays
        self.purse[purse] += points - pays

    def _count(self, deed: books.Deed, *, sign: int) -> None:
        self.seq[deed.village_id] += 1
        tally = self.tally[deed.village_id, deed.household_id, deed.month, deed.dimension, deed.unit]
        tally[0] += sign * max(deed.points, 0)
        tally[1] += sign * max(-deed.points, 0)
        tally[2] += sign
        tally[3] = self.seq[deed.village_id]

    def _send(self, act, otherwise, refusal: type[BrokenRule] | None = None) -> Any:
        key = keys.new()
        before = self._everything()
        answer: Any
        try:
            with self._acting():
                outcome = act(key)
        except BrokenRule as error:
            assert type(error) is refusal, f"{error.code} where {refusal} was due"
            assert self._everything() == before, "a refused operation changed something"
            answer = type(error), error.params
        else:
            assert refusal is None, f"done, where {refusal} was due"
            assert not outcome.is_repeat
            answer = outcome.result
        self.sent.append(Sent(lambda: act(key), lambda: otherwise(key), answer))
        return answer

    def _answered(self, answer, household: int, units) -> None:
        told = answer["balances"][-1]
        assert told == {unit: self.purse[household, unit] for unit in told}, "the answer tells another balance"
        assert set(units) == set(told)

    def _everything(self) -> books.Everything:
        """What stands in the books; read once for each act."""
        if self.seen is None:
            self.seen = books.everything(*(village.village_id for village in self.villages))
        return self.seen

    @contextmanager
    def _acting(self):
        """An act is being done: at the machine's time, and what was read before is read again."""
        self._everything()
        self.seen = None
        with clock.set_to(self.now):
            yield
