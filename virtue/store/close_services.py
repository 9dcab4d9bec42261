"""The daily close: the keeper counts and closes, a second person signs. What comes after it falls to the next close."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from virtue import clock
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.formatting import day as day_words
from virtue.ledger import services as ledger
from virtue.store import close_queries
from virtue.store.close_errors import (
    CashUnexplained,
    CloserSigns,
    CloseSigned,
    DayAlreadyClosed,
    DayNotCome,
    GoodsUnexplained,
    NothingToClose,
)
from virtue.store.close_models import StoreClose, StoreCloseCount
from virtue.store.close_queries import Span, Totals
from virtue.store.models import Item, Store


@dataclass(frozen=True)
class Counted:
    """What the keeper counted: the box in fen, some goods (item id -> pieces), and why something differs."""

    cash_fen: int
    goods: Mapping[int, int] = field(default_factory=dict)
    why: str = ""


def close_day(
    village_id: int, store_id: int, day: date, counted: Counted, *, key: str, by: int,
    up_to: tuple[int, int] | None = None,
) -> Outcome:  # fmt: skip
    """Close a store's day, and the days before it that nobody closed; once per key.

    ``up_to``: the last order and return that the page showed; what came in since falls to the next close. The result:
    close_id. Raises NotFoundHere, DayNotCome, DayAlreadyClosed, NothingToClose, CashUnexplained, GoodsUnexplained.
    """

    def work() -> dict[str, Any]:
        if db.session.scalar(select(Store.id).where(Store.id == store_id, Store.village_id == village_id)) is None:
            raise NotFoundHere
        span = _span(store_id, day, up_to)
        sums = close_queries.totals(store_id, span)
        goods = _goods(village_id, store_id, counted)
        _check_explained(sums.cash_due, goods, counted)
        close = _write(village_id, store_id, day, span, sums, counted, by=by)
        if goods:
            db.session.execute(
                insert(StoreCloseCount.__table__),
                [{"close_id": close.id, "item_id": item.id, "recorded": due, "counted": n} for item, due, n in goods],
            )
        audit.record(
            "store.close_day", village_id=village_id, by=by, subject="store_close", subject_id=close.id,
            why=counted.why, day=day.isoformat(), orders=close.orders, returns=close.returns,
            cash_fen=close.cash_fen, counted_fen=close.counted_fen,
        )  # fmt: skip
        return {"close_id": close.id}

    contents = [by, store_id, day, up_to, counted.cash_fen, sorted(counted.goods.items()), counted.why]
    return keys.run_once(
        key, "store.close_day", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def sign_close(village_id: int, close_id: int, *, key: str, by: int) -> Outcome:
    """The second person has seen the close and signs. Raises NotFoundHere, CloseSigned, CloserSigns."""

    def work() -> dict[str, Any]:
        close = close_queries.find_close(village_id, close_id)
        if close is None:
            raise NotFoundHere
        db.session.refresh(close)
        if close.signed_at is not None:
            raise CloseSigned
        if close.closed_by_id == by:
            raise CloserSigns
        close.signed_by_id, close.signed_at = by, clock.now()
        db.session.flush()
        audit.record("store.sign_close", village_id=village_id, by=by, subject="store_close", subject_id=close_id)
        return {"close_id": close_id}

    return keys.run_once(
        key, "store.sign_close", [by, close_id], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def _span(store_id: int, day: date, up_to: tuple[int, int] | None) -> Span:
    if day > clock.today():
        raise DayNotCome
    last = close_queries.find_last(store_id)
    if last is not None and last.day >= day:
        raise DayAlreadyClosed(day=day_words(day))
    span = close_queries.open_span(store_id, day)
    if up_to is not None:
        # Ids between are other stores': the span may end on one of them, as on any number.
        span = replace(
            span,
            last_order=max(span.after_order, min(span.last_order, up_to[0])),
            last_return=max(span.after_return, min(span.last_return, up_to[1])),
        )
    if span.is_empty:
        raise NothingToClose
    return span


def _goods(village_id: int, store_id: int, counted: Counted) -> list[tuple[Item, int, int]]:
    """The goods that were counted, each with what should lie there and what does."""
    if not counted.goods:
        return []
    items = db.session.scalars(
        select(Item).where(Item.id.in_(counted.goods), Item.village_id == village_id).order_by(Item.id)
    ).all()
    if len(items) != len(counted.goods):
        raise NotFoundHere
    recorded = close_queries.stock_of(store_id, counted.goods)
    return [(item, recorded[item.id], counted.goods[item.id]) for item in items]


def _check_explained(due: int, goods: list[tuple[Item, int, int]], counted: Counted) -> None:
    if counted.why.strip():
        return
    if counted.cash_fen != due:
        raise CashUnexplained(due=due, counted=counted.cash_fen)
    for item, recorded, pieces in goods:
        if recorded != pieces:
            raise GoodsUnexplained(name=item.name, recorded=recorded, counted=pieces)


def _write(
    village_id: int, store_id: int, day: date, span: Span, sums: Totals, counted: Counted, *, by: int
) -> StoreClose:
    remark_id, remark_hash = remarks.keep(counted.why, village_id=village_id)
    close = StoreClose(
        village_id=village_id, store_id=store_id, day=day, first_day=sums.first_day or day,
        after_order_id=span.after_order, last_order_id=span.last_order,
        after_return_id=span.after_return, last_return_id=span.last_return,
        orders=sums.sum("orders"), pieces=sums.sum("pieces"), home_points=sums.sum("home"),
        civility_points=sums.sum("civility"), returns=sums.returned("orders"), returned_pieces=sums.returned("pieces"),
        returned_home=sums.returned("home"), returned_civility=sums.returned("civility"),
        cash_fen=sums.cash_due, counted_fen=counted.cash_fen, remark_id=remark_id, remark_hash=remark_hash,
        closed_by_id=by, closed_at=clock.now(),
    )  # fmt: skip
    db.session.add(close)
    db.session.flush()
    return close
