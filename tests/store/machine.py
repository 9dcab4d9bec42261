"""A machine that does at two stores of a village whatever can be done there, in any order, and keeps its own accounts.

Small numbers, and those that lie at the edge (the last piece, the last point, and one more), are what finds faults.
"""

from collections.abc import Callable, Collection
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests import factories
from tests.store import papers
from tests.store.shelves import Asked, Lot, Refused, Shelves
from virtue import clock
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people.models import Household
from virtue.store import (
    delivery_services,
    goods_services,
    reservation_fetching,
    reservation_releasing,
    reservation_services,
    services,
    stock_services,
    stocktake_queries,
    stocktake_services,
    transfer_services,
)
from virtue.store import stocktake_booking_services as booking
from virtue.store.delivery_services import Line, Paper
from virtue.store.donor_services import NewDonor
from virtue.store.reservation_services import Wanted
from virtue.store.services import Piece

HOUSEHOLDS = TWO = st.integers(0, 1)
GOODS = st.integers(0, 2)
UNITS = st.sampled_from(["home", "civility"])
# So many pieces; or all that lie there, or that the purse pays for, and one more.
PIECES = st.sampled_from([1, 1, 1, 1, 2, 2, 3, "all", "all + 1", "purse", "purse + 1", 0])
BASKETS = st.lists(st.tuples(GOODS, PIECES, UNITS), min_size=1, max_size=3)
ONE = st.tuples(GOODS, st.just(1), UNITS).map(lambda line: [line])
# Mostly of what was done last.
RECENT = st.sampled_from([-1, -1, -1, -2, -3, -5, 0])
# Mostly of what can still be done something with.
OPEN = st.sampled_from([True, True, False])
OUT = st.sampled_from([1, 1, 1, 2, "all", "all + 1", 0])
MORE = st.sampled_from([0, 0, 0, 0, 1, -1, -2])
# What a piece costs, and its prices. The third is dear: two of it missing in a stocktake must be signed for.
RANGE = ((350, {"home": 2, "civility": 1}), (250, {"home": 1}), (2600, {"home": 3, "civility": 2}))
SIGNED_FROM_FEN = 5000
WAITS = st.sampled_from(
    [timedelta(minutes=20), timedelta(hours=3), timedelta(days=1), timedelta(days=1), timedelta(days=8)]
)


@dataclass
class Sent:
    """A key that was used: how to send it again, and what was answered."""

    again: Callable[[], Any]
    answer: Any


