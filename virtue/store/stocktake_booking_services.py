"""What comes of a stocktake: reasons, the supervision committee's signature above the village's limit, stock made right."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.core import remarks, settings
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.store import stock_services, stocktake_queries
from virtue.store.errors import ReasonMissing
from virtue.store.models import Batch
from virtue.store.stock_services import Lot, Occasion, Step
from virtue.store.stocktake_errors import (
    CounterMayNotSign,
    CountNoLongerFits,
    NotACounter,
    OtherCounterBooks,
    ReasonForEach,
    RecountMissing,
)
from virtue.store.stocktake_models import Stocktake, StocktakeGood
from virtue.store.stocktake_services import act, note
from virtue.store.stocktake_states import target

REASONS = ("lost", "broken", "mixed_up", "typed_wrong", "unknown")


def propose(
    village_id: int, stocktake_id: int, reasons: Mapping[int, str], *, why: str, key: str, by: int
) -> Outcome:  # fmt: skip
    """Give each difference (good of the stocktake -> reason) its reason; below the limit the stock is made right at once.

    By the counter who didn't write down the recount. Raises NotACounter, RecountMissing, OtherCounterBooks,
    ReasonForEach, ReasonMissing, CountNoLongerFits, StillCounting.
    """

    def work(take: Stocktake) -> dict[str, Any]:
        to_sign = target("submit", take.state)
        goods = _checked(take, reasons, by=by)
        if goods and not why.strip():
            raise ReasonMissing
        for good in goods:
            good.reason = reasons[good.id]
        take.proposed_by_id, take.proposed_at = by, clock.now()
        take.remark_id, take.remark_hash = remarks.keep(why, village_id=village_id)
        db.session.flush()
        if needs_signature(take):
            take.state = to_sign
            db.session.flush()
            note("submit_take", take, by=by, lines=len(goods))
        else:
            _book(take, goods, by=by)
            note("book_take", take, by=by, lines=len(goods))
        return {"state": str(take.state)}

    return act("propose_take", village_id, stocktake_id, [sorted(reasons.items()), why], work, key=key, by=by)


def sign(village_id: int, stocktake_id: int, *, key: str, by: int) -> Outcome:
    """The supervision committee has seen the differences: the stock is made right. Raises CounterMayNotSign."""

    def work(take: Stocktake) -> dict[str, Any]:
        target("sign", take.state)
        if by in {seat.user_id for seat in stocktake_queries.seats_of(take.id)}:
            raise CounterMayNotSign
        take.signed_by_id = by
        goods = [good for good in stocktake_queries.goods_of(take.id) if good.difference]
        _book(take, goods, by=by)
        note("sign_take", take, by=by, lines=len(goods))
        return {"state": str(take.state)}

    return act("sign_take", village_id, stocktake_id, [], work, key=key, by=by)


def send_back(village_id: int, stocktake_id: int, *, why: str, key: str, by: int) -> Outcome:
    """The supervision committee wants it counted or explained again. Raises ReasonMissing."""

    def work(take: Stocktake) -> dict[str, Any]:
        if not why.strip():
            raise ReasonMissing
        take.state = target("send_back", take.state)
        take.proposed_by_id = take.proposed_at = None
        take.remark_id, take.remark_hash = remarks.keep(why, village_id=village_id)
        db.session.flush()
        note("send_back_take", take, by=by)
        return {"state": str(take.state)}

    return act("send_back_take", village_id, stocktake_id, [why], work, key=key, by=by)


def needs_signature(take: Stocktake) -> bool:
    """Whether what is over and what is short, added up at cost, reaches the village's limit."""
    limit = settings.value("stocktake_sign_from_yuan", take.village_id) * 100
    worth = stocktake_queries.worth(take.id)
    return bool(worth) and worth >= limit


def _checked(take: Stocktake, reasons: Mapping[int, str], *, by: int) -> list[StocktakeGood]:
    """The goods that differ, once everything is known and each has a reason."""
    if by not in {seat.user_id for seat in stocktake_queries.seats_of(take.id)}:
        raise NotACounter
    goods = stocktake_queries.goods_of(take.id)
    missing = sum(good.difference is None for good in goods)
    if missing:
        raise RecountMissing(count=missing)
    if by in stocktake_queries.recounters(take.id):
        raise OtherCounterBooks
    differing = [good for good in goods if good.difference]
    for good in differing:
        if reasons.get(good.id) not in REASONS:
            raise ReasonForEach(name=good.item.name, difference=good.difference)
    return differing


def _book(take: Stocktake, goods: list[StocktakeGood], *, by: int) -> None:
    """Make the stock right: pieces are taken out of the batches that go first, or put to the one that came last."""
    occasion = Occasion(
        take.village_id, by, clock.now(), "counted", remark_id=take.remark_id, remark_hash=take.remark_hash,
        stocktake_id=take.id,
    )  # fmt: skip
    for good in goods:
        batches = _batches(take.store_id, good.item_id)
        if (good.difference or 0) < 0:
            stock_services.move(_out(good, batches), occasion)
        else:
            _into(take, good, batches, occasion)
    take.state = target("sign" if take.signed_by_id else "book", take.state)
    take.ended_at = clock.now()
    db.session.flush()


def _batches(store_id: int, item_id: int) -> list[Any]:
    query = select(Batch.id, Batch.quantity, Batch.best_before).where(
        Batch.store_id == store_id, Batch.item_id == item_id
    )
    return list(db.session.execute(query.order_by(Batch.best_before.is_(None), Batch.best_before, Batch.id)))


def _out(good: StocktakeGood, batches: list[Any]) -> list[Step]:
    missing = -(good.difference or 0)
    left = sum(batch.quantity for batch in batches)
    if left < missing:
        raise CountNoLongerFits(name=good.item.name, left=left, missing=missing)
    steps = []
    for batch in batches:
        pieces = min(missing, batch.quantity)
        if pieces:
            missing -= pieces
            steps.append(Step(batch.id, good.item_id, -pieces, batch.quantity))
    return steps


def _into(take: Stocktake, good: StocktakeGood, batches: list[Any], occasion: Occasion) -> None:
    more = good.difference or 0
    fresh = [batch for batch in batches if batch.best_before is None or batch.best_before >= clock.today()]
    if fresh:
        last = max(fresh, key=lambda batch: batch.id)
        stock_services.move([Step(last.id, good.item_id, more, last.quantity)], occasion)
    else:
        stock_services.new_batch(take.store_id, Lot(good.item_id, more, "counted", good.cost_fen), occasion)
