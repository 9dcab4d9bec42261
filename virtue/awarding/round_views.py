"""Rounds: the list, a new one, tapping household by household, signing, the results."""

from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.awarding import round_queries, rounds, signing
from virtue.awarding.round_forms import RoundForm, SentTap, read_levels, read_taps
from virtue.awarding.round_models import Round, RoundState
from virtue.awarding.round_pages import results_page, tapping_page
from virtue.awarding.views import awarding
from virtue.core import keys
from virtue.errors import BrokenRule, NotFoundHere
from virtue.formatting import rule_name
from virtue.people import queries as people
from virtue.quantities import parse_id
from virtue.staff import queries as staff
from virtue.store import budget_words

QUEUED = "X-Queue"
"""Sent by a phone that keeps its taps until they are acknowledged; the answer is a list, not a page."""


@awarding.get("/award/rounds")
@permission("awarding.view")
def rounds_list() -> str:
    """All rounds, newest first."""
    village, state = access.village(), request.args.get("state", "")
    state = state if state in set(RoundState) else ""
    grid_id = pages.number_asked("grid")
    page = pages.paged(
        round_queries.rounds(village.id, state=state, grid_id=grid_id), request.args.get("page", 1, type=int)
    )
    grids = people.grids_of(village.id)
    return render_template(
        "awarding/rounds.html", page=page, state=state, grid_id=grid_id, grids=grids,
        grid_names={grid.id: grid.name for grid in grids}, mine=round_queries.open_for(village.id, access.by()),
        names=staff.names_of({row.opened_by_id for row in page.rows}),
    )  # fmt: skip


@awarding.get("/award/rounds/new")
@permission("awarding.propose")
def new_round() -> str:
    """The form for a new round."""
    return _new(_form())


@awarding.post("/award/rounds")
@permission("awarding.propose")
def open_round() -> Response | tuple[str, int]:
    """Open it; then tap."""
    form = _form()
    if not form.validate():
        return _new(form), 422
    is_judges = form.mode.data == "judges"
    try:
        if is_judges and len(form.judges.data or []) < 2:
            raise rounds.JudgesNeeded
        outcome = rounds.open_round(
            access.village().id, form.grid.data, form.rule_code.data, form.day.data or clock.today(),
            key=request.form.get("key", ""), by=access.by(), judges=form.judges.data if is_judges else (),
        )  # fmt: skip
    except BrokenRule as error:
        return _new(form, str(error)), error.status
    return redirect(url_for("awarding.round_page", round_id=outcome.result["round_id"]), 303)


@awarding.get("/award/rounds/<int:round_id>")
@permission("awarding.view")
def round_page(round_id: int) -> str:
    """The tapping page while the round is open, its results afterwards."""
    return _page(_load(round_id))


@awarding.post("/award/rounds/<int:round_id>/marks")
@permission("awarding.judge")
def mark(round_id: int) -> Response | tuple[str, int]:
    """Save one tap of a form, or all that a phone kept while it had no network."""
    one = _load(round_id)
    sent = read_taps(request.form)
    if sent is None:
        abort(400)
    if QUEUED in request.headers:
        return _acknowledge(one, sent)
    try:
        rounds.mark(one.village_id, round_id, sent[0].tap, key=sent[0].key, by=access.by())
    except BrokenRule as error:
        if isinstance(error, NotFoundHere):
            abort(404)
        return _page(_load(round_id), str(error), household_id=sent[0].tap.household_id), error.status
    left = "1" if request.form.get("left") else None
    return redirect(
        url_for("awarding.round_page", round_id=round_id, left=left, _anchor=f"h-{sent[0].tap.household_id}"), 303
    )


def _acknowledge(one: Round, sent: list[SentTap]) -> Response:
    """Each tap with its outcome; a busy database refuses all, and the phone sends them again under the same keys."""
    village_id, round_id, by = one.village_id, one.id, access.by()
    lines = []
    for each in sent:
        line: dict[str, Any] = {"key": each.key, "ok": True, "words": ""}
        try:
            rounds.mark(village_id, round_id, each.tap, key=each.key, by=by)
        except BrokenRule as error:
            if error.status >= 429:
                raise
            household = people.find_household(village_id, each.tap.household_id)
            tail = household.tail if household is not None else "?"
            line |= {"ok": False, "words": _("尾号 %(tail)s：%(why)s", tail=tail, why=str(error))}
        lines.append(line)
    marks = {
        str(household_id): round_queries.value_of(row)
        for household_id, row in round_queries.marks_of(round_id, by).items()
    }
    return jsonify(lines=lines, marks=marks)


