"""The county over its villages, and the search within one."""

from flask import render_template, request

from virtue import clock, pages
from virtue.access import public
from virtue.portal import county_queries, search_queries
from virtue.portal.views import portal


@portal.get("/county")
@public
def county() -> str:
    """This month's sums of all villages."""
    month = clock.month_of(clock.today())
    return render_template(
        "portal/county.html", county=county_queries.county(month), month=month, fewest=county_queries.FEWEST
    )


@portal.get("/v/<string:slug>/search")
@public
def search(slug: str) -> str:
    """Rules, goods and notice numbers; people are not searched for."""
    village = pages.public_village(slug)
    words = search_queries.plain(request.args.get("q", ""))
    found = search_queries.search(village.id, words)
    return render_template("portal/search.html", village=village, q=words, found=found)
