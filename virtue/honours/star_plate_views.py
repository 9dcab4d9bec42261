"""Printing the plates for the doors: a grid at once, or one household's."""

from flask import abort, current_app, render_template, request
from flask_babel import gettext as _

from virtue import access, pages
from virtue.access import permission
from virtue.honours import star_plates, star_queries
from virtue.honours import star_quarters as quarters
from virtue.honours.star_views import honours
from virtue.people import queries as people


@honours.get("/stars/plates")
@permission("awarding.sheet")
def star_plates_page() -> str:
    """Each grid with how many plates the last published quarter asks for."""
    village_id = access.village_id()
    period = star_queries.latest_published(village_id)
    return render_template(
        "honours/star_plates.html", quarter_name=quarters.name(period.quarter) if period else "",
        counts={one.grid_id: one for one in star_plates.counts(period)} if period else {},
        grids=people.grids_of(village_id),
    )  # fmt: skip


@honours.get("/stars/plates/print")
@permission("awarding.sheet")
def print_star_plates() -> str:
    """A5 sheets: ``grid`` or ``household``. An empty job says why."""
    village_id = access.village_id()
    period = star_queries.latest_published(village_id)
    household_id, grid_id = pages.number_asked("household"), pages.number_asked("grid")
    household = people.find_household(village_id, household_id) if household_id is not None else None
    grid = people.find_grid(village_id, household.grid_id if household else grid_id or 0)
    if grid is None or (household_id is not None and household is None):
        abort(404)
    base = current_app.config["VIRTUE_BASE_URL"] or request.host_url
    found = star_plates.plates(period, grid.id, base, household.id if household else None) if period else []
    return render_template(
        "honours/print_star_plates.html", plates=found, village=access.village(),
        why="" if found else _("没有可打印的：还没有发布星级，或这几户没有门牌码、暂不参加、不上榜。"),
    )  # fmt: skip
