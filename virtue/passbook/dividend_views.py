"""The dividend in the passbook, with the PIN: the own line of each sheet and its why; objections while it is open."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue.access import public
from virtue.awarding.words import OUTCOMES
from virtue.core import remarks
from virtue.dividends import objections, queries
from virtue.dividends.errors import NoSuchSheetLine
from virtue.dividends.models import Pot
from virtue.dividends.words import HOWS, STATES
from virtue.errors import BrokenRule
from virtue.notices.services import Sender
from virtue.passbook import dividend_queries
from virtue.passbook.entry_views import Visit, passbook, with_pin
from virtue.quantities import parse_whole


@passbook.get("/passbook/dividends")
@public
@with_pin
def dividends_page(visit: Visit) -> Response:
    """Every sheet that is, or was, open, with the own line."""
    return _page(visit)


@passbook.post("/passbook/dividends/<int:pot_id>/objections")
@public
@with_pin
def object_to_sheet(visit: Visit, pot_id: int) -> Response:
    """Object to the own or any other line of an open sheet."""
    household, pot, form = visit.household, _pot(visit, pot_id), request.form
    place = parse_whole(form.get("line"), most=99_999)
    try:
        if place is None:
            raise NoSuchSheetLine
        outcome = objections.object_to(
            pot.village_id, pot_id, place, form.get("words", ""), Sender(household.id), came_by="passbook",
            key=form.get("key", ""), by=None,
        )  # fmt: skip
    except BrokenRule as error:
        return _page(visit, pot_id, error)
    flash(_("已收到，回执第%(number)s号。提的人是谁，不公开。", number=outcome.result["number"]), "good")
    return redirect(url_for("passbook.dividends_page"), 303)


@passbook.post("/passbook/dividends/<int:pot_id>/objections/<int:number>/take-back")
@public
@with_pin
def take_back_sheet_objection(visit: Visit, pot_id: int, number: int) -> Response:
    """Take the own objection back."""
    pot = _pot(visit, pot_id)
    if dividend_queries.own_objection(visit.household, pot, number) is None:
        abort(404)
    try:
        objections.take_back(pot.village_id, pot_id, number, key=request.form.get("key", ""), by=None)
    except BrokenRule as error:
        return _page(visit, pot_id, error)
    flash(_("已收回。"), "good")
    return redirect(url_for("passbook.dividends_page"), 303)


def _pot(visit: Visit, pot_id: int) -> Pot:
    pot = queries.find_pot(visit.household.village_id, pot_id)
    if pot is None or pot.state not in queries.SHOWN:
        abort(404)
    return pot


def _page(visit: Visit, wrong: int = 0, error: BrokenRule | None = None) -> Response:
    sheets = dividend_queries.own_sheets(visit.household)
    ids = [number for one in sheets for row in one.own_objections for number in (row.words_id, row.reason_id)]
    page = render_template(
        "passbook/dividends.html", household=visit.household, sheets=sheets, wrong=wrong, error=error,
        typed=request.form if error else {}, texts=remarks.texts(ids), states=STATES, hows=HOWS, outcomes=OUTCOMES,
    )  # fmt: skip
    return make_response(page, error.status if error else 200)
