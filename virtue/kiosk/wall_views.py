"""The walls on a screen: good people, the honour roll, thanks. Gone at the next refresh after a consent was taken back."""

from flask import render_template
from werkzeug.wrappers import Response

from virtue import pages
from virtue.access import public
from virtue.honours import title_words
from virtue.kiosk import star_queries, wall_queries
from virtue.kiosk.kept import Rendering
from virtue.kiosk.views import kept_page, kiosk
from virtue.kiosk.wall_queries import Wall
from virtue.places.models import Village


@kiosk.get("/kiosk/<string:slug>/good-people")
@public
def good_people(slug: str) -> Response:
    """好人墙."""
    village = pages.public_village(slug)
    return kept_page(
        village, "good-people", lambda: _draw(village, wall_queries.good_people(village), "kiosk/good_people.html")
    )


@kiosk.get("/kiosk/<string:slug>/honour-roll")
@public
def honour_roll(slug: str) -> Response:
    """光荣榜."""
    village = pages.public_village(slug)
    return kept_page(
        village, "honour-roll", lambda: _draw(village, wall_queries.honour_roll(village), "kiosk/honour_roll.html")
    )


@kiosk.get("/kiosk/<string:slug>/thanks")
@public
def thanks(slug: str) -> Response:
    """The donors."""
    village = pages.public_village(slug)
    return kept_page(village, "thanks", lambda: _draw(village, wall_queries.thanks(village), "kiosk/thanks.html"))


@kiosk.get("/kiosk/<string:slug>/stars")
@public
def stars(slug: str) -> Response:
    """The stars: counts, and who holds six or more."""
    village = pages.public_village(slug)
    return kept_page(village, "stars", lambda: _draw_stars(village))


def _draw_stars(village: Village) -> Rendering:
    wall, quarter = star_queries.stars(village)
    html = render_template("kiosk/stars.html", wall=wall, slug=village.slug, quarter=quarter)
    return Rendering(village.board_version, wall.fresh_until, html.encode())


def _draw(village: Village, wall: Wall, template: str) -> Rendering:
    html = render_template(template, wall=wall, slug=village.slug, words=title_words)
    return Rendering(village.board_version, wall.fresh_until, html.encode())
