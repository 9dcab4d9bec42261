"""Deductions: each step with its guard, the slip to hand over, the household's answer."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.awarding import deductions as services
from virtue.awarding import photo_queries, queries, repairs, stand_ins
from virtue.awarding.deductions import Lead, Telling
from virtue.awarding.forms import LeadForm, TellForm
from virtue.awarding.models import Deed
from virtue.awarding.views import awarding
from virtue.awarding.words import HOW, STATES, STEPS
from virtue.core import keys, remarks, settings
from virtue.core.files import Upload
from virtue.errors import BrokenRule
from virtue.formatting import number, rule_name
from virtue.people import kept_photos
from virtue.people import queries as people
from virtue.quantities import parse_whole
from virtue.staff import queries as staff


@awarding.get("/deductions")
@permission("awarding.lead")
def deductions() -> str:
    """Deductions under way, oldest first."""
    rows = pages.paged(queries.deductions_open(access.village().id), request.args.get("page", 1, type=int))
    return render_template(
        "awarding/deductions.html", page=rows, states=STATES,
        households=people.households_by_ids({row.household_id for row in rows.rows}),
    )  # fmt: skip


@awarding.get("/deductions/new")
@permission("awarding.lead")
def new_lead() -> str:
    """A form for a lead."""
    return _lead_page(_lead_form())


@awarding.post("/deductions")
@permission("awarding.lead")
def lead() -> Response | tuple[str, int]:
    """Note a lead."""
    form, photo, wrong = _lead_form(), *_lead_photo()
    if not form.validate() or wrong:
        return _lead_page(form, photo=photo, photo_error=wrong), 422
    village_id = access.village().id
    try:
        household = people.household_by_input(village_id, form.code.data or "").household
        what = Lead(
            household.id, form.rule.data or 0, form.happened_on.data or clock.today(), form.words.data or "",
            quantity=parse_whole(form.quantity.data) or 1, document_number=form.document_number.data or "",
            repair_until=form.repair_until.data,
        )  # fmt: skip
        outcome = services.lead(village_id, what, key=request.form.get("key", ""), by=access.by(), picture=photo)
    except BrokenRule as error:
        return _lead_page(form, str(error), photo=photo), 422 if error.status == 404 else error.status
    flash(_("已经记下，请另一个人核实。"))
    return redirect(url_for("awarding.deduction", deed_id=outcome.result["deed_id"]), 303)


@awarding.get("/deductions/<int:deed_id>")
@permission("awarding.lead")
def deduction(deed_id: int) -> str:
    """One deduction, every step, and what can be done now."""
    return page(load(deed_id))


@awarding.get("/deductions/<int:deed_id>/slip")
@permission("awarding.lead")
def slip(deed_id: int) -> str:
    """The slip to hand over: rule, reason, how to answer, by when."""
    deed = load(deed_id)
    return render_template(
        "awarding/print_slip.html", deed=deed, deduction=queries.find_deduction(deed_id), village=access.village(),
        paper="a5" if request.args.get("paper") == "a5" else "a4", has_photo=deed.photo_id is not None,
        days=settings.values(access.village().id, "rebuttal_days", "rebuttal_days_absent"),
        household=people.find_household(access.village().id, deed.household_id),
        reason=remarks.texts([deed.remark_id]).get(deed.remark_id or 0, ""),
    )  # fmt: skip


@awarding.post("/deductions/<int:deed_id>/verify")
@permission("awarding.lead")
def verify(deed_id: int) -> Response | tuple[str, int]:
    """A second person found it so."""
    return act(deed_id, lambda key, by: services.verify(access.village().id, deed_id, key=key, by=by))


@awarding.post("/deductions/<int:deed_id>/tell")
@permission("awarding.tell")
def tell(deed_id: int) -> Response | tuple[str, int]:
    """The household was told."""
    form = _tell_form()
    telling = Telling(
        form.how.data or "", is_absent=bool(form.is_absent.data), witness_1_id=form.witness_1.data or None,
        witness_2_id=form.witness_2.data or None,
    )  # fmt: skip
    return act(deed_id, lambda key, by: services.tell(access.village().id, deed_id, telling, key=key, by=by))


@awarding.post("/deductions/<int:deed_id>/answer")
@permission("awarding.tell")
def answer(deed_id: int) -> Response | tuple[str, int]:
    """The household's answer, taken down by staff."""
    words, how = request.form.get("words", ""), request.form.get("how", "spoken")
    return act(deed_id, lambda key, by: services.answer(access.village().id, deed_id, words, how=how, key=key, by=by))


