"""Pages of reports."""

from flask import Blueprint, abort, render_template, request
from flask_babel import lazy_gettext as _l

from virtue import access, clock, pages
from virtue.access import permission
from virtue.reports import fairness_queries as fairness_of
from virtue.reports import reversal_queries
from virtue.staff import queries as staff

reports = Blueprint("reports", __name__)
blueprints = (reports,)

MONTHS = 12

MOST_ON_PAPER = 500

HOW_REVERSED = {
    "reverse": _l("冲正"), "undo": _l("自己撤回"), reversal_queries.BY_OBJECTION: _l("异议成立，冲回"),
}  # fmt: skip


def month_asked() -> int:
    """The month of the address's query, of the last twelve; this month for anything else."""
    this_month = clock.month_of(clock.today())
    month = request.args.get("month", this_month, type=int)
    return month if month in clock.months_back(this_month, MONTHS) else this_month


@reports.get("/reports/fairness")
@permission("reports.fairness")
def fairness() -> str:
    """What each awarder and reviewer did in a month, beside the others."""
    return render_template("reports/fairness.html", **_of_month())


@reports.get("/reports/fairness/print")
@permission("reports.fairness")
def print_fairness() -> str:
    """The same on paper, with lines to sign."""
    return render_template("reports/print_fairness.html", **_of_month())


def _of_month() -> dict[str, object]:
    village, month = access.village(), month_asked()
    awarders, reviewers = fairness_of.awarders(village.id, month), fairness_of.reviewers(village.id, month)
    return {
        "village": village,
        "month": month,
        "months": clock.months_back(clock.month_of(clock.today()), MONTHS),
        "awarders": awarders,
        "awarders_median": fairness_of.medians(awarders),
        "reviewers": reviewers,
        "reviewers_median": fairness_of.medians(reviewers),
        "few": fairness_of.FEW,
        "enough": fairness_of.ENOUGH,
        "stands_out": fairness_of.STANDS_OUT,
    }


@reports.get("/reports/reversals")
@permission("reports.fairness")
def reversals() -> str:
    """What was reversed in a month: who, what, why, and who had decided it before."""
    return render_template("reports/reversals.html", **_reversals(pages.PER_PAGE))


@reports.get("/reports/reversals/print")
@permission("reports.fairness")
def print_reversals() -> str:
    """The whole month on paper, with lines to sign."""
    return render_template("reports/print_reversals.html", **_reversals(MOST_ON_PAPER))


def _reversals(per_page: int) -> dict[str, object]:
    village, month = access.village(), month_asked()
    query = reversal_queries.reversed_in(village.id, month)
    page = pages.paged(query, request.args.get("page", 1, type=int), per_page=per_page, scalars=False)
    return {
        "village": village, "month": month, "months": clock.months_back(clock.month_of(clock.today()), MONTHS),
        "page": page, "rows": reversal_queries.told(page.rows), "how": HOW_REVERSED,
    }  # fmt: skip


@reports.get("/reports/fairness/<int:user_id>")
@permission("reports.fairness")
def fairness_of_person(user_id: int) -> str:
    """One awarder's month, closer."""
    village, month = access.village(), month_asked()
    user = staff.user_of(village.id, user_id)
    if user is None:
        abort(404)
    mine = [found for found in fairness_of.awarders(village.id, month) if found.user_id == user_id]
    return render_template(
        "reports/fairness_person.html", user=user, month=month,
        months=clock.months_back(clock.month_of(clock.today()), MONTHS), figures=mine[0] if mine else None,
        detail=fairness_of.detail(village.id, user_id, month),
    )  # fmt: skip


from virtue.reports import (  # noqa: E402
    donor_views,  # noqa: F401  their routes join this blueprint
    ledger_views,  # noqa: F401
    paper_views,  # noqa: F401
    sheet_views,  # noqa: F401
    wall_views,  # noqa: F401
)
