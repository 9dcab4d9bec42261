"""The desk's black board: what is in hand and what is over, one entry with its next step, reporting; on paper."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule
from virtue.honours import black_board, black_words
from virtue.honours import black_queries as queries
from virtue.honours.black_board import Report
from virtue.honours.black_models import BlackEntry
from virtue.honours.board_views import typed_day
from virtue.honours.star_views import honours
from virtue.people import qr
from virtue.people import queries as people
from virtue.quantities import parse_id
from virtue.staff import queries as staff


@honours.get("/boards/black")
@permission("boards.view")
def black_entries() -> str:
    """What is in hand, or what is over; newest first."""
    village_id, is_open = access.village_id(), request.args.get("only") != "over"
    page = pages.paged(queries.entries(village_id, is_open=is_open), request.args.get("page", 1, type=int))
    return render_template(
        "honours/black_entries.html", village=access.village(), page=page, is_open=is_open,
        is_on=queries.is_on(village_id), **_shown(page.rows),
    )  # fmt: skip


@honours.get("/boards/black/report")
@permission("boards.report")
def new_black_entry() -> str:
    """The form for what somebody saw."""
    return _form()


@honours.post("/boards/black/report")
@permission("boards.report")
def report_black_entry() -> Response | tuple[str, int]:
    """Write it down."""
    form = request.form
    kind, _sep, number = form.get("where", "").partition("-")
    where = {f"{kind}_id": parse_id(number)} if kind in {"place", "grid"} else {}
    what = Report(
        form.get("problem", "")[:200], form.get("to_do", "")[:200], deed_id=parse_id(form.get("deed")), **where
    )
    try:
        done = black_board.report(access.village_id(), what, key=form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _form(str(error)), error.status
    flash(_("记下了。下一步：私下告知，限期整改。"), "good")
    return redirect(url_for("honours.black_entry", entry_id=done.result["entry_id"]), 303)


@honours.get("/boards/black/<int:entry_id>")
@permission("boards.view")
def black_entry(entry_id: int) -> str:
    """One entry and what can be done with it now."""
    return _page(_load(entry_id))


@honours.post("/boards/black/<int:entry_id>/tell")
@permission("boards.report")
def tell_black_entry(entry_id: int) -> Response | tuple[str, int]:
    """The private repair notice was given."""
    form = request.form
    due_on = typed_day(form.get("due_on", ""))
    return _do(
        entry_id, _("告知记下了。期满没改好，再由两人定。"),
        lambda how: black_board.tell(*how.here, form.get("how", ""), due_on, key=how.key, by=how.by),
    )  # fmt: skip


@honours.post("/boards/black/<int:entry_id>/decide")
@permission("boards.decide")
def decide_black_entry(entry_id: int) -> Response | tuple[str, int]:
    """One of the two words that put it up."""
    return _do(entry_id, _("您的决定记下了。"), lambda how: black_board.decide(*how.here, key=how.key, by=how.by))


@honours.post("/boards/black/<int:entry_id>/repair")
@permission("boards.report")
def repair_black_entry(entry_id: int) -> Response | tuple[str, int]:
    """It was put right."""
    return _do(
        entry_id, _("改好了，已经撤下，写的也抹去了。"),
        lambda how: black_board.repair(*how.here, key=how.key, by=how.by),
    )  # fmt: skip


@honours.post("/boards/black/<int:entry_id>/object")
@permission("notices.take")
def object_black_entry(entry_id: int) -> Response | tuple[str, int]:
    """Somebody said at the desk, on paper or by mouth, that it isn't so."""
    words = request.form.get("words", "")
    return _do(
        entry_id, _("已经撤下，等村监会复核。提的人是谁，不记。"),
        lambda how: black_board.object_to(*how.here, words, key=how.key, by=how.by),
    )  # fmt: skip


@honours.post("/boards/black/<int:entry_id>/answer")
@permission("notices.settle")
def answer_black_entry(entry_id: int) -> Response | tuple[str, int]:
    """The objection is right, or the matter begins anew."""
    form = request.form
    return _do(
        entry_id, _("复核结果记下了。"),
        lambda how: black_board.answer(
            *how.here, is_upheld=form.get("is") != "kept", why=form.get("why", ""), key=how.key, by=how.by
        ),
    )  # fmt: skip


@honours.post("/boards/black/<int:entry_id>/take-down")
@permission("boards.withdraw")
def take_down_black_entry(entry_id: int) -> Response | tuple[str, int]:
    """Take it down, or give it up."""
    why = request.form.get("why", "")
    return _do(
        entry_id, _("已经撤下。"),
        lambda how: black_board.take_down(*how.here, why=why, key=how.key, by=how.by),
    )  # fmt: skip


@honours.get("/boards/black/print")
@permission("boards.view")
def print_black_board() -> str:
    """The board on paper, as it stands now, with the day on which it must come down."""
    village = access.village()
    board = queries.posted(village.id, clock.today())
    if not board:
        abort(404)
    paper = "a3" if request.args.get("paper") == "a3" else "a4"
    return render_template(
        "honours/print_black_board.html", village=village, board=board, paper=paper,
        code=qr.page("portal.black_board", slug=village.slug),
    )  # fmt: skip


class _How:
    """Who does what to which entry, under which key."""

    def __init__(self, entry_id: int) -> None:
        self.here = (access.village_id(), entry_id)
        self.key, self.by = request.form.get("key", ""), access.by()


def _do(entry_id: int, said: str, act: Callable[[_How], Outcome]) -> Response | tuple[str, int]:
    entry = _load(entry_id)
    try:
        act(_How(entry_id))
    except BrokenRule as error:
        return _page(entry, str(error)), error.status
    flash(said, "good")
    return redirect(url_for("honours.black_entry", entry_id=entry_id), 303)


def _load(entry_id: int) -> BlackEntry:
    found = queries.find_entry(access.village_id(), entry_id)
    if found is None:
        abort(404)
    return found


def _shown(entries: Any) -> dict[str, Any]:
    """What stands beside entries: their grids, places and texts; forgotten ones are missing."""
    texts = [number for one in entries for number in (one.problem_id, one.to_do_id, one.objection_id, one.why_id)]
    return {
        "states": black_words.STATES, "grids": {grid.id: grid.name for grid in people.grids_of(access.village_id())},
        "places": queries.place_names({one.place_id for one in entries}), "texts": remarks.texts(texts),
    }  # fmt: skip


def _page(entry: BlackEntry, error: str | None = None) -> str:
    village_id, today = access.village_id(), clock.today()
    days = settings.value("black_repair_days", village_id)
    people_in_it = {entry.reported_by_id, entry.told_by_id, entry.first_by_id, entry.second_by_id, entry.ended_by_id}
    least = today + timedelta(days=days)
    return render_template(
        "honours/black_entry.html", entry=entry, error=error, key=keys.new(), names=staff.names_of(people_in_it),
        typed=request.form, least=least, due_on=request.form.get("due_on", least.isoformat()), how=black_words.HOW,
        is_overdue=entry.due_on is not None and today > entry.due_on, is_mine=access.by() in people_in_it,
        is_on=queries.is_on(village_id), today=today, **_shown([entry]),
    )  # fmt: skip


def _form(error: str | None = None) -> str:
    village_id = access.village_id()
    return render_template(
        "honours/new_black_entry.html", places=queries.places(village_id), grids=people.grids_of(village_id), error=error,
        typed=request.form, key=keys.new(), is_on=queries.is_on(village_id),
        sources=pages.paged(queries.sources(village_id), 1, per_page=20).rows,
    )  # fmt: skip