class Stores(RuleBasedStateMachine):
    """A village's two stores, two keepers, two households and three goods. What should stand there is in ``shelves``."""

    def __init__(self) -> None:
        super().__init__()
        # Ten to midnight in Shanghai, near a month's end.
        self.now = datetime(2026, 3, 30, 15, 50, tzinfo=UTC)
        self.shelves, self.sent, self.seen = Shelves(), list[Sent](), None
        # Good and unit whose price was changed last: the one that a page may still show.
        self.repriced: tuple[int, str] | None = None
        with clock.set_to(self.now):
            self._open()

    def _open(self) -> None:
        with factories.together():
            grid = factories.GridFactory()
            village = grid.village
            self.village_id = village.id
            self.households = [factories.HouseholdFactory(grid=grid).id for _ in range(2)]
            self.keepers = [factories.keeper(village).id for _ in range(2)]
            self.supervisor = factories.supervisor(village).id
            self.stores = [factories.StoreFactory(village_id=village.id, name=name).id for name in ("一店", "二店")]
            self.goods = []
            for cost_fen, prices in RANGE:
                good = factories.ItemFactory(village_id=village.id, cost_fen=cost_fen)
                self.goods.append(good.id)
                for unit, points in prices.items():
                    price = factories.PriceFactory(item=good, unit=unit, points=points)
                    self.shelves.prices[good.id, unit] = [(price.from_on, price.id, points)]
        for place, days in ((0, 1), (0, None), (1, 3)):
            self.receive(place, [(good, 2, days) for good in range(3)], is_gift=False, is_dear=False, is_taken=True)
        for household in range(2):
            self.earn(household, 8, "home")
            self.earn(household, 5, "civility")

    # What can be done.

    @rule(household=HOUSEHOLDS, points=st.integers(1, 5), unit=UNITS)
    def earn(self, household, points, unit):
        with self._acting():
            factories.give(db.session.get_one(Household, self.households[household]), **{unit: points})
        self.shelves.purse[self.households[household], unit] += points

    @rule(
        place=TWO, is_gift=st.booleans(), is_dear=st.sampled_from([False, False, False, True]), is_taken=st.booleans(),
        rows=st.lists(st.tuples(GOODS, st.integers(1, 3), st.sampled_from([None, 0, 3, 9])), min_size=1, max_size=2),
    )  # fmt: skip
    def receive(self, place, rows, is_gift, is_dear, is_taken):
        """Below the village's sum the goods lie there at once; above it when, and if, a second person confirms."""
        cost = 100_000 if is_dear else 200
        lots = [Lot(self.stores[place], self.goods[good], self._day(days), pieces) for good, pieces, days in rows]
        paper = Paper("donated", new_donor=NewDonor("爱心人士")) if is_gift else Paper("bought", "镇批发部")
        lines = [Line(lot.good, lot.left, cost, lot.best_before) for lot in lots]
        enter = delivery_services.enter
        answer = self._done(lambda key, by: enter(self.village_id, self.stores[place], paper, lines, key=key, by=by))
        assert answer["state"] == ("waiting" if is_dear else "done"), "the second pair of eyes"
        if is_dear and is_taken:
            number, confirm = answer["delivery_id"], delivery_services.confirm
            answer = self._done(lambda key, by: confirm(self.village_id, number, key=key, by=by), by=1)
        assert len(answer["batch_ids"]) == (len(lots) if is_taken or not is_dear else 0), "in stock"
        self.shelves.lots.update(zip(answer["batch_ids"], lots, strict=False))

    @rule(
        place=TWO, till=TWO, household=HOUSEHOLDS, basket=BASKETS, asks=st.booleans(),
        is_stale=st.booleans(),
    )  # fmt: skip
    def sell(self, place, till, household, basket, asks=True, is_stale=False):
        """Over the counter, perhaps after asking what it comes to, or from a page that shows the prices before these.

        What the household didn't fetch in time is released first, and stays so when the rest is refused.
        """
        store, number = self.stores[place], self.households[household]
        by, at, day = self.keepers[till], self.now + timedelta(seconds=1), self._day(0)
        due = self.shelves.release_overdue(day, number)
        if is_stale and self.repriced is not None:
            basket = [(self.repriced[0], 1, self.repriced[1]), *basket[1:]]
        asked = self._asked(store, number, basket, is_stale=is_stale)
        pieces = [Piece(piece.good, piece.quantity, piece.unit, piece.price_id) for piece in asked]
        quote = self._quoted(lambda: services.quote(self.village_id, store, number, pieces, by=by)) if asks else None
        redeem = services.redeem
        order, answer = self._tried(
            lambda: self.shelves.sell(store, number, asked, at, day, by),
            lambda key, by: redeem(self.village_id, store, number, pieces, key=key, by=by), by=till,
            releases=bool(due) and not asks,
        )  # fmt: skip
        if order is None:
            assert quote in {None, answer}, "asking told otherwise than paying"
            return
        balance = {unit: self.shelves.purse[number, unit] for unit in answer["points"]}
        assert answer["balance"] == balance, "the answer tells another balance"
        assert quote is None or (quote.points, quote.left) == (answer["points"], balance), "asked"
        self.shelves.orders[answer["order_id"]] = order

    @rule(place=TWO, till=TWO, household=HOUSEHOLDS, basket=ONE)
    def sell_one(self, place, till, household, basket):
        self.sell(place, till, household, basket, asks=False)

    @precondition(lambda self: self.shelves.orders)
    @rule(
        which=RECENT,
        till=TWO,
        lines=st.sampled_from([None, None, {0}, {1}, {0, 1}]),
        why=st.sampled_from(["退货", "退货", ""]),
        is_open=OPEN,
    )
    def give_back(self, which, till, lines, why, is_open):
        whole = {number for number, one in self.shelves.orders.items() if len(one.back) == len(one.lines)}
        number = self._of(self.shelves.orders, which, whole if is_open else set())
        order = self.shelves.orders[number]
        chosen = None if lines is None else {place for place in lines if place < len(order.lines)} or {0}
        ids = [row.id for row in self._everything()["order_line"] if row.order_id == number]
        asked = None if chosen is None else [ids[place] for place in chosen]
        at = self.now + timedelta(seconds=1)
        points, answer = self._tried(
            lambda: self.shelves.give_back(number, chosen, at, self.keepers[till], why),
            lambda key, by: services.give_back(self.village_id, number, key=key, by=by, why=why, lines=asked), by=till,
        )  # fmt: skip
        if points is not None:
            assert answer["points"] == points, "other points came back"
            assert answer["is_whole"] == (len(order.back) == len(order.lines)), "whole"

    @rule(household=HOUSEHOLDS, basket=BASKETS, at_desk=st.booleans())
    def reserve(self, household, basket, at_desk):
        number = self.households[household]
        asked = self._asked(self.stores[0], number, basket)
        wanted = Wanted(tuple(Piece(piece.good, piece.quantity, piece.unit, piece.price_id) for piece in asked))
        day, reserve = self._day(0), reservation_services.reserve
        found, answer = self._tried(
            lambda: self.shelves.reserve(self.stores[0], number, asked, day),
            lambda key, by: reserve(self.village_id, number, wanted, key=key, by=by), by=0 if at_desk else None,
        )  # fmt: skip
        if found is not None:
            assert answer["fetch_by"] == found.fetch_by.isoformat(), "held for another time"
            self.shelves.aside[answer["reservation_id"]] = found

    @rule(household=HOUSEHOLDS, basket=ONE)
    def reserve_one(self, household, basket):
        self.reserve(household, basket, at_desk=False)

    @precondition(lambda self: self.shelves.aside)
    @rule(which=RECENT, till=TWO, is_open=OPEN)
    def fetch(self, which, till, is_open):
        number = self._of(self.shelves.aside, which, self._ended() if is_open else set())
        due = self.shelves.release_overdue(self._day(0), self.shelves.aside[number].household)
        at, by = self.now + timedelta(seconds=1), self.keepers[till]
        order, answer = self._tried(
            lambda: self.shelves.fetch(number, at, by),
            lambda key, by: reservation_fetching.fetch(self.village_id, number, by_helper=False, key=key, by=by),
            by=till, releases=bool(due),
        )  # fmt: skip
        if order is not None:
            self.shelves.orders[answer["order_id"]] = order

    @precondition(lambda self: self.shelves.aside)
    @rule(which=RECENT, at_desk=st.booleans(), is_open=OPEN)
    def give_up(self, which, at_desk, is_open):
        number = self._of(self.shelves.aside, which, self._ended() if is_open else set())
        self._tried(
            lambda: self.shelves.release(number),
            lambda key, by: reservation_services.cancel(self.village_id, number, key=key, by=by, why="不要了"),
            by=0 if at_desk else None,
        )  # fmt: skip

    @rule()
    def the_day_is_settled(self):
        due = self.shelves.release_overdue(self._day(0))
        with self._acting():
            assert reservation_releasing.release_due(self.village_id) == len(due), "released"

    @rule(which=RECENT, pieces=OUT, reason=st.sampled_from(["broken", "expired", "lost"]))
    def write_off(self, which, pieces, reason):
        number = self._of(self.shelves.lots, which)
        quantity, day = _so_many(pieces, {"all": self.shelves.lots[number].left}), self._day(0)
        off = stock_services.write_off
        self._tried(
            lambda: self.shelves.write_off(number, quantity, reason, day),
            lambda key, by: off(self.village_id, number, quantity, reason=reason, why="压坏了", key=key, by=by),
        )  # fmt: skip

    @rule(which=RECENT, pieces=OUT, is_own=st.sampled_from([False] * 5 + [True]))
    def carry(self, which, pieces, is_own):
        """To the other store; or, wrongly, to its own."""
        number = self._of(self.shelves.lots, which)
        lot, day = self.shelves.lots[number], self._day(0)
        store = next(each for each in self.stores if (each == lot.store) is is_own)
        quantity = _so_many(pieces, {"all": lot.left})
        give = transfer_services.give_to_store
        there, answer = self._tried(
            lambda: self.shelves.carry(number, quantity, store, day),
            lambda key, by: give(self.village_id, number, quantity, store, key=key, by=by),
        )  # fmt: skip
        if there is not None:
            self.shelves.lots[answer["to_batch_id"]] = there

    @rule(
        place=TWO, first=st.tuples(MORE, MORE, MORE), last=st.tuples(MORE, MORE, MORE),
        sales=st.sets(st.sampled_from(["while counting", "before booking"])),
    )  # fmt: skip
    def count(self, place, first, last, sales):
        """Two count what lies there and some pieces more or less, count what differs together, and book it."""
        store = self.stores[place]
        opened = self._done(lambda key, by: stocktake_services.open_take(self.village_id, store, "", key=key, by=by))
        take = opened["stocktake_id"]
        goods = {one.item_id: one.id for one in stocktake_queries.goods_of(take)}
        for by in (0, 1):
            self._step(stocktake_services.join, take, by=by)
        differing: set[int] = set()
        for by in (0, 1):
            counted = {good: self._counted(store, good, more) for good, more in zip(self.goods, first, strict=True)}
            differing |= {good for good, pieces in counted.items() if pieces != self.shelves.lying(store, good)}
            self._step(stocktake_services.count, take, {goods[good]: n for good, n in counted.items()}, by=by)
            self._step(stocktake_services.hand_in, take, by=by)
            if by == 0 and "while counting" in sales:
                self.sell(place, 0, 0, [(0, 1, "home"), (2, 1, "home")])
        found = dict.fromkeys(self.goods, 0)
        for good, more in zip(self.goods, last, strict=True):
            if good in differing:
                pieces = self._counted(store, good, more)
                found[good] = pieces - self.shelves.lying(store, good)
                self._step(stocktake_services.recount, take, goods[good], pieces, by=0)
        if "before booking" in sales:
            self.sell(place, 1, 1, [(0, "all", "home")])
        self._book(take, store, goods, found)

    def _book(self, take: int, store: int, goods: dict[int, int], found: dict[int, int]) -> None:
        """Give the reasons, have it signed where it is much, or give the count up where it no longer fits."""
        reasons = {goods[good]: "lost" for good, difference in found.items() if difference}
        worth = sum(abs(pieces) * cost_fen for pieces, (cost_fen, _) in zip(found.values(), RANGE, strict=True))
        day, propose, sign = self._day(0), booking.propose, booking.sign
        if worth >= SIGNED_FROM_FEN:
            self._step(propose, take, reasons, why="找过了", by=1)
            act, by = lambda key, by: sign(self.village_id, take, key=key, by=by), 2
        else:
            act, by = lambda key, by: propose(self.village_id, take, reasons, why="找过了", key=key, by=by), 1
        lots, _ = self._tried(lambda: self.shelves.make_right(store, found, day), act, by)
        if lots is None:
            self._step(stocktake_services.cancel, take, why="重新盘", by=0)
            return
        new = [row.id for row in self._everything()["batch"] if row.id not in self.shelves.lots]
        self.shelves.lots.update(zip(new, lots, strict=True))

    @rule(good=GOODS, unit=UNITS, points=st.sampled_from([1, 2, 3, 4, None]), days=st.sampled_from([0, 0, 0, 1]))
    def change_price(self, good, unit, points, days):
        """From today, or from tomorrow; the same as it is by then writes nothing."""
        number, day = self.goods[good], self._day(days)
        with self._acting():
            change = goods_services.set_price
            price_id = change(self.village_id, number, unit, points, day, by=self.keepers[0], why="两委会议定")
        assert (price_id is None) == (self.shelves.price(number, unit, day)[1] == points), "a price"
        if price_id is not None:
            self.shelves.prices.setdefault((number, unit), []).append((day, price_id, points))
            self.repriced = good, unit

    @precondition(lambda self: self.sent)
    @rule(which=RECENT)
    def send_again(self, which):
        self.the_day_is_settled()
        sent = self.sent[max(which, -len(self.sent))]
        before = self._everything()
        try:
            with self._acting():
                again = sent.again()
        except BrokenRule as error:
            assert type(error) is sent.answer, "a repeated key was refused otherwise"
        else:
            assert (again.result, again.is_repeat) == (sent.answer, True), "a repeated key did something"
        assert self._everything() == before, "a repeated key changed something"

    @rule(time=WAITS)
    def wait(self, time):
        self.now += time

    # What must hold after every step.

    @invariant()
    def the_papers_agree(self):
        papers.check(self._everything())

    @invariant()
    def it_is_as_it_should_be(self):
        found = self._everything()
        lots = {row.id: Lot(row.store_id, row.item_id, row.best_before, row.quantity) for row in found["batch"]}
        assert lots == self.shelves.lots, "other goods lie there"
        assert papers.held(found) == self.shelves.held(), "other points are held"
        balances = ledger.balances(self.households)
        for number in self.households:
            for unit in ("home", "civility"):
                assert balances[number].of(unit) == self.shelves.purse[number, unit], f"{unit} of {number}"
        lines = [(row.order_id, row.item_id, row.quantity, row.unit, row.points) for row in found["order_line"]]
        ours = sorted(self.shelves.orders.items())
        assert lines == [
            (n, line.good, line.quantity, line.unit, line.points) for n, one in ours for line in one.lines
        ], "other prices"

    # How it is done.

    def _tried(
        self,
        ours: Callable[[], Any],
        act: Callable[[str, int | None], Any],
        by: int | None = 0,
        *,
        releases: bool = False,
    ) -> tuple[Any, Any]:
        """Do it, told beforehand what must come of it: what ``ours`` made and the answer; None and the rule when refused.

        ``releases``: even a refused one releases what wasn't fetched in time.
        """
        shelves, refusal, made = deepcopy(self.shelves), None, None
        try:
            made = ours()
        except Refused as error:
            self.shelves, refusal = shelves, error.rule
        key, before = keys.new(), self._everything()
        user = self._user(by)
        try:
            with self._acting():
                outcome = act(key, user)
        except BrokenRule as error:
            assert type(error) is refusal, f"{error.code} where {refusal} was due"
            assert releases or self._everything() == before, "a refused act changed something"
            self.sent.append(Sent(lambda: act(key, user), refusal))
            return None, refusal
        assert refusal is None, f"done, where {refusal} was due"
        assert not outcome.is_repeat, "a fresh key was known"
        self.sent.append(Sent(lambda: act(key, user), outcome.result))
        return made, outcome.result

    def _done(self, act: Callable[[str, int | None], Any], by: int = 0) -> dict[str, Any]:
        """Do what can't be refused."""
        key, user = keys.new(), self._user(by)
        with self._acting():
            outcome = act(key, user)
        self.sent.append(Sent(lambda: act(key, user), outcome.result))
        return outcome.result

    def _step(self, step: Callable[..., Any], take: int, *arguments: Any, by: int, **given: Any) -> None:
        self._done(lambda key, user: step(self.village_id, take, *arguments, key=key, by=user, **given), by)

    def _quoted(self, ask: Callable[[], Any]) -> Any:
        try:
            with self._acting(ticks=False):
                return ask()
        except BrokenRule as error:
            return type(error)

    def _asked(self, store: int, household: int, basket: Any, *, is_stale: bool = False) -> list[Asked]:
        day, asked = self._day(0), []
        for place, pieces, unit in basket:
            good = self.goods[place]
            price_id, points = self.shelves.price(good, unit, day)
            if is_stale:
                older = [row[1] for row in self.shelves.prices.get((good, unit), []) if row[1] != price_id]
                price_id = older[-1] if older else price_id
            purse = self.shelves.purse[household, unit] // (points or 1)
            most = {"all": self.shelves.left(store, good, day), "purse": purse}
            asked.append(Asked(good, _so_many(pieces, most), unit, price_id))
        return asked

    def _user(self, by: int | None) -> int | None:
        return None if by is None else [*self.keepers, self.supervisor][by]

    def _counted(self, store: int, good: int, more: int) -> int:
        """What somebody counts who is off by so many."""
        return max(self.shelves.lying(store, good) + more, 0)

    def _day(self, days: int | None) -> date | None:
        """So many days from the machine's today."""
        return None if days is None else clock.day_of(self.now) + timedelta(days=days)

    def _ended(self) -> set[int]:
        return {number for number, one in self.shelves.aside.items() if one.state != "open"}

    @staticmethod
    def _of(rows: dict[int, Any], which: int, but: Collection[int] = ()) -> int:
        """One of them, rather none of ``but``."""
        numbers = [number for number in rows if number not in but] or list(rows)
        return numbers[max(which, -len(numbers))]

    def _everything(self) -> papers.Papers:
        """What stands in the books; read once for each act."""
        if self.seen is None:
            self.seen = papers.everything(self.village_id)
        return self.seen

    @contextmanager
    def _acting(self, *, ticks: bool = True):
        """An act is being done: a second after the last one, and what was read before is read again."""
        self.now += timedelta(seconds=ticks)
        self.seen = None
        with clock.set_to(self.now):
            yield


def _so_many(pieces: int | str, most: dict[str, int]) -> int:
    """A number; or a word for one, and perhaps one more."""
    word, _, more = str(pieces).partition(" + ")
    return most[word] + int(more or 0) if word in most else int(pieces)
