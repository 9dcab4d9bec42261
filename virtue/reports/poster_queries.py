"""The posters of a village, each from what its public page shows today; a fixed number of statements each."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from virtue import clock
from virtue.core import remarks
from virtue.dividends import queries as dividends
from virtue.dividends import sheets
from virtue.dividends.words import STATES, formula
from virtue.extensions import db
from virtue.formatting import day as day_words
from virtue.formatting import day_long, day_span, fen, quarter_name
from virtue.honours import (
    board_lists,
    board_words,
    campaign_queries,
    campaign_words,
    red_queries,
    star_list_queries,
    star_queries,
    title_words,
    wall_queries,
)  # fmt: skip
from virtue.honours import star_quarters as quarters
from virtue.honours.campaign_counting import winners
from virtue.honours.campaign_models import Campaign, CampaignState
from virtue.people import public_queries as people
from virtue.people.queries import NAME_ON_BOARD
from virtue.places.models import Village
from virtue.reports.posters import Block, Poster, Row
from virtue.store import opening_words
from virtue.store import queries as store
from virtue.store import stock_queries as stock

PLACES = 5
"""Households in each of the quarter's lists."""
THANKED_FOR = timedelta(days=365)
ASK = _l("不愿上榜、不愿写全名，到村委会说一声就撤。")


def red_board(village: Village, day: date) -> Poster:
    """Good deeds and honours that were picked, each with the day on which it is struck out."""
    told = red_queries.board(village.id, day)
    rows = tuple(Row(one.name, one.tail, one.text, _("到%(day)s", day=day_words(one.until))) for one in told)
    return Poster(
        _("红榜"), "portal.red_board", (Block(_("身边好人好事"), rows),) if rows else (),
        notes=(_("过了后面写的日子，就把那一行涂掉。"), str(ASK)), until=max((one.until for one in told), default=None),
        empty=_("榜上还没有好人好事。身边有好人好事，告诉网格员一声。"),
    )  # fmt: skip


def top_lists(village: Village, day: date) -> Poster:
    """The quarter's lists with their rules; the top alone."""
    shown = board_lists.top_lists(village.id, day, rows=PLACES)
    blocks = tuple(
        Block(
            str(board_words.TITLES[name]),
            tuple(Row(one.name, one.tail, number=str(one.number), figure=board_words.figure(name, one.figure)) for one in places),
            str(board_words.RULES[name]),
        )
        for name, places in shown.lists.items()
        if places
    )  # fmt: skip
    return Poster(
        _("得分榜"), "portal.red_board", blocks, quarter_name(clock.first_day(shown.quarter)),
        (str(board_words.TIES), str(ASK)), shown.until or quarters.span(shown.quarter)[1],
        _("这个季度还没有得分。做一件好事，榜上就有您家。"),
    )  # fmt: skip


def stars(village: Village, _day: date) -> Poster:
    """The last published quarter, from six stars up; never who lost one."""
    period, empty = star_queries.latest_published(village.id), _("还没有评过星级。一个季度结束以后评，先公示，再发布。")
    if period is None:
        return Poster(_("星级"), "portal.stars", (), empty=empty)
    listed = star_list_queries.listed(period)
    faces = people.faces({row[0] for row in listed}, NAME_ON_BOARD)
    counts = sorted({row[1] for row in listed}, reverse=True)
    blocks = tuple(
        Block(
            period.scheme.title if count == len(period.scheme.stars) else _("%(count)s 颗星", count=count),
            tuple(Row(faces[row[0]].name, faces[row[0]].tail) for row in listed if row[1] == count and row[0] in faces),
        )
        for count in counts
    )  # fmt: skip
    return Poster(
        _("星级"), "portal.stars", blocks, quarters.name(period.quarter),
        (_("公布 %(from)s 颗星以上的户；不愿列名的，说一声就不列。", **{"from": period.scheme.listed_from}),),
        empty=_("这一季还没有 %(from)s 颗星以上的户。", **{"from": period.scheme.listed_from}),
    )  # fmt: skip


def good_people(village: Village, day: date) -> Poster:
    """Who agreed to it, with the story, and the portrait where they agreed to that too."""
    shown = wall_queries.good_people(village.id, day)
    rows = tuple(
        Row(
            one.name, text=one.story, figure=_("%(year)s年 %(name)s", year=one.year, name=title_words.title_name(one.title)),
            photo=url_for("portal.wall_photo", slug=village.slug, name=one.photo) if one.photo else "",
        )
        for one in shown
    )  # fmt: skip
    return Poster(
        _("好人墙"), "portal.good_people", (Block("", rows),) if rows else (), until=_first_end(shown),
        notes=(_("都是本人同意才上墙的；不愿再展示，说一声就撤。"),), empty=_("评上荣誉、本人同意了，就在这里。"),
    )  # fmt: skip


def honour_roll(village: Village, day: date) -> Poster:
    """All honours shown today, by year and title."""
    years = wall_queries.roll(village.id, day)
    blocks = tuple(
        Block(
            _("%(year)s年 %(name)s", year=year, name=title_words.title_name(title)),
            tuple(Row(one.name, figure=str(title_words.LEVELS[title.level])) for one in shown),
        )
        for year, titles in years.items()
        for title, shown in titles.items()
    )  # fmt: skip
    every = [one for titles in years.values() for shown in titles.values() for one in shown]
    return Poster(
        _("光荣榜"), "portal.honour_roll", blocks, until=_first_end(every),
        notes=(_("都是本人同意才上墙的；不愿再展示，说一声就撤。"),), empty=_("评上荣誉、本人同意了，就在这里。"),
    )  # fmt: skip


