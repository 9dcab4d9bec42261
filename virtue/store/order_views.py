"""Orders: the list with search, taking one back, the slip, the day's totals."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import settings
from virtue.errors import BrokenRule
from virtue.formatting import fen
from virtue.ledger import queries as ledger
from virtue.people import standing
from virtue.quantities import parse_id
from virtue.staff import queries as staff
from virtue.store import order_queries, proof_queries, queries, reservation_pages, reservation_queries, services
from virtue.store.errors import in_words
from virtue.store.till import points_of
from virtue.store.views import store


@store.get("/store/orders")
@permission("store.view")
def orders() -> str:
    """All orders, newest first."""
    return _orders()


@store.post("/store/orders/<int:order_id>/give-back")
@permission("store.stock")
def give_back(order_id: int) -> Response | str | tuple[str, int]:
    """Take an order back: its keeper within some minutes, later another person with a reason."""
    village = access.village()
    if order_queries.find_order(village.id, order_id) is None:
        abort(404)
    key, why = request.form.get("key", ""), request.form.get("why", "")[:200]
    # A form that lists the lines says which; one without lists takes back all that is left.
    chosen = [parse_id(line) or 0 for line in request.form.getlist("line")]
    lines = chosen if "by_line" in request.form else None
    try:
        outcome = services.give_back(village.id, order_id, key=key, by=access.by(), why=why, lines=lines)
    except BrokenRule as error:
        return _orders(order_id, error=str(error), why=why), error.status
    flash(_given_back(outcome.result), "good")
    return redirect(url_for("store.till" if request.form.get("from") == "till" else "store.orders"), 303)


def _given_back(result: dict[str, Any]) -> str:
    """What came back, in words; cash is said beside."""
    points = in_words(result["points"])
    if result["is_whole"]:
        said = _("第%(order)s号兑换单已撤销：%(points)s退回，商品放回货架。", order=result["order_id"], points=points)
    else:
        said = _(
            "第%(order)s号兑换单退了%(pieces)s件：%(points)s退回，商品放回货架。",
            order=result["order_id"], pieces=result["pieces"], points=points,
        )  # fmt: skip
    return said + (_("另退现金 %(cash)s。", cash=fen(result["cash_fen"])) if result["cash_fen"] else "")


def _orders(only: int | None = None, *, error: str | None = None, why: str = "") -> str:
    """The list, or (after a refusal) the one order it was about, with the sentence on top."""
    village = access.village()
    filters = {"text": str(only) if only else request.args.get("q", "")[:40], "state": request.args.get("state", "")}
    day = None if only else clock.read_day(request.args.get("day"))
    found = pages.paged(order_queries.orders_of(village.id, **filters, day=day), request.args.get("page", 1, type=int))
    orders, minutes = found.rows, settings.value("return_minutes", village.id)
    return render_template(
        "store/orders.html", page=found, q=filters["text"], state=filters["state"], day=day, error=error, why=why,
        words=order_queries.orders_by_ids([order.id for order in orders]), keepers=staff.names_of({o.by_id for o in orders}),
        faces=standing.faces(village.id, {order.household_id for order in orders}), minutes=minutes, me=access.by(),
        now=clock.now(), points_of=points_of, proofs=proof_queries.proofs_of([order.id for order in orders]), lines=order_queries.lines_of(order.id for order in orders),
    )  # fmt: skip


@store.get("/till/slip/<int:order_id>")
@permission("store.view")
def slip(order_id: int) -> str:
    """The slip of an order, for a 58 mm roll or (``paper=a5``) a sheet with large letters."""
    village = access.village()
    order = order_queries.find_order(village.id, order_id)
    if order is None:
        abort(404)
    face = standing.find_face(village.id, order.household_id)
    kept = reservation_queries.of_order(order.id)
    entry = ledger.find_entry("fetch" if kept else "order", order.id)
    rows = [row for row in ledger.statement(order.household_id, [order.month]) if entry and row.entry_id == entry.id]
    return render_template(
        "store/slip.html", village=village, shop=queries.find_store(village.id, order.store_id), order=order, face=face, entry=entry,
        left={row.unit: row.balance_after for row in rows}, points=points_of(order),
        keeper=staff.names_of({order.by_id}).get(order.by_id, ""), lines=order_queries.lines_of([order.id])[order.id],
        taken_by=reservation_pages.taken_by(kept) if kept else "", proofs=proof_queries.proofs_of([order.id]), is_large=request.args.get("paper") == "a5",
    )  # fmt: skip
