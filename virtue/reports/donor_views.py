"""Where gifts went (捐赠去向): on a page, on paper, as a workbook; and a letter of thanks a year to each named donor."""

from datetime import date
from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.formatting import day_long, fen
from virtue.reports import donor_queries, ledger_files
from virtue.reports.ledgers import Sheet
from virtue.reports.views import reports

YEARS_BACK = 10


@reports.get("/reports/donors")
@permission("reports.store")
def donors() -> str:
    """What was given in a span, and how many households got some of it."""
    return render_template("reports/donors.html", **_shown())


@reports.get("/reports/donors/print")
@permission("reports.store")
def print_donors() -> str:
    """The same on paper."""
    return render_template("reports/print_donors.html", village=access.village(), **_shown())


@reports.get("/reports/donors.xlsx")
@permission("reports.store")
def donors_file() -> Response:
    """The same as a workbook; no household stands in it."""
    shown, village = _shown(), access.village()
    heads = [
        _("捐赠人"),
        _("商品"),
        _("收到"),
        _("换给农户"),
        _("报损和盘亏"),
        _("还在店里"),
        _("估价（元）"),
        _("受益户数"),
    ]
    rows = [
        [
            one.name or _("匿名"),
            gift.name,
            gift.came,
            gift.given,
            gift.lost,
            gift.left,
            fen(gift.worth_fen),
            gift.households,
        ]
        for one in shown["donations"]
        for gift in one.gifts
    ]
    title = f"{_('捐赠去向')} {village.name} {day_long(shown['first'])}—{day_long(shown['last'])}"
    response = Response(
        ledger_files.workbook(title, Sheet(heads, rows, len(rows))),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="donors-{shown["first"]}-{shown["last"]}.xlsx"'
    return response


@reports.get("/reports/donors/<int:donor_id>/letter")
@permission("reports.store")
def donor_letter(donor_id: int) -> str:
    """A year's letter of thanks on A4; only to whoever agreed to be named."""
    village, this_year = access.village(), clock.today().year
    donor, year = donor_queries.named_donor(village.id, donor_id), pages.number_asked("year") or this_year
    if donor is None or not this_year - YEARS_BACK <= year <= this_year:
        abort(404)
    found = donor_queries.donations(village.id, date(year, 1, 1), date(year, 12, 31), donor_id)
    return render_template(
        "reports/print_donor_letter.html", village=village, donor=donor, year=year, this_year=this_year,
        given=found[0] if found else None,
    )  # fmt: skip


def _shown() -> dict[str, Any]:
    """The span that the address asks for, else this year until today."""
    today = clock.today()
    first, last = (
        clock.read_day(request.args.get("from")) or date(today.year, 1, 1),
        clock.read_day(request.args.get("to")) or today,
    )
    if last < first:
        first, last = last, first
    found = donor_queries.donations(access.village_id(), first, last)
    return {"first": first, "last": last, "donations": found}
