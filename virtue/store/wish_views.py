"""What is wished how often, for whoever buys. By whom isn't shown."""

from flask import render_template, request

from virtue import access, pages
from virtue.access import permission
from virtue.store import wish_queries
from virtue.store.views import store


@store.get("/store/wishes")
@permission("store.view")
def wishes() -> str:
    """The wishes of the village, counted."""
    text = " ".join(request.args.get("q", "").split())[:40]
    rows = wish_queries.counted(access.village_id(), text)
    page = pages.paged(rows, request.args.get("page", 1, type=int), scalars=False)
    return render_template("store/wishes.html", page=page, q=text)
