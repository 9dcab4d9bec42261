"""Pages of office."""

from flask import Blueprint, current_app, render_template

from virtue import access, clock
from virtue.access import permission
from virtue.ledger import queries as ledger
from virtue.notices import queries as notices
from virtue.office import desk as desk_tasks
from virtue.office import queries, start
from virtue.places.models import Village
from virtue.staff import queries as staff
from virtue.staff.roles import permissions_of

office = Blueprint("office", __name__)
blueprints = (office,)


@office.get("/desk")
@permission("desk.view")
def desk() -> str:
    """What waits for me, how many households take part, today's check words."""
    village = access.find_village()
    if village is None:
        villages = staff.villages_of(access.user())
        return render_template("office/desk_above.html", villages=villages, overdue=_overdue(villages))
    below = staff.villages_of(access.user()) if access.can("places.view") else []
    overdue = _overdue(below)
    found = desk_tasks.tasks(village.id, access.by(), permissions_of(access.roles_here()))
    return render_template(
        "office/desk.html",
        tasks=[
            task for task in found if access.can(getattr(current_app.view_functions[task.endpoint], "permission", ""))
        ],
        grids=queries.participation(village.id, clock.months_of_quarter(clock.today())),
        seal=ledger.day_seal(village.id),
        below=[village for village in below if overdue.get(village.id)],
        overdue=overdue,
        is_begun=not access.can("office.start") or all(step.is_done for step in start.steps(village.id)),
    )


def _overdue(villages: list[Village]) -> dict[int, int]:
    """By village, for whoever stands above it: how many objections are overdue. Counts, nothing else."""
    return notices.overdue([village.id for village in villages], clock.today()) if villages else {}


# Other files add their pages to the same blueprint.
from virtue.office import (  # noqa: E402
    audit_views,  # noqa: F401
    household_sheet_views,  # noqa: F401
    household_views,  # noqa: F401
    job_views,  # noqa: F401
    kin_views,  # noqa: F401
    paper_views,  # noqa: F401
    settings_views,  # noqa: F401
    start_book_views,  # noqa: F401
    start_views,  # noqa: F401
    statement_views,  # noqa: F401
    wall_views,  # noqa: F401
    why_views,  # noqa: F401
    year_views,  # noqa: F401
)
