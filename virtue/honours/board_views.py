"""The desk's top lists: as everybody sees them, and letting them stand still before a ceremony."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.honours import board_freezes, board_lists, board_words
from virtue.honours.star_views import honours

ROWS = 10


@honours.get("/boards/top")
@permission("boards.view")
def top_lists() -> str:
    """The quarter's lists."""
    return _top()


@honours.post("/boards/top/freeze")
@permission("boards.pick")
def freeze_top() -> Response | tuple[str, int]:
    """Let them stand still through a day."""
    form = request.form
    try:
        board_freezes.freeze_top(
            access.village_id(), typed_day(form.get("until", "")), key=form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _top(str(error)), error.status
    flash(_("得分榜停住了，到那天以后自动继续。"), "good")
    return redirect(url_for("honours.top_lists"), 303)


@honours.post("/boards/top/lift")
@permission("boards.pick")
def lift_top() -> Response | tuple[str, int]:
    """Let it run again."""
    try:
        board_freezes.lift(access.village_id(), "top", key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _top(str(error)), error.status
    flash(_("榜继续按现在的得分排。"), "good")
    return redirect(url_for("honours.top_lists"), 303)


def typed_day(text: str) -> date:
    """The typed day; one that is none counts as gone by."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def _top(error: str | None = None) -> str:
    village = access.village()
    return render_template(
        "honours/top_lists.html", village=village, error=error, key=keys.new(), words=board_words,
        shown=board_lists.top_lists(village.id, clock.today(), rows=ROWS), first_day=clock.first_day,
        until=request.form.get("until", clock.today().isoformat()), most_days=board_freezes.MOST_DAYS,
    )  # fmt: skip
