"""The daily close: days that wait first, one day's figures with what was counted, on paper, the second signature."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.formatting import day as day_words
from virtue.staff import queries as staff
from virtue.store import close_queries, close_services, paper_queries, stock_queries
from virtue.store.close_forms import LONGEST_WHY, CloseForm, read_close
from virtue.store.close_models import StoreClose
from virtue.store.models import Store
from virtue.store.views import store

Answer = Response | str | tuple[str, int]


@store.get("/store/day")
@permission("store.view")
def day() -> str:
    """The days of the store: those that wait for their close first, then what was closed."""
    shop = stock_queries.store_of(access.village_id(), access.by())
    page = pages.paged(close_queries.closes(shop.id), request.args.get("page", 1, type=int)) if shop else None
    closes = page.rows if page else []
    return render_template(
        "store/days.html", page=page, waiting=close_queries.open_days(shop.id) if shop else [], me=access.by(),
        names=staff.names_of({number for one in closes for number in (one.closed_by_id, one.signed_by_id)}),
    )  # fmt: skip


@store.get("/store/day/open")
@permission("store.view")
def open_day() -> str:
    """What a close of this day would cover, and the form to count and close."""
    return _open(_asked(request.args.get("day")), CloseForm())


@store.post("/store/day/close")
@permission("store.sell")
def close_day() -> Answer:
    """Close the day with what was counted."""
    chosen, form = _asked(request.form.get("day")), read_close(request.form)
    if form.counted is None:
        return _open(chosen, form), 422
    shop = _shop()
    try:
        outcome = close_services.close_day(
            shop.village_id, shop.id, chosen, form.counted, key=request.form.get("key", ""), by=access.by(),
            up_to=form.up_to,
        )  # fmt: skip
    except BrokenRule as error:
        return _open(chosen, form, str(error)), error.status
    flash(_("%(day)s日结好了，请另一个人核对、签字。", day=day_words(chosen)), "good")
    return redirect(url_for("store.closed_day", close_id=outcome.result["close_id"]), 303)


@store.get("/store/day/<int:close_id>")
@permission("store.view")
def closed_day(close_id: int) -> str:
    """A close as it was counted and signed."""
    return _closed(close_id)


@store.get("/store/day/<int:close_id>/print")
@permission("store.view")
def print_day(close_id: int) -> str:
    """The same on paper, with lines to sign."""
    close = _load(close_id)
    return render_template("store/print_day.html", village=access.village(), **_shown(close))


@store.post("/store/day/<int:close_id>/sign")
@permission("store.sign")
def sign_day(close_id: int) -> Answer:
    """The second person has looked and signs."""
    close = _load(close_id)
    try:
        close_services.sign_close(close.village_id, close_id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _closed(close_id, str(error)), error.status
    flash(_("签好了。"), "good")
    return redirect(url_for("store.closed_day", close_id=close_id), 303)


def _shop() -> Store:
    shop = stock_queries.store_of(access.village_id(), access.by())
    if shop is None:
        abort(404)
    return shop


def _asked(text: str | None) -> date:
    return clock.read_day(text) or clock.today()


def _open(chosen: date, form: CloseForm, error: str | None = None) -> str:
    shop = _shop()
    last = close_queries.find_last(shop.id)
    span = close_queries.open_span(shop.id, chosen)
    totals = close_queries.totals(shop.id, span)
    papers = paper_queries.in_span(shop.id, span)
    return render_template(
        "store/open_day.html", day=chosen, span=span, totals=totals, form=form, error=error, key=keys.new(),
        papers=papers, number=paper_queries.printed_number, is_closed=last is not None and last.day >= chosen, longest=LONGEST_WHY, **_words(totals),
    )  # fmt: skip


def _words(totals: close_queries.Totals) -> dict[str, Any]:
    """Both sides of the totals in one table each: what went out, what came back."""
    ids = {row.by_id for row in (*totals.by_keeper, *totals.returned_by)}
    return {
        "keepers": staff.names_of(ids),
        "keeper_rows": _beside(totals.by_keeper, totals.returned_by, "by_id"),
        "item_rows": _beside(totals.by_item, totals.returned_items, "item_id"),
    }  # fmt: skip


def _beside(went: list[Any], came: list[Any], name: str) -> list[tuple[Any, Any]]:
    """Rows of what went out, each with what came back of the same; None where there is nothing."""
    back = {getattr(row, name): row for row in came}
    rows = [(row, back.pop(getattr(row, name), None)) for row in went]
    return [*rows, *((None, row) for row in back.values())]


def _load(close_id: int) -> StoreClose:
    found = close_queries.find_close(access.village().id, close_id)
    if found is None:
        abort(404)
    return found


def _closed(close_id: int, error: str | None = None) -> str:
    close = _load(close_id)
    return render_template("store/closed_day.html", error=error, key=keys.new(), me=access.by(), **_shown(close))


def _shown(close: StoreClose) -> dict[str, Any]:
    span = close_queries.span_of(close)
    totals = close_queries.totals(close.store_id, span)
    return {
        "papers": paper_queries.in_span(close.store_id, span), "number": paper_queries.printed_number,
        "close": close, "totals": totals, "counts": close_queries.counts_of(close.id), **_words(totals),
        "names": staff.names_of({close.closed_by_id, close.signed_by_id}),
        "note": remarks.texts([close.remark_id]).get(close.remark_id or 0, ""),
    }  # fmt: skip
