"""What a village prints for its walls and walks: the rules with the review group, and numbered sheets by grid."""

from flask import abort, render_template, request

from virtue import access
from virtue.access import permission
from virtue.awarding import queries as awarding
from virtue.extensions import db
from virtue.office.views import office
from virtue.people import print_queries
from virtue.people import queries as people
from virtue.staff import queries as staff


@office.get("/print/rules")
@permission("rules.view")
def print_rules() -> str:
    """The rulebook in force and the people who decide, for the wall."""
    village = access.village()
    book = awarding.rulebook_in_force(village.id)
    return render_template(
        "office/print_rules.html",
        book=book,
        rules=[rule for rule in awarding.rules_in_force(village.id) if rule.subject != "opening"],
        reviewers=staff.active_staff(village.id, "reviewer"),
        supervisors=staff.active_staff(village.id, "supervisor"),
        members=staff.active_staff(village.id, "committee"),
    )


@office.get("/print/grid-sheet")
@permission("people.view")
def print_grid_sheet() -> str:
    """A grid's households, one a line, to write on while walking; typed in later."""
    village = access.village()
    grid = people.find_grid(village.id, request.args.get("grid", 0, type=int))
    if grid is None:
        abort(404)
    query = people.search_households(village.id, "", grid.id, state="active")
    households = db.session.scalars(query).unique().all()
    return render_template(
        "office/print_grid_sheet.html", grid=grid, households=households, number=print_queries.card_number
    )
