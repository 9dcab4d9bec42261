"""Events: open one, see what was scanned, print the list to sign, close it as a second person."""

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.awarding import event_cost, queries, scanning
from virtue.awarding import events as services
from virtue.awarding.forms import EventForm
from virtue.awarding.models import Event
from virtue.awarding.views import awarding
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.formatting import rule_name
from virtue.staff import queries as staff
from virtue.store import budget_words


@awarding.get("/award/events")
@permission("awarding.view")
def events() -> str:
    """All events, newest first, and a form for a new one."""
    return _list(_form())


@awarding.post("/award/events")
@permission("awarding.propose")
def open_event() -> Response | tuple[str, int]:
    """Open an event; this member's next cards are scanned in it."""
    form = _form()
    if not form.validate():
        return _list(form), 422
    try:
        outcome = services.open_event(
            access.village().id, form.name.data or "", form.place.data or "", form.day.data or clock.today(),
            key=request.form.get("key", ""), by=access.by(), rule_code=form.rule_code.data or None,
        )  # fmt: skip
    except BrokenRule as error:
        return _list(form, str(error)), error.status
    session["event"] = outcome.result["event_id"]
    flash(_("活动已经开始，现在可以扫卡。"))
    return redirect(url_for("awarding.award"), 303)


@awarding.get("/award/events/<int:event_id>")
@permission("awarding.view")
def event(event_id: int) -> str:
    """An event and what was scanned in it."""
    return _event_page(_load(event_id))


@awarding.get("/award/events/<int:event_id>/print")
@permission("awarding.view")
def print_event(event_id: int) -> str:
    """The list to print and sign."""
    found = _load(event_id)
    return render_template(
        "awarding/print_event.html", event=found, lines=queries.deeds_of_event(found.id, found.day)[::-1],
        village=access.village(),
    )  # fmt: skip


@awarding.post("/award/events/<int:event_id>/close")
@permission("awarding.view")
def close_event(event_id: int) -> Response | tuple[str, int]:
    """Close it, as a second person."""
    found = _load(event_id)
    try:
        outcome = services.close_event(access.village().id, event_id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _event_page(found, str(error)), error.status
    flash(_("活动已经结束，共记 %(deeds)s 项。", deeds=outcome.result["deeds"]))
    return redirect(url_for("awarding.event", event_id=event_id), 303)


def _load(event_id: int) -> Event:
    found = queries.find_event(access.village().id, event_id)
    if found is None:
        abort(404)
    return found


def _form() -> EventForm:
    form = EventForm(day=clock.today())
    rules = [(rule.code, rule_name(rule)) for rule in queries.rules_in_force(access.village().id, "event")]
    form.rule_code.choices = [("", _("到时再选")), *rules]
    return form


def _list(form: EventForm, error: str | None = None) -> str:
    page = pages.paged(queries.events(access.village().id), request.args.get("page", 1, type=int))
    more = event_cost.usual_points(access.village_id())
    return render_template(
        "awarding/events.html", page=page, form=form, error=error, key=keys.new(),
        budget_warning=budget_words.before_awarding(access.village_id(), more), usual=more,
        names=staff.names_of({row.opened_by_id for row in page.rows} | {row.closed_by_id for row in page.rows}),
    )  # fmt: skip


def _event_page(found: Event, error: str | None = None) -> str:
    lines = queries.deeds_of_event(found.id, found.day)
    people = {found.opened_by_id, found.closed_by_id} | {deed.proposed_by_id for deed, _household in lines}
    return render_template(
        "awarding/event.html", event=found, lines=lines, names=staff.names_of(people), error=error, key=keys.new(),
        sheet_rules=scanning.event_rules(found.village_id),
    )  # fmt: skip
