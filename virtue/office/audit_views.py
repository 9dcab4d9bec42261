"""The audit trail, and the days on which one person wore two hats."""

from datetime import date

from flask import Response, render_template, request
from flask_babel import gettext as _

from virtue import access, clock, pages
from virtue.access import permission
from virtue.extensions import db
from virtue.office import exports, queries
from virtue.office.actions import ACTIONS, GROUPS, sentence
from virtue.office.views import office
from virtue.people import hats
from virtue.people import queries as people
from virtue.staff import queries as staff

MOST_EXPORTED = 20_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@office.get("/audit")
@permission("audit.view")
def audit() -> str:
    """Who did what, when, to which household."""
    village = access.village()
    page = pages.paged(queries.audit_rows(village.id, asked(village.id)), request.args.get("page", 1, type=int))
    found = queries.traces(page.rows)
    return render_template(
        "office/audit.html",
        page=page,
        traces=found,
        sentence=sentence,
        details=exports.details,
        users=[("", _("全部")), *((user.id, user.name) for user in staff.active_staff(village.id))],
        groups=[("", _("全部")), *GROUPS.items()],
        actions=[("", _("全部")), *ACTIONS.items()],
        args=request.args,
    )


@office.get("/audit/export.xlsx")
@permission("audit.view")
def audit_export() -> Response:
    """The same rows as a workbook, the newest 20,000 at most."""
    village = access.village()
    query = queries.audit_rows(village.id, asked(village.id)).limit(MOST_EXPORTED)
    data = exports.audit_workbook(queries.traces(db.session.scalars(query).all()))
    name = f"audit-{village.slug}-{clock.today():%Y%m%d}.xlsx"
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def asked(village_id: int) -> queries.AuditFilter:
    """The filters of the address. A household code nobody has finds nothing."""
    code = request.args.get("household", "").strip()
    household = people.find_by_code(village_id, people.plain(code)) if code else None
    return queries.AuditFilter(
        user_id=request.args.get("user", type=int),
        household_id=(household.id if household else 0) if code else None,
        group=request.args.get("group", "") if request.args.get("group", "") in GROUPS else "",
        action=request.args.get("action", "") if request.args.get("action", "") in ACTIONS else "",
        first=day_of(request.args.get("first", "")),
        last=day_of(request.args.get("last", "")),
    )


def day_of(text: str) -> date | None:
    """A day as a date field sends it; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@office.get("/two-hats")
@permission("ledger.view")
def two_hats() -> str:
    """The days of a month on which one person both awarded and kept the store."""
    village, this_month = access.village(), clock.month_of(clock.today())
    month = request.args.get("month", this_month, type=int)
    if not 200001 <= month <= this_month or not 1 <= month % 100 <= 12:
        month = this_month
    days = hats.two_hat_days(village.id, month)
    return render_template(
        "office/two_hats.html",
        days=days,
        names=staff.names_of({day.user_id for day in days}),
        month=month,
        months=clock.months_back(this_month, 12),
    )
