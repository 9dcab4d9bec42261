"""The desk's red board: what stands on it, picking from settled deeds and honours, taking down."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.honours import red_picks
from virtue.honours import red_queries as queries
from virtue.honours.board_views import typed_day
from virtue.honours.red_picks import MOST_DAYS, USUAL_DAYS, Pick
from virtue.honours.star_views import honours
from virtue.people import public_queries as public
from virtue.people import queries as people
from virtue.people.queries import NAME_ON_BOARD
from virtue.staff import queries as staff

KINDS = ("deeds", "honours")


@honours.get("/boards")
@permission("boards.view")
def boards() -> str:
    """What stands on the red board, as everybody reads it, and until when."""
    return _board()


@honours.get("/boards/red/choose")
@permission("boards.pick")
def choose_red() -> str:
    """Settled deeds, or honours, that may be picked."""
    return _choose()


@honours.post("/boards/red/pick")
@permission("boards.pick")
def pick_red() -> Response | tuple[str, int]:
    """Put what was ticked on the board, all of it or nothing."""
    form = request.form
    try:
        done = red_picks.pick(
            access.village_id(), _chosen(), typed_day(form.get("ends_on", "")), key=form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _choose(str(error)), error.status
    flash(_("%(count)s 条上榜了，大屏马上更新。", count=len(done.result["pick_ids"])), "good")
    return redirect(url_for("honours.boards"), 303)


@honours.post("/boards/red/<int:pick_id>/take-down")
@permission("boards.pick")
def take_down_red(pick_id: int) -> Response | tuple[str, int]:
    """Take one off the board."""
    try:
        red_picks.take_down(access.village_id(), pick_id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _board(str(error)), error.status
    flash(_("已经下榜，大屏马上更新。"), "good")
    return redirect(url_for("honours.boards"), 303)


def _board(error: str | None = None) -> str:
    village = access.village()
    picks = queries.standing(village.id, clock.today(), without=public.unlisted(village.id))
    faces = public.faces({one.household_id for one in picks if not one.is_honour}, NAME_ON_BOARD)
    rows = [(one, shown) for one in picks for shown in queries.told(village.id, [one], faces)]
    return render_template(
        "honours/boards.html", village=village, rows=rows, error=error,
        names=staff.names_of({one.picked_by_id for one, _shown in rows}),
    )  # fmt: skip


def _choose(error: str | None = None) -> str:
    village_id, kind = access.village_id(), request.values.get("kind", "")
    kind = kind if kind in KINDS else "deeds"
    today, text = clock.today(), request.args.get("q", "").strip()[:40]
    grid_id = pages.number_asked("grid")
    if kind == "honours":
        found = queries.honours_to_pick(village_id, today)
    else:
        found = queries.deeds_to_pick(village_id, today - timedelta(days=MOST_DAYS), grid_id=grid_id, words=text)
    page = pages.paged(found, request.args.get("page", 1, type=int), scalars=False)
    typed = request.form if error else {}
    return render_template(
        "honours/red_choose.html", kind=kind, page=page, q=text, grid_id=grid_id, grids=people.grids_of(village_id),
        consented=people.has_consent([household.id for _one, household in page.rows]), error=error, typed=typed,
        chosen=set(request.form.getlist("pick")), key=keys.new(), most_days=MOST_DAYS,
        ends_on=typed.get("ends_on") or (today + timedelta(days=USUAL_DAYS)).isoformat(),
    )  # fmt: skip


def _chosen() -> list[Pick]:
    """What was ticked, each with the story beside it."""
    is_honour, found = request.form.get("kind") == "honours", []
    for text in request.form.getlist("pick"):
        if text.isascii() and text.isdigit() and len(text) <= 15:
            story = request.form.get(f"story-{text}", "")[:200]
            found.append(Pick(honour_id=int(text), story=story) if is_honour else Pick(int(text), story=story))
    return found
