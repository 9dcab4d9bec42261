"""The till: goods handed over for points. One transaction moves points and goods or nothing.

Statements are prepared once; no ORM on this path. First everything is looked at that may refuse, then it is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, exists, select

from virtue import clock
from virtue.core import audit, keys, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere, OwnKin
from virtue.ledger import queries as points_of
from virtue.ledger import services as ledger
from virtue.ledger.errors import NotEnoughPoints
from virtue.ledger.models import EntryKind, Unit
from virtue.ledger.services import Flow, Move, Posting
from virtue.people import hats, standing
from virtue.people.errors import HouseholdEnded
from virtue.prepared import Prepared, into
from virtue.quantities import MOST_PIECES
from virtue.store import opening_queries, queries, stock_services
from virtue.store.errors import (
    BadQuantity,
    CardNotInForce,
    EmptyBasket,
    LimitReached,
    NotPayable,
    PriceChanged,
    TrialRun,
    UnknownGood,
    params_of,
)
from virtue.store.models import Order, OrderLine, Price, Store
from virtue.store.return_services import give_back, return_ends
from virtue.store.stock_services import Occasion, Step

_ORDER, _LINE, _PRICE, _STORE = Order.__table__, OrderLine.__table__, Price.__table__, Store.__table__
_NEW_ORDER, _NEW_LINE = into(_ORDER, "id", returning="id"), into(_LINE, "id")
_IS_STORE = exists(
    select(_STORE.c.id).where(_STORE.c.id == bindparam("store_id"), _STORE.c.village_id == bindparam("village_id"))
)
# Who stands on both sides of the counter, in one statement.
_PARTIES = Prepared(
    standing.STANDING.add_columns(
        _IS_STORE.label("is_store"),
        hats.may_have_worn(hats.AWARD).label("may_award"),
        settings.column("is_trial_run").label("is_trial_run"),
    )
)
_OLD_PRICES = Prepared(
    select(_PRICE.c.id, _PRICE.c.points).where(_PRICE.c.id.in_(bindparam("price_ids", expanding=True)))
)

__all__ = ["Piece", "Quote", "give_back", "quote", "redeem", "return_ends"]


@dataclass(frozen=True)
class Piece:
    """Pieces of one good, paid in one unit, at the price that the form showed."""

    item_id: int
    quantity: int
    unit: str
    price_id: int


@dataclass(frozen=True)
class _Sale:
    """A basket checked against what is in force now: the order's lines, points by unit, pieces by good."""

    lines: list[dict[str, Any]]
    points: dict[str, int]
    wanted: dict[int, int]
    goods: dict[int, Any]
    at: datetime

    @property
    def pieces(self) -> int:
        """All pieces of the basket."""
        return sum(self.wanted.values())


def redeem(
    village_id: int,
    store_id: int,
    household_id: int,
    basket: Sequence[Piece],
    *,
    key: str,
    by: int,
    card_id: int | None = None,
) -> Outcome:
    """Hand goods over for points, once per key.

    The result: order_id, seq, seal (16 hex digits), drawn_at, pieces, points and balance by unit. Raises OwnKin,
    TwoHats, HouseholdEnded, CardNotInForce, TrialRun, EmptyBasket, BadQuantity, UnknownGood, NotPayable, PriceChanged,
    LimitReached, OutOfStock, NotEnoughPoints.
    """
    chain: list[Any] = []

    def look() -> Callable[[], dict[str, Any]]:
        _check_parties(village_id, store_id, household_id, card_id, by=by)
        sale = _sale(village_id, household_id, basket, max(clock.now(), chain[0].recorded_at))
        steps = stock_services.take(store_id, sale.wanted, sale.goods, clock.day_of(sale.at))
        book = ledger.open_book(village_id, [household_id], chain=chain[0])
        for unit, points in sale.points.items():
            book.check_spend(household_id, unit, points)
        return lambda: _hand_over(village_id, store_id, household_id, card_id, sale, steps, book, by=by)

    contents = [by, store_id, household_id, card_id, [[p.item_id, p.quantity, p.unit, p.price_id] for p in basket]]
    return keys.run_once(
        key, "store.redeem", contents, look, village_id=village_id, lock=lambda: chain.append(ledger.lock(village_id)),
        is_planned=True,
    )  # fmt: skip


def _check_parties(village_id: int, store_id: int, household_id: int, card_id: int | None, *, by: int) -> None:
    """Who stands on both sides of the counter: the household may take, the keeper may give."""
    found = _PARTIES.first({
        "village_id": village_id, "store_id": store_id, "household_id": household_id, "card_id": card_id, "user_id": by,
        "today": clock.start_of(clock.today()),
    })  # fmt: skip
    if found is None or not found.is_store:
        raise NotFoundHere
    if found.state == "ended":
        raise HouseholdEnded
    if card_id is not None and found.card_state != "in_force":
        raise CardNotInForce
    if found.is_kin:
        raise OwnKin
    hats.check_hats(by, household_id, hats.TILL, may_wear_both=found.may_award)
    if settings.or_default("is_trial_run", found.is_trial_run):
        raise TrialRun


def _sale(village_id: int, household_id: int, basket: Sequence[Piece], at: datetime) -> _Sale:
    """The basket priced by what is in force at ``at``, within the household's limits."""
    if not basket:
        raise EmptyBasket
    if any(not 1 <= piece.quantity <= MOST_PIECES for piece in basket):
        raise BadQuantity(most=MOST_PIECES)
    day = clock.day_of(at)
    goods = queries.basket_goods(village_id, {piece.item_id for piece in basket}, day)
    lines = [_line(piece, goods.get(piece.item_id)) for piece in basket]
    points, wanted = _sums(lines)
    if any(line["price_id"] != piece.price_id for line, piece in zip(lines, basket, strict=True)):
        raise PriceChanged(old=_shown_totals(basket), new=points)
    _check_limits(household_id, wanted, goods, day)
    return _Sale(lines, points, wanted, goods, at)


