"""Phones: remembered so that the card need not be scanned, linked by a code, listed, ended. And large type."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue.access import public
from virtue.errors import BrokenRule
from virtue.passbook.entry_views import ELDER_COOKIE, PHONE_COOKIE, Visit, find_visit, forget, passbook, with_pin
from virtue.people import card_cookie, codes, phone_queries
from virtue.people import services as people
from virtue.people.phone_services import DAYS, LONGEST_LABEL
from virtue.staff import held

DAY = 24 * 60 * 60
YEAR = 365 * DAY


@passbook.get("/passbook/phones")
@public
@with_pin
def phones(visit: Visit) -> Response:
    """The phones that open this passbook, the code that links one more, and remembering this one."""
    return _phones_page(visit)


@passbook.post("/passbook/phones")
@public
@with_pin
def remember_phone(visit: Visit) -> Response:
    """Remember this phone; pressed twice, it is remembered once."""
    if visit.phone is not None:
        return redirect(url_for("passbook.phones"), 303)
    label = request.form.get("label", "")
    try:
        secret = people.remember_phone(visit.card, label)
    except BrokenRule as error:
        return _phones_page(visit, label, error)
    flash(_("记住了。以后在这台手机上打开这个页面就是，不用扫卡；可以收藏起来。"), "good")
    return _keep(redirect(url_for("passbook.phones"), 303), secret)


@passbook.post("/passbook/phones/code")
@public
@with_pin
def make_phone_code(visit: Visit) -> Response:
    """Make the code that links a family member's phone."""
    try:
        people.make_phone_code(visit.card)
    except BrokenRule as error:
        return _phones_page(visit, error=error)
    return redirect(url_for("passbook.phones", _anchor="link"), 303)


@passbook.post("/passbook/phones/<int:phone_id>/end")
@public
@with_pin
def end_phone(visit: Visit, phone_id: int) -> Response:
    """Let one of the household's phones open nothing any more."""
    household = visit.household
    people.end_phone(household.village_id, phone_id, household_id=household.id, by=None)
    flash(_("已停用，那台手机打不开存折了。"), "good")
    return redirect(url_for("passbook.phones"), 303)


@passbook.post("/passbook/phones/forget")
@public
def forget_this_phone() -> Response:
    """This phone is given away or was not one's own: no PIN is asked for to close it."""
    visit = find_visit()
    if visit is not None and visit.phone is not None:
        phone = visit.phone
        people.end_phone(phone.village_id, phone.id, household_id=phone.household_id, by=None)
    response = forget(redirect(url_for("passbook.passbook_page"), 303))
    response.delete_cookie(PHONE_COOKIE, path="/")
    flash(_("这台手机不再记住您家。"), "good")
    return response


@passbook.get("/passbook/link")
@public
def link_phone() -> Response:
    """On the family member's phone: where the code is typed."""
    return _link_page()


@passbook.post("/passbook/link")
@public
def enter_phone_code() -> Response:
    """Take the code; from now on this phone opens the passbook."""
    code, label = request.form.get("code", ""), request.form.get("label", "")
    try:
        secret = people.link_phone(code, label, address=request.remote_addr or "-")
    except BrokenRule as error:
        return _link_page(code, label, error)
    flash(_("连上了。以后在这台手机上打开这个页面就是，不用扫卡；可以收藏起来。"), "good")
    return _keep(forget(redirect(url_for("passbook.passbook_page"), 303)), secret)


@passbook.post("/passbook/elder/<string:wish>")
@public
def elder(wish: str) -> Response:
    """Large type and two buttons, or the usual page; this phone remembers which."""
    if wish not in {"on", "off"}:
        abort(404)
    back = held.local_part(request.referrer, request.host) if wish == "off" else None
    response = redirect(back or url_for("passbook.passbook_page"), 303)
    if wish == "on":
        response.set_cookie(ELDER_COOKIE, "1", **{**card_cookie.options(), "max_age": YEAR})
    else:
        response.delete_cookie(ELDER_COOKIE, path="/")
    return response


def _keep(response: Response, secret: str) -> Response:
    """Leave the secret in the phone, and nowhere else."""
    response.set_cookie(PHONE_COOKIE, secret, **{**card_cookie.options(), "max_age": (DAYS + 1) * DAY})
    return response


def _phones_page(visit: Visit, label: str = "", error: BrokenRule | None = None) -> Response:
    code = phone_queries.open_code(visit.household.id)
    page = render_template(
        "passbook/phones.html", household=visit.household, phones=phone_queries.phones_of(visit.household.id),
        label=label, error=error, longest=LONGEST_LABEL, days=DAYS, until=code.until if code else None,
        code=codes.spoken_fetch(codes.derive_phone(code.id, code.key_number)) if code else None,
    )  # fmt: skip
    return make_response(page, error.status if error else 200)


def _link_page(code: str = "", label: str = "", error: BrokenRule | None = None) -> Response:
    page = render_template(
        "passbook/link.html", code=code[:40], label=label[:LONGEST_LABEL], error=error, longest=LONGEST_LABEL
    )
    return make_response(page, error.status if error else 200)
