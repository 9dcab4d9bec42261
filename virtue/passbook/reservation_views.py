"""Reserving from the passbook, with the PIN: put goods aside, see the code to fetch them, name a helper, give it up."""

from collections.abc import Callable

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.passbook.entry_views import Visit, passbook, with_pin
from virtue.people import codes, qr
from virtue.store import reservation_pages, reservation_queries, reservation_states
from virtue.store import reservation_services as services
from virtue.store.errors import in_words
from virtue.store.reservation_fields import Asked, read_asked


@passbook.get("/passbook/reservations")
@public
@with_pin
def reservations_page(visit: Visit) -> Response:
    """What is held for this household with its codes, and what became of earlier ones."""
    return _list(visit)


@passbook.get("/passbook/reserve")
@public
@with_pin
def reserve_page(visit: Visit) -> Response:
    """The goods there are, each with a field for each unit it may be paid in."""
    return _form(visit, Asked(store_id=pages.number_asked("store")))


@passbook.post("/passbook/reserve")
@public
@with_pin
def reserve(visit: Visit) -> Response:
    """Say in words what it comes to; confirmed, put it aside."""
    household, asked = visit.household, read_asked(request.form)
    if "change" in request.form or asked.errors:
        return _form(visit, asked, next(iter(asked.errors.values()), None), 422 if asked.errors else 200)
    try:
        if request.form.get("confirmed") != "yes":
            return _confirm(visit, asked)
        key = request.form.get("key", "")
        outcome = services.reserve(household.village_id, household.id, asked.wanted, key=key, by=None)
    except BrokenRule as error:
        return _form(visit, asked, str(error), error.status)
    flash(_("预约好了：留了%(points)s。取货时报下面的取货码。", points=in_words(outcome.result["points"])), "good")
    return redirect(url_for("passbook.reservations_page"), 303)


@passbook.post("/passbook/reservations/<int:reservation_id>/cancel")
@public
@with_pin
def cancel_own_reservation(visit: Visit, reservation_id: int) -> Response:
    """Give it up: points and goods go back at once."""
    village_id = visit.household.village_id
    return _do(
        visit, reservation_id, lambda key: services.cancel(village_id, reservation_id, key=key, by=None),
        _("已取消，积分退回了。"),
    )  # fmt: skip


@passbook.post("/passbook/reservations/<int:reservation_id>/helper")
@public
@with_pin
def name_own_helper(visit: Visit, reservation_id: int) -> Response:
    """Say who else may fetch it; an empty name: nobody."""
    village_id, helper = visit.household.village_id, request.form.get("helper", "")
    return _do(
        visit, reservation_id, lambda key: services.name_helper(village_id, reservation_id, helper, key=key, by=None),
        _("代领人已记下。"),
    )  # fmt: skip


def _do(visit: Visit, reservation_id: int, act: Callable[[str], keys.Outcome], said: str) -> Response:
    if reservation_queries.find_own(visit.household.id, reservation_id) is None:
        abort(404)
    try:
        act(request.form.get("key", ""))
    except BrokenRule as error:
        return _list(visit, str(error), error.status)
    flash(said, "good")
    return redirect(url_for("passbook.reservations_page"), 303)


def _list(visit: Visit, error: str | None = None, status: int = 200) -> Response:
    household = visit.household
    held = reservation_queries.held_of(household.village_id, household.id)
    page = pages.paged(reservation_queries.of_household(household.id), request.args.get("page", 1, type=int))
    base = str(current_app.config["VIRTUE_BASE_URL"] or request.host_url)
    over = [one for one in page.rows if one.state not in reservation_states.HELD]
    shown = render_template(
        "passbook/reservations.html", household=household, held=reservation_pages.shown(held), page=page, error=error,
        past=reservation_pages.shown(over), names=reservation_states.NAMES, today=clock.today(),
        codes={one.id: qr.drawn(qr.fetch_address(base, codes.derive_fetch(one))) for one in held},
    )  # fmt: skip
    return make_response(shown, status)


def _form(visit: Visit, asked: Asked, error: str | None = None, status: int = 200) -> Response:
    household = visit.household
    page = render_template(
        "passbook/reserve.html", household=household, asked=asked, error=error,
        **reservation_pages.form_parts(household.village_id, household.id, asked.store_id),
    )  # fmt: skip
    return make_response(page, status)


def _confirm(visit: Visit, asked: Asked) -> Response:
    household = visit.household
    quote, fetch_by = services.quote(household.village_id, household.id, asked.wanted, by=None)
    page = render_template(
        "passbook/reserve_confirm.html", household=household, asked=asked, quote=quote, fetch_by=fetch_by,
        key=keys.new(), **reservation_pages.form_parts(household.village_id, household.id, asked.store_id),
    )  # fmt: skip
    return make_response(page)
