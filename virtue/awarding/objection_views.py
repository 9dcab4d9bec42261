"""Objections at the desk: the list, taking one down, its receipt, opening the sealed name, settling."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.awarding import objection_queries, objections, queries
from virtue.awarding.models import Deed
from virtue.awarding.objection_forms import ObjectionForm, VerdictForm
from virtue.awarding.objections import Verdict, Words
from virtue.awarding.views import awarding
from virtue.awarding.words import CAME_BY, OUTCOMES, STATES
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
        deeds=objection_queries.deeds_of_lines(page.rows), came_by=CAME_BY, outcomes=OUTCOMES,
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
        deed=_deed(found), taken_by=staff.names_of({found.taken_by_id}).get(found.taken_by_id or 0, ""),
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
    if not form.validate():
        return _page(found, form=form), 422
    verdict = Verdict(
        form.state.data, form.reason.data or "", parse_whole(form.points.data) if form.points.data else None,
        corrected=bool(form.corrected.data),
    )  # fmt: skip
    try:
        outcome = objections.settle(
            access.village().id, number, verdict, key=request.form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _page(found, str(error), form=form), error.status
    flash(_("已办结：%(outcome)s。双方都看得到理由。", outcome=OUTCOMES[outcome.result["state"]]))
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


def _deed(found: Objection) -> Deed:
    return objection_queries.deeds_of_lines([found])[found.id]


def _new_page(form: ObjectionForm, error: str | None = None) -> str:
    village_id = access.village().id
    number, line = (parse_whole(text, most=99_999) or 0 for text in (form.notice.data, form.line.data))
    found = notices.find_line(village_id, number, line) if number and line else None
    deed_id = objection_queries.find_deed_of_line(found.notice_id, line) if found else None
    deed = queries.find_deed(village_id, deed_id) if deed_id else None
    return render_template(
        "awarding/new_objection.html", form=form, error=error, key=keys.new(), deed=deed,
        household=people.find_household(village_id, deed.household_id) if deed else None,
        open_notices=notices.open_notices(village_id, clock.today()),
    )  # fmt: skip


def _page(
    found: Objection, error: str | None = None, *, form: VerdictForm | None = None, name: str | None = None
) -> str:
    village_id, deed = access.village().id, _deed(found)
    wrong = objections.why_not(found, deed, by=access.by())
    users = {found.settler_id, found.settled_by_id, found.taken_by_id}
    shown: list[int | None] = [found.reason_id] if wrong else [found.reason_id, found.words_id]
    details: dict[str, Any] = {
        "texts": remarks.texts(shown), "names": staff.names_of(users), "amendment": _amended(deed),
        "staff": staff.active_staff(village_id) if access.can("notices.name") else [],
    }  # fmt: skip
    return render_template(
        "awarding/objection.html", objection=found, deed=deed, error=error, name=name, form=form or VerdictForm(formdata=None),
        household=people.find_household(village_id, deed.household_id), wrong=wrong, states=STATES, today=clock.today(),
        came_by=CAME_BY, outcomes=OUTCOMES, key=keys.new(), openings=notices.openings_of([found.id]) if not wrong else [],
        **details,
    )  # fmt: skip


def _amended(deed: Deed) -> int | None:
    found = objection_queries.find_amendment(deed.id)
    return found.deed_id if found is not None and found.from_id == deed.id else None
