"""The village's boards for everybody, on a phone: what the wall shows, as a page."""

from flask import make_response, render_template
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.honours import board_lists, board_words, red_queries
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


def unkept(html: str) -> Response:
    """Names leave with their consent: no cache, and no browser's, may keep the page."""
    response = make_response(html)
    response.headers["Cache-Control"] = "no-store"
    return response