def thanks(village: Village, day: date) -> Poster:
    """Who gave the store something within a year; by name who agreed, all others as a count."""
    found = stock.thanks(village.id, day - THANKED_FOR)
    rows = [Row(name) for name in found.names]
    if found.others:
        rows.append(Row(_("还有 %(count)s 位不留名", count=found.others)))
    return Poster(
        _("感谢墙"), "portal.thanks", (Block("", tuple(rows)),) if rows else (),
        _("近一年给积分超市捐过东西的，谢谢您。"), empty=_("还没有捐赠。想给积分超市捐东西，到村委会说一声。"),
    )  # fmt: skip


def goods(village: Village, day: date) -> Poster:
    """What lies in the store this week, for how many points; by kind."""
    shop = store.find_store(village.id)
    blocks: dict[str, list[Row]] = {}
    listed = db.session.execute(store.goods_list(shop, day)).all() if shop is not None else []
    shelves = stock.shelves_of(village.id, day)
    for good in listed:
        if shelves.get(good.id) and (good.home or good.civility):
            blocks.setdefault(good.category, []).append(Row(good.name, figure=_prices(good)))
    return Poster(
        _("本周货架"), "portal.goods", tuple(Block(kind, tuple(rows)) for kind, rows in blocks.items()),
        " ".join(one.words for one in opening_words.of_village(village.id)),
        (_("只用积分换，不卖。扫积分卡就能换；花掉的积分不影响星级和分红。"),), day + timedelta(days=6),
        _("货架上现在没有东西。"),
    )  # fmt: skip


def _prices(good: Any) -> str:
    home = _("%(points)s家美分", points=good.home) if good.home else ""
    civility = _("%(points)s文明分", points=good.civility) if good.civility else ""
    return _("%(one)s或%(other)s", one=home, other=civility) if home and civility else home or civility


def campaign(village: Village, campaign_id: int) -> Poster | None:
    """A campaign that runs: who stands and how to vote; once on notice, who was chosen."""
    found = campaign_queries.find_campaign(village.id, campaign_id)
    if found is None or found.state not in campaign_queries.RUNNING:
        return None
    is_told = found.state == CampaignState.NOTICE
    shown = campaign_words.shown_standers(winners(found.id) if is_told else campaign_queries.standing(found.id))
    rows = tuple(
        Row(
            one.name, text=one.story, number=_("%(number)s号", number=one.nominee.number),
            figure=campaign_words.result(found, one.nominee) if is_told else "",
        )
        for one in shown
    )  # fmt: skip
    criteria = remarks.texts([found.criteria_id]).get(found.criteria_id or 0, "")
    return Poster(
        found.name, "portal.campaign", (Block(_("评上的") if is_told else _("候选人"), rows),) if rows else (), criteria,
        tuple(_how_to_vote(found)), found.vote_until, _("还没有候选人。"), {"campaign_id": found.id},
    )  # fmt: skip


def _how_to_vote(found: Campaign) -> list[str]:
    words = [
        _("%(seats)s 个名额", seats=found.seats) + _("。"),
        _("推荐到%(day)s，投票或打分到%(last)s", day=day_words(found.nominate_until), last=day_words(found.vote_until)) + _("。"),
        _("结果相同：%(tie)s", tie=campaign_words.TIES[found.tie]) + _("。"),
    ]  # fmt: skip
    if found.how == "vote":
        words.append(_("一户一票。扫自家积分卡、输密码就能投；也可以带卡到村委会，或领一张纸选票。"))
    return words


def dividend(village: Village, pot_id: int) -> Poster | None:
    """A pot whose sheet is or was open: the sum, the formula, each step with its day; no household's line."""
    pot = dividends.find_pot(village.id, pot_id)
    if pot is None or pot.state not in dividends.SHOWN:
        return None
    steps = [
        (_("试算表公开"), pot.opened_on and pot.open_until and day_span(pot.opened_on, pot.open_until)),
        (_("表决"), pot.voted_on and _("%(day)s，到会%(present)s人，赞成%(in_favour)s人", day=day_long(pot.voted_on), present=pot.present, in_favour=pot.in_favour)),
        (_("镇里审核"), pot.checked_at and day_long(clock.day_of(pot.checked_at))),
        (_("村监会签字"), pot.signed_at and day_long(clock.day_of(pot.signed_at))),
    ]  # fmt: skip
    count, paid = dividends.paid_fen(pot.id)
    if pot.seal:
        steps.append((_("发放"), _("已发%(count)s户，%(sum)s", count=count, sum=fen(paid))))
    blocks = (
        Block(_("怎么分的"), tuple(Row(sentence) for sentence in formula(pot))),
        Block(_("办到哪一步"), tuple(Row(name, text=str(words)) for name, words in steps if words)),
    )
    return Poster(
        _("%(year)s年 %(name)s", year=pot.year, name=pot.name), "portal.dividend", blocks,
        _("%(sum)s，共%(lines)s户，%(state)s", sum=fen(pot.fen), lines=sheets.total_of(pot)[0], state=STATES[pot.state]),
        (_("各家的一行，扫自家的卡看；试算表公开期间谁都可以提异议。"),), values={"pot_id": pot.id},
    )  # fmt: skip


def _first_end(shown: list[wall_queries.Shown]) -> date | None:
    """The first day on which somebody's honour is over: then the paper comes down."""
    return min((one.ends_on for one in shown if one.ends_on is not None), default=None)


BOARDS: dict[str, Callable[[Village, date], Poster]] = {
    "red-board": red_board, "top-lists": top_lists, "stars": stars, "good-people": good_people, "honour-roll": honour_roll,
    "goods": goods, "thanks": thanks,
}  # fmt: skip
"""Posters that every village has, by their name in the address."""
