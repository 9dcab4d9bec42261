"""Objections at the desk: the list, taking one down, its receipt, opening the sealed name, settling."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.awarding import line_subjects, objection_queries, objections
from virtue.awarding.line_subjects import Verdict
from virtue.awarding.objection_forms import ObjectionForm, VerdictForm
from virtue.awarding.objections import Words
from virtue.awarding.views import awarding
from virtue.awarding.words import CAME_BY, STATES
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.notices import queries as notices
from virtue.notices.models import Objection
from virtue.notices.services import Sender
from virtue.people import queries as people
from virtue.quantities import parse_whole
from virtue.staff import queries as staff


@awarding.get("/objections")
@permission("notices.view")
def objection_list() -> str:
    """Open objections, the overdue first; or the answered ones."""
    is_open = request.args.get("state") != "answered"
    number = pages.number_asked("q")
    query = notices.objections(access.village().id, is_open=is_open)
    if number is not None:
        query = query.where(Objection.number == number)
    page = pages.paged(query, request.args.get("page", 1, type=int))
    return render_template(
        "awarding/objections.html", page=page, is_open=is_open, q=request.args.get("q", ""), today=clock.today(),
        titles=objection_queries.titles(page.rows), came_by=CAME_BY, outcome=objection_queries.outcome,
        names=staff.names_of({row.settler_id for row in page.rows}),
    )  # fmt: skip


@awarding.get("/objections/new")
@permission("notices.take")
def new_objection() -> str:
    """A form to take one down; the line may come from a notice's page."""
    form = ObjectionForm(formdata=None)
    form.notice.data, form.line.data = request.args.get("notice", ""), request.args.get("line", "")
    form.received_on.data = clock.today()
    return _new_page(form)


@awarding.post("/objections")
@permission("notices.take")
def take_objection() -> Response | tuple[str, int]:
    """Take one down, for somebody who came, spoke or left a paper."""
    form = ObjectionForm()
    if not form.validate():
        return _new_page(form), 422
    village_id = access.village().id
    words = Words(
        parse_whole(form.notice.data, most=99_999) or 0, parse_whole(form.line.data, most=99_999) or 0,
        form.words.data or "", form.came_by.data, form.received_on.data,
    )  # fmt: skip
    try:
        code = (form.code.data or "").strip()
        household_id = people.household_by_input(village_id, code).household.id if code else None
        sender = Sender(household_id, (form.outsider.data or "").strip())
        key = request.form.get("key", "")
        outcome = objections.object_to(village_id, words, sender, key=key, by=access.by())
    except BrokenRule as error:
        return _new_page(form, str(error)), 422 if error.status == 404 else error.status
    flash(_("已登记，回执第%(number)s号。请把回执交给提的人。", number=outcome.result["number"]))
    return redirect(url_for("awarding.objection", number=outcome.result["number"]), 303)


@awarding.get("/objections/<int:number>")
@permission("notices.view")
def objection(number: int) -> str:
    """One objection: what it is about, and, for the one who settles, what was said."""
    return _page(_load(number))


@awarding.get("/objections/<int:number>/receipt")
@permission("notices.take")
def objection_receipt(number: int) -> str:
    """The numbered receipt to hand over. It names nobody: it may be lost."""
    found = _load(number)
    return render_template(
        "awarding/print_objection.html", objection=found, village=access.village(),
        taken_by=staff.names_of({found.taken_by_id}).get(found.taken_by_id or 0, ""),
    )  # fmt: skip


@awarding.post("/objections/<int:number>/open-name")
@permission("notices.view")
def open_name(number: int) -> str | tuple[str, int]:
    """Open the sealed name; it is written down, and the objector sees it."""
    found = _load(number)
    try:
        name = objections.open_seal(access.village().id, number, by=access.by())
    except BrokenRule as error:
        return _page(found, str(error)), error.status
    return _page(_load(number), name=name or _("没有署名"))


