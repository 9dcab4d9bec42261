"""A basket at the till: pieces paid in one unit each, and what they cost by the prices and limits in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from virtue import clock
from virtue.ledger.models import Unit
from virtue.prepared import Prepared
from virtue.quantities import MOST_PIECES
from virtue.store import queries
from virtue.store.errors import (
    BadCash,
    BadQuantity,
    EmptyBasket,
    LimitReached,
    NotPayable,
    PriceChanged,
    UnknownGood,
    params_of,
)
from virtue.store.models import Price

MOST_CASH = 99_900
"""Fen that may be topped up for one line."""

_PRICE = Price.__table__
_OLD_PRICES = Prepared(
    select(_PRICE.c.id, _PRICE.c.points).where(_PRICE.c.id.in_(bindparam("price_ids", expanding=True)))
)


@dataclass(frozen=True)
class Piece:
    """Pieces of one good, paid in one unit, at the price that the form showed."""

    item_id: int
    quantity: int
    unit: str
    price_id: int
    cash_fen: int = 0
    """Cash topped up for these pieces, all together; it changes no points."""

    @property
    def asked(self) -> list[Any]:
        """What a key remembers of it; cash only where there is some."""
        asked = [self.item_id, self.quantity, self.unit, self.price_id]
        return [*asked, self.cash_fen] if self.cash_fen else asked


@dataclass(frozen=True)
class Sale:
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

    @property
    def cash_fen(self) -> int:
        """All cash that is topped up; beside the points, never among them."""
        return sum(line["cash_fen"] for line in self.lines)


def priced(village_id: int, household_id: int, basket: Sequence[Piece], at: datetime) -> Sale:
    """The basket priced by what is in force at ``at``, within the household's limits.

    Raises EmptyBasket, BadQuantity, BadCash, UnknownGood, NotPayable, PriceChanged, LimitReached.
    """
    if not basket:
        raise EmptyBasket
    if any(not 1 <= piece.quantity <= MOST_PIECES for piece in basket):
        raise BadQuantity(most=MOST_PIECES)
    if any(not 0 <= piece.cash_fen <= MOST_CASH for piece in basket):
        raise BadCash(most=MOST_CASH // 100)
    day = clock.day_of(at)
    goods = queries.basket_goods(village_id, {piece.item_id for piece in basket}, day)
    lines = [_line(piece, goods.get(piece.item_id)) for piece in basket]
    points, wanted = _sums(lines)
    if any(line["price_id"] != piece.price_id for line, piece in zip(lines, basket, strict=True)):
        raise PriceChanged(old=_shown_totals(basket), new=points)
    _check_limits(household_id, wanted, goods, day)
    return Sale(lines, points, wanted, goods, at)


def priced_on(village_id: int, taken: Sequence[tuple[int, int, str]], day: date, at: datetime) -> Sale:
    """What was handed over on paper (item id, pieces, unit) at the prices of that day; ``at``: when it is typed in.

    A household's limit for a good isn't asked: nobody could look it up, and the goods are gone. Nor whether the good
    has been given up since. Raises EmptyBasket, BadQuantity, UnknownGood, NotPayable.
    """
    if not taken:
        raise EmptyBasket
    if any(not 1 <= quantity <= MOST_PIECES for _item, quantity, _unit in taken):
        raise BadQuantity(most=MOST_PIECES)
    goods = queries.basket_goods(village_id, {item_id for item_id, _quantity, _unit in taken}, day)
    lines = [_line(Piece(*one, price_id=0), goods.get(one[0]), may_be_old=True) for one in taken]
    points, wanted = _sums(lines)
    return Sale(lines, points, wanted, goods, at)


def _line(piece: Piece, good: Any, *, may_be_old: bool = False) -> dict[str, Any]:
    """One line of the order at the price in force."""
    if good is None or not (good.is_active or may_be_old):
        raise UnknownGood
    price_id, points = (
        (good.home_price_id, good.home) if piece.unit == Unit.HOME else (good.civility_price_id, good.civility)
    )
    if piece.unit not in set(Unit) or points is None:
        raise NotPayable(**params_of(good, unit=piece.unit))
    return {
        "item_id": piece.item_id, "price_id": price_id, "quantity": piece.quantity, "unit": str(piece.unit),
        "points": piece.quantity * points, "cash_fen": piece.cash_fen,
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
