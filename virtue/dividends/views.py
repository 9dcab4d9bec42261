"""The dividend's pages: the list, a new pot, its sheet with every step, paying, the workbook and the register."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import audit, keys, remarks
from virtue.dividends import exports, pots, queries, sheets
from virtue.dividends.errors import PotElsewhere
from virtue.dividends.forms import PotForm, VoteForm, filled, read_money
from virtue.dividends.models import Pot, PotState
from virtue.dividends.pots import NewPot
from virtue.dividends.words import HOWS, KINDS, STATES, formula, source
from virtue.errors import BrokenRule
from virtue.people import queries as people
from virtue.quantities import parse_fen
from virtue.staff import queries as staff
from virtue.transactions import atomic

dividends = Blueprint("dividends", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Act = Callable[[int, int, str, int], Any]


@dividends.get("/dividends")
@permission("dividends.view")
def pot_list() -> str:
    """All pots, newest first."""
    page = pages.paged(queries.pots(access.village_id()), request.args.get("page", 1, type=int))
    return render_template("dividends/pots.html", page=page, states=STATES, kinds=KINDS)


@dividends.get("/dividends/new")
@permission("dividends.draft")
def new_pot() -> str:
    """The form for a new pot."""
    return _new(_form())


@dividends.post("/dividends")
@permission("dividends.draft")
def draft_pot() -> Response | tuple[str, int]:
    """Draft it."""
    form = _form()
    if not form.validate():
        return _new(form), 422
    try:
        outcome = pots.draft(access.village_id(), _read(form), key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _new(form, str(error)), error.status
    return redirect(url_for("dividends.pot", pot_id=outcome.result["pot_id"]), 303)


@dividends.get("/dividends/<int:pot_id>")
@permission("dividends.view")
def pot(pot_id: int) -> str:
    """One pot: how it is divided, its sheet, what comes next."""
    return shown(load(pot_id))


@dividends.get("/dividends/<int:pot_id>/edit")
@permission("dividends.draft")
def edit_pot(pot_id: int) -> str | tuple[str, int]:
    """The form for mending a draft; once its sheet is open, its page with what stands against it."""
    found = load(pot_id)
    if found.state != PotState.DRAFT:
        return shown(found, str(PotElsewhere())), PotElsewhere.status
    return _new(_form(filled(found)), pot=found)


@dividends.post("/dividends/<int:pot_id>/edit")
@permission("dividends.draft")
def change_pot(pot_id: int) -> Response | tuple[str, int]:
    """Mend it."""
    found, form = load(pot_id), _form()
    if not form.validate():
        return _new(form, pot=found), 422
    try:
        pots.change(found.village_id, pot_id, _read(form, found), key=request.form.get("key", ""), by=access.by())
    except PotElsewhere as error:
        return shown(load(pot_id), str(error)), error.status
    except BrokenRule as error:
        return _new(form, str(error), pot=load(pot_id)), error.status
    flash(_("草稿改好了。"), "good")
    return redirect(url_for("dividends.pot", pot_id=pot_id), 303)


@dividends.get("/dividends/<int:pot_id>/print")
@permission("dividends.view")
def print_pot(pot_id: int) -> str:
    """The sheet on paper, once signed as the register that is signed for line by line."""
    found = load(pot_id)
    lines = queries.all_lines(found)
    return render_template(
        "dividends/print_pot.html", pot=found, village=access.village(), lines=lines, formula=formula(found),
        households=people.households_by_ids({line.household_id for line in lines}), states=STATES,
    )  # fmt: skip


@dividends.get("/dividends/<int:pot_id>/closing")
@permission("dividends.view")
def print_closing(pot_id: int) -> str:
    """The closing sheet on paper: what was paid in which way, what nobody fetched, the rounding, who signs."""
    found = load(pot_id)
    if not found.seal:
        abort(404)
    left = queries.unclaimed(found)
    return render_template(
        "dividends/print_closing.html", pot=found, village=access.village(), left=left, hows=HOWS, states=STATES,
        paid=queries.paid_by_how(found.id), rounding=queries.rounding(found), totals=sheets.total_of(found),
        households=people.households_by_ids({line.household_id for line in left}), as_of=clock.now(),
    )  # fmt: skip


@dividends.post("/dividends/<int:pot_id>/pay-list")
@permission("dividends.export")
def pay_list(pot_id: int) -> Response:
    """The workbook for the bank and for recomputing; with whole names, so it is written down who took it."""
    found = load(pot_id)
    lines = queries.all_lines(found)
    with atomic():
        audit.record(
            "dividends.export", village_id=found.village_id, by=access.by(), subject="pot", subject_id=pot_id,
            lines=len(lines),
        )  # fmt: skip
    households = people.households_by_ids({line.household_id for line in lines})
    response = make_response(exports.workbook(found, lines, households))
    response.headers["Content-Type"] = XLSX
    response.headers["Content-Disposition"] = f'attachment; filename="dividend-{found.year}-{found.id}.xlsx"'
    return response


def load(pot_id: int) -> Pot:
    found = queries.find_pot(access.village_id(), pot_id)
    if found is None:
        abort(404)
    return found


def do(pot_id: int, act: Act, said: str, vote: VoteForm | None = None) -> Response | tuple[str, int]:
    """One step of a pot: back to its page with a word, or with what was wrong."""
    found = load(pot_id)
    try:
        act(found.village_id, pot_id, request.form.get("key", ""), access.by())
    except BrokenRule as error:
        return shown(load(pot_id), str(error), vote=vote), 422 if error.status == 404 else error.status
    flash(said, "good")
    return redirect(url_for("dividends.pot", pot_id=pot_id), 303)


def shown(found: Pot, error: str | None = None, *, vote: VoteForm | None = None) -> str:
    text, is_left = request.values.get("q", "")[:60], request.values.get("left") == "1"
    query = queries.lines_found(found, text, is_left=is_left)
    page = pages.paged(query, request.args.get("page", 1, type=int))
    form = vote or VoteForm(formdata=None)
    if vote is None:
        form.on.data = clock.today()
    raised = queries.objections_of(found)
    shown = [one.reason_id for one in raised] + [one.words_id for one in raised if access.can("dividends.answer")]
    return render_template(
        "dividends/pot.html", pot=found, error=error, page=page, q=text, is_left=is_left, vote=form, key=keys.new(),
        states=STATES, kinds=KINDS, hows=HOWS, formula=formula(found), totals=sheets.total_of(found),
        households=people.households_by_ids({line.household_id for line in page.rows}), raised=raised,
        paid=queries.payouts([line.id for line in page.rows]), paid_sum=queries.paid_fen(found.id),
        texts=remarks.texts([found.minutes_id, *shown]),
        names=staff.names_of({found.drafted_by_id, found.checked_by_id, found.signed_by_id, found.closed_by_id}),
    )  # fmt: skip


def _form(data: dict[str, Any] | None = None) -> PotForm:
    form, this_year = PotForm() if data is None else PotForm(formdata=None, data=data), clock.today().year
    form.year.choices = [(year, str(year)) for year in range(this_year - 1, this_year - pots.YEARS_BACK - 1, -1)]
    form.year.choices.append((this_year, str(this_year)))
    return form


def _new(form: PotForm, error: str | None = None, *, pot: Pot | None = None) -> str:
    given = source(pot) if pot is not None and "key" in pot.source else ""
    return render_template("dividends/new_pot.html", form=form, error=error, key=keys.new(), pot=pot, given=given)


def _read(form: PotForm, drafted: Pot | None = None) -> NewPot:
    """The pot that the form describes; a part that the county gave stays what it is. Raises BadPot."""
    year, name, amount = form.year.data, form.name.data or "", read_money(form.amount.data) or 0
    weights = {
        "basis": form.basis.data, "shares_weight": form.shares_weight.data or 0,
        "score_weight": form.score_weight.data or 0, "base": form.base.data,
    }  # fmt: skip
    if drafted is not None and "key" in drafted.source:
        return NewPot(drafted.year, drafted.name, drafted.kind, drafted.fen, source=drafted.source, **weights)
    rate = parse_fen(form.percent.data) or 0
    if form.kind.data == "county":
        made = pots.county_pot(
            year,
            name,
            capital_fen=amount,
            rate=rate,
            key_part=form.key_part.data or 1,
            key_total=form.key_total.data or 1,
        )
    elif form.kind.data == "village":
        made = pots.village_pot(year, name, income_fen=amount, percent=rate)
    else:
        made = NewPot(year, name, "other", amount, form.basis.data)
    return NewPot(year, name, made.kind, made.fen, source=made.source, **weights)


from virtue.dividends import county_views, step_views  # noqa: E402, F401  their routes join this blueprint

blueprints = (dividends,)
