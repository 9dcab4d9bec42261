"""The store's books for everybody: each quarter as the supervision committee signed it."""

from typing import Any

from flask import abort, render_template

from virtue import clock, pages
from virtue.access import public
from virtue.core import remarks
from virtue.places.models import Village
from virtue.portal.views import portal
from virtue.staff import queries as staff
from virtue.store import public_queries


@portal.get("/v/<string:slug>/store-sheets")
@public
def store_sheets(slug: str) -> str:
    """The newest quarter that was signed."""
    return render_template("portal/store_sheet.html", **_shown(pages.public_village(slug), None))


@portal.get("/v/<string:slug>/store-sheets/<int:quarter>")
@public
def store_sheet(slug: str, quarter: int) -> str:
    """One quarter, its newest version."""
    return render_template("portal/store_sheet.html", **_shown(pages.public_village(slug), quarter))


@portal.get("/v/<string:slug>/store-sheets/<int:quarter>/print")
@public
def print_store_sheet(slug: str, quarter: int) -> str:
    """The same on A4."""
    return render_template(
        "portal/print_store_sheet.html", **(_shown(pages.public_village(slug), quarter) | {"on_paper": True})
    )


def _shown(village: Village, quarter: int | None) -> dict[str, Any]:
    sheets = public_queries.signed(village.id)
    sheet = next((one for one in sheets if quarter in (None, one.quarter)), None)
    if sheet is None and quarter is not None:
        abort(404)
    return {
        "village": village, "sheets": sheets, "sheet": sheet, "figures": sheet.figures if sheet else None,
        "texts": remarks.texts([sheet.proof_id, sheet.reason_id]) if sheet else {}, "on_paper": False,
        "names": staff.names_of({sheet.signed_by_id}) if sheet else {}, "first_day": clock.first_day,
    }  # fmt: skip
