"""家庭积分单: a month's sheet for households without a phone, six to an A4, by grid or one alone."""

from functools import partial

from flask import render_template, request

from virtue import access, clock, pages
from virtue.access import permission
from virtue.ledger import queries as ledger
from virtue.office import household_sheets
from virtue.office.paper_views import grid_asked, household_asked
from virtue.office.views import office
from virtue.people import queries as people
from virtue.people import services

ON_A_SHEET = 6


@office.get("/households/sheets")
@permission("people.history")
def print_household_sheets() -> str:
    """The sheets of a grid, a household or the village; ``all=1``: also for those who read it on a phone.

    Each household is told that its sheet was printed, before it is read.
    """
    village, month, months = access.village(), *_months()
    household_id, grid_id = household_asked(), grid_asked()
    is_all = request.args.get("all") == "1"
    asked = partial(
        household_sheets.households, village.id, grid_id=grid_id, household_id=household_id, only_paper=not is_all
    )
    services.record_looks(village.id, [one.id for one in asked()], by=access.by(), what="month_sheet")
    made = household_sheets.sheets(asked(), month)
    return render_template(
        "office/print_household_sheets.html", village=village, month=month, months=months, is_all=is_all,
        papers=[made[at : at + ON_A_SHEET] for at in range(0, len(made), ON_A_SHEET)], count=len(made),
        grids=people.grids_of(village.id), grid_id=grid_id, household_id=household_id,
    )  # fmt: skip


def _months() -> tuple[int, list[int]]:
    """The month asked for, else the last full one; and those that can be asked for."""
    known = ledger.all_months()
    asked, last = pages.number_asked("month"), clock.previous_month(clock.month_of(clock.today()))
    return (asked if asked in known else last if last in known else known[0]), known
