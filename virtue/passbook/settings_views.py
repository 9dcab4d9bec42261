"""What a household decides by itself, with its PIN: the PIN, taking part, the board, consents."""

from collections.abc import Callable

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue.access import public
from virtue.errors import BrokenRule
from virtue.passbook.entry_views import Visit, passbook, remember_pin, with_card, with_pin
from virtue.passbook.forms import FirstPinForm, NewPinForm
from virtue.people import queries
from virtue.people import services as people
from virtue.people.states import CONSENT_PURPOSES


@passbook.get("/passbook/new-pin")
@public
@with_card
def new_pin(visit: Visit) -> Response:
    """Choose an own PIN: at the first use, or anew."""
    if not visit.has_pin:
        return redirect(url_for("passbook.pin"), 303)
    return _new_pin_page(visit, _form_for(visit)(formdata=None))


@passbook.post("/passbook/new-pin")
@public
@with_card
def choose_pin(visit: Visit) -> Response:
    """Take the new PIN; the old one is asked for, unless it is the printed one that was just given."""
    if not visit.has_pin:
        return redirect(url_for("passbook.pin"), 303)
    form = _form_for(visit)()
    if not form.validate():
        return _new_pin_page(visit, form, status=422)
    household_id = visit.household.id
    try:
        if isinstance(form, NewPinForm):
            people.check_pin(household_id, form.old.data or "", address=request.remote_addr or "-")
        stamp = people.choose_pin(household_id, form.pin.data or "", by=None)
    except BrokenRule as error:
        return _new_pin_page(visit, form, str(error), error.status)
    flash(_("新密码已经生效。请记住它，不要告诉别人。"), "good")
    return remember_pin(redirect(url_for("passbook.passbook_page"), 303), household_id, stamp)


def _form_for(visit: Visit) -> type[FirstPinForm]:
    return FirstPinForm if visit.needs_own_pin else NewPinForm


def _new_pin_page(visit: Visit, form: FirstPinForm, error: str | None = None, status: int = 200) -> Response:
    page = render_template(
        "passbook/new_pin.html", household=visit.household, form=form, error=error, is_first=visit.needs_own_pin
    )
    return make_response(page, status)


@passbook.get("/passbook/settings")
@public
@with_pin
def settings(visit: Visit) -> str:
    """Taking part, the board, consents, the PIN: each with a button."""
    given = {purpose for purpose in CONSENT_PURPOSES if queries.has_consent([visit.household.id], purpose)}
    return render_template("passbook/settings.html", household=visit.household, purposes=CONSENT_PURPOSES, given=given)


def _done(change: Callable[..., object], visit: Visit, sentence: str) -> Response:
    """Do it in the household's own name, and say so in words."""
    change(visit.household.village_id, visit.household.id, by=None)
    flash(sentence, "good")
    return redirect(url_for("passbook.settings"), 303)


@passbook.post("/passbook/leave")
@public
@with_pin
def leave(visit: Visit) -> Response:
    """暂不参加."""
    return _done(people.leave, visit, _("已记下：您家暂不参加。不再检查、记分、评比、上榜；已有的积分照样能兑换。"))


@passbook.post("/passbook/come-back")
@public
@with_pin
def come_back(visit: Visit) -> Response:
    """Back, in one tap."""
    return _done(people.come_back, visit, _("欢迎回来！您家从今天起又参加了。"))


@passbook.post("/passbook/board/<string:wish>")
@public
@with_pin
def board(visit: Visit, wish: str) -> Response:
    """Whether the household may stand in the top list."""
    if wish not in {"out", "in"}:
        abort(404)
    if wish == "out":
        return _done(people.opt_out_of_board, visit, _("已记下：榜上不列您家，大屏马上更新。"))
    return _done(people.opt_into_board, visit, _("已记下：您家可以上榜。"))


@passbook.post("/passbook/consents/<string:purpose>/<string:wish>")
@public
@with_pin
def consent(visit: Visit, purpose: str, wish: str) -> Response:
    """Give the household's word for a purpose, or take it back."""
    if purpose not in CONSENT_PURPOSES or wish not in {"give", "withdraw"}:
        abort(404)
    household = visit.household
    if wish == "give":
        people.give_consent(household.village_id, household.id, purpose, "passbook", by=None)
        flash(_("已记下您家的同意，随时可以收回。"), "good")
    else:
        people.withdraw_consent(household.village_id, household.id, purpose, by=None)
        flash(_("已收回同意，大屏马上更新。"), "good")
    return redirect(url_for("passbook.settings"), 303)