@awarding.post("/deductions/<int:deed_id>/decide")
@permission("awarding.review")
def decide_deduction(deed_id: int) -> Response | tuple[str, int]:
    """A reviewer finds for it; two are needed."""
    return act(deed_id, lambda key, by: services.decide(access.village().id, deed_id, key=key, by=by))


@awarding.post("/deductions/<int:deed_id>/drop")
@permission("awarding.lead")
def drop(deed_id: int) -> Response | tuple[str, int]:
    """Let it fall, with a reason."""
    why = request.form.get("why", "")
    return act(deed_id, lambda key, by: services.drop(access.village().id, deed_id, why=why, key=key, by=by))


def act(deed_id: int, do: Callable[[str, int], keys.Outcome]) -> Response | tuple[str, int]:
    """Do one step of a deduction and show it again, with what was wrong if it was refused."""
    found = load(deed_id)
    try:
        outcome = do(request.form.get("key", ""), access.by())
    except BrokenRule as error:
        return page(found, str(error)), error.status
    flash(_("已办：%(rule)s，%(state)s。", rule=rule_name(found), state=STATES[outcome.result["state"]]))
    return redirect(url_for("awarding.deduction", deed_id=deed_id), 303)


def load(deed_id: int) -> Deed:
    """A deduction of this village, or 404."""
    found = queries.find_deed(access.village().id, deed_id)
    if found is None or found.route != "deduction":
        abort(404)
    return found


def _lead_form() -> LeadForm:
    form = LeadForm(happened_on=clock.today())
    rules = [rule for rule in queries.rules_in_force(access.village().id) if rule.is_deduction]
    form.rule.choices = [
        (rule.id, _("%(rule)s（%(points)s 分）", rule=rule_name(rule), points=number(rule.points))) for rule in rules
    ]
    return form


def _tell_form() -> TellForm:
    form = TellForm()
    village_id = access.village().id
    nobody = (0, _("（不用）"))
    form.witness_1.choices = [nobody, *((user.id, user.name) for user in staff.active_staff(village_id))]
    form.witness_2.choices = [nobody, *((user.id, user.name) for user in staff.active_staff(village_id, "supervisor"))]
    return form


def _lead_photo() -> tuple[Upload | None, str]:
    """The photo just taken, or the one kept from before; and what is wrong with a new one."""
    owner, word = kept_photos.of_staff(access.by()), request.form.get("kept_photo")
    try:
        return kept_photos.take(request.files.get("photo"), word, owner=owner), ""
    except BrokenRule as error:
        return kept_photos.read(word, owner=owner), str(error)


def _lead_page(form: LeadForm, error: str | None = None, *, photo: Upload | None = None, photo_error: str = "") -> str:
    return render_template(
        "awarding/new_deduction.html", form=form, error=error, key=keys.new(), photo_error=photo_error,
        **kept_photos.shown(photo, owner=kept_photos.of_staff(access.by())),
    )  # fmt: skip


def page(found: Deed, error: str | None = None, template: str = "awarding/deduction.html") -> str:
    """The page of one deduction: every step, and what can be done now."""
    facts = queries.find_deduction(found.id)
    assert facts is not None  # noqa: S101 (written with the lead)
    drawn = stand_ins.stand_ins_of(found.id)
    steps = queries.steps_of([found.id])[found.id]
    details: dict[str, Any] = {
        "steps": steps, "texts": remarks.texts([found.remark_id, *(step.remark_id for step in steps)]),
        "names": staff.names_of({step.by_id for step in steps} | {row.user_id for row in drawn}), "signed": queries.approvals(found.id),
    }  # fmt: skip
    return render_template(
        template, deed=found, deduction=facts, error=error, photo=queries.photo_name(found.photo_id),
        earlier=photo_queries.earlier_uses(found.village_id, [found]).get(found.id, []), key=keys.new(), today=clock.today(), drawn=drawn,
        free=stand_ins.free_reviewers(found, facts), is_short=stand_ins.is_short(found, facts), open_to_repair=repairs.OPEN,
        household=people.find_household(access.village().id, found.household_id), form=_tell_form(), states=STATES,
        step_words=STEPS, how=HOW, **details,
    )  # fmt: skip
