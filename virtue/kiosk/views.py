"""Public screens. They poll: an unchanged board is a 304 after one query, a kept one costs no template."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.honours import board_words, comparison_queries, comparison_words
from virtue.kiosk import board_queries, queries
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
    return kept_page(village, f"red-board-{first}", lambda: draw(village, first))


@kiosk.get("/kiosk/<string:slug>/top-lists")
@public
def top_lists(slug: str) -> Response:
    """The quarter's lists beside totals: most improved, for each able adult, newcomers, quiet helpers."""
    village = pages.public_village(slug)
    return kept_page(village, "top-lists", lambda: _draw_lists(village))


@kiosk.get("/kiosk/<string:slug>/comparison")
@public
def comparison(slug: str) -> Response:
    """The grids' comparison: the best of the month, the quarter and the year."""
    village = pages.public_village(slug)
    return kept_page(village, "comparison", lambda: _draw_comparison(village))


@kiosk.get("/kiosk/<string:slug>/black-board")
@public
def black_board(slug: str) -> Response:
    """Problems by place, to be put right. Neither we nor a browser keep the page: what is down is down everywhere."""
    village = pages.public_village(slug)
    board = board_queries.black_board(village)
    etag = f"{village.id}-black-{pages.html_lang()}-{board.fingerprint}-{clock.today():%Y%m%d}"
    is_same = request.if_none_match.contains(etag)
    body = "" if is_same else render_template("kiosk/black_board.html", board=board)
    response = labelled(make_response(body, 304 if is_same else 200), etag)
    response.headers["Cache-Control"] = "no-store"
    return response


def kept_page(village: Village, page: str, make: Callable[[], Rendering]) -> Response:
    """A page that is drawn once a version, language and day; whoever has it gets a 304."""
    language = pages.html_lang()
    etag = f"{village.id}-{page}-{language}-{village.board_version}-{clock.today():%Y%m%d}"
    if request.if_none_match.contains(etag):
        return labelled(make_response("", 304), etag)
    found = kept().find(village.id, page, language, village.board_version)
    if found is None:
        found = make()
        kept().keep(village.id, page, language, found)
    return labelled(make_response(found.body), etag)


def draw(village: Village, first: str) -> Rendering:
    """The board's bytes as of now."""
    board = queries.red_board(village, first)
    other = "home" if first == "civility" else "civility"
    html = render_template("kiosk/red_board.html", board=board, slug=village.slug, other=other)
    return Rendering(village.board_version, board.fresh_until, html.encode())


def _draw_lists(village: Village) -> Rendering:
    board = board_queries.top_lists(village)
    html = render_template("kiosk/top_lists.html", board=board, words=board_words)
    return Rendering(village.board_version, board.fresh_until, html.encode())


def _draw_comparison(village: Village) -> Rendering:
    today, until = clock.today(), clock.start_of(clock.today() + timedelta(days=1))
    html = render_template(
        "kiosk/comparison.html", village=village, until=until, as_of=clock.now(), words=comparison_words,
        boards=[comparison_queries.comparison(village.id, today, kind) for kind in comparison_queries.KINDS],
        period_name=comparison_queries.period_name,
    )  # fmt: skip
    return Rendering(village.board_version, until, html.encode())


def labelled(response: Response, etag: str) -> Response:
    """Any cache may keep it, but must ask each time whether it still holds; the language stands in a cookie."""
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.vary.add("Cookie")
    return response


from virtue.kiosk import dividend_views, wall_views  # noqa: E402, F401  their routes join this blueprint
