"""The village's dividends for everybody: how a pot is divided, each step with its date; the lines while the sheet is open.

A line names nobody in full: masked name, tail and amount, never what was earned or deducted. After its end they are gone.
"""

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.dividends import queries, sheets
from virtue.dividends.models import Pot, PotState
from virtue.dividends.why import points_of
from virtue.dividends.words import KINDS, STATES, formula
from virtue.extensions import db
from virtue.people import public_queries as people
from virtue.portal.board_views import unkept
from virtue.portal.views import portal

LINES_PER_PAGE = 100
MOST = 24
"""As many pots are listed, the newest."""


@portal.get("/v/<string:slug>/dividends")
@public
def dividends(slug: str) -> str:
    """All pots whose sheet is, or was, open."""
    village = pages.public_village(slug)
    pots = list(db.session.scalars(queries.shown_pots(village.id).limit(MOST)))
    return render_template("portal/dividends.html", village=village, pots=pots, states=STATES, kinds=KINDS)


@portal.get("/v/<string:slug>/dividends/<int:pot_id>")
@public
def dividend(slug: str, pot_id: int) -> Response:
    """One pot; kept by no browser, since its lines go with the sheet's end."""
    village = pages.public_village(slug)
    pot = queries.find_pot(village.id, pot_id)
    if pot is None or pot.state not in queries.SHOWN:
        abort(404)
    page = None
    if is_open(pot):
        page = pages.paged(queries.lines(pot), request.args.get("page", 1, type=int), per_page=LINES_PER_PAGE)
    faces = people.faces({line.household_id for line in page.rows}, None) if page else {}
    shown = render_template(
        "portal/dividend.html", village=village, pot=pot, page=page, faces=faces, states=STATES, formula=formula(pot),
        totals=sheets.total_of(pot), paid=queries.paid_fen(pot.id),
        contested=queries.contested(pot) if page else set(), points_of=points_of,
    )  # fmt: skip
    return unkept(shown)


def is_open(pot: Pot) -> bool:
    """Whether the trial sheet may be read line by line today."""
    return pot.state == PotState.OPEN and pot.open_until is not None and clock.today() <= pot.open_until
