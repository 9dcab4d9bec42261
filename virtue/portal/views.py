"""The village's public pages: rules in plain words, notices, goods. Never a search for people."""

from datetime import timedelta

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.awarding import book_queries
from virtue.awarding import public_queries as awarding
from virtue.awarding import spot_check_queries as spots
from virtue.awarding.words import FOUND
from virtue.core import settings
from virtue.core.sending import send_photo
from virtue.honours import black_queries
from virtue.ledger import queries as ledger
from virtue.notices import queries as notices
from virtue.notices.models import Notice
from virtue.places import queries as places
from virtue.places.models import Village
from virtue.portal import queries
from virtue.portal.spot_check_queries import spot_page
from virtue.store import opening_words, year_queries
from virtue.store import queries as store
from virtue.store import stock_queries as stock

portal = Blueprint("portal", __name__)
blueprints = (portal,)

LINES_PER_PAGE = 100
THANKED_FOR = timedelta(days=365)
MONTHS = 12
"""As many months of drawn lots can be chosen."""


@portal.get("/")
@public
def index() -> str:
    """All villages, the sign-in, and the field for a card."""
    return render_template("portal/index.html", villages=places.villages())


@portal.get("/v/<string:slug>/")
@public
def village(slug: str) -> str:
    """One village: its notices, boards, rules and goods."""
    found = pages.public_village(slug)
    today = clock.today()
    return render_template(
        "portal/village.html", village=found, notices=notices.open_notices(found.id, today),
        seal=ledger.day_seal(found.id), has_goods=store.find_store(found.id) is not None,
        opening=opening_words.of_village(found.id),
        lapsing=year_queries.running(found.id), has_black_board=black_queries.is_on(found.id),
    )  # fmt: skip


@portal.get("/v/<string:slug>/rules")
@public
def rules(slug: str) -> str:
    """How points are earned and lost, who decides, how to object."""
    found = pages.public_village(slug)
    return render_template(
        "portal/rules.html", village=found, rules=queries.rule_list(found.id),
        days=settings.values(found.id, "notice_days", "rebuttal_days", "two_reviewers_from"),
        coming=queries.next_books(found.id),
    )  # fmt: skip


@portal.get("/v/<string:slug>/rules/<int:version>")
@public
def next_rules(slug: str, version: int) -> str:
    """A version that comes, or a draft that is open for comments: what it changes, and all its rules."""
    found = pages.public_village(slug)
    coming = queries.next_book(found.id, version)
    if coming is None:
        abort(404)
    return render_template(
        "portal/next_rules.html", village=found, book=coming.book, is_draft=coming.is_draft, found=coming.found,
        rules=[rule for rule in awarding.rules_of(coming.book.id) if rule.subject != "opening"],
    )  # fmt: skip


@portal.get("/v/<string:slug>/rules/pictures/<string:name>")
@public
def rule_picture(slug: str, name: str) -> Response:
    """A rule's picture, of a version that everybody may read."""
    found = pages.public_village(slug)
    if not book_queries.is_rule_picture(found.id, name, for_all=True):
        abort(404)
    return send_photo(name, small=True)


@portal.get("/v/<string:slug>/goods")
@public
def goods(slug: str) -> str:
    """What the points store gives, for how many points; the market's price beside it."""
    found = pages.public_village(slug)
    shop, text = store.find_store(found.id), request.args.get("q", "").strip()[:40]
    page = None
    if shop is not None:
        listed = store.goods_list(shop, clock.today(), text=text)
        page = pages.paged(listed, request.args.get("page", 1, type=int), scalars=False)
    return render_template(
        "portal/goods.html", village=found, page=page, q=text, shops=stock.stores_of(found.id),
        shelves=stock.shelves_of(found.id, clock.today()), opening=opening_words.of_village(found.id),
        pictures=stock.pictures_of(found.id), thanks=stock.thanks(found.id, clock.today() - THANKED_FOR),
    )  # fmt: skip


@portal.get("/v/<string:slug>/notices")
@public
def notice_list(slug: str) -> str:
    """All notices, newest first."""
    found = pages.public_village(slug)
    page = pages.paged(notices.notices(found.id), request.args.get("page", 1, type=int))
    return render_template("portal/notices.html", village=found, page=page, corrections=queries.corrections(found.id))


@portal.get("/v/<string:slug>/notices/<int:number>")
@public
def notice(slug: str, number: int) -> str:
    """One notice by publish level."""
    found, row = _notice(slug, number)
    seen = queries.notice_page(row)
    total, at = len(seen.named), max(1, request.args.get("page", 1, type=int))
    at = min(at, max(1, -(-total // LINES_PER_PAGE)))
    lines = seen.named[(at - 1) * LINES_PER_PAGE : at * LINES_PER_PAGE]
    page = pages.Page(lines, at, total, LINES_PER_PAGE)
    return render_template(
        "portal/notice.html", village=found, notice=row, seen=seen, page=page,
        corrections=[one for one in queries.corrections(found.id) if one.notice == number],
    )  # fmt: skip


@portal.get("/v/<string:slug>/notices/<int:number>/places")
@public
def notice_places(slug: str, number: int) -> str:
    """The problems of a notice by place; no household stands on this page."""
    found, row = _notice(slug, number)
    return render_template(
        "portal/notice_places.html", village=found, notice=row, lines=queries.place_lines(row),
        corrections=[one for one in queries.place_corrections(found.id) if one.notice == number],
    )  # fmt: skip


def _notice(slug: str, number: int) -> tuple[Village, Notice]:
    found = pages.public_village(slug)
    row = notices.find_notice(found.id, number)
    if row is None:
        abort(404)
    return found, row


@portal.get("/v/<string:slug>/spot-checks")
@public
def spot_checks(slug: str) -> str:
    """What was drawn to be looked at on site, and what was found; the latest month first."""
    found = pages.public_village(slug)
    draw = spots.find_draw(found.id, pages.number_asked("month"))
    return render_template(
        "portal/spot_checks.html", village=found, draw=draw, draws=spots.draws(found.id)[:MONTHS],
        seen=spot_page(draw) if draw else None, found=FOUND,
    )  # fmt: skip


@portal.get("/v/<string:slug>/spot-checks/<int:month>/numbers")
@public
def spot_check_numbers(slug: str, month: int) -> Response:
    """The numbers of all deeds that took part in a draw, a line each: with the seed, all that drawing again needs."""
    found = pages.public_village(slug)
    draw = spots.find_draw(found.id, month)
    if draw is None:
        abort(404)
    numbers = spots.pool_of(found.id, month, draw.seal_seq)
    return Response("".join(f"{number}\n" for number in numbers), mimetype="text/plain")


from virtue.portal import (  # noqa: E402, F401  their routes join this blueprint
    board_views,
    campaign_views,
    county_views,
    dividend_views,
    sheet_views,
    star_views,
    wall_views,
)
