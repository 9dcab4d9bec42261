"""The month's sheet for the wall, and what the loudspeaker says."""

from flask import render_template, request

from virtue import access, clock, pages
from virtue.access import permission
from virtue.ledger import queries as ledger
from virtue.people import qr
from virtue.reports import loud_queries, wall_sheet_queries
from virtue.reports.paper_views import PAPERS
from virtue.reports.views import reports


@reports.get("/papers/month")
@permission("boards.view")
def print_wall_sheet() -> str:
    """A month's figures on one sheet; the last full month, unless another is asked for."""
    village, months = access.village(), ledger.all_months()
    asked, last = pages.number_asked("month"), clock.previous_month(clock.month_of(clock.today()))
    month = asked if asked in months else last if last in months else months[0]
    paper = request.args.get("paper")
    return render_template(
        "reports/print_wall_sheet.html", village=village, sheet=wall_sheet_queries.wall_sheet(village, month), month=month,
        months=months, paper=paper if paper in PAPERS else "a4", is_bw=request.args.get("ink") == "bw",
        code=qr.page("portal.village", slug=village.slug),
    )  # fmt: skip


@reports.get("/papers/loudspeaker")
@permission("boards.view")
def loudspeaker() -> str:
    """The script of a day or a week, in large type, to be read out."""
    village, day = access.village(), loud_queries.asked_day(request.args.get("day", ""))
    span = "week" if request.args.get("span") == "week" else "day"
    return render_template(
        "reports/loudspeaker.html", village=village, span=span, day=day,
        parts=loud_queries.script(village, span, day),
    )  # fmt: skip
