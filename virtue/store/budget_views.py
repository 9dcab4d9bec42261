"""The budget's page: gauge, forecast, formula, and the money for goods."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.quantities import parse_fen
from virtue.staff import queries as staff
from virtue.store import budget_queries, budget_services
from virtue.store.views import store


@store.get("/store/budget")
@permission("store.view")
def budget() -> str:
    """How points in hands stand against goods and money."""
    return _page()


@store.get("/store/budget/print")
@permission("store.view")
def print_budget() -> str:
    """The same on A4."""
    return render_template("store/print_budget.html", village=access.village(), **_facts())


@store.post("/store/budget/money")
@permission("store.goods")
def enter_money() -> Response | tuple[str, int]:
    """Write money for goods down."""
    form = request.form
    text = form.get("amount", "").strip()
    fen, day = parse_fen(text.lstrip("-−")), clock.read_day(form.get("day"))
    sign = -1 if text[:1] in {"-", "−"} else 1
    try:
        if fen is None or day is None:
            raise budget_services.BadFundMoney
        outcome = budget_services.enter_money(
            access.village_id(), sign * fen, form.get("source", ""), day, form.get("words", "")[:100],
            key=form.get("key", ""), by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _page(str(error)), error.status
    is_open = outcome.result["needs_second"]
    flash(_("已记下，等第二个人签字后才算数。") if is_open else _("已记下。"), "good")
    return redirect(url_for("store.budget"), 303)


@store.post("/store/budget/money/<int:money_id>/sign")
@permission("ledger.close")
def sign_money(money_id: int) -> Response | tuple[str, int]:
    """The second person's signature under a large sum."""
    try:
        budget_services.sign_money(access.village_id(), money_id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        if error.status == 404:
            raise
        return _page(str(error)), error.status
    flash(_("已签字，这一笔从现在起算数。"), "good")
    return redirect(url_for("store.budget"), 303)


def _facts() -> dict[str, Any]:
    found = budget_queries.budget_of(access.village_id())
    months = found.forecast(clock.month_of(clock.today())) if found.has_history else []
    return {"budget": found, "forecast": months, "least": budget_queries.LEAST_MONTHS}


def _page(error: str | None = None) -> str:
    page = pages.paged(
        budget_queries.money_list(access.village_id()), request.args.get("page", 1, type=int), scalars=False
    )  # fmt: skip
    rows = [row.FundMoney for row in page.rows]
    people = {row.by_id for row in rows} | {row.second_by_id for row in page.rows}
    return render_template(
        "store/budget.html", **_facts(), page=page, error=error, typed=request.form, sources=budget_services.SOURCES,
        names=staff.names_of(people), words=remarks.texts([row.remark_id for row in rows]), key=keys.new(), new_key=keys.new,
        me=access.by(),
    )  # fmt: skip
