"""The door of the passbook: a card's address is traded for a short cookie and a clean address; the PIN opens more.

Nothing is stored. The digits stand in no page, no redirect, no log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from itsdangerous import BadData
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import public
from virtue.core import throttle
from virtue.errors import BrokenRule
from virtue.passbook.forms import PinForm
from virtue.people import card_cookie, phone_queries, queries
from virtue.people.errors import MisreadCard, UnknownCard
from virtue.people.models import Card, Household, RememberedPhone
from virtue.people.services import stamp

passbook = Blueprint("passbook", __name__)

PIN_COOKIE = "pin"
PHONE_COOKIE = "phone"
ELDER_COOKIE = "elder"
FREE_CODES = 30
"""Wrong codes from one address that cost no waiting: many phones share one address."""

STAFF_PAGES = (("awarding.award", "awarding.propose"), ("store.till", "store.sell"))
"""Where a signed-in person's scan leads, and the permission for it."""


@dataclass(frozen=True)
class Visit:
    """A card that was scanned within the last half hour, or a phone that is remembered; and whether the PIN was given."""

    card: Card
    has_pin: bool
    phone: RememberedPhone | None = None
    """This phone, where it is remembered for this very household."""

    @property
    def household(self) -> Household:
        """Whose passbook it is."""
        return self.card.household

    @property
    def needs_own_pin(self) -> bool:
        """The printed PIN was given: an own one must be chosen before anything else."""
        return self.household.pin_hash is None


def find_visit() -> Visit | None:
    """The visit of this request; None without a card in force. A card that was scanned goes before the phone's own."""
    remembered = card_cookie.read(request.cookies.get(card_cookie.NAME))
    card = queries.find_card_in_force(*remembered) if remembered else None
    secret = request.cookies.get(PHONE_COOKIE)
    phone = phone_queries.find_phone(secret) if secret else None
    if phone is not None and (card is None or card.household_id == phone.household_id):
        g.this_phone = phone
        card = card or phone.card
    if card is None:
        return None
    return Visit(card, _pin_given(card.household), g.get("this_phone"))


@passbook.context_processor
def _the_phone() -> dict[str, Any]:
    """What every page of the passbook is drawn by: the phone, if it is remembered; large type, if it asks for it."""
    return {"this_phone": g.get("this_phone"), "is_elder": ELDER_COOKIE in request.cookies}


def _pin_given(household: Household) -> bool:
    """Whether the PIN cookie is this household's, of the PIN in force, and not too old."""
    value = request.cookies.get(PIN_COOKIE)
    if not value:
        return False
    try:
        given = card_cookie.serializer(PIN_COOKIE).loads(value, max_age=int(card_cookie.LIFETIME.total_seconds()))
    except BadData:
        return False
    return bool(given == [household.id, stamp(household)])


def remember_pin(response: Response, household_id: int, fresh_stamp: str) -> Response:
    """Let the next half hour pass without asking for the PIN again."""
    value = card_cookie.serializer(PIN_COOKIE).dumps([household_id, fresh_stamp])
    response.set_cookie(PIN_COOKIE, str(value), **card_cookie.options())
    return response


def forget(response: Response) -> Response:
    """End the visit: neither card nor PIN are remembered."""
    for name in (card_cookie.NAME, PIN_COOKIE):
        response.delete_cookie(name, path="/")
    return response


def with_card(view: Callable[..., Any]) -> Callable[..., Any]:
    """Give the view the visit; without one, the page that asks for the card."""

    @wraps(view)
    def asked(**arguments: Any) -> Any:
        visit = find_visit()
        return redirect(url_for("passbook.passbook_page"), 303) if visit is None else view(visit, **arguments)

    return asked


def with_pin(view: Callable[..., Any]) -> Callable[..., Any]:
    """Give the view a visit whose PIN was given, and which is the household's own."""

    @wraps(view)
    def asked(**arguments: Any) -> Any:
        visit = find_visit()
        if visit is None:
            return redirect(url_for("passbook.passbook_page"), 303)
        if not visit.has_pin:
            return redirect(url_for("passbook.pin"), 303)
        if visit.needs_own_pin:
            return redirect(url_for("passbook.new_pin"), 303)
        return view(visit, **arguments)

    return asked


@passbook.get("/c/<path:code>")
@passbook.get("/C/<path:code>")
@public
def card(code: str) -> Response:
    """What a card's QR opens. Staff land where they work; everybody else in the passbook."""
    response = open_card(code.rstrip("/"), for_staff=True)
    # Not even our own pages learn the address that was open before.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@passbook.post("/passbook/card")
@public
def enter_card() -> Response:
    """Digits that were typed, or read from a photo."""
    return open_card(request.form.get("code", ""), for_staff=False)


@passbook.get("/passbook/card")
@public
def card_form() -> Response:
    """Where a refused form stood; reloading it begins anew."""
    return redirect(url_for("passbook.passbook_page"), 303)


def open_card(text: str, *, for_staff: bool) -> Response:
    """Find the card, remember it, go on; or say what is the matter with it."""
    tries = throttle.bucket("card", request.remote_addr or "-")
    try:
        throttle.check(tries)
        found = queries.card_by_code(text)
    except UnknownCard as error:
        throttle.failed((tries, FREE_CODES))
        # A slip of the finger can be mended; nothing that could be somebody's code is shown again.
        typed = text if isinstance(error, MisreadCard) and not for_staff else ""
        return entry_page(error, typed=typed)
    except BrokenRule as error:
        return entry_page(error)
    response = onward(for_staff)
    response.set_cookie(card_cookie.NAME, card_cookie.make(found), **card_cookie.options())
    return response


def onward(for_staff: bool) -> Response:
    """Where a card leads: to the passbook, to staff's one page, or to the question which of two."""
    pages = []
    if for_staff and current_user.is_authenticated:
        pages = [endpoint for endpoint, permission in STAFF_PAGES if access.can(permission)]
    if len(pages) > 1:
        return make_response(render_template("passbook/which.html"))
    return redirect(url_for(pages[0] if pages else "passbook.passbook_page"), 303)


def entry_page(error: BrokenRule | None = None, *, typed: str = "", is_stale: bool = False) -> Response:
    """The page that asks for a card, with what was wrong."""
    page = render_template("passbook/entry.html", error=error, typed=typed, is_stale=is_stale)
    return make_response(page, error.status if error else 200)


def pin_page(visit: Visit, form: PinForm, error: str | None = None, status: int = 200) -> Response:
    """The page that asks for the PIN."""
    page = render_template("passbook/pin.html", household=visit.household, form=form, error=error)
    return make_response(page, status)
