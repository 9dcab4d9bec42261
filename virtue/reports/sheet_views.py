"""The quarter's public sheet at the desk: its draft, the collective's money, the supervisor's signature."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.quantities import parse_fen
from virtue.reports.views import reports
from virtue.staff import queries as staff
from virtue.store import budget_queries, public_queries, public_services
from virtue.store.public_services import Money

QUARTERS = 12
LONGEST = 200


@reports.get("/reports/quarter")
@permission("reports.store")
def quarter_sheet() -> str:
    """A quarter's sheet: what it adds up to, its versions, the form of its draft."""
    return _page(_asked(pages.number_asked("quarter")))


@reports.post("/reports/quarter/draft")
@permission("store.draft_sheet")
def draft_quarter_sheet() -> Response | tuple[str, int]:
    """Save the draft with the collective's money."""
    form, quarter = request.form, _asked(request.form.get("quarter", 0, type=int))
    fen = parse_fen(form.get("money"))
    if fen is None:
        return _page(quarter, field=_("要填金额（元），最多两位小数；没有用填0。")), 422
    money = Money(fen, form.get("proof", "")[:LONGEST], form.get("reason", "")[:LONGEST])
    try:
        public_services.draft(access.village().id, quarter, money, key=form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _page(quarter, error=str(error)), error.status
    flash(_("存好了，请村监会的人来签字。签字以后就公开，不能再改。"), "good")
    return redirect(url_for("reports.quarter_sheet", quarter=quarter), 303)


@reports.post("/reports/quarter/<int:sheet_id>/sign")
@permission("store.sign_sheet")
def sign_quarter_sheet(sheet_id: int) -> Response | tuple[str, int]:
    """The supervisor signs; from then on everybody reads it."""
    form, quarter = request.form, _asked(request.form.get("quarter", 0, type=int))
    try:
        public_services.sign(
            access.village().id, sheet_id, form.get("shown", ""), key=form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _page(quarter, error=str(error)), error.status
    flash(_("签好了，已经公开。"), "good")
    return redirect(url_for("reports.quarter_sheet", quarter=quarter), 303)


def _quarters() -> list[int]:
    return public_queries.quarters_back(public_queries.quarter_of(clock.today()), QUARTERS)


def _asked(quarter: int | None) -> int:
    """The quarter asked for; else the last one that is over."""
    return quarter if quarter in _quarters() else _quarters()[1]


def _page(quarter: int, error: str | None = None, field: str | None = None) -> str:
    village = access.village()
    versions = public_queries.versions(village.id, quarter)
    draft = versions[0] if versions and versions[0].signed_at is None else None
    figures = public_queries.figures(village.id, quarter)
    first, after = (clock.first_day(month) for month in (quarter, public_queries.next_quarter(quarter)))
    shown: dict[str, Any] = {
        "entered_fen": budget_queries.collective_fen(village.id, first, after),
        "figures": figures, "seen": public_queries.fingerprint(draft, figures) if draft else "", "versions": versions, "draft": draft,
        "texts": remarks.texts([number for one in versions for number in (one.proof_id, one.reason_id)]),
        "names": staff.names_of({number for one in versions for number in (one.drafted_by_id, one.signed_by_id)}),
    }  # fmt: skip
    return render_template(
        "reports/quarter.html", village=village, quarter=quarter, quarters=_quarters(), error=error, field=field,
        key=keys.new(), typed=request.form, longest=LONGEST, first_day=clock.first_day,
        is_over=quarter < public_queries.quarter_of(clock.today()), **shown,
    )  # fmt: skip