@awarding.post("/objections/<int:number>/settler")
@permission("notices.name")
def name_settler(number: int) -> Response | tuple[str, int]:
    """Name who settles it."""
    found = _load(number)
    try:
        objections.name_settler(access.village().id, number, request.form.get("settler", 0, type=int), by=access.by())
    except BrokenRule as error:
        return _page(found, str(error)), error.status
    flash(_("已指定处理人。"))
    return redirect(url_for("awarding.objection", number=number), 303)


@awarding.post("/objections/<int:number>/settle")
@permission("notices.view")
def settle_objection(number: int) -> Response | tuple[str, int]:
    """Settle it, with a reason both sides read."""
    found, form = _load(number), VerdictForm()
    form.ask_about(line_subjects.of(found.line))
    if not form.validate():
        return _page(found, form=form), 422
    verdict = Verdict(
        form.state.data, form.reason.data or "", parse_whole(form.points.data) if form.points.data else None,
        corrected=bool(form.corrected.data), dimension=request.form.get("dimension", "")[:20],
    )  # fmt: skip
    try:
        objections.settle(access.village().id, number, verdict, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _page(found, str(error), form=form), error.status
    words = objection_queries.outcome(_load(number))
    flash(_("已办结：%(outcome)s。双方都看得到理由。", outcome=words))
    return redirect(url_for("awarding.objection", number=number), 303)


@awarding.post("/objections/<int:number>/take-back")
@permission("notices.take")
def take_back_objection(number: int) -> Response | tuple[str, int]:
    """Whoever objected came and took it back."""
    found = _load(number)
    try:
        objections.take_back(access.village().id, number, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _page(found, str(error)), error.status
    flash(_("已记下：提的人收回了。"))
    return redirect(url_for("awarding.objection", number=number), 303)


def _load(number: int) -> Objection:
    found = notices.find_objection(access.village().id, number)
    if found is None:
        abort(404)
    return found


def _new_page(form: ObjectionForm, error: str | None = None) -> str:
    village_id = access.village().id
    number, line = (parse_whole(text, most=99_999) or 0 for text in (form.notice.data, form.line.data))
    found = notices.find_line(village_id, number, line) if number and line else None
    what = objection_queries.what(found) if found else None
    return render_template(
        "awarding/new_objection.html", form=form, error=error, key=keys.new(), what=what,
        household=people.find_household(village_id, what.household_id) if what else None,
        open_notices=notices.open_notices(village_id, clock.today()),
    )  # fmt: skip


def _page(
    found: Objection, error: str | None = None, *, form: VerdictForm | None = None, name: str | None = None
) -> str:
    village_id, subject = access.village().id, line_subjects.of(found.line)
    wrong = objections.why_not(found, by=access.by())
    users = {found.settler_id, found.settled_by_id, found.taken_by_id}
    shown: list[int | None] = [found.reason_id] if wrong else [found.reason_id, found.words_id]
    form = form or VerdictForm(formdata=None)
    form.ask_about(subject)
    details: dict[str, Any] = {
        "texts": remarks.texts(shown), "names": staff.names_of(users),
        "staff": staff.active_staff(village_id) if access.can("notices.name") else [],
        **_about(found),
    }  # fmt: skip
    return render_template(
        "awarding/objection.html", objection=found, error=error, name=name, form=form, wrong=wrong, states=STATES,
        household=people.find_household(village_id, subject.household_id(found.line)), today=clock.today(),
        came_by=CAME_BY, outcome=objection_queries.outcome, key=keys.new(),
        openings=notices.openings_of([found.id]) if not wrong else [], chosen=request.form.get("dimension", ""), **details,
    )  # fmt: skip


def _about(found: Objection) -> dict[str, Any]:
    """The deed on the line with the one that started again, or what another room says of it."""
    about = line_subjects.abouts([found.line]).get(found.line.id)
    if about is not None:
        return {"about": about, "deed": None, "amendment": None}
    deed = objection_queries.deeds_of_lines([found])[found.id]
    amended = objection_queries.find_amendment(deed.id)
    is_from = amended is not None and amended.from_id == deed.id
    return {"about": None, "deed": deed, "amendment": amended.deed_id if amended is not None and is_from else None}
