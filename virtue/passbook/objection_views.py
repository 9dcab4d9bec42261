"""Objections from the passbook, with the PIN: to a line of an open notice, the own ones with their answers, and those
to the own lines. What a line shows is what everybody may see of it; the own lines show in full.
"""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.awarding import objections
from virtue.awarding.objections import Words
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.notices import queries as notices
from virtue.notices.errors import NoSuchLine
from virtue.notices.services import Sender
from virtue.passbook import objection_queries
from virtue.passbook.entry_views import Visit, passbook, with_pin
from virtue.quantities import parse_whole


@passbook.get("/passbook/objections")
@public
@with_pin
def objections_page(visit: Visit) -> Response:
    """What this household objected to and what was answered; and what was objected to its own lines."""
    return _list(visit)


@passbook.get("/passbook/objections/new")
@public
@with_pin
def new_objection(visit: Visit) -> Response:
    """Which line of which open notice; then what is wrong with it."""
    notice, line = request.args.get("notice", ""), request.args.get("line", "")
    error = str(NoSuchLine()) if notice and line and _line(visit, notice, line) is None else None
    return _form(visit, notice, line, error=error, status=422 if error else 200)


@passbook.post("/passbook/objections")
@public
@with_pin
def object_to_line(visit: Visit) -> Response:
    """Object to a line that this household may see."""
    form, household = request.form, visit.household
    notice, line, text = form.get("notice", ""), form.get("line", ""), form.get("words", "")
    found = _line(visit, notice, line)
    if found is None:
        return _form(visit, notice, line, text, str(NoSuchLine()), 422)
    words = Words(found.notice, found.number, text, "passbook")
    try:
        outcome = objections.object_to(
            household.village_id, words, Sender(household.id), key=form.get("key", ""), by=None
        )
    except BrokenRule as error:
        return _form(visit, notice, line, text, str(error), error.status)
    flash(_("已收到，回执第%(number)s号。提的人是谁，不公开。", number=outcome.result["number"]), "good")
    return redirect(url_for("passbook.objections_page"), 303)


@passbook.post("/passbook/objections/<int:number>/take-back")
@public
@with_pin
def take_back_own_objection(visit: Visit, number: int) -> Response:
    """Take the own objection back."""
    village_id, household_id = visit.household.village_id, visit.household.id
    found = notices.find_objection(village_id, number)
    objector = notices.find_objector(found.id) if found is not None else None
    if objector is None or objector.household_id != household_id:
        abort(404)
    try:
        objections.take_back(village_id, number, key=request.form.get("key", ""), by=None)
    except BrokenRule as error:
        return _list(visit, str(error), error.status)
    flash(_("已收回。"), "good")
    return redirect(url_for("passbook.objections_page"), 303)


def _line(visit: Visit, notice: str, line: str) -> objection_queries.Seen | None:
    numbers = parse_whole(notice, most=99_999), parse_whole(line, most=99_999)
    return None if None in numbers else objection_queries.seen_line(visit.household, numbers[0] or 0, numbers[1] or 0)


def _list(visit: Visit, error: str | None = None, status: int = 200) -> Response:
    household = visit.household
    page = pages.paged(notices.own_objections(household.id), request.args.get("page", 1, type=int))
    shown = render_template(
        "passbook/objections.html", household=household, page=page, error=error,
        own=objection_queries.own(page.rows), about=objection_queries.about(household), today=clock.today(),
    )  # fmt: skip
    return make_response(shown, status)


def _form(
    visit: Visit, notice: str, line: str, text: str = "", error: str | None = None, status: int = 200
) -> Response:
    household = visit.household
    page = render_template(
        "passbook/new_objection.html", household=household, notice=notice, line=line, text=text, error=error,
        seen=_line(visit, notice, line), key=keys.new(), open_notices=notices.open_notices(household.village_id, clock.today()),
    )  # fmt: skip
    return make_response(page, status)
