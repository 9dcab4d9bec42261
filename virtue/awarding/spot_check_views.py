"""Drawn lots for the supervision committee: the month's list, on paper too, and one lot with what was found."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectChoice, TextAreaField
from wtforms.validators import InputRequired, Length

from virtue import access, clock, pages
from virtue.access import permission
from virtue.awarding import queries, spot_checks
from virtue.awarding import spot_check_queries as spots
from virtue.awarding.spot_check_models import DIFFERS, NOT_FOUND, RIGHT, SpotCheck
from virtue.awarding.views import awarding
from virtue.awarding.words import FOUND, STATES
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.people import queries as people
from virtue.staff import queries as staff


class SpotForm(FlaskForm):
    """What was found on site."""

    outcome = RadioField(
        _l("现场看到的"), [InputRequired(_l("请选一项。"))],
        choices=[SelectChoice(name, FOUND[name]) for name in (RIGHT, NOT_FOUND, DIFFERS)],
    )  # fmt: skip
    note = TextAreaField(_l("看到了什么、问了谁"), [Length(max=200, message=_l("太长了。"))])


@awarding.get("/spot-checks")
@permission("awarding.spot_check")
def spot_checks_list() -> str:
    """A month's lots and what was found, the latest month first."""
    return _list()


@awarding.get("/spot-checks/print")
@permission("awarding.spot_check")
def print_spot_checks() -> str:
    """The same on paper, to take along: with lines to write what was found."""
    shown = _of_month(pages.number_asked("month"))
    if shown["draw"] is None:
        abort(404)
    return render_template("awarding/print_spot_checks.html", village=access.village(), **shown)


@awarding.post("/spot-checks/draw")
@permission("awarding.spot_check")
def draw_spot_checks() -> Response | tuple[str, int]:
    """Draw a month that the day's run hasn't drawn."""
    month = request.form.get("month", 0, type=int)
    try:
        outcome = spot_checks.draw(access.village().id, month, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _list(str(error)), error.status
    flash(_("%(count)s 项抽好了，请到现场核。", count=outcome.result["drawn"]), "good")
    return redirect(url_for("awarding.spot_checks_list", month=month), 303)


@awarding.get("/spot-checks/<int:check_id>")
@permission("awarding.spot_check")
def spot_check(check_id: int) -> str:
    """One lot: what was booked, and what was found."""
    return _page(_load(check_id), SpotForm(formdata=None))


@awarding.post("/spot-checks/<int:check_id>/result")
@permission("awarding.spot_check")
def record_spot_check(check_id: int) -> Response | tuple[str, int]:
    """Write down what was found, or correct it."""
    check, form = _load(check_id), SpotForm()
    if not form.validate():
        return _page(check, form), 422
    try:
        spot_checks.record(
            access.village().id, check_id, form.outcome.data, form.note.data or "", key=request.form.get("key", ""),
            by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _page(check, form, str(error)), error.status
    flash(_("结果记下了。"), "good")
    if form.outcome.data != RIGHT:
        return redirect(url_for("awarding.spot_check", check_id=check_id), 303)
    return redirect(url_for("awarding.spot_checks_list", month=check.draw.month), 303)


def _load(check_id: int) -> SpotCheck:
    found = spots.find_check(access.village().id, check_id)
    if found is None:
        abort(404)
    return found


def _list(error: str | None = None) -> str:
    village_id = access.village().id
    due = [month for month in spots.months_due(village_id) if spots.pool_at_end(village_id, month)]
    return render_template(
        "awarding/spot_checks.html", error=error, key=keys.new(), due=due, draws=spots.draws(village_id),
        **_of_month(pages.number_asked("month")),
    )  # fmt: skip


def _of_month(month: int | None) -> dict[str, Any]:
    """What the list shows on screen and on paper; ``draw`` is None while nothing was drawn."""
    village_id = access.village().id
    draw = spots.find_draw(village_id, month)
    checks = spots.checks_of(draw.id) if draw is not None else []
    results = {check_id: rows[-1] for check_id, rows in spots.results_of([one.id for one in checks]).items() if rows}
    return {
        "draw": draw, "checks": checks, "results": results, "found": FOUND,
        "grids": {grid.id: grid for grid in people.grids_of(village_id)},
        "households": people.households_by_ids({one.deed.household_id for one in checks}),
        "names": staff.names_of({result.by_id for result in results.values()}),
        "texts": remarks.texts([result.note_id for result in results.values()]),
    }  # fmt: skip


def _page(check: SpotCheck, form: SpotForm, error: str | None = None) -> str:
    deed, results = check.deed, spots.results_of([check.id])[check.id]
    event = queries.find_event(deed.village_id, deed.event_id) if deed.event_id is not None else None
    people_in_it = {deed.proposed_by_id, *(result.by_id for result in results)}
    return render_template(
        "awarding/spot_check.html", check=check, deed=deed, form=form, error=error, key=keys.new(), found=FOUND,
        results=results, states=STATES, event=event, names=staff.names_of(people_in_it),
        household=people.find_household(deed.village_id, deed.household_id),
        grid=people.find_grid(deed.village_id, deed.grid_id), lot=spots.lot(check.draw.seed, deed.id),
        texts=remarks.texts([deed.remark_id, *(result.note_id for result in results)]), today=clock.today(),
    )  # fmt: skip
