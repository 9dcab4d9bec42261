"""The seven ledgers on pages, on paper with lines to sign, and as workbooks."""

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
from virtue.reports.seven import OTHERS, SEVEN, STORE
from virtue.reports.views import reports

ON_PAPER = 600
"""Lines a print has; a longer ledger prints in parts."""

_STORE = f"<any({','.join(STORE)}):name>"
_OTHERS = f"<any({','.join(OTHERS)}):name>"


@reports.get("/reports")
@permission("reports.store")
def ledgers() -> str:
    """The ledgers that this person may read, of a month."""
    shown = [one for name, one in SEVEN.items() if name in STORE or access.can("reports.ledgers")]
    return render_template("reports/ledgers.html", ledgers=shown, store=STORE, **_months())


@reports.get(f"/reports/store/{_STORE}")
@permission("reports.store")
def store_ledger(name: str) -> str:
    """One of the keeper's three."""
    return _page(SEVEN[name])


@reports.get(f"/reports/store/{_STORE}/print")
@permission("reports.store")
def print_store_ledger(name: str) -> str:
    """The same on paper."""
    return _paper(SEVEN[name])


@reports.get(f"/reports/store/{_STORE}.xlsx")
@permission("reports.store")
def store_ledger_xlsx(name: str) -> Response:
    """The same as a workbook."""
    return _file(SEVEN[name])


@reports.get(f"/reports/ledgers/{_OTHERS}")
@permission("reports.ledgers")
def village_ledger(name: str) -> str:
    """One of the other four."""
    return _page(SEVEN[name])


@reports.get(f"/reports/ledgers/{_OTHERS}/print")
@permission("reports.ledgers")
def print_village_ledger(name: str) -> str:
    """The same on paper."""
    return _paper(SEVEN[name])


@reports.get(f"/reports/ledgers/{_OTHERS}.xlsx")
@permission("reports.ledgers")
def village_ledger_xlsx(name: str) -> Response:
    """The same as a workbook."""
    return _file(SEVEN[name])


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
    return {"ledger": one, "sheet": sheet, "page": page, "is_store": one.name in STORE, **months}


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
