"""What a village hangs up and reads out: all papers on one page, and the posters with a QR to their public page."""

from functools import partial, wraps

from flask import abort, render_template, request
from flask_babel import lazy_gettext as _l

from virtue import access, clock
from virtue.access import permission
from virtue.dividends import queries as dividends
from virtue.extensions import db
from virtue.honours import black_queries, campaign_queries
from virtue.notices import queries as notices
from virtue.people import qr
from virtue.people import queries as people
from virtue.reports import poster_queries
from virtue.reports.posters import Poster
from virtue.reports.views import reports

PAPERS = ("a4", "a3", "two")
"""A4, A3, or the size of A3 on two A4 sheets, one above the other."""
MOST_POTS = 4
BOARDS = {
    "red-board": (_l("红榜"), _l("选上榜的好人好事，每件写着到哪天")),
    "top-lists": (_l("得分榜"), _l("本季各榜前几名，榜下印着规则")),
    "stars": (_l("星级"), _l("上一季六颗星以上的户，只写得了几颗")),
    "good-people": (_l("好人墙"), _l("本人同意上墙的照片和事迹")),
    "honour-roll": (_l("光荣榜"), _l("各年各称号得的人，都是同意了的")),
    "goods": (_l("本周货架"), _l("超市里有什么，要几分，什么时候开门")),
    "thanks": (_l("感谢墙"), _l("捐过东西的，不留名的只记人数")),
}
"""Of each poster its name and what it is for."""


@reports.get("/papers")
@permission("boards.view")
def papers() -> str:
    """All that is printed or read out, with what each is for."""
    village, today = access.village(), clock.today()
    return render_template(
        "reports/papers.html", village=village, boards=BOARDS, grids=people.grids_of(village.id),
        notices=notices.open_notices(village.id, today), campaigns=campaign_queries.running(village.id),
        pots=db.session.scalars(dividends.shown_pots(village.id).limit(MOST_POTS)).all(), has_black_board=bool(black_queries.posted(village.id, today)),
    )  # fmt: skip


def _print_board(board: str) -> str:
    """A board's poster as of today."""
    return _print(poster_queries.BOARDS[board](access.village(), clock.today()))


for _board in BOARDS:
    # An endpoint each: no address asks for a name that may not exist.
    _show = wraps(_print_board)(partial(_print_board, _board))
    reports.add_url_rule(f"/papers/posters/{_board}", f"print_{_board}", permission("boards.view")(_show))


@reports.get("/papers/posters/campaigns/<int:campaign_id>")
@permission("boards.view")
def print_campaign(campaign_id: int) -> str:
    """A running campaign's poster."""
    return _print(poster_queries.campaign(access.village(), campaign_id))


@reports.get("/papers/posters/dividends/<int:pot_id>")
@permission("boards.view")
def print_dividend(pot_id: int) -> str:
    """A dividend's poster, without any household."""
    return _print(poster_queries.dividend(access.village(), pot_id))


def _print(poster: Poster | None) -> str:
    if poster is None:
        abort(404)
    village, asked = access.village(), request.args.get("paper")
    return render_template(
        "reports/print_poster.html", village=village, poster=poster, paper=asked if asked in PAPERS else "a4",
        is_bw=request.args.get("ink") == "bw", code=qr.page(poster.endpoint, slug=village.slug, **poster.values),
    )  # fmt: skip
