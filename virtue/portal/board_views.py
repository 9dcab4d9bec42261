"""The village's boards for everybody, on a phone: what the wall shows, as a page."""

from flask import abort, make_response, render_template, request
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.honours import black_queries, board_lists, board_words, comparison_queries, comparison_words, red_queries
from virtue.portal.views import portal

ROWS = 10
"""Households in a list."""


@portal.get("/v/<string:slug>/red-board")
@public
def red_board(slug: str) -> Response:
    """Good deeds and honours that were picked, each until its day; the quarter's lists."""
    village = pages.public_village(slug)
    today = clock.today()
    return unkept(
        render_template(
            "portal/red_board.html", village=village, told=red_queries.board(village.id, today), words=board_words,
            shown=board_lists.top_lists(village.id, today, rows=ROWS), first_day=clock.first_day,
        )
    )  # fmt: skip


@portal.get("/v/<string:slug>/black-board")
@public
def black_board(slug: str) -> Response:
    """Problems by place, while they stand; not there at all where the village has no black board."""
    village = pages.public_village(slug)
    if not black_queries.is_on(village.id):
        abort(404)
    board = black_queries.posted(village.id, clock.today())
    return unkept(render_template("portal/black_board.html", village=village, board=board))


@portal.get("/v/<string:slug>/comparison")
@public
def comparison(slug: str) -> str:
    """Grids beside each other: the best ranked, all with their own figures; month, quarter or year."""
    village, kind = pages.public_village(slug), request.args.get("kind", "")
    board = comparison_queries.comparison(
        village.id, clock.today(), kind if kind in comparison_queries.KINDS else "month"
    )
    return render_template(
        "portal/comparison.html", village=village, board=board, words=comparison_words,
        period_name=comparison_queries.period_name,
    )  # fmt: skip


def unkept(html: str) -> Response:
    """Names leave with their consent: no cache, and no browser's, may keep the page."""
    response = make_response(html)
    response.headers["Cache-Control"] = "no-store"
    return response
