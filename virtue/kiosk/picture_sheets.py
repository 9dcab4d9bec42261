"""What slides say as plain rows, for pictures on a stick: walls of lamps that play only files.

A stick is out of reach once it is pulled out. So nothing stands on it that names somebody and ends within a week, no
portrait, and never the black board.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from virtue import clock
from virtue.formatting import day, number
from virtue.honours import board_words, title_words
from virtue.honours.red_queries import Told
from virtue.kiosk import board_queries, news_queries, queries, star_queries, wall_queries
from virtue.kiosk.slide_words import KINDS, SLIDES
from virtue.kiosk.wall_queries import Wall
from virtue.places.models import Village

PERSONAL_DAYS = 7
LONGEST = timedelta(days=30)
"""After so long a picture is old, whatever it shows."""

Row = tuple[str, str]


@dataclass(frozen=True)
class Sheet:
    """One picture: its title, rows of left and right, and the last day on which it may be played."""

    name: str
    title: str
    rows: tuple[Row, ...]
    last_day: date


@dataclass(frozen=True)
class _Line:
    """A row with its own end."""

    row: Row
    last_day: date
    is_personal: bool = False


def sheets(village: Village, names: list[str], most_rows: int) -> list[Sheet]:
    """The pictures of these slides, at most so many rows each; slides with nothing to show have none."""
    found = []
    for name in names:
        for title, lines in _LINES[name](village):
            kept = [line for line in lines if _may_lie_on_a_stick(line)]
            for at in range(0, len(kept), most_rows):
                part = kept[at : at + most_rows]
                last = min(clock.today() + LONGEST, *(line.last_day for line in part))
                found.append(Sheet(name, title, tuple(line.row for line in part), last))
    return found


def _may_lie_on_a_stick(line: _Line) -> bool:
    least = clock.today() + timedelta(days=PERSONAL_DAYS if line.is_personal else 0)
    return line.last_day >= least


Titled = Iterator[tuple[str, list[_Line]]]


def _red_board(village: Village) -> Titled:
    board, until = queries.red_board(village), _last(board_queries.top_lists(village).until)
    told: dict[tuple[str, str | None, str], Told] = {}
    for slide in board.slides:
        title = _("本季家美积分得分") if slide.unit == "home" else _("本季文明积分得分")
        yield title, [
            _Line((f"{rank.number}. {_who(rank.name, rank.tail)}", number(rank.figure)), until, True) for rank in slide.ranks
        ]  # fmt: skip
        told |= {(deed.name, deed.tail, deed.text): deed for deed in slide.deeds}
    deeds = [_Line((f"{_who(deed.name, deed.tail)}：{deed.text}", ""), deed.until, True) for deed in told.values()]
    yield _("身边好人好事"), deeds


def _top_lists(village: Village) -> Titled:
    board = board_queries.top_lists(village)
    for panels in board.slides:
        for panel in panels:
            yield str(board_words.TITLES[panel.name]), [
                _Line(
                    (f"{place.number}. {_who(place.name, place.tail)}", str(board_words.figure(panel.name, place.figure))),
                    _last(board.until), True,
                )
                for place in panel.places
            ]  # fmt: skip


def _stars(village: Village) -> Titled:
    wall, quarter = star_queries.stars(village)
    title = f"{SLIDES['stars']} {quarter}"
    for slide in wall.slides:
        is_counts = slide.heading == "counts"
        yield title, [
            _Line(
                (_("%(count)s 颗星", count=one.stars), _("%(count)s 户", count=number(one.households))) if is_counts
                else (_who(one.name, one.tail), _("%(count)s 颗星", count=one.stars)),
                _last(slide.until), not is_counts,
            )
            for one in slide.rows
        ]  # fmt: skip


def _honour_roll(village: Village) -> Titled:
    for slide in wall_queries.honour_roll(village).slides:
        yield (
            f"{SLIDES['honour-roll']} {slide.heading}",
            [
                _Line((one.name, str(title_words.title_name(one.title))), one.ends_on or date.max, True)
                for one in slide.rows
            ],
        )


def _campaigns(village: Village) -> Titled:
    for slide in news_queries.campaigns(village).slides:
        if slide.rows:
            campaign, standers, last = slide.rows
            yield campaign.name, [_Line((f"{one.nominee.number}. {one.name}", ""), last, True) for one in standers]
            yield campaign.name, [_Line((_("到%(day)s止。", day=day(last)), ""), last)]


def _announcements(village: Village) -> Titled:
    for slide in news_queries.announcements(village).slides:
        for one in slide.rows:
            office = _("%(office)s核实。", office=one.checked_by) if one.checked_by else ""
            yield f"{KINDS[one.kind]} · {one.title}", [_Line((f"{one.text} {office}".strip(), ""), one.ends_on)]


def _wall(title: str, wall: Wall, row: Callable[[Any], Row]) -> Titled:
    yield title, [_Line(row(one), _last(slide.until)) for slide in wall.slides for one in slide.rows]


def _price(one: news_queries.Good) -> Row:
    home = _("%(points)s 家美积分", points=number(one.home)) if one.home else ""
    civility = _("%(points)s 文明积分", points=number(one.civility)) if one.civility else ""
    return one.name, f" {_('或')} ".join(filter(None, (home, civility)))


def _notice(one: news_queries.OpenNotice) -> Row:
    return _("第%(number)s号公示", number=one.number), _("到%(day)s止。", day=day(one.ends_on))


def _who(name: str, tail: str | None) -> str:
    return f"{name} {_('尾号 %(tail)s', tail=tail)}" if tail else name


def _last(until: Any) -> date:
    """The last whole day before an instant."""
    return clock.day_of(until - timedelta(seconds=1))


def _goods(village: Village) -> Titled:
    # What lies in the store after this week nobody knows.
    last = clock.today() + timedelta(days=6)
    rows = [one for slide in news_queries.goods(village).slides for one in slide.rows]
    yield str(SLIDES["goods"]), [_Line(_price(one), last) for one in rows]


_LINES: dict[str, Callable[[Village], Titled]] = {
    "red-board": _red_board,
    "top-lists": _top_lists,
    "stars": _stars,
    "honour-roll": _honour_roll,
    "notices": lambda one: _wall(str(SLIDES["notices"]), news_queries.notices(one), _notice),
    "goods": _goods,
    "campaigns": _campaigns,
    "announcements": _announcements,
}
OFFERED = tuple(_LINES)
"""The slides that can be had as pictures."""
