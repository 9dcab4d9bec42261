"""Reservations at the desk: what is held, one by its code, handing over, deliveries; and reserving on somebody's behalf."""

from collections.abc import Callable

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission, public
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.people import queries as people
from virtue.people import standing
from virtue.people.models import Household
from virtue.staff import queries as staff
from virtue.store import reservation_fetching as fetching
from virtue.store import reservation_pages, reservation_queries, reservation_states, stock_queries
from virtue.store import reservation_services as services
from virtue.store.errors import in_words
from virtue.store.reservation_errors import UnknownFetchCode
from virtue.store.reservation_fields import Asked, read_asked
from virtue.store.reservation_models import Reservation
from virtue.store.views import store

STATES = ("held", "delivery", "fetched", "released", "all")


@store.get("/f/<string:code>")
@store.get("/F/<string:code>")
@public
def fetch_code(code: str) -> Response:
    """What the QR of a reservation opens: the counter for who works there, the passbook for anybody else."""
    to_counter = current_user.is_authenticated and access.can("store.view")
    target = url_for("store.reservations", q=code[:40]) if to_counter else url_for("passbook.passbook_page")
    response = redirect(target, 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@store.get("/store/reservations")
@permission("store.view")
def reservations() -> Response:
    """What is held, the first to end first; a code leads to its reservation at once."""
    village_id, text = access.village_id(), request.args.get("q", "")[:400]
    try:
        found = reservation_queries.by_code(village_id, text)
        return redirect(url_for("store.reservation", reservation_id=found.id), 303)
    except UnknownFetchCode as error:
        is_code = len(people.plain(text).replace(" ", "")) == len("31415926")
        return _list(text[:40], str(error) if is_code else None)


@store.get("/store/reservations/<int:reservation_id>")
@permission("store.view")
def reservation(reservation_id: int) -> Response:
    """One reservation: what is in it, who may fetch it, and the next step."""
    return _page(_load(reservation_id))


@store.post("/store/reservations/<int:reservation_id>/fetch")
@permission("store.sell")
def fetch(reservation_id: int) -> Response:
    """Hand it over at the counter."""
    by_helper = request.form.get("who") == "helper"
    return _do(
        reservation_id,
        lambda key: fetching.fetch(
            access.village_id(), reservation_id, by_helper=by_helper, key=key, by=access.by(), store_id=_counter()
        ),
        _("已核销。商品交给来取的人，请当面点清。"),
    )


@store.post("/store/reservations/<int:reservation_id>/hand-out")
@permission("store.sell")
def hand_out(reservation_id: int) -> Response:
    """Give it to a volunteer."""
    volunteer = request.form.get("volunteer", 0, type=int)
    return _do(
        reservation_id,
        lambda key: fetching.hand_out(
            access.village_id(), reservation_id, volunteer, key=key, by=access.by(), store_id=_counter()
        ),
        _("已交给志愿者，送到以后由他在“要送的”里记下。"),
    )


@store.post("/store/reservations/<int:reservation_id>/deliver")
@permission("store.deliver")
def deliver(reservation_id: int) -> Response:
    """It arrived."""
    is_keeper = access.can("store.sell")
    return _do(
        reservation_id,
        lambda key: fetching.deliver(access.village_id(), reservation_id, key=key, by=access.by(), is_keeper=is_keeper),
        _("已记下：送到了。"),
    )


@store.post("/store/reservations/<int:reservation_id>/bring-back")
@permission("store.deliver")
def bring_back(reservation_id: int) -> Response:
    """Nobody was there."""
    is_keeper = access.can("store.sell")
    return _do(
        reservation_id,
        lambda key: fetching.bring_back(
            access.village_id(), reservation_id, key=key, by=access.by(), is_keeper=is_keeper
        ),
        _("已拿回超市。"),
    )


@store.post("/store/reservations/<int:reservation_id>/cancel")
@permission("store.reserve")
def cancel_reservation(reservation_id: int) -> Response:
    """Give it up for the household, with words."""
    why = request.form.get("why", "")[:200]
    return _do(
        reservation_id,
        lambda key: services.cancel(access.village_id(), reservation_id, key=key, by=access.by(), why=why),
        _("已取消：积分退回这一户，商品放回货架。"),
    )


@store.post("/store/reservations/<int:reservation_id>/helper")
@permission("store.reserve")
def name_helper(reservation_id: int) -> Response:
    """Say who else may fetch it."""
    helper = request.form.get("helper", "")
    return _do(
        reservation_id,
        lambda key: services.name_helper(access.village_id(), reservation_id, helper, key=key, by=access.by()),
        _("代领人已记下。"),
    )


@store.get("/store/to-bring")
@permission("store.deliver")
def to_bring() -> str:
    """What is to be brought to doors: a volunteer's own, and for a keeper all of it. No address stands here."""
    village_id, by = access.village_id(), access.by()
    rows = reservation_queries.to_deliver(village_id, None if access.can("store.sell") else by)
    return render_template("store/to_bring.html", **_parts(rows), error=None)


@store.get("/households/<int:household_id>/reserve")
@permission("store.reserve")
def reserve_for(household_id: int) -> Response:
    """The goods, for somebody who reserves by word of mouth."""
    return _form(_household(household_id), Asked(store_id=pages.number_asked("store")))


@store.post("/households/<int:household_id>/reserve")
@permission("store.reserve")
def save_reserve_for(household_id: int) -> Response:
    """Say in words what it comes to; confirmed, put it aside."""
    household, asked = _household(household_id), read_asked(request.form)
    village_id, by = access.village_id(), access.by()
    if "change" in request.form or asked.errors:
        return _form(household, asked, next(iter(asked.errors.values()), None), 422 if asked.errors else 200)
    try:
        if request.form.get("confirmed") != "yes":
            return _confirm(household, asked)
        outcome = services.reserve(village_id, household.id, asked.wanted, key=request.form.get("key", ""), by=by)
    except BrokenRule as error:
        return _form(household, asked, str(error), error.status)
    flash(_("已代为预约：留了%(points)s。", points=in_words(outcome.result["points"])), "good")
    return redirect(url_for("store.reservation", reservation_id=outcome.result["reservation_id"]), 303)


def _counter() -> int | None:
    """The store at which this person works now."""
    shop = stock_queries.store_of(access.village_id(), access.by())
    return shop.id if shop is not None else None


def _do(reservation_id: int, act: Callable[[str], keys.Outcome], said: str) -> Response:
    """One step of a reservation: back to its page, with what was done or what is in the way."""
    found = _load(reservation_id)
    try:
        act(request.form.get("key", ""))
    except BrokenRule as error:
        return _page(_load(found.id), str(error), error.status)
    flash(said, "good")
    to_list = request.form.get("from") == "to_bring"
    target = url_for("store.to_bring") if to_list else url_for("store.reservation", reservation_id=reservation_id)
    return redirect(target, 303)


def _load(reservation_id: int) -> Reservation:
    """A reservation of this village, if this person may see it: a volunteer only what is in the own hands."""
    found = reservation_queries.find_reservation(access.village_id(), reservation_id)
    if found is None or not (
        access.can("store.view") or access.can("store.reserve") or found.volunteer_id == access.by()
    ):
        abort(404)
    return found


def _household(household_id: int) -> Household:
    found = people.find_household(access.village_id(), household_id)
    if found is None:
        abort(404)
    return found


def _parts(rows: list[Reservation]) -> dict[str, object]:
    """Reservations with the masked households and the names they need."""
    users = {
        number for one in rows for number in (one.reserved_by_id, one.volunteer_id, one.out_by_id, one.ended_by_id)
    }
    return {
        "shown": reservation_pages.shown(rows), "names": staff.names_of(users), "today": clock.today(),
        "faces": standing.faces(access.village_id(), {one.household_id for one in rows}),
        "state_names": reservation_states.NAMES,
    }  # fmt: skip


def _list(text: str, error: str | None = None) -> Response:
    village_id, state = access.village_id(), request.args.get("state", "held")
    state = state if state in STATES else "held"
    found = pages.paged(
        reservation_queries.reservations_of(village_id, text="" if error else text, state=state),
        request.args.get("page", 1, type=int),
    )
    page = render_template(
        "store/reservations.html", page=found, q=text, state=state, error=error, reserve_for=_meant(text),
        **_parts(list(found.rows)),
    )  # fmt: skip
    return make_response(page, 422 if error else 200)


def _meant(text: str) -> int | None:
    """The one household that a searched number means, for whom something may be reserved."""
    if not text or not access.can("store.reserve"):
        return None
    try:
        return people.household_by_input(access.village_id(), text).household.id
    except BrokenRule:
        return None


def _page(found: Reservation, error: str | None = None, status: int = 200) -> Response:
    page = render_template(
        "store/reservation.html", error=error, volunteers=fetching.volunteers(found.village_id), **_parts([found])
    )
    return make_response(page, status)


def _form(household: Household, asked: Asked, error: str | None = None, status: int = 200) -> Response:
    page = render_template(
        "store/reserve.html", household=household, asked=asked, error=error,
        **reservation_pages.form_parts(household.village_id, household.id, asked.store_id),
    )  # fmt: skip
    return make_response(page, status)


def _confirm(household: Household, asked: Asked) -> Response:
    quote, fetch_by = services.quote(household.village_id, household.id, asked.wanted, by=access.by())
    page = render_template(
        "store/reserve_confirm.html",
        household=household,
        asked=asked,
        quote=quote,
        fetch_by=fetch_by,
        key=keys.new(),
        **reservation_pages.form_parts(household.village_id, household.id, asked.store_id),
    )
    return make_response(page)
