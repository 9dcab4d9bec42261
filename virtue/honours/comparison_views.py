"""The desk's comparison board: grids by month, quarter, year; standing still before an announcement; on paper."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.honours import board_freezes, comparison_words
from virtue.honours import comparison_queries as queries
from virtue.honours.board_views import typed_day
from virtue.honours.star_views import honours
from virtue.people import qr


@honours.get("/boards/comparison")
@permission("boards.view")
def comparison() -> str:
    """The board of the month, the quarter or the year."""
    return comparison_page()


@honours.post("/boards/comparison/freeze")
@permission("boards.pick")
def freeze_comparison() -> Response | tuple[str, int]:
    """Let it stand still through a day."""
    form = request.form
    until = typed_day(form.get("until", ""))
    try:
        board_freezes.freeze_comparison(access.village_id(), until, key=form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return comparison_page(str(error)), error.status
    flash(_("评比栏停住了，到那天以后自动继续。"), "good")
    return redirect(url_for("honours.comparison"), 303)


@honours.post("/boards/comparison/lift")
@permission("boards.pick")
def lift_comparison() -> Response | tuple[str, int]:
    """Let it run again."""
    try:
        board_freezes.lift(access.village_id(), "comparison", key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return comparison_page(str(error)), error.status
    flash(_("榜继续按现在的得分排。"), "good")
    return redirect(url_for("honours.comparison"), 303)


@honours.get("/boards/comparison/print")
@permission("boards.view")
def print_comparison() -> str:
    """The board on paper."""
    village, paper = access.village(), "a3" if request.args.get("paper") == "a3" else "a4"
    code = qr.page("portal.comparison", slug=village.slug)
    return render_template("honours/print_comparison.html", village=village, paper=paper, code=code, **_shown())


def comparison_page(error: str | None = None) -> str:
    """The page, with what was wrong."""
    return render_template(
        "honours/comparison.html", village=access.village(), error=error, key=keys.new(),
        until=request.form.get("until", clock.today().isoformat()), most_days=board_freezes.MOST_DAYS, **_shown(),
    )  # fmt: skip


def _shown() -> dict[str, object]:
    kind = request.args.get("kind", "")
    board = queries.comparison(access.village_id(), clock.today(), kind if kind in queries.KINDS else "month")
    return {"board": board, "words": comparison_words, "period_name": queries.period_name}
