"""Every slide by its name: what it shows, and the template that draws it; for its public page and for a screen's programme."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template

from virtue import clock
from virtue.honours import board_words, comparison_queries, comparison_words, title_words
from virtue.kiosk import board_queries, dividend_queries, news_queries, queries, star_queries, wall_queries
from virtue.kiosk.slide_words import KINDS
from virtue.kiosk.wall_queries import Wall
from virtue.places.models import Village


@dataclass(frozen=True)
class Drawing:
    """A page of slides before it is drawn."""

    template: str
    context: dict[str, Any]
    fresh_until: datetime
    is_empty: bool
    """Nothing to show but a sentence that says so; a screen with other slides passes it over."""

    def html(self, **more: Any) -> str:
        """The drawn page, or with ``layout="kiosk/_bare.html"`` its slides alone."""
        return render_template(self.template, **self.context, **more)


def drawing(name: str, village: Village) -> Drawing:
    """What a slide shows as of now."""
    return _DRAWINGS[name](village)


def red_board(village: Village, first: str = "civility") -> Drawing:
    """The red board, with the slide of one unit in front."""
    board = queries.red_board(village, first)
    other = "home" if first == "civility" else "civility"
    is_empty = not any(slide.ranks or slide.deeds for slide in board.slides)
    return Drawing(
        "kiosk/red_board.html", {"board": board, "slug": village.slug, "other": other}, board.fresh_until, is_empty
    )


def black_board(village: Village) -> Drawing:
    """The black board; its ``fingerprint`` tells whether it is still the same."""
    board = board_queries.black_board(village)
    midnight = clock.start_of(clock.today() + timedelta(days=1))
    return Drawing("kiosk/black_board.html", {"board": board}, midnight, not any(board.slides))


def _top_lists(village: Village) -> Drawing:
    board = board_queries.top_lists(village)
    context = {"board": board, "words": board_words}
    return Drawing("kiosk/top_lists.html", context, board.fresh_until, not any(board.slides))


def _comparison(village: Village) -> Drawing:
    today, until = clock.today(), clock.start_of(clock.today() + timedelta(days=1))
    boards = [comparison_queries.comparison(village.id, today, kind) for kind in comparison_queries.KINDS]
    context = {
        "village": village, "until": until, "as_of": clock.now(), "words": comparison_words, "boards": boards,
        "period_name": comparison_queries.period_name,
    }  # fmt: skip
    return Drawing("kiosk/comparison.html", context, until, not any(any(board.best.values()) for board in boards))


def _stars(village: Village) -> Drawing:
    wall, quarter = star_queries.stars(village)
    return _wall(village, wall, "kiosk/stars.html", quarter=quarter)


def _goods(village: Village) -> Drawing:
    wall = _wall(village, news_queries.goods(village), "kiosk/goods.html")
    # What lies in the store changes with each sale, which raises no version: drawn anew each hour.
    hour = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return Drawing(wall.template, wall.context, min(wall.fresh_until, hour), wall.is_empty)


def _wall(village: Village, wall: Wall, template: str, **more: Any) -> Drawing:
    context = {"wall": wall, "slug": village.slug, **more}
    is_empty = not wall.others and not any(slide.rows for slide in wall.slides)
    return Drawing(template, context, wall.fresh_until, is_empty)


_DRAWINGS: dict[str, Callable[[Village], Drawing]] = {
    "red-board": red_board,
    "top-lists": _top_lists,
    "stars": _stars,
    "comparison": _comparison,
    "good-people": lambda one: _wall(one, wall_queries.good_people(one), "kiosk/good_people.html", words=title_words),
    "honour-roll": lambda one: _wall(one, wall_queries.honour_roll(one), "kiosk/honour_roll.html", words=title_words),
    "notices": lambda one: _wall(one, news_queries.notices(one), "kiosk/notices.html"),
    "goods": _goods,
    "campaigns": lambda one: _wall(one, news_queries.campaigns(one), "kiosk/campaigns.html"),
    "announcements": lambda one: _wall(one, news_queries.announcements(one), "kiosk/announcements.html", kinds=KINDS),
    "dividends": lambda one: _wall(one, dividend_queries.ceremony(one), "kiosk/dividends.html"),
    "thanks": lambda one: _wall(one, wall_queries.thanks(one), "kiosk/thanks.html"),
    "black-board": black_board,
    "seal": lambda one: _wall(one, news_queries.seal(one), "kiosk/seal.html"),
}
