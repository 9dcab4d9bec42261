"""Slips for days without power: number and print them, type one in, void one."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys, settings
from virtue.errors import BrokenRule
from virtue.people import door_queries, standing
from virtue.quantities import parse_whole
from virtue.staff import queries as staff
from virtue.store import order_queries, paper_queries, paper_services, queries, stock_queries
from virtue.store.errors import in_words
from virtue.store.models import Store
from virtue.store.paper_errors import UnknownSlip
from virtue.store.paper_forms import TypedSlip, read_slip
from virtue.store.paper_models import SlipState
from virtue.store.paper_services import PaperQuote, Written
from virtue.store.views import store

Answer = Response | str | tuple[str, int]


@store.get("/store/paper")
@permission("store.sell")
def paper() -> str:
    """The form to type a slip in, and all slips, newest first."""
    return _page(TypedSlip(number=request.args.get("number", "")[:40], day_text=clock.today().isoformat()))


@store.post("/store/paper/print")
@permission("store.sell")
def number_paper() -> Answer:
    """Number slips for some sheets; then print them."""
    sheets = parse_whole(request.form.get("sheets"), most=paper_services.MOST_SHEETS)
    if sheets is None:
        return _page(TypedSlip(), _("一次印 1 到 %(most)s 张。", most=paper_services.MOST_SHEETS)), 422
    try:
        outcome = paper_services.print_slips(
            access.village_id(), sheets, key=request.form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _page(TypedSlip(), str(error)), error.status
    return redirect(url_for("store.print_paper", **outcome.result), 303)


@store.get("/store/paper/print/<int:first>/<int:last>")
@permission("store.sell")
def print_paper(first: int, last: int) -> str:
    """These slips on A4, four a sheet."""
    village = access.village()
    found = paper_queries.slips_between(village.id, first, last)
    if not found or last - first >= paper_services.MOST_SHEETS * paper_services.ON_A_SHEET:
        abort(404)
    size = paper_services.ON_A_SHEET
    return render_template(
        "store/print_paper.html", village=village, number=paper_queries.printed_number, lines=paper_services.LINES,
        sheets=[found[start : start + size] for start in range(0, len(found), size)],
        most=settings.value("paper_points_per_day", village.id),
    )  # fmt: skip


@store.post("/store/paper/enter")
@permission("store.sell")
def enter_paper() -> Answer:
    """Look a slip up and ask whether it is this household; with ``checked`` book it."""
    shop = _shop()
    typed = read_slip(request.form, set(_names(shop.village_id)))
    if typed.has_errors or typed.day is None:
        return _page(typed), 422
    try:
        household = door_queries.household_by_input(shop.village_id, typed.who).household
    except BrokenRule as error:
        typed.errors["who"] = str(error)
        return _page(typed), error.status
    written = Written(typed.number, household.id, typed.day, tuple(typed.taken))
    where, by = (shop.village_id, shop.id), access.by()
    try:
        if not request.form.get("checked"):
            return _ask(shop, typed, household.id, paper_services.quote(*where, written, by=by))
        outcome = paper_services.enter(*where, written, key=request.form.get("key", ""), by=by)
    except UnknownSlip as error:
        typed.errors["number"] = str(error)
        return _page(typed), error.status
    except BrokenRule as error:
        return _page(typed, str(error)), error.status
    flash(_entered(outcome.result), "good")
    return redirect(url_for("store.paper"), 303)


@store.post("/store/paper/<int:slip_id>/void")
@permission("store.sell")
def void_paper(slip_id: int) -> Answer:
    """Never to be typed in."""
    village_id = access.village_id()
    if paper_queries.find_slip(village_id, slip_id) is None:
        abort(404)
    why, key = request.form.get("why", "")[:200], request.form.get("key", "")
    try:
        paper_services.void(village_id, slip_id, why=why, key=key, by=access.by())
    except BrokenRule as error:
        return _page(TypedSlip(), str(error)), error.status
    flash(_("已经作废。"), "good")
    return redirect(url_for("store.paper"), 303)


def _shop() -> Store:
    shop = stock_queries.store_of(access.village_id(), access.by())
    if shop is None:
        abort(404)
    return shop


def _names(village_id: int) -> dict[int, Any]:
    return {item.id: item for item in queries.items_of(village_id)}


def _entered(result: dict[str, Any]) -> str:
    """What was booked, in words; what is owed beside."""
    said = _("补录好了：第%(order)s号兑换单，%(points)s。", order=result["order_id"], points=in_words(result["points"]))
    if result["owed"]:
        said += _("积分不够，欠%(owed)s，以后得的先补，请告诉这一户。", owed=in_words(result["owed"]))
    return said


def _ask(shop: Store, typed: TypedSlip, household_id: int, quote: PaperQuote) -> str:
    return render_template(
        "store/paper_check.html", shop=shop, typed=typed, quote=quote, key=keys.new(), in_words=in_words,
        face=standing.find_face(shop.village_id, household_id),
    )  # fmt: skip


def _page(typed: TypedSlip, error: str | None = None) -> str:
    village_id = access.village_id()
    state = request.args.get("state", "")
    state = state if state in set(SlipState) else ""
    page = pages.paged(paper_queries.slips(village_id, state=state), request.args.get("page", 1, type=int))
    rows = page.rows
    return render_template(
        "store/paper.html", page=page, state=state, typed=typed, error=error, key=keys.new(),
        number=paper_queries.printed_number, names=staff.names_of({row.ended_by_id for row in rows}),
        orders=order_queries.orders_by_ids([row.order_id for row in rows if row.order_id is not None]),
        faces=standing.faces(village_id, {row.household_id for row in rows if row.household_id is not None}),
        goods=queries.items_of(village_id), shop=stock_queries.store_of(village_id, access.by()),
        most=paper_services.MOST_SHEETS, limit=settings.value("paper_points_per_day", village_id),
        days_back=paper_services.DAYS_BACK,
    )  # fmt: skip
