"""Public slides. They poll: an unchanged board is a 304 after one query, a kept one costs no template."""

from collections.abc import Callable

from flask import Blueprint, abort, make_response, request
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.kiosk import drawings
from virtue.kiosk.drawings import Drawing
from virtue.kiosk.kept import Rendering, kept
from virtue.kiosk.slide_words import SLIDES
from virtue.places.models import Village

kiosk = Blueprint("kiosk", __name__)
blueprints = (kiosk,)


@kiosk.get("/kiosk/<string:slug>/<string:name>")
@public
def slide(slug: str, name: str) -> Response:
    """One slide, or what of it fills several: the walls, lists, notices, goods and so on."""
    if name not in SLIDES:
        abort(404)
    village = pages.public_village(slug)
    return kept_page(village, name, lambda: drawings.drawing(name, village))


@kiosk.get("/kiosk/<string:slug>/red-board")
@public
def red_board(slug: str) -> Response:
    """The red board: the top lists of the quarter and the latest good deeds."""
    village = pages.public_village(slug)
    first = "home" if request.args.get("first") == "home" else "civility"
    return kept_page(village, f"red-board-{first}", lambda: drawings.red_board(village, first))


@kiosk.get("/kiosk/<string:slug>/black-board")
@public
def black_board(slug: str) -> Response:
    """Problems by place, to be put right. Neither we nor a browser keep the page: what is down is down everywhere."""
    village = pages.public_village(slug)
    drawing = drawings.black_board(village)
    fingerprint = drawing.context["board"].fingerprint
    etag = f"{village.id}-black-{pages.html_lang()}-{fingerprint}-{clock.today():%Y%m%d}"
    is_same = request.if_none_match.contains(etag)
    response = labelled(make_response("" if is_same else drawing.html(), 304 if is_same else 200), etag)
    response.headers["Cache-Control"] = "no-store"
    return response


def kept_page(village: Village, page: str, make: Callable[[], Drawing]) -> Response:
    """A page that is drawn once a version, language and hour; whoever has it gets a 304."""
    language = pages.html_lang()
    etag = f"{village.id}-{page}-{language}-{village.board_version}-{clock.now():%Y%m%d%H}"
    if request.if_none_match.contains(etag):
        return labelled(make_response("", 304), etag)
    found = kept().find(village.id, page, language, village.board_version)
    if found is None:
        drawing = make()
        found = Rendering(village.board_version, drawing.fresh_until, drawing.html().encode())
        kept().keep(village.id, page, language, found)
    return labelled(make_response(found.body), etag)


def labelled(response: Response, etag: str) -> Response:
    """Any cache may keep it, but must ask each time whether it still holds; the language stands in a cookie."""
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.vary.add("Cookie")
    return response


from virtue.kiosk import (  # noqa: E402, F401  their routes join this blueprint
    announcement_views,
    desk_views,
    picture_views,
    screen_views,
)
