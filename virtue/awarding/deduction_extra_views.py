"""Deductions, further: the passbook of who is away, repair and its check, too few reviewers, and who stands in for them."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.awarding import deductions, queries, repairs, stand_ins
from virtue.awarding.deduction_views import act, load, page
from virtue.awarding.models import Deed
from virtue.awarding.views import awarding
from virtue.awarding.words import STATES
from virtue.core.sending import send_photo
from virtue.errors import BrokenRule
from virtue.people import queries as people
from virtue.staff import queries as staff


@awarding.post("/deductions/<int:deed_id>/offer")
@permission("awarding.tell")
def offer_deduction(deed_id: int) -> Response | tuple[str, int]:
    """Put it into the passbook of an absent household."""
    return act(deed_id, lambda key, by: deductions.offer(access.village().id, deed_id, key=key, by=by))


@awarding.post("/deductions/<int:deed_id>/repaired")
@permission("awarding.lead")
def note_repaired(deed_id: int) -> Response | tuple[str, int]:
    """It was put right."""
    return act(deed_id, lambda key, by: repairs.note_repaired(access.village().id, deed_id, key=key, by=by))


@awarding.post("/deductions/<int:deed_id>/pass-repair")
@permission("awarding.lead")
def pass_repair(deed_id: int) -> Response | tuple[str, int]:
    """A second person finds it done."""
    return act(deed_id, lambda key, by: repairs.pass_repair(access.village().id, deed_id, key=key, by=by))


@awarding.post("/deductions/<int:deed_id>/fail-repair")
@permission("awarding.lead")
def fail_repair(deed_id: int) -> Response | tuple[str, int]:
    """A second person doesn't find it done."""
    why = request.form.get("why", "")
    return act(deed_id, lambda key, by: repairs.fail_repair(access.village().id, deed_id, why=why, key=key, by=by))


@awarding.post("/deductions/<int:deed_id>/<any(draw, hand_over):action>")
@permission("awarding.notice")
def find_stand_ins(deed_id: int, action: str) -> Response | tuple[str, int]:
    """Too few reviewers: draw representatives by lot, or hand it to the township."""
    found, village_id = load(deed_id), access.village().id
    do = stand_ins.draw if action == "draw" else stand_ins.hand_over
    try:
        outcome = do(village_id, deed_id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return page(found, str(error)), error.status
    if action == "draw":
        names = staff.names_of(set(outcome.result["drawn"]))
        flash(_("抽到了：%(names)s。", names=_("、").join(names[number] for number in outcome.result["drawn"])))
    else:
        flash(_("已交到镇里。"))
    return redirect(url_for("awarding.deduction", deed_id=deed_id), 303)


@awarding.get("/stand-in")
@permission("awarding.stand_in")
def stand_in() -> str:
    """The deductions that wait for somebody who stands in for a reviewer."""
    deeds = stand_ins.to_sign(access.village().id, access.by())
    return render_template(
        "awarding/stand_in.html", deeds=deeds, states=STATES,
        households=people.households_by_ids({deed.household_id for deed in deeds}),
    )  # fmt: skip


@awarding.get("/stand-in/<int:deed_id>")
@permission("awarding.stand_in")
def stand_in_deduction(deed_id: int) -> str:
    """One of them, with every step."""
    return page(_mine(deed_id), template="awarding/stand_in_deduction.html")


@awarding.get("/stand-in/<int:deed_id>/photo")
@permission("awarding.stand_in")
def stand_in_photo(deed_id: int) -> Response:
    """The photo of a deduction that this person was drawn for; of no other."""
    found = queries.photo_name(_mine(deed_id).photo_id)
    if found is None:
        abort(404)
    return send_photo(found, small=False)


@awarding.post("/stand-in/<int:deed_id>")
@permission("awarding.stand_in")
def sign_deduction(deed_id: int) -> Response | tuple[str, int]:
    """Find for it in a reviewer's stead."""
    found = _mine(deed_id)
    try:
        stand_ins.sign(access.village().id, deed_id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return page(found, str(error), "awarding/stand_in_deduction.html"), error.status
    flash(_("已签。"))
    return redirect(url_for("awarding.stand_in"), 303)


def _mine(deed_id: int) -> Deed:
    found = load(deed_id)
    if not stand_ins.may_sign(found, access.by()):
        abort(404)
    return found