@awarding.post("/award/rounds/<int:round_id>/hand-in")
@permission("awarding.judge")
def hand_in(round_id: int) -> Response | tuple[str, int]:
    """A judge has finished."""
    return _do(
        round_id, lambda one, key: rounds.hand_in(one.village_id, one.id, key=key, by=access.by()),
        _("已经交了，谢谢。大家都交齐以后才看得到结果。"),
    )  # fmt: skip


@awarding.post("/award/rounds/<int:round_id>/cosign")
@permission("awarding.judge")
def cosign(round_id: int) -> Response | tuple[str, int]:
    """The person beside the recorder signs with the own password."""
    taps = read_levels(request.form, _grid_ids(round_id))
    user_id, password = parse_id(request.form.get("signer")) or 0, request.form.get("password", "")
    return _do(
        round_id,
        lambda one, key: signing.cosign(
            one.village_id, one.id, user_id, password, key=key, by=access.by(), taps=taps
        ),
        _("签好了。"),
    )  # fmt: skip


@awarding.post("/award/rounds/<int:round_id>/cosign-on-sheet")
@permission("awarding.judge")
def cosign_on_sheet(round_id: int) -> Response | tuple[str, int]:
    """Those who signed the paper sheet, by its number."""
    taps = read_levels(request.form, _grid_ids(round_id))
    number = request.form.get("sheet", "")
    signers = [number for number in map(parse_id, request.form.getlist("signers")) if number is not None]
    return _do(
        round_id,
        lambda one, key: signing.cosign_on_sheet(
            one.village_id, one.id, number, signers, key=key, by=access.by(), taps=taps
        ),
        _("按纸表签好了。"),
    )  # fmt: skip


@awarding.post("/award/rounds/<int:round_id>/close")
@permission("awarding.judge")
def close_round(round_id: int) -> Response | tuple[str, int]:
    """No more marks; the levels become visible."""
    return _do(
        round_id, lambda one, key: rounds.close(one.village_id, one.id, key=key, by=access.by()),
        _("已经收了。请核对结果，再送评议。"),
    )  # fmt: skip


@awarding.post("/award/rounds/<int:round_id>/decide")
@permission("awarding.judge")
def decide_round(round_id: int) -> Response | tuple[str, int]:
    """Propose what it came to."""
    return _do(
        round_id, lambda one, key: rounds.decide(one.village_id, one.id, key=key, by=access.by()), _("已经送评议小组。")
    )


@awarding.post("/award/rounds/<int:round_id>/cancel")
@permission("awarding.judge")
def cancel_round(round_id: int) -> Response | tuple[str, int]:
    """Give it up."""
    why = request.form.get("why", "")
    return _do(
        round_id, lambda one, key: rounds.cancel(one.village_id, one.id, why=why, key=key, by=access.by()),
        _("这次月评取消了。"),
    )  # fmt: skip


@awarding.get("/award/rounds/<int:round_id>/print")
@permission("awarding.view")
def print_round(round_id: int) -> str:
    """The results on paper, with lines to sign; 404 while others' levels are hidden."""
    one = _load(round_id)
    if one.state not in {RoundState.CLOSED, RoundState.DECIDED}:
        abort(404)
    return render_template("awarding/print_round.html", village=access.village(), **results_page(one))


def _do(round_id: int, act: Any, said: str) -> Response | tuple[str, int]:
    """One step of a round: back to its page, with a word, or with what was wrong."""
    one = _load(round_id)
    try:
        act(one, request.form.get("key", ""))
    except BrokenRule as error:
        return _page(_load(round_id), str(error)), error.status
    flash(said, "good")
    return redirect(url_for("awarding.round_page", round_id=round_id), 303)


def _load(round_id: int) -> Round:
    found = round_queries.find_round(access.village().id, round_id)
    if found is None:
        abort(404)
    return found


def _grid_ids(round_id: int) -> list[int]:
    return [household.id for household in round_queries.households_of(_load(round_id))]


def _page(one: Round, error: str | None = None, *, household_id: int | None = None) -> str:
    if one.state != RoundState.OPEN:
        return render_template("awarding/round_results.html", error=error, key=keys.new(), **results_page(one))
    return render_template(
        "awarding/round.html", error=error, at=household_id, is_left=request.values.get("left") == "1",
        **tapping_page(one, access.by()),
    )  # fmt: skip


def _form() -> RoundForm:
    village_id, form = access.village().id, RoundForm(day=clock.today())
    form.grid.choices = [(grid.id, grid.name) for grid in people.grids_of(village_id)]
    form.rule_code.choices = [(rule.code, rule_name(rule)) for rule in round_queries.round_rules(village_id)]
    form.judges.choices = [(user.id, user.name) for user in round_queries.judging_staff(village_id)]
    return form


def _new(form: RoundForm, error: str | None = None) -> str:
    return render_template(
        "awarding/new_round.html", form=form, error=error, key=keys.new(),
        budget_warning=budget_words.before_awarding(access.village_id()),
    )  # fmt: skip
