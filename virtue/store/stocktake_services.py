"""Stocktakes: two people count blind, each number beside the books of its moment; what differs is counted again and booked.

Selling goes on meanwhile: a number is held against what the books said when it was counted, so later sales are no
differences. Nobody sees the books or the other's numbers before both have handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from virtue import clock
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.store import stocktake_queries
from virtue.store.errors import ReasonMissing
from virtue.store.models import Batch, Item, Store
from virtue.store.stocktake_errors import (
    BadCount,
    BadCountTime,
    CountersFull,
    HandedIn,
    NotACounter,
    NothingToCount,
    NothingToRecount,
    OneRecounts,
    StillMissing,
    TakeAlreadyOpen,
)
from virtue.store.stocktake_models import Stocktake, StocktakeCount, StocktakeGood, StocktakeSeat
from virtue.store.stocktake_states import target

MOST_COUNTED = 99_999
RECOUNT = 3
"""The place of the number that both counted together."""


def open_take(village_id: int, store_id: int, category: str, *, key: str, by: int) -> Outcome:
    """Begin a count of a store, or of one category in it (empty: all). Raises TakeAlreadyOpen, NothingToCount."""

    def work() -> dict[str, Any]:
        if db.session.scalar(select(Store.id).where(Store.id == store_id, Store.village_id == village_id)) is None:
            raise NotFoundHere
        if stocktake_queries.open_take_of(store_id) is not None:
            raise TakeAlreadyOpen
        goods = _goods(village_id, store_id, category)
        if not goods:
            raise NothingToCount
        take = Stocktake(
            village_id=village_id, store_id=store_id, category=category or None, opened_by_id=by, opened_at=clock.now()
        )
        db.session.add(take)
        db.session.flush()
        db.session.add_all(
            [StocktakeGood(stocktake_id=take.id, item_id=good.id, cost_fen=good.cost_fen) for good in goods]
        )
        db.session.flush()
        note("open_take", take, by=by)
        return {"stocktake_id": take.id}

    return keys.run_once(
        key, "store.open_take", [by, store_id, category], work,
        village_id=village_id, lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def _goods(village_id: int, store_id: int, category: str) -> Sequence[Any]:
    """Whatever is given out, and whatever else still lies there."""
    lies = select(Batch.item_id).where(Batch.store_id == store_id, Batch.quantity > 0)
    query = select(Item.id, Item.cost_fen).where(
        Item.village_id == village_id, or_(Item.is_active, Item.id.in_(lies))
    )  # fmt: skip
    if category:
        query = query.where(Item.category == category)
    return db.session.execute(query.order_by(Item.category, Item.barcode)).all()


def join(village_id: int, stocktake_id: int, *, key: str, by: int) -> Outcome:
    """Sit down as one of the two who count; twice is once. Raises CountersFull."""

    def work(take: Stocktake) -> dict[str, Any]:
        target("join", take.state)
        seats = stocktake_queries.seats_of(take.id)
        mine = next((seat for seat in seats if seat.user_id == by), None)
        if mine is None:
            if len(seats) == 2:
                raise CountersFull
            mine = StocktakeSeat(stocktake_id=take.id, user_id=by, place=len(seats) + 1, joined_at=clock.now())
            db.session.add(mine)
            db.session.flush()
            note("join_take", take, by=by)
        return {"place": mine.place}

    return act("join_take", village_id, stocktake_id, [], work, key=key, by=by)


def count(
    village_id: int, stocktake_id: int, numbers: Mapping[int, int], *, key: str, by: int, at: datetime | None = None
) -> Outcome:  # fmt: skip
    """Write down what one counted (good of the stocktake -> pieces), beside the books of now, or of ``at`` on paper.

    Again before handing in: the last word counts. Raises NotACounter, HandedIn, BadCount, BadCountTime.
    """

    def work(take: Stocktake) -> dict[str, Any]:
        target("count", take.state)
        seat = _seat(take, by)
        if seat.handed_in_at is not None:
            raise HandedIn
        goods = _of_take(take, numbers)
        for good in goods:
            _write(take, good, seat.place, numbers[good.id], by=by, at=at)
        # The numbers aren't told here: others read the trail before both have handed in.
        note("count", take, by=by, lines=len(goods))
        return {"goods": sorted(numbers)}

    return act("count", village_id, stocktake_id, [sorted(numbers.items()), at], work, key=key, by=by)


def hand_in(village_id: int, stocktake_id: int, *, key: str, by: int) -> Outcome:
    """One has counted everything; when both have, the differences are seen. Raises NotACounter, HandedIn, StillMissing."""

    def work(take: Stocktake) -> dict[str, Any]:
        target("hand_in", take.state)
        seat = _seat(take, by)
        if seat.handed_in_at is not None:
            raise HandedIn
        missing = stocktake_queries.uncounted(take.id, seat.place)
        if missing:
            raise StillMissing(count=missing)
        seat.handed_in_at = clock.now()
        db.session.flush()
        note("hand_in_take", take, by=by)
        seats = stocktake_queries.seats_of(take.id)
        if len(seats) == 2 and all(one.handed_in_at is not None for one in seats):
            _compare(take)
        return {"state": str(take.state)}

    return act("hand_in_take", village_id, stocktake_id, [], work, key=key, by=by)


def _compare(take: Stocktake) -> None:
    """Both say what the books say: done. Everything else is counted again."""
    take.state, take.compared_at = target("compare", take.state), clock.now()
    for line in stocktake_queries.lines_of(take.id):
        if line.agrees:
            line.good.difference = 0
    db.session.flush()


def recount(
    village_id: int, stocktake_id: int, good_id: int, quantity: int, *, key: str, by: int, at: datetime | None = None
) -> Outcome:  # fmt: skip
    """What both counted together at last; one of them writes all of it down.

    Raises NotACounter, NothingToRecount, OneRecounts, BadCount, BadCountTime, StillCounting.
    """

    def work(take: Stocktake) -> dict[str, Any]:
        target("recount", take.state)
        _seat(take, by)
        (good,) = _of_take(take, {good_id: quantity})
        line = next(one for one in stocktake_queries.lines_of(take.id) if one.good.id == good_id)
        if line.agrees:
            raise NothingToRecount
        if stocktake_queries.recounters(take.id) - {by}:
            raise OneRecounts
        written = _write(take, good, RECOUNT, quantity, by=by, at=at)
        good.difference, good.reason = written.difference, None
        db.session.flush()
        note("recount", take, by=by, item_id=good.item_id, difference=written.difference)
        return {"difference": written.difference}

    return act("recount", village_id, stocktake_id, [good_id, quantity, at], work, key=key, by=by)


def cancel(village_id: int, stocktake_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Give a stocktake up, with a reason; no stock changes. Raises ReasonMissing."""

    def work(take: Stocktake) -> dict[str, Any]:
        if not why.strip():
            raise ReasonMissing
        take.state = target("cancel", take.state)
        take.ended_at = clock.now()
        take.remark_id, take.remark_hash = remarks.keep(why, village_id=village_id)
        db.session.flush()
        note("cancel_take", take, by=by)
        return {"stocktake_id": take.id}

    return act("cancel_take", village_id, stocktake_id, [why], work, key=key, by=by)


