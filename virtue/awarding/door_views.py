"""Door codes: what a plate opens, issuing and printing them."""

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from virtue import access, pages
from virtue.access import permission, public
from virtue.awarding import chosen
from virtue.awarding.chosen import Chosen
from virtue.awarding.views import awarding
from virtue.core import throttle
from virtue.errors import BrokenRule
from virtue.people import door_queries, door_services
from virtue.people import queries as people
from virtue.quantities import parse_id

FREE_CODES = 30
"""Wrong codes from one address that cost no waiting: many phones share one address."""


@awarding.get("/d/<path:code>")
@awarding.get("/D/<path:code>")
@public
def door(code: str) -> Response:
    """What a door plate's QR opens: the award page for who may award here, else a page that says whose door it isn't."""
    tries = throttle.bucket("door", request.remote_addr or "-")
    try:
        throttle.check(tries)
        household = door_queries.household_by_door_code(code.rstrip("/"))
    except BrokenRule as error:
        if error.status == 404:
            throttle.failed((tries, FREE_CODES))
        return make_response(render_template("awarding/door.html", household=None, error=str(error)), error.status)
    if current_user.is_authenticated and access.can("awarding.propose"):
        here = access.find_village()
        if here is not None and here.id == household.village_id:
            word = chosen.make(Chosen(household.id), by=access.by())
            return redirect(url_for("awarding.award", who=word), 303)
    stars = next((found for ask in door_queries.shown_at_doors if (found := ask(household)) is not None), None)
    return make_response(render_template("awarding/door.html", household=household, stars=stars, error=None))


@awarding.get("/award/door-codes")
@permission("awarding.sheet")
def door_codes() -> str:
    """Each grid's door codes: how many are issued, and what to print."""
    return render_template("awarding/door_codes.html", rows=door_queries.doors_by_grid(access.village().id))


@awarding.post("/award/door-codes/issue")
@permission("awarding.sheet")
def issue_door_codes() -> Response:
    """Give each household of a grid, or of the village, a door code."""
    grid_id, village_id = None, access.village().id
    if request.form.get("grid"):
        grid_id = parse_id(request.form["grid"])
        if grid_id is None or people.find_grid(village_id, grid_id) is None:
            abort(404)
    made = door_services.issue_door_codes(village_id, grid_id, by=access.by())
    if made:
        flash(_("新发了 %(number)s 个门牌码，可以打印了。", number=made), "good")
    else:
        flash(_("每一户都已经有门牌码。"), "warn")
    return redirect(url_for("awarding.door_codes"), 303)


@awarding.get("/award/door-codes/print")
@permission("awarding.sheet")
def print_door_codes() -> str:
    """A grid's door codes on A4: to cut out, or to scan from the sheet."""
    number = pages.number_asked("grid")
    grid = people.find_grid(access.village().id, number) if number is not None else None
    if request.args.get("grid") and grid is None:
        abort(404)
    grids = [grid] if grid is not None else people.grids_of(access.village().id)
    sheets = [(one, door_queries.plates(one.village_id, one.id, base_url())) for one in grids]
    return render_template("awarding/print_doors.html", sheets=[sheet for sheet in sheets if sheet[1]])


def base_url() -> str:
    """Where a door's QR leads: the installation's public address, else the one this page was asked at."""
    return current_app.config["VIRTUE_BASE_URL"] or request.host_url
