"""The seven ledgers on pages, on paper with lines to sign, and as workbooks."""

from functools import partial, wraps
from typing import Any

from flask import render_template
from werkzeug.wrappers import Response

from virtue import access, pages
from virtue.access import permission
from virtue.formatting import month_name
from virtue.ledger import queries as ledger
from virtue.people import services as people
from virtue.reports import ledger_files
from virtue.reports.ledgers import Ledger, Window
from virtue.reports.seven import SEVEN, STORE
from virtue.reports.views import reports

ON_PAPER = 600
"""Lines a print has; a longer ledger prints in parts."""


@reports.get("/reports")
@permission("reports.store")
def ledgers() -> str:
    """The ledgers that this person may read, of a month."""
    shown = [one for name, one in SEVEN.items() if name in STORE or access.can("reports.ledgers")]
    return render_template("reports/ledgers.html", ledgers=shown, **_months())


def _months() -> dict[str, Any]:
    """The month that the address asks for, and those that can be: back to the first that has anything."""
    months = ledger.all_months()
    asked = pages.number_asked("month")
    return {"month": asked if asked in months else months[0], "months": months}


def _page(one: Ledger) -> str:
    window = Window(max(1, pages.number_asked("page") or 1))
    return render_template("reports/ledger.html", **_shown(one, window))


def _paper(one: Ledger) -> str:
    window = Window(max(1, pages.number_asked("page") or 1), ON_PAPER)
    return render_template("reports/print_ledger.html", village=access.village(), **_shown(one, window))


def _shown(one: Ledger, window: Window) -> dict[str, Any]:
    months = _months()
    sheet = one.read(access.village().id, months["month"], window)
    page = pages.Page(sheet.rows, window.number, sheet.total, window.size or 1)
    return {"ledger": one, "sheet": sheet, "page": page, **months}


def _file(one: Ledger) -> Response:
    """Who stands in an export was looked at, and reads so in the passbook; that is written first."""
    village, month = access.village(), _months()["month"]
    sheet = one.read(village.id, month, Window(size=None))
    people.record_looks(village.id, sorted(sheet.households), by=access.by(), what="export")
    title = f"{one.title} {village.name} {month_name(month)}"
    response = Response(
        ledger_files.workbook(title, sheet),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{one.name}-{month}.xlsx"'
    return response


def _offer(one: Ledger, name: str) -> None:
    """A ledger's three addresses. Each is an endpoint of its own: the keeper's three ask for less than the others."""
    needed = permission("reports.store" if name in STORE else "reports.ledgers")
    address = f"/reports/{'store' if name in STORE else 'ledgers'}/{name}"
    for endpoint, ending, show in (("ledger", "", _page), ("print", "/print", _paper), ("file", ".xlsx", _file)):
        reports.add_url_rule(f"{address}{ending}", f"{endpoint}_{name}", needed(wraps(show)(partial(show, one))))


for _name, _ledger in SEVEN.items():
    _offer(_ledger, _name)
