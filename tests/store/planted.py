"""Bugs that a tired person could write, planted one at a time: a machine that misses one is no proof.

Each takes pytest's ``monkeypatch`` and spoils one function of the store.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from virtue.core import keys
from virtue.ledger.services import Posted
from virtue.store import (
    baskets,
    delivery_services,
    reservation_releasing,
    reservation_services,
    return_services,
    services,
    stock_services,
    stocktake_booking_services,
    stocktake_queries,
    transfer_services,
)
from virtue.store.stock_services import Step


def _but(module: Any, **changed: Callable[..., Any]) -> SimpleNamespace:
    """A module of which some functions are spoilt, for one caller of it."""
    return SimpleNamespace(**{**vars(module), **changed})


def _still(*_given: Any, **_named: Any) -> None:
    """Does nothing."""


def return_forgets_stock(patch):
    """Points come back, the goods don't."""
    patch.setattr(return_services, "stock_services", _but(stock_services, move=_still))


def return_in_home_points(patch):
    """Whatever was paid, home points come back."""

    def sums_of(lines, real=return_services.sums_of):
        pieces, points = real(lines)
        return pieces, {"home": sum(points.values())}

    patch.setattr(return_services, "sums_of", sums_of)


def lines_come_back_twice(patch):
    """Nobody asks whether a line was taken back already."""
    chosen = lambda known, lines: [line for line in known if lines is None or line.id in lines]  # noqa: E731
    patch.setattr(return_services, "_chosen", chosen)


def undone_at_any_time(patch):
    """The keeper takes an order back alone whenever it suits."""
    patch.setattr(return_services, "_check_return", _still)


def release_forgets_points(patch):
    """What wasn't fetched is back on the shelf, its points stay held."""
    forget = lambda village_id, postings, *, by: [Posted(0, 0, "", one.household_id, {}, {}) for one in postings]  # noqa: E731
    patch.setattr(reservation_releasing, "ledger", _but(reservation_releasing.ledger, post=forget))


def release_forgets_goods(patch):
    """The points are back in the purse, the goods stay put aside."""
    patch.setattr(reservation_releasing, "stock_services", _but(stock_services, move=_still))


def reserved_past_the_best_before_day(patch):
    """What is good today is put aside for a week."""
    patch.setattr(reservation_services, "_take", lambda store_id, sale, day, fetch_by: (
        stock_services.take(store_id, sale.wanted, sale.goods, day)
    ))  # fmt: skip


def stale_price(patch):
    """The price that the page showed is taken, whatever is in force by now."""

    def line(piece, good):
        made = _line(piece, good)
        points = baskets._OLD_PRICES.first({"price_ids": [piece.price_id]}).points or 0
        return {**made, "price_id": piece.price_id, "points": piece.quantity * points}

    patch.setattr(baskets, "_line", line)


def last_good_on_the_counter(patch):
    """A good that stands twice in a basket, once for each kind of points, leaves the shelf once."""

    def sums(lines):
        points, wanted = _sums(lines)
        return points, wanted | {line["item_id"]: line["quantity"] for line in lines}

    patch.setattr(baskets, "_sums", sums)


def expired_goods_are_sold(patch):
    """Nobody looks at the best-before day."""
    patch.setattr(services, "stock_services", _but(stock_services, take=lambda store_id, wanted, goods, day: (
        stock_services.take(store_id, wanted, goods, date.min)
    )))  # fmt: skip


def last_expired_first_out(patch):
    """What keeps longest goes first."""

    def take(store_id, wanted, goods, day):
        steps = stock_services.take(store_id, wanted, goods, day)
        rows = stock_services._BATCHES.all({"store_id": store_id, "item_ids": sorted(wanted), "day": day})
        missing, turned = dict(wanted), []
        for row in reversed(rows):
            pieces = min(missing[row.item_id], row.quantity)
            if pieces:
                missing[row.item_id] -= pieces
                turned.append(Step(row.id, row.item_id, -pieces, row.quantity))
        return turned or steps

    patch.setattr(services, "stock_services", _but(stock_services, take=take))


def refusals_leave_traces(patch):
    """What was put aside before the purse said no stays put aside."""
    patch.setattr(keys, "savepoint", nullcontext)


def pieces_lost_on_the_way(patch):
    """One piece less arrives at the other store."""
    patch.setattr(transfer_services, "stock_services", _but(stock_services, new_batch=lambda store_id, lot, occasion: (
        stock_services.new_batch(store_id, replace(lot, quantity=max(lot.quantity - 1, 1)), occasion)
    )))  # fmt: skip


def received_before_it_is_counted(patch):
    """A dear delivery is in stock before a second person confirmed it."""
    patch.setattr(delivery_services, "needs_second", lambda *_given: False)


def count_is_the_stock(patch):
    """A count is held against the books of when they were first read: what was sold meanwhile is missing twice."""
    known: dict[tuple[int, int], tuple[int, int]] = {}

    def book(store_id, item_id, at):
        return known.setdefault((store_id, item_id), _book(store_id, item_id, at))

    patch.setattr(stocktake_queries, "book", book)


def differences_turned_round(patch):
    """What is over is booked as short."""

    def book(take, goods, *, by):
        for good in goods:
            good.difference = -good.difference
        _book_take(take, goods, by=by)

    patch.setattr(stocktake_booking_services, "_book", book)


_line, _sums = baskets._line, baskets._sums
_book, _book_take = stocktake_queries.book, stocktake_booking_services._book

BUGS = [
    return_forgets_stock, return_in_home_points, lines_come_back_twice, undone_at_any_time, release_forgets_points,
    release_forgets_goods, reserved_past_the_best_before_day, stale_price, last_good_on_the_counter,
    expired_goods_are_sold, last_expired_first_out, refusals_leave_traces, pieces_lost_on_the_way,
    received_before_it_is_counted, count_is_the_stock, differences_turned_round,
]  # fmt: skip
