"""The village's stars for everybody: from six stars up, names masked unless the household agreed; never who lost one."""

from dataclasses import dataclass

from flask import render_template, request

from virtue import pages
from virtue.access import public
from virtue.honours import star_list_queries as lists
from virtue.honours import star_quarters as quarters
from virtue.honours import star_queries, star_words
from virtue.honours.star_models import StarPeriod
from virtue.people import public_queries as people
from virtue.people.queries import NAME_ON_BOARD
from virtue.portal.views import portal

PER_PAGE = 100


@dataclass(frozen=True)
class ListedStars:
    """One household of the public list."""

    name: str
    tail: str | None
    stars: int
    title: str
    """八星级文明户, for who holds them all."""


@portal.get("/v/<string:slug>/stars")
@public
def stars(slug: str) -> str:
    """The last published quarter."""
    found = pages.public_village(slug)
    period = star_queries.latest_published(found.id)
    return render_template(
        "portal/stars.html", village=found, period=period, page=_listed(period) if period else None,
        quarter_name=quarters.name(period.quarter) if period else "", name_of=star_words.name_of, asks=star_words.asks,
    )  # fmt: skip


def _listed(period: StarPeriod) -> pages.Page:
    rows = lists.listed(period)
    number = min(max(1, request.args.get("page", 1, type=int)), max(1, -(-len(rows) // PER_PAGE)))
    shown = rows[(number - 1) * PER_PAGE : number * PER_PAGE]
    faces = people.faces({row[0] for row in shown}, NAME_ON_BOARD)
    most = len(period.scheme.stars)
    found = [
        ListedStars(faces[one].name, faces[one].tail, count, period.scheme.title if count == most else "")
        for one, count, _letters in shown
        if one in faces
    ]
    return pages.Page(found, number, len(rows), PER_PAGE)
