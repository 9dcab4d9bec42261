"""An objection to a line of the black board, with the PIN: it is taken down at once, and who objected is kept nowhere."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import clock
from virtue.access import public
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.honours import black_board, black_queries
from virtue.passbook.entry_views import Visit, passbook, with_pin


@passbook.get("/passbook/black-board/<int:entry_id>")
@public
@with_pin
def black_objection(visit: Visit, entry_id: int) -> Response:
    """What the line says, and the form."""
    return _page(visit, entry_id)


@passbook.post("/passbook/black-board/<int:entry_id>")
@public
@with_pin
def object_to_black(visit: Visit, entry_id: int) -> Response:
    """Take it down."""
    try:
        black_board.object_to(
            visit.household.village_id,
            entry_id,
            request.form.get("words", ""),
            key=request.form.get("key", ""),
            by=None,
        )
    except BrokenRule as error:
        return _page(visit, entry_id, str(error), error.status)
    flash(_("已经撤下，村监会会去复核。提的人是谁，不记。"), "good")
    return redirect(url_for("passbook.passbook_page"), 303)


def _page(visit: Visit, entry_id: int, error: str | None = None, status: int = 200) -> Response:
    board = black_queries.posted(visit.household.village_id, clock.today())
    line = next((one for one in board if one.id == entry_id), None)
    if line is None:
        abort(404)
    html = render_template(
        "passbook/black_objection.html", household=visit.household, line=line, error=error, key=keys.new(),
        words=request.form.get("words", ""),
    )  # fmt: skip
    return make_response(html, status)
