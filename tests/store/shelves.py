"""What should lie in the stores and purses of one village, told a second time and without the code under test.

Every act either changes it and says what must come of it, or raises ``Refused`` with the rule that must be told.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from virtue.errors import BrokenRule
from virtue.ledger.errors import NotEnoughPoints
from virtue.store import errors, reservation_errors, stock_errors, stocktake_errors

RETURN_WITHIN = timedelta(minutes=15)
RESERVED_FOR = timedelta(days=7)


class Refused(Exception):
    """The act must be refused by this rule."""

    def __init__(self, rule: type[BrokenRule]) -> None:
        super().__init__(rule.__name__)
        self.rule = rule


def need(is_so: bool, rule: type[BrokenRule]) -> None:
    """Raise ``Refused`` unless it is so."""
    if not is_so:
        raise Refused(rule)


@dataclass(frozen=True)
class Asked:
    """A line of a basket, with the price that the form showed."""

    good: int
    quantity: int
    unit: str
    price_id: int


@dataclass(frozen=True)
class Line:
    """A line that was paid, or is held."""

    good: int
    quantity: int
    unit: str
    points: int


@dataclass
class Lot:
    """A batch."""

    store: int
    good: int
    best_before: date | None
    left: int

    def is_good_on(self, day: date) -> bool:
        """Whether it may be given out on a day."""
        return self.best_before is None or self.best_before >= day


@dataclass
class Sold:
    """An order: who drew it, what is paid, what is out of which batch, which lines came back."""

    household: int
    keeper: int
    drawn_at: datetime
    lines: list[Line]
    taken: dict[int, int]
    back: set[int] = field(default_factory=set)


@dataclass
class Aside:
    """A reservation."""

    household: int
    fetch_by: date
    lines: list[Line]
    taken: dict[int, int]
    state: str = "open"


class Shelves:
    """One village's lots, prices, purses, orders and reservations, by id."""

    def __init__(self) -> None:
        self.lots: dict[int, Lot] = {}
        self.prices: dict[tuple[int, str], list[tuple[date, int, int | None]]] = {}
        self.purse: Counter[tuple[int, str]] = Counter()
        self.orders: dict[int, Sold] = {}
        self.aside: dict[int, Aside] = {}

    def price(self, good: int, unit: str, day: date) -> tuple[int, int | None]:
        """Id and points of the price in force on a day; no points: not given for this unit."""
        begun = [row for row in self.prices.get((good, unit), []) if row[0] <= day]
        return max(begun)[1:] if begun else (0, None)

    def left(self, store: int, good: int, day: date) -> int:
        """Pieces that may be given out on a day."""
        return sum(lot.left for lot in self._lots_of(store, good).values() if lot.is_good_on(day))

    def lying(self, store: int, good: int) -> int:
        """Pieces that lie there, past their day or not."""
        return sum(lot.left for lot in self._lots_of(store, good).values())

    def sell(self, store: int, household: int, basket: list[Asked], at: datetime, day: date, keeper: int) -> Sold:
        """The order that must come of a basket; it is kept once its id is known."""
        lines = self._priced(basket, day)
        taken = self._take(store, lines, day)
        self._pay(household, lines)
        return Sold(household, keeper, at, lines, taken)

    def reserve(self, store: int, household: int, basket: list[Asked], day: date) -> Aside:
        """The reservation that must come of a basket; what wasn't fetched in time is released first."""
        self.release_overdue(day, household)
        lines = self._priced(basket, day)
        until = day + RESERVED_FOR
        try:
            taken = self._take(store, lines, until)
        except Refused:
            self._take(store, lines, day)
            raise Refused(reservation_errors.ExpiresTooSoon) from None
        self._pay(household, lines)
        return Aside(household, until, lines, taken)

    def release_overdue(self, day: date, household: int | None = None) -> list[int]:
        """Release what nobody fetched in time, of a household or of all; gives which."""
        due = [
            number for number, one in self.aside.items()
            if one.state == "open" and one.fetch_by < day and household in {None, one.household}
        ]  # fmt: skip
        for number in due:
            self.release(number)
        return due

    def release(self, number: int) -> None:
        """Points and goods of a reservation back where they came from."""
        one = self.aside[number]
        need(one.state == "open", reservation_errors.ReservationOver)
        one.state = "released"
        self._bring_back(one.household, one.lines, one.taken)

    def fetch(self, number: int, at: datetime, keeper: int) -> Sold:
        """The order that a reservation becomes: as it was reserved."""
        one = self.aside[number]
        need(one.state == "open", reservation_errors.ReservationOver)
        one.state = "fetched"
        return Sold(one.household, keeper, at, one.lines, dict(one.taken))

    def give_back(self, number: int, lines: set[int] | None, at: datetime, by: int, why: str) -> dict[str, int]:
        """Lines of an order (by place; None: all that are left) back; gives the points."""
        order = self.orders[number]
        all_lines = set(range(len(order.lines)))
        need(order.back != all_lines, errors.AlreadyReturned)
        chosen = all_lines - order.back if lines is None else lines
        need(not chosen & order.back, errors.LineReturned)
        if by == order.keeper:
            need(at <= order.drawn_at + RETURN_WITHIN, errors.UndoNeedsAnother)
        else:
            need(bool(why), errors.ReasonMissing)
        order.back |= chosen
        back = [order.lines[place] for place in sorted(chosen)]
        self._bring_back(order.household, back, self._out_of(order, back))
        return dict(sum((Counter({line.unit: line.points}) for line in back), Counter()))

    def write_off(self, number: int, quantity: int, reason: str, day: date) -> None:
        """Pieces out of a lot for good."""
        lot = self.lots[number]
        need(reason != "expired" or not lot.is_good_on(day), errors.NotExpired)
        self._out(lot, quantity)

    def carry(self, number: int, quantity: int, store: int, day: date) -> Lot:
        """Pieces of a lot to another store; gives the lot they become there."""
        lot = self.lots[number]
        need(lot.store != store, stock_errors.SameStore)
        need(lot.is_good_on(day), stock_errors.BatchExpired)
        self._out(lot, quantity)
        return Lot(store, lot.good, lot.best_before, quantity)

    def make_right(self, store: int, differences: dict[int, int], day: date) -> list[Lot]:
        """Book what a stocktake found, good by good; gives the lots that are new with it."""
        found = []
        for good, difference in differences.items():
            lots = self._lots_of(store, good)
            if difference < 0:
                need(self.lying(store, good) >= -difference, stocktake_errors.CountNoLongerFits)
                self._draw(lots, -difference)
            elif difference:
                fresh = [number for number, lot in lots.items() if lot.is_good_on(day)]
                if fresh:
                    self.lots[max(fresh)].left += difference
                else:
                    found.append(Lot(store, good, None, difference))
        return found

    def held(self) -> Counter[str]:
        """Points that lie in the held accounts, by unit."""
        return sum((_points(one.lines) for one in self.aside.values() if one.state == "open"), Counter())

    def _lots_of(self, store: int, good: int) -> dict[int, Lot]:
        """In the order in which they are given out: what goes off first, what never does last."""
        rows = [(number, lot) for number, lot in self.lots.items() if (lot.store, lot.good) == (store, good)]
        return dict(sorted(rows, key=lambda row: (row[1].best_before or date.max, row[0])))

    def _priced(self, basket: list[Asked], day: date) -> list[Line]:
        need(all(piece.quantity >= 1 for piece in basket), errors.BadQuantity)
        rows = [(piece, *self.price(piece.good, piece.unit, day)) for piece in basket]
        need(all(points is not None for _, _, points in rows), errors.NotPayable)
        need(all(piece.price_id == price_id for piece, price_id, _ in rows), errors.PriceChanged)
        return [
            Line(piece.good, piece.quantity, piece.unit, piece.quantity * (points or 0)) for piece, _, points in rows
        ]

    def _take(self, store: int, lines: list[Line], day: date) -> dict[int, int]:
        taken: dict[int, int] = {}
        wanted: Counter[int] = Counter()
        for line in lines:
            wanted[line.good] += line.quantity
        for good, pieces in wanted.items():
            need(self.left(store, good, day) >= pieces, errors.OutOfStock)
        for good, pieces in wanted.items():
            fresh = {number: lot for number, lot in self._lots_of(store, good).items() if lot.is_good_on(day)}
            taken |= self._draw(fresh, pieces)
        return taken

    def _draw(self, lots: dict[int, Lot], pieces: int) -> dict[int, int]:
        taken = {}
        for number, lot in lots.items():
            drawn = min(lot.left, pieces)
            if drawn:
                lot.left -= drawn
                pieces -= drawn
                taken[number] = drawn
        return taken

    def _pay(self, household: int, lines: list[Line]) -> None:
        cost = _points(lines)
        need(all(self.purse[household, unit] >= points for unit, points in cost.items()), NotEnoughPoints)
        for unit, points in cost.items():
            self.purse[household, unit] -= points

    def _bring_back(self, household: int, lines: list[Line], pieces: dict[int, int]) -> None:
        for unit, points in _points(lines).items():
            self.purse[household, unit] += points
        for number, quantity in pieces.items():
            self.lots[number].left += quantity

    def _out_of(self, order: Sold, lines: list[Line]) -> dict[int, int]:
        """Which lots the pieces of these lines go back into: the last that was drawn from first."""
        found: Counter[int] = Counter()
        for line in lines:
            missing = line.quantity
            for number in reversed(order.taken):
                if self.lots[number].good == line.good:
                    pieces = min(missing, order.taken[number])
                    order.taken[number] -= pieces
                    found[number] += pieces
                    missing -= pieces
        return found

    def _out(self, lot: Lot, quantity: int) -> None:
        need(quantity >= 1, errors.BadQuantity)
        need(lot.left >= quantity, errors.NotInBatch)
        lot.left -= quantity


def _points(lines: list[Line]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in lines:
        found[line.unit] += line.points
    return found
