"""Adding and correcting households and members; 暂不参加, consents, the end of a household."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.people import queries, services
from virtue.people.errors import CodeTaken
from virtue.people.forms import HouseholdForm, MemberForm, NewHouseholdForm, PersonForm
from virtue.people.models import Household, Member
from virtue.people.states import CONSENT_PURPOSES, CONSENT_WAYS
from virtue.people.views import people

Page = str | tuple[str, int]


@people.get("/households/add")
@permission("people.edit")
def add_household() -> Page:
    """The form for a new household."""
    return _new_household_page(_new_household_form())


@people.post("/households/add")
@permission("people.edit")
def create_household() -> Page | Response:
    """Add a household with its householder."""
    form = _new_household_form()
    if not form.validate():
        return _new_household_page(form, status=422)
    try:
        made = services.add_household(
            access.village().id, grid_id=form.grid_id.data, code=form.code.data, head=form.person,
            key=_key(), by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _new_household_page(form, error)
    flash(_("已添加。现在可以给这一户发卡。"), "good")
    return to_household(made.result["household_id"])


@people.get("/households/<int:household_id>/correct")
@permission("people.edit")
def correct_household(household_id: int) -> Page:
    """The form for a household's code and grid."""
    household = load_household(household_id)
    return _household_page(household, HouseholdForm.of(household))


