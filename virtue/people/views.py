"""The register: the list of households, its export; adding and correcting stand in ``household_views``."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.people import codes, exports, household_queries, print_queries, queries, services
from virtue.people.models import Household
from virtue.people.states import CARD_STATES

people = Blueprint("people", __name__)
blueprints = (people,)


@people.get("/households")
@permission("people.view")
def households() -> str:
    """The households of the village, names masked; found by name, pinyin initials, code, card number or card."""
    village = access.village()
    page = pages.paged(_asked(village.id), request.args.get("page", 1, type=int))
    ids = [household.id for household in page.rows]
    return render_template(
        "people/_households.html" if request.headers.get("HX-Request") else "people/households.html",
        page=page, cards=household_queries.card_states(ids), card_states=CARD_STATES, number=print_queries.card_number,
        grids=[(grid.id, grid.name) for grid in queries.grids_of(village.id)], q=_words(), grid=request.args.get("grid", ""),
        state=request.args.get("state", ""),
    )  # fmt: skip


@people.post("/households/find")
@permission("people.view")
def find_household() -> Response:
    """What was typed or scanned: a card leads to its household, so that its digits stand in no address; words search."""
    village, words = access.village(), request.form.get("q", "").strip()
    if len(codes.clean(words)) >= codes.DIGITS - 2:
        try:
            found = queries.household_by_card_code(village.id, words)
        except BrokenRule as error:
            flash(str(error), "bad")
            return redirect(url_for("people.households"), 303)
        return redirect(url_for("office.household", household_id=found.id), 303)
    wanted: dict[str, Any] = {name: request.form.get(name) or None for name in ("grid", "state")}
    return redirect(url_for("people.households", q=words or None, **wanted), 303)


@people.get("/households/export.xlsx")
@permission("people.history")
def export_xlsx() -> Response:
    """The list as a workbook, with full names; every household in it is told that it was looked at."""
    return _download(exports.xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@people.get("/households/export.csv")
@permission("people.history")
def export_csv() -> Response:
    """The list as a CSV file, with full names; every household in it is told that it was looked at."""
    return _download(exports.csv_file, "csv", "text/csv; charset=utf-8")


def _download(write: exports.Writer, ending: str, mimetype: str) -> Response:
    village_id = access.village().id
    ids = exports.ids(_asked(village_id))
    services.record_looks(village_id, ids, by=access.by(), what="export")
    response = Response(write(exports.rows(_asked(village_id))), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="households-{clock.today():%Y%m%d}.{ending}"'
    return response


def _asked(village_id: int) -> "queries.Select[Household]":
    """The list as the address asks for it."""
    return queries.search_households(
        village_id,
        _words(),
        pages.number_asked("grid"),
        state=request.args.get("state", ""),
    )


def _words() -> str:
    """What was typed into the search field, as far as it can be shown again."""
    return "".join(sign for sign in request.args.get("q", "") if sign.isprintable())


from virtue.people import (  # noqa: E402, F401  their routes join this blueprint
    card_views,
    data_views,
    household_views,
    import_views,
)
