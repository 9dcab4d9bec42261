"""The dividend on a screen: what the village divides, and how far it has come."""

from flask import render_template
from werkzeug.wrappers import Response

from virtue import pages
from virtue.access import public
from virtue.kiosk import dividend_queries
from virtue.kiosk.kept import Rendering
from virtue.kiosk.views import kept_page, kiosk
from virtue.places.models import Village


@kiosk.get("/kiosk/<string:slug>/dividends")
@public
def dividends(slug: str) -> Response:
    """分红, for the ceremony and before it."""
    village = pages.public_village(slug)
    return kept_page(village, "dividends", lambda: _draw(village))


def _draw(village: Village) -> Rendering:
    wall = dividend_queries.ceremony(village)
    html = render_template("kiosk/dividends.html", wall=wall, slug=village.slug)
    return Rendering(village.board_version, wall.fresh_until, html.encode())
