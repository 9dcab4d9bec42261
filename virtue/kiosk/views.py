"""Public screens. They poll: an unchanged board is a 304 after one query, a kept one costs no template."""

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.kiosk import queries
from virtue.kiosk.kept import Rendering, kept
from virtue.places.models import Village

kiosk = Blueprint("kiosk", __name__)
blueprints = (kiosk,)


@kiosk.get("/kiosk/<string:slug>/red-board")
@public
def red_board(slug: str) -> Response:
    """The red board: the top lists of the quarter and the latest good deeds."""
    village = pages.public_village(slug)
    first = "home" if request.args.get("first") == "home" else "civility"
    page, language = f"red-board-{first}", pages.html_lang()
    etag = f"{village.id}-{page}-{language}-{village.board_version}-{clock.today():%Y%m%d}"
    if request.if_none_match.contains(etag):
        return labelled(make_response("", 304), etag)
    found = kept().find(village.id, page, language, village.board_version)
    if found is None:
        found = draw(village, first)
        kept().keep(village.id, page, language, found)
    return labelled(make_response(found.body), etag)


def draw(village: Village, first: str) -> Rendering:
    """The board's bytes as of now."""
    board = queries.red_board(village, first)
    other = "home" if first == "civility" else "civility"
    html = render_template("kiosk/red_board.html", board=board, slug=village.slug, other=other)
    return Rendering(village.board_version, board.fresh_until, html.encode())


def labelled(response: Response, etag: str) -> Response:
    """Any cache may keep it, but must ask each time whether it still holds; the language stands in a cookie."""
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.vary.add("Cookie")
    return response
