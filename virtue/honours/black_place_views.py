"""The list of public places, for the black board."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.honours import black_places
from virtue.honours import black_queries as queries
from virtue.honours.star_views import honours
from virtue.people import queries as people
from virtue.quantities import parse_id


@honours.get("/boards/places")
@permission("boards.places")
def public_places() -> str:
    """All places, and a form for one more."""
    return _page()


@honours.post("/boards/places")
@permission("boards.places")
def add_public_place() -> Response | tuple[str, int]:
    """Add a place that everybody uses."""
    form = request.form
    try:
        black_places.add_place(
            access.village_id(), parse_id(form.get("grid")) or 0, form.get("name", "")[:80],
            is_shared=form.get("is_shared") == "1", key=form.get("key", ""), by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _page(str(error)), error.status
    flash(_("加上了。"), "good")
    return redirect(url_for("honours.public_places"), 303)


@honours.post("/boards/places/<int:place_id>/end")
@permission("boards.places")
def end_public_place(place_id: int) -> Response | tuple[str, int]:
    """Take a place from the list."""
    try:
        black_places.end_place(access.village_id(), place_id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _page(str(error)), error.status
    flash(_("去掉了；写着这里的，榜上都撤了。"), "good")
    return redirect(url_for("honours.public_places"), 303)


def _page(error: str | None = None) -> str:
    village_id = access.village_id()
    grids = people.grids_of(village_id)
    return render_template(
        "honours/public_places.html", places=queries.places(village_id), grids=grids, error=error, typed=request.form,
        grid_names={grid.id: grid.name for grid in grids}, key=keys.new(),
    )  # fmt: skip
