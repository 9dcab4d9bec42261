"""The village's walls for everybody: good people with portrait and story, the honour roll, thanks to donors."""

from flask import abort, render_template
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.core.sending import send_photo
from virtue.honours import title_words, wall_queries
from virtue.portal.board_views import unkept
from virtue.portal.views import THANKED_FOR, portal
from virtue.store import stock_queries as stock


@portal.get("/v/<string:slug>/good-people")
@public
def good_people(slug: str) -> Response:
    """好人墙: who agreed to it, with a story, and a portrait where they agreed to that too."""
    village = pages.public_village(slug)
    shown = wall_queries.good_people(village.id, clock.today())
    return unkept(render_template("portal/good_people.html", village=village, shown=shown, words=title_words))


@portal.get("/v/<string:slug>/honour-roll")
@public
def honour_roll(slug: str) -> Response:
    """光荣榜: all honours shown today, by year and title."""
    village = pages.public_village(slug)
    years = wall_queries.roll(village.id, clock.today())
    return unkept(render_template("portal/honour_roll.html", village=village, years=years, words=title_words))


@portal.get("/v/<string:slug>/thanks")
@public
def thanks(slug: str) -> Response:
    """Who gave the store something within a year; by name who agreed, all others as a count."""
    village = pages.public_village(slug)
    found = stock.thanks(village.id, clock.today() - THANKED_FOR)
    return unkept(render_template("portal/thanks.html", village=village, thanks=found))


@portal.get("/v/<string:slug>/good-people/photos/<string:name>")
@public
def wall_photo(slug: str, name: str) -> Response:
    """A portrait that hangs on the wall today; asked for anew each time, so that it is gone with its consent."""
    village = pages.public_village(slug)
    if not wall_queries.is_public_photo(village.id, name, clock.today()):
        abort(404)
    return send_photo(name, small=False)