@people.post("/households/<int:household_id>/correct")
@permission("people.edit")
def save_household(household_id: int) -> Page | Response:
    """Correct a household's code or grid."""
    household = load_household(household_id)
    form = HouseholdForm.of(household)
    if not form.validate():
        return _household_page(household, form, status=422)
    try:
        services.correct_household(
            household.village_id, household_id, code=form.code.data, grid_id=form.grid_id.data, why=form.why.data,
            by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _household_page(household, form, error)
    flash(_("已更正。"), "good")
    return to_household(household_id)


@people.get("/households/<int:household_id>/members/add")
@permission("people.edit")
def add_member(household_id: int) -> Page:
    """The form for a new member."""
    household = load_household(household_id)
    return _member_page(household, PersonForm().fit(household.village_id))


@people.post("/households/<int:household_id>/members/add")
@permission("people.edit")
def create_member(household_id: int) -> Page | Response:
    """Add a member."""
    household = load_household(household_id)
    form = PersonForm().fit(household.village_id)
    if not form.validate():
        return _member_page(household, form, status=422)
    try:
        services.add_member(household.village_id, household_id, form.person, key=_key(), by=access.by())
    except BrokenRule as error:
        return _member_page(household, form, error)
    flash(_("已添加%(name)s。", name=form.name.data), "good")
    return to_household(household_id)


@people.get("/members/<int:member_id>/correct")
@permission("people.edit")
def correct_member(member_id: int) -> Page:
    """The form for what is kept of a member."""
    member = load_member(member_id)
    return _member_page(member.household, MemberForm.of(member), member=member)


@people.post("/members/<int:member_id>/correct")
@permission("people.edit")
def save_member(member_id: int) -> Page | Response:
    """Correct what is kept of a member."""
    member = load_member(member_id)
    form = MemberForm.of(member)
    if not form.validate():
        return _member_page(member.household, form, member=member, status=422)
    try:
        services.correct_member(member.village_id, member_id, form.person, why=form.why.data, by=access.by())
    except BrokenRule as error:
        return _member_page(member.household, form, error, member=member)
    flash(_("已更正。"), "good")
    return to_household(member.household_id)


@people.post("/members/<int:member_id>/head")
@permission("people.edit")
def make_head(member_id: int) -> Response:
    """Make a member the householder."""
    household = services.make_head(access.village().id, member_id, by=access.by())
    return _done(household, _("户主已改。请再核对其他成员与户主的关系。"))


@people.post("/members/<int:member_id>/gone")
@permission("people.edit")
def note_gone(member_id: int) -> Response:
    """Write down that a member left the household."""
    return _done(services.note_gone(access.village().id, member_id, by=access.by()), _("已移出，记录保留。"))


@people.post("/members/<int:member_id>/back")
@permission("people.edit")
def note_back(member_id: int) -> Response:
    """Write down that a member is there again."""
    return _done(services.note_back(access.village().id, member_id, by=access.by()), _("已移回。"))


@people.post("/households/<int:household_id>/leave")
@permission("people.consents")
def leave(household_id: int) -> Response:
    """暂不参加, said by mouth: one tap."""
    return _change(services.leave, household_id, _("已记下：这一户暂不参加。积分仍可兑换，随时可以回来。"))


@people.post("/households/<int:household_id>/come-back")
@permission("people.consents")
def come_back(household_id: int) -> Response:
    """Taking part again: one tap."""
    return _change(services.come_back, household_id, _("已记下：这一户又参加了。"))


@people.post("/households/<int:household_id>/board-out")
@permission("people.consents")
def opt_out_of_board(household_id: int) -> Response:
    """Not in the top list."""
    return _change(services.opt_out_of_board, household_id, _("已记下：不上得分榜。"))


@people.post("/households/<int:household_id>/board-in")
@permission("people.consents")
def opt_into_board(household_id: int) -> Response:
    """In the top list again."""
    return _change(services.opt_into_board, household_id, _("已记下：可以上得分榜。"))


@people.post("/households/<int:household_id>/consents/give")
@permission("people.consents")
def give_consent(household_id: int) -> Response:
    """Write down a household's word for a purpose."""
    purpose, how = request.form.get("purpose", ""), request.form.get("how", "")
    if purpose not in CONSENT_PURPOSES or how not in CONSENT_WAYS:
        abort(400)
    services.give_consent(access.village().id, household_id, purpose, how, by=access.by())
    flash(_("同意已记下，随时可以撤回。"), "good")
    return to_household(household_id)


@people.post("/households/<int:household_id>/consents/withdraw")
@permission("people.consents")
def withdraw_consent(household_id: int) -> Response:
    """Take a household's word back."""
    purpose = request.form.get("purpose", "")
    if purpose not in CONSENT_PURPOSES:
        abort(400)
    services.withdraw_consent(access.village().id, household_id, purpose, by=access.by())
    flash(_("同意已撤回，屏幕下次刷新时就不再显示。"), "good")
    return to_household(household_id)


@people.post("/households/<int:household_id>/end")
@permission("people.edit")
def end_household(household_id: int) -> Response:
    """End a household."""
    why = request.form.get("why", "")[:200]
    household = services.end_household(access.village().id, household_id, why=why, by=access.by())
    return _done(household, _("已销户，积分卡已注销，记录保留。"))


def load_household(household_id: int) -> Household:
    """A household of the session's village, or 404."""
    household = queries.find_household(access.village().id, household_id)
    if household is None:
        abort(404)
    return household


def load_member(member_id: int) -> Member:
    """A member of the session's village, or 404."""
    member = queries.find_member(access.village().id, member_id)
    if member is None:
        abort(404)
    return member


def to_household(household_id: int) -> Response:
    """Back to a household's page."""
    return redirect(url_for("office.household", household_id=household_id), 303)


def _change(service: Callable[..., Household], household_id: int, said: str) -> Response:
    return _done(service(access.village().id, household_id, by=access.by()), said)


def _done(household: Household, said: str) -> Response:
    flash(said, "good")
    return to_household(household.id)


def _key() -> str:
    return request.form.get("key", "")


def _new_household_form() -> NewHouseholdForm:
    village_id = access.village().id
    return NewHouseholdForm().offer_grids(village_id).fit(village_id)


def _new_household_page(form: NewHouseholdForm, error: BrokenRule | None = None, *, status: int = 200) -> Page:
    return _form_page("people/new_household.html", form, error, status)


def _household_page(
    household: Household, form: HouseholdForm, error: BrokenRule | None = None, *, status: int = 200
) -> Page:
    return _form_page("people/correct_household.html", form, error, status, household=household)


def _member_page(
    household: Household, form: PersonForm, error: BrokenRule | None = None, *, member: Member | None = None,
    status: int = 200,
) -> Page:  # fmt: skip
    return _form_page("people/member.html", form, error, status, household=household, member=member)


def _form_page(template: str, form: Any, error: BrokenRule | None, status: int, **more: Any) -> Page:
    """A form's page; a broken rule's sentence stands on top, a taken code at its field."""
    sentence = None
    if isinstance(error, CodeTaken):
        form.code.errors = [*form.code.errors, str(error)]
    elif error is not None:
        sentence = str(error)
    return render_template(template, form=form, error=sentence, **more), error.status if error else status