def _line(piece: Piece, good: Any) -> dict[str, Any]:
    """One line of the order at the price in force."""
    if good is None or not good.is_active:
        raise UnknownGood
    price_id, points = (
        (good.home_price_id, good.home) if piece.unit == Unit.HOME else (good.civility_price_id, good.civility)
    )
    if piece.unit not in set(Unit) or points is None:
        raise NotPayable(**params_of(good, unit=piece.unit))
    return {
        "item_id": piece.item_id, "price_id": price_id, "quantity": piece.quantity, "unit": str(piece.unit),
        "points": piece.quantity * points,
    }  # fmt: skip


def _sums(lines: Sequence[dict[str, Any]]) -> tuple[dict[str, int], dict[int, int]]:
    """Points by unit, pieces by good."""
    points: dict[str, int] = {}
    wanted: dict[int, int] = {}
    for line in lines:
        points[line["unit"]] = points.get(line["unit"], 0) + line["points"]
        wanted[line["item_id"]] = wanted.get(line["item_id"], 0) + line["quantity"]
    return points, wanted


def _shown_totals(basket: Sequence[Piece]) -> dict[str, int]:
    """What the form had shown, by unit, from the price ids it carried."""
    rows = _OLD_PRICES.all({"price_ids": [piece.price_id for piece in basket]})
    prices = {row.id: row.points or 0 for row in rows}
    totals: dict[str, int] = {}
    for piece in basket:
        totals[piece.unit] = totals.get(piece.unit, 0) + piece.quantity * prices.get(piece.price_id, 0)
    return totals


def _check_limits(household_id: int, wanted: dict[int, int], goods: dict[int, Any], day: date) -> None:
    periods = {number: goods[number].limit_period for number in wanted if goods[number].limit_quantity}
    used = queries.usage(household_id, periods, day)
    for item_id, period in periods.items():
        good = goods[item_id]
        left = max(0, good.limit_quantity - used.get(item_id, 0))
        if wanted[item_id] > left:
            following = queries.next_period(period, day)
            raise LimitReached(
                **params_of(good, period=period, limit=good.limit_quantity, left=left, next_on=following.isoformat())
            )


def _hand_over(
    village_id: int,
    store_id: int,
    household_id: int,
    card_id: int | None,
    sale: _Sale,
    steps: list[Step],
    book: Any,
    *,
    by: int,
) -> dict[str, Any]:
    """Write order, lines, movements, entry and audit row."""
    day = clock.day_of(sale.at)
    head = {
        "village_id": village_id, "store_id": store_id, "household_id": household_id, "card_id": card_id,
        "month": clock.month_of(day), "home_points": sale.points.get(Unit.HOME, 0),
        "civility_points": sale.points.get(Unit.CIVILITY, 0), "pieces": sale.pieces, "drawn_at": sale.at, "by_id": by,
    }  # fmt: skip
    order_id: int = _NEW_ORDER.scalar(head)
    shared = {"order_id": order_id, "household_id": household_id, "month": head["month"]}
    _NEW_LINE.run_many([{**shared, **line} for line in sale.lines])
    stock_services.move(steps, Occasion(village_id, by, sale.at, "sold", order_id))
    words = (store_id, [[i["item_id"], i["quantity"], i["unit"], i["points"], i["price_id"]] for i in sale.lines])
    moves = tuple(Move(unit, points, Flow.SPEND) for unit, points in sale.points.items())
    posting = Posting(EntryKind.ORDER, order_id, household_id, moves, words)
    posted = ledger.post(village_id, [posting], by=by, book=book)[0]
    audit.record(
        "store.redeem", village_id=village_id, by=by, household_id=household_id, subject="order", subject_id=order_id,
        pieces=sale.pieces, points=sale.points, outside_hours=opening_queries.is_outside_hours(store_id, sale.at) or None,
    )  # fmt: skip
    return {
        "order_id": order_id, "seq": posted.seq, "seal": posted.seal[:16], "drawn_at": sale.at.isoformat(),
        "pieces": sale.pieces, "points": sale.points, "balance": posted.balance,
    }  # fmt: skip


@dataclass(frozen=True)
class Quote:
    """A basket in words before it is confirmed: lines (name, measure, quantity, points), points and the rest by unit."""

    lines: list[tuple[str, str, int, int]]
    points: dict[str, int]
    left: dict[str, int]


def quote(
    village_id: int, store_id: int, household_id: int, basket: Sequence[Piece], *, by: int, card_id: int | None = None
) -> Quote:
    """What ``redeem`` would do now, without doing it; raises what it would raise."""
    _check_parties(village_id, store_id, household_id, card_id, by=by)
    sale = _sale(village_id, household_id, basket, clock.now())
    stock_services.take(store_id, sale.wanted, sale.goods, clock.today())
    purse = points_of.balance(household_id)
    for unit, points in sale.points.items():
        if purse.of(unit) < points:
            raise NotEnoughPoints(unit=unit, balance=purse.of(unit), points=points)
    lines = [(sale.goods[i["item_id"]], i) for i in sale.lines]
    return Quote(
        [(good.name, good.measure, line["quantity"], line["points"]) for good, line in lines],
        sale.points,
        {unit: purse.of(unit) - points for unit, points in sale.points.items()},
    )
