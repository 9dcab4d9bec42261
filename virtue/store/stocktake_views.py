"""Stocktakes on two phones: begin, count blind, hand in; then see the differences, recount, give reasons, sign."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, pages
from virtue.access import permission
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule
from virtue.staff import queries as staff
from virtue.store import queries, reservation_queries, stock_queries, stocktake_queries, stocktake_services
from virtue.store import stocktake_booking_services as booking
from virtue.store.answer_views import is_htmx
from virtue.store.stocktake_errors import BadCount, BadCountTime
from virtue.store.stocktake_forms import TypedCounts, read_counts, read_reasons, read_time
from virtue.store.stocktake_models import Stocktake, TakeState
from virtue.store.stocktake_services import MOST_COUNTED
from virtue.store.stocktake_words import REASONS, STATES
from virtue.store.views import store

Answer = Response | str | tuple[str, int]


@store.get("/store/count")
@permission("store.takes")
def stocktakes() -> Answer:
    """All stocktakes, newest first, and the form for a new one."""
    return _stocktakes()


@store.post("/store/count")
@permission("store.count")
def open_take() -> Answer:
    """Begin a stocktake of the store at which one works."""
    shop = stock_queries.store_of(access.village_id(), access.by())
    if shop is None:
        abort(404)
    key, category = request.form.get("key", ""), request.form.get("category", "")[:20]
    try:
        made = stocktake_services.open_take(shop.village_id, shop.id, category, key=key, by=access.by())
    except BrokenRule as error:
        return _stocktakes(str(error)), error.status
    return redirect(url_for("store.stocktake", stocktake_id=made.result["stocktake_id"]), 303)


def _stocktakes(error: str | None = None) -> str:
    village_id = access.village_id()
    shop = stock_queries.store_of(village_id, access.by())
    found = pages.paged(stocktake_queries.takes_of(village_id), request.args.get("page", 1, type=int))
    return render_template(
        "store/stocktakes.html", page=found, error=error, states=STATES, shop=shop,
        is_open=shop is not None and stocktake_queries.open_take_of(shop.id) is not None,
        shops={one.id: one.name for one in stock_queries.stores_of(village_id)},
        categories=queries.categories(village_id), names=staff.names_of({one.opened_by_id for one in found.rows}),
    )  # fmt: skip


@store.get("/store/count/<int:stocktake_id>")
@permission("store.takes")
def stocktake(stocktake_id: int) -> Answer:
    """One stocktake, as far as this person may see it now."""
    return _stocktake(_load(stocktake_id))


@store.post("/store/count/<int:stocktake_id>/join")
@permission("store.count")
def join_take(stocktake_id: int) -> Answer:
    """Sit down as one of the two."""
    return _do(stocktake_id, lambda take, key, by: stocktake_services.join(take.village_id, take.id, key=key, by=by))


@store.post("/store/count/<int:stocktake_id>/count")
@permission("store.count")
def count(stocktake_id: int) -> Answer:
    """Write down some numbers: now, or (``at``) when they were counted on paper."""
    take, counts = _load(stocktake_id), read_counts(request.form)
    at = read_time(request.form.get("at", "")) if request.form.get("at") else None
    error: BrokenRule | None = None
    if counts.wrong:
        error = BadCount(most=MOST_COUNTED)
    elif request.form.get("at") and at is None:
        error = BadCountTime()
    else:
        try:
            stocktake_services.count(
                take.village_id, take.id, counts.numbers, key=request.form.get("key", ""), by=access.by(), at=at
            )
        except BrokenRule as broken:
            error = broken
    if error is not None:
        return _stocktake(_load(stocktake_id), error=error, counts=counts)
    if is_htmx():
        return _row(take, next(iter(counts.numbers), 0))
    flash(_("已记下%(count)s种。", count=len(counts.numbers)), "good")
    return redirect(url_for("store.stocktake", stocktake_id=stocktake_id), 303)


def _row(take: Stocktake, good_id: int) -> str:
    """The one line that was just counted."""
    shown = _facts(take)
    good = next((one for one in shown["goods"] if one.id == good_id), None)
    if good is None:
        abort(404)
    return render_template("store/_take_row.html", good=good, **shown)


@store.post("/store/count/<int:stocktake_id>/hand-in")
@permission("store.count")
def hand_in_take(stocktake_id: int) -> Answer:
    """Everything is counted."""
    return _do(stocktake_id, lambda take, key, by: stocktake_services.hand_in(take.village_id, take.id, key=key, by=by))


@store.post("/store/count/<int:stocktake_id>/recount")
@permission("store.count")
def recount(stocktake_id: int) -> Answer:
    """What both counted together at last, good by good."""
    counts = read_counts(request.form)
    if counts.wrong or not counts.numbers:
        return _stocktake(_load(stocktake_id), error=BadCount(most=MOST_COUNTED), counts=counts)
    ((good_id, quantity),) = list(counts.numbers.items())[:1]
    return _do(
        stocktake_id,
        lambda take, key, by: stocktake_services.recount(take.village_id, take.id, good_id, quantity, key=key, by=by),
    )


@store.post("/store/count/<int:stocktake_id>/propose")
@permission("store.count")
def propose_take(stocktake_id: int) -> Answer:
    """Reasons for what differs; below the limit the stock is made right at once."""
    reasons, why = read_reasons(request.form), request.form.get("why", "")[:200]
    return _do(
        stocktake_id,
        lambda take, key, by: booking.propose(take.village_id, take.id, reasons, why=why, key=key, by=by),
        reasons=reasons, why=why,
    )  # fmt: skip


@store.post("/store/count/<int:stocktake_id>/sign")
@permission("store.sign_count")
def sign_take(stocktake_id: int) -> Answer:
    """The supervision committee has seen it."""
    return _do(stocktake_id, lambda take, key, by: booking.sign(take.village_id, take.id, key=key, by=by))


@store.post("/store/count/<int:stocktake_id>/send-back")
@permission("store.sign_count")
def send_back_take(stocktake_id: int) -> Answer:
    """The supervision committee wants it counted or explained again."""
    why = request.form.get("why", "")[:200]
    return _do(
        stocktake_id,
        lambda take, key, by: booking.send_back(take.village_id, take.id, why=why, key=key, by=by),
        why=why,
    )


@store.post("/store/count/<int:stocktake_id>/cancel")
@permission("store.count")
def cancel_take(stocktake_id: int) -> Answer:
    """Give it up; no stock changes."""
    why = request.form.get("why", "")[:200]
    return _do(
        stocktake_id,
        lambda take, key, by: stocktake_services.cancel(take.village_id, take.id, why=why, key=key, by=by),
        why=why,
    )


@store.get("/store/count/<int:stocktake_id>/print")
@permission("store.takes")
def print_take(stocktake_id: int) -> str:
    """The sheet for counting on paper: no number of the books on it, but what lies aside for reservations."""
    take = _load(stocktake_id)
    return render_template(
        "store/print_stocktake.html", take=take, goods=stocktake_queries.goods_of(take.id),
        shop=queries.find_store(take.village_id, take.store_id), held=reservation_queries.held_pieces(take.store_id),
    )  # fmt: skip


def _do(stocktake_id: int, step: Callable[[Stocktake, str, int], Outcome], **typed: Any) -> Answer:
    """One step, back to the page; on a broken rule the page with its sentence and what was typed."""
    take = _load(stocktake_id)
    try:
        step(take, request.form.get("key", ""), access.by())
    except BrokenRule as error:
        return _stocktake(_load(stocktake_id), error=error, **typed)
    return redirect(url_for("store.stocktake", stocktake_id=stocktake_id), 303)


def _load(stocktake_id: int) -> Stocktake:
    found = stocktake_queries.find_take(access.village_id(), stocktake_id)
    if found is None:
        abort(404)
    return found


def _facts(take: Stocktake, counts: TypedCounts | None = None) -> dict[str, Any]:
    """What anybody may see, and while both count only one's own numbers."""
    seats = stocktake_queries.seats_of(take.id)
    mine = next((seat for seat in seats if seat.user_id == access.by()), None)
    is_blind = take.state == TakeState.COUNTING
    return {
        "take": take, "seats": seats, "mine": mine, "counts": counts or TypedCounts(),
        "goods": stocktake_queries.goods_of(take.id) if is_blind else [],
        "own": stocktake_queries.own_counts(take.id, mine.place) if is_blind and mine else {},
        "held": reservation_queries.held_pieces(take.store_id) if is_blind else {},
    }  # fmt: skip


def _stocktake(
    take: Stocktake, *, error: BrokenRule | None = None, counts: TypedCounts | None = None,
    reasons: dict[int, str] | None = None, why: str = "",
) -> Answer:  # fmt: skip
    shown = _facts(take, counts)
    lines = [] if take.state == TakeState.COUNTING else stocktake_queries.lines_of(take.id)
    recounters = stocktake_queries.recounters(take.id)
    people: set[int | None] = {seat.user_id for seat in shown["seats"]}
    people |= {take.opened_by_id, take.proposed_by_id, take.signed_by_id, *recounters}
    page = render_template(
        "store/stocktake.html", **shown, lines=lines, differing=[line for line in lines if not line.agrees],
        shop=queries.find_store(take.village_id, take.store_id), names=staff.names_of(people), states=STATES,
        recounters=recounters, me=access.by(), reasons=reasons or {}, reason_words=REASONS, why=why,
        told=stock_queries.remark_text(take.remark_id), error=str(error) if error else None,
        worth=stocktake_queries.worth(take.id) if lines else 0,
        needs_signature=bool(lines) and booking.needs_signature(take),
    )  # fmt: skip
    return (page, error.status) if error else page
