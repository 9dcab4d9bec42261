"""代为申报: a claim taken down at the desk for a household that has no phone; recorded as such."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.awarding import claims
from virtue.awarding.claim_fields import ClaimForm
from virtue.awarding.views import awarding
from virtue.core import keys
from virtue.core.files import Upload
from virtue.errors import BrokenRule
from virtue.people import kept_photos
from virtue.people import queries as people
from virtue.people.models import Household


@awarding.get("/households/<int:household_id>/claim")
@permission("awarding.on_behalf")
def on_behalf(household_id: int) -> Response:
    """What the household says it did."""
    return _form(_load(household_id), ClaimForm(formdata=None, happened_on=clock.today()))


@awarding.post("/households/<int:household_id>/claim")
@permission("awarding.on_behalf")
def claim_on_behalf(household_id: int) -> Response:
    """Send it to the review group, with who took it down."""
    household, form = _load(household_id), ClaimForm()
    owner, word = kept_photos.of_staff(access.by()), request.form.get("kept_photo")
    try:
        photo = kept_photos.take(request.files.get("photo"), word, owner=owner)
    except BrokenRule as error:
        return _form(household, form, error, photo=kept_photos.read(word, owner=owner), status=error.status)
    if not form.validate():
        return _form(household, form, photo=photo, status=422)
    key = request.form.get("key", "")
    try:
        outcome = claims.claim(access.village().id, household.id, form.claim, key=key, by=access.by(), photo=photo)
    except BrokenRule as error:
        return _form(household, form, error, photo=photo, status=error.status)
    flash(_("已代为申报 %(points)s 分，等评议。", points=outcome.result["points"]), "good")
    return redirect(url_for("awarding.deed", deed_id=outcome.result["deed_id"]), 303)


def _load(household_id: int) -> Household:
    household = people.find_household(access.village().id, household_id)
    if household is None:
        abort(404)
    return household


def _form(
    household: Household,
    form: ClaimForm,
    error: BrokenRule | None = None,
    *,
    photo: Upload | None = None,
    status: int = 200,
) -> Response:
    kept = kept_photos.shown(photo, owner=kept_photos.of_staff(access.by()))
    key = request.form.get("key", "") if status >= 500 else keys.new()
    page = render_template(
        "awarding/on_behalf.html", household=household, form=form, error=error, key=key,
        choices=claims.choices(household.village_id, household.id), **kept,
    )  # fmt: skip
    return make_response(page, status)