def _seat(take: Stocktake, by: int) -> StocktakeSeat:
    seat = next((one for one in stocktake_queries.seats_of(take.id) if one.user_id == by), None)
    if seat is None:
        raise NotACounter
    return seat


def _of_take(take: Stocktake, numbers: Mapping[int, int]) -> list[StocktakeGood]:
    if any(not 0 <= quantity <= MOST_COUNTED for quantity in numbers.values()):
        raise BadCount(most=MOST_COUNTED)
    goods = [one for one in stocktake_queries.goods_of(take.id) if one.id in numbers]
    if len(goods) != len(numbers):
        raise NotFoundHere
    return goods


def _write(
    take: Stocktake, good: StocktakeGood, place: int, quantity: int, *, by: int, at: datetime | None
) -> StocktakeCount:  # fmt: skip
    """One number with the books of its moment, in place of an earlier one."""
    now = clock.now()
    if at is not None and not take.opened_at.replace(second=0, microsecond=0) <= at <= now:
        raise BadCountTime
    book, movement_id = stocktake_queries.book(take.store_id, good.item_id, at)
    fields = {"by_id": by, "quantity": quantity, "book": book, "movement_id": movement_id, "counted_at": at or now}
    written = db.session.scalar(
        select(StocktakeCount).where(StocktakeCount.good_id == good.id, StocktakeCount.place == place)
    )
    if written is None:
        written = StocktakeCount(good_id=good.id, place=place, **fields)
        db.session.add(written)
    else:
        for name, value in fields.items():
            setattr(written, name, value)
    db.session.flush()
    return written


def act(
    action: str, village_id: int, stocktake_id: int, contents: Sequence[Any],
    work: Callable[[Stocktake], dict[str, Any]], *, key: str, by: int,
) -> Outcome:  # fmt: skip
    """Do ``work`` once, alone in the village. Raises NotFoundHere for another village's stocktake."""

    def once() -> dict[str, Any]:
        take = db.session.scalar(
            select(Stocktake)
            .where(Stocktake.id == stocktake_id, Stocktake.village_id == village_id)
            .with_for_update(key_share=True)
        )
        if take is None:
            raise NotFoundHere
        return work(take)

    return keys.run_once(
        key, f"store.{action}", [by, stocktake_id, *contents], once,
        village_id=village_id, lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def note(action: str, take: Stocktake, *, by: int, **details: Any) -> None:
    """A row of the trail about a stocktake."""
    audit.record(
        f"store.{action}", village_id=take.village_id, by=by, subject="stocktake", subject_id=take.id, **details
    )
