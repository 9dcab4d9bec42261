"""Claims (申报) from the passbook: say what was done, with a photo; see where each claim stands; mend, or take it back."""

from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import clock
from virtue.access import public
from virtue.awarding import claim_queries, claims, photo_queries
from virtue.awarding.claim_fields import ClaimForm
from virtue.core import keys, throttle
from virtue.core.files import Upload
from virtue.core.sending import send_photo
from virtue.errors import BrokenRule
from virtue.passbook import claim_story
from virtue.passbook.entry_views import Visit, find_visit, passbook, with_pin
from virtue.people import kept_photos

FREE_PHOTOS = 20
"""Photos of refused forms that one household may leave behind in an hour."""


@passbook.get("/passbook/claims")
@public
@with_pin
def claims_page(visit: Visit) -> Response:
    """The household's claims of the last year, each with where it stands."""
    return _claims(visit)


@passbook.get("/passbook/claim")
@public
@with_pin
def claim_page(visit: Visit) -> Response:
    """Pick a rule, a day, a photo, a sentence."""
    return _form(visit, ClaimForm(formdata=None, happened_on=clock.today()))


@passbook.post("/passbook/claim")
@public
@with_pin
def claim(visit: Visit) -> Response:
    """Send it to the review group."""
    household, form = visit.household, ClaimForm()
    photo, wrong = _photo(visit)
    if not form.validate() or wrong is not None:
        return _form(visit, form, wrong, photo=photo, status=wrong.status if wrong else 422)
    key = request.form.get("key", "")
    try:
        outcome = claims.claim(household.village_id, household.id, form.claim, key=key, by=None, photo=photo)
    except BrokenRule as error:
        return _form(visit, form, error, photo=photo, status=error.status)
    flash(_("已报上，等评议：%(points)s 分。", points=outcome.result["points"]), "good")
    if outcome.result["cut_from"]:
        flash(_("这一项快到上限了，原来 %(asked)s 分，只能再加这么多。", asked=outcome.result["cut_from"]), "warn")
    return redirect(url_for("passbook.claims_page"), 303)


@passbook.post("/passbook/claims/<int:deed_id>/resend")
@public
@with_pin
def resend_claim(visit: Visit, deed_id: int) -> Response:
    """Answer what it was sent back for."""
    household, words = visit.household, request.form.get("words", "")
    _own_claim(visit, deed_id)
    photo, error = _photo(visit)
    if error is None:
        try:
            claims.resend(
                household.village_id, household.id, deed_id, words=words, key=request.form.get("key", ""), photo=photo
            )
        except BrokenRule as broken:
            error = broken
    if error is not None:
        return _claims(visit, error, wrong=deed_id, text=words, photo=photo)
    flash(_("已补上，再交评议。"), "good")
    return redirect(url_for("passbook.claims_page"), 303)


@passbook.post("/passbook/claims/<int:deed_id>/withdraw")
@public
@with_pin
def withdraw_claim(visit: Visit, deed_id: int) -> Response:
    """Take back what isn't decided."""
    _own_claim(visit, deed_id)
    household, key = visit.household, request.form.get("key", "")
    try:
        claims.withdraw(household.village_id, household.id, deed_id, key=key)
    except BrokenRule as error:
        return _claims(visit, error)
    flash(_("已撤回，这一项不再评议。"), "good")
    return redirect(url_for("passbook.claims_page"), 303)


@passbook.get("/passbook/photos/<string:name>")
@public
def photo(name: str) -> Response:
    """A photo of one of the household's own deeds. Without its PIN there is nothing here."""
    visit = find_visit()
    if visit is None or not visit.has_pin or visit.needs_own_pin:
        abort(404)
    found = photo_queries.photo_of_household(visit.household.village_id, visit.household.id, name)
    if found is None:
        abort(404)
    return send_photo(found, small="small" in request.args)


def _own_claim(visit: Visit, deed_id: int) -> None:
    if claim_queries.find_claim(visit.household.village_id, visit.household.id, deed_id) is None:
        abort(404)


def _photo(visit: Visit) -> tuple[Upload | None, BrokenRule | None]:
    """The photo just taken or kept, and what is wrong with a new one."""
    owner, word = kept_photos.of_household(visit.household.id), request.form.get("kept_photo")
    upload = request.files.get("photo")
    try:
        throttle.check(_bucket(visit))
        return kept_photos.take(upload, word, owner=owner), None
    except BrokenRule as error:
        return kept_photos.read(word, owner=owner), error


def _bucket(visit: Visit) -> str:
    return throttle.bucket("claim-photo", str(visit.household.id))


def _shown(visit: Visit, photo: Upload | None) -> dict[str, str]:
    """The photo for the form that comes back; a new one that was left behind is counted."""
    upload = request.files.get("photo")
    if photo is not None and upload is not None and upload.filename:
        throttle.failed((_bucket(visit), FREE_PHOTOS))
    return kept_photos.shown(photo, owner=kept_photos.of_household(visit.household.id))


def _form(
    visit: Visit, form: ClaimForm, error: BrokenRule | None = None, *, photo: Upload | None = None, status: int = 200
) -> Response:
    kept = _shown(visit, photo)
    household = visit.household
    key = request.form.get("key", "") if status >= 500 else keys.new()
    page = render_template(
        "passbook/claim.html", household=household, form=form, error=error, key=key,
        choices=claims.choices(household.village_id, household.id), **kept,
    )  # fmt: skip
    return make_response(page, status)


def _claims(
    visit: Visit, error: BrokenRule | None = None, *, wrong: int = 0, text: str = "", photo: Upload | None = None
) -> Response:
    kept: dict[str, Any] = _shown(visit, photo)
    page = render_template(
        "passbook/claims.html", household=visit.household, stories=claim_story.stories(visit.household), error=error,
        wrong=wrong, text=text, **kept,
    )  # fmt: skip
    return make_response(page, error.status if error else 200)
