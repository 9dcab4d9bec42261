"""The demo village's stars: each finished quarter proposed, given the review group's word, put on notice; one star in dispute."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

from virtue.awarding import objections
from virtue.awarding.deductions import Telling
from virtue.awarding.objections import Verdict, Words
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.honours import star_list_queries as lists
from virtue.honours import star_notice_queries, star_proposing, star_publishing, star_queries, star_removals, stars
from virtue.honours import star_quarters as quarters
from virtue.notices import queries as notices
from virtue.notices.services import Sender

RATE_FROM, RATE_TO = 12, 24
"""In these days of a quarter's first month the quarter before is rated: its months are closed by then."""
WORD = "评议会逐户议过，老人有人管、有人陪"
DISPUTE_DAYS = 9
"""So many days before the end somebody proposes to take a star away."""

OBJECTED_AFTER = 2
"""So many days after its publication somebody objects to a line of the quarter."""

At = Callable[..., AbstractContextManager[None]]


def rate(village: Any, day: date, first: date, at: At) -> None:
    """Rate the quarter before, once its months are closed; a quarter that began before the story isn't rated."""
    quarter = quarters.before(quarters.of(day))
    if day.month % 3 != 1 or not RATE_FROM <= day.day <= RATE_TO or quarters.span(quarter)[0] < first:
        return
    with at(day, 15, 20):
        period = star_queries.find_period(village.id, quarter)
        if period is None:
            star_proposing.propose(village.id, quarter, key=keys.new(), by=village.people["wenshu"])
            _give(village, quarter)
            period = star_queries.find_period(village.id, quarter)
        if period is not None and period.state == "review":
            try:
                star_publishing.publish(village.id, quarter, key=keys.new(), by=village.people["wenshu"])
            except BrokenRule:  # a month isn't closed yet: tomorrow
                return


def objection(village: Any, day: date, at: At) -> None:
    """Of a quarter that hangs somebody says on its third day that a star is missing; the supervision committee finds it so."""
    period = star_queries.latest_period(village.id)
    notice = star_notice_queries.notice_of(period) if period is not None and period.state == "notice" else None
    if period is None or notice is None:
        return
    ago = (day - notice.published_on).days
    lacking = (one for one in star_queries.in_state(period, "on_notice") if one.held[6] == "0" and one.stars >= 6)
    if ago == OBJECTED_AFTER and (one := next(lacking, None)) is not None:
        with at(day, 11, 5):
            words = Words(notice.number, one.notice_line or 0, "我家院里院外天天扫，环境卫生星少了", "passbook")
            _try(objections.object_to, village.id, words, Sender(one.household_id), by=None)
    elif ago == OBJECTED_AFTER + 1:
        verdict = Verdict("upheld_amended", "到院里看过，整季都扫得干净", corrected=True, dimension="环境卫生")
        for one in db.session.scalars(notices.objections(village.id, is_open=True, kinds=("stars",))).all():
            with at(day, 16, 25):
                _try(objections.settle, village.id, one.number, verdict, by=village.people["jianwei"])


def _try(act: Callable[..., object], *args: Any, **more: Any) -> None:
    """An act that may be refused: kin, or a line that has gone."""
    try:
        act(*args, key=keys.new(), **more)
    except BrokenRule:
        return


def _give(village: Any, quarter: int) -> None:
    """The care star for about three in four; who is kin of one reviewer gets it from another."""
    dice = random.Random(quarter)
    chosen = [household for household in village.households if dice.random() < 0.74]
    for username in ("pingyi1", "pingyi2"):
        try:
            by = village.people[username]
            stars.give_word(village.id, quarter, "孝老爱亲", chosen, why=WORD, key=keys.new(), by=by)
        except BrokenRule:  # the first gave it to all
            return


def dispute(village: Any, day: date, last: date, at: At) -> None:
    """Some days before the end: a star is to be taken, and its household was told."""
    period = star_queries.latest_published(village.id)
    if (last - day).days != DISPUTE_DAYS or period is None:
        return
    for one, _stars, _letters in lists.listed(period)[3:12]:
        rating = star_queries.find_rating(period.id, one)
        if rating is None:
            continue
        try:
            with at(day, 10, 40):
                made = star_removals.remove(
                    village.id,
                    rating.id,
                    "环境卫生",
                    why="门前渠边堆柴草，两次提醒没有清",
                    key=keys.new(),
                    by=village.people["pingyi1"],
                )
            with at(day, 16, 10):
                told = Telling("in_person")
                star_removals.tell(
                    village.id, made.result["removal_id"], told, key=keys.new(), by=village.people["wangge"]
                )
        except BrokenRule:  # kin, or without that star
            continue
        return
