"""The demo village's campaigns: one that has ended, with honours on the walls, and one whose vote is running; older honours.

The choice of each ballot comes from a die of its own, so that nothing else in the story moves with it.
"""

import random
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

from virtue.core import files, keys, pictures
from virtue.demo import photos
from virtue.errors import BrokenRule
from virtue.honours import (
    campaign_counting,
    campaign_ending,
    campaign_nominating,
    campaign_queries,
    campaigns,
    title_queries,
    titles,
    vote_casting,
    wall_services,
)
from virtue.honours.campaign_nominating import NewNominee

At = Callable[..., AbstractContextManager[None]]

FAMILY, ELDERS = "最美家庭（村）", "敬老孝亲"
STORIES = (
    "婆婆卧床七年，一日三餐端到手上，衣被天天晒", "院里院外四季干净，带着左邻右舍种了一路的花", "儿女在外，老两口照看着邻居家三个娃娃放学",
    "修渠、补路、抬水管，哪家有事都先到", "和弟弟一家同院住了二十年，没红过脸",
)  # fmt: skip
ENDED_FROM, RUNNING_FROM = 60, 8
"""So many days before the story's end the two campaigns open."""
REVIEWERS = ("pingyi1", "pingyi2", "pingyi3")
OLDER = (("最美家庭（村）", 3), ("美丽庭院", 4), ("八星级文明户", 3))
"""Honours that stood before: title, how many."""


def tell(village: Any, day: date, last: date, at: At) -> None:
    """What happens on a day in either campaign."""
    ago = (last - day).days
    with at(day, 15, 45):
        if ago == ENDED_FROM + 5:
            _try(titles.take_county_titles, village.id, by=village.people["wenshu"])
            _older(village, day)
        for title, opens, seats in ((FAMILY, ENDED_FROM, 3), (ELDERS, RUNNING_FROM, 2)):
            if ago == opens:
                _open(village, day, title, seats)
            elif ago == opens - 4:
                _step(village, title, "begin", "wenshu")
            elif opens - 5 >= ago > opens - 9:
                _vote(village, title, random.Random(ago), 45)
        if ago == ENDED_FROM - 13:
            _step(village, FAMILY, "close", "wenshu")
            _step(village, FAMILY, "count", "jianwei")
            _step(village, FAMILY, "publish", "wenshu")
        elif ago == ENDED_FROM - 20:
            _honour(village)


def _open(village: Any, day: date, title: str, seats: int) -> None:
    """Opened, and nominated by the committee; a reviewer who is no kin checks."""
    _try(titles.take_county_titles, village.id, by=village.people["wenshu"])
    one = next(one for one in title_queries.titles(village.id) if one.name == title)
    new = campaigns.NewCampaign(
        one.id, f"{day.year}年{title.removesuffix('（村）')}评选", "家庭和睦，孝老爱亲，院落整洁，热心帮邻居；一年里没有扣过分。",
        "vote", seats, seats, "score", day + timedelta(days=3), day + timedelta(days=12), day + timedelta(days=365),
    )  # fmt: skip
    made = campaigns.open_campaign(village.id, new, key=keys.new(), by=village.people["wenshu"])
    campaign_id, dice = made.result["campaign_id"], random.Random(title)
    for story in STORIES:
        nominee = NewNominee(dice.choice(village.households), story, "signed")
        _first_who_may(village, ("zhiwei", "wangge"), campaign_nominating.nominate, campaign_id, nominee)
    for standing in campaign_queries.nominees(campaign_id):
        _first_who_may(village, REVIEWERS, campaign_nominating.check, campaign_id, standing.id, is_fit=True)


def _vote(village: Any, title: str, dice: random.Random, count: int) -> None:
    """Some households, most from their passbooks, some at the desk; who has voted already is sent away."""
    campaign = _campaign(village, title)
    if campaign is None:
        return
    numbers = [one.number for one in campaign_queries.standing(campaign.id)]
    for number, household in enumerate(dice.sample(village.households, count)):
        choice = sorted(dice.sample(numbers, min(len(numbers), dice.randint(1, campaign.picks))))
        by = village.people["wangge"] if number % 6 == 0 else None
        _try(vote_casting.cast, village.id, campaign.id, household, choice, by=by)


def _honour(village: Any) -> None:
    """The notice is over: entered, confirmed, and hung where the household agreed."""
    campaign = _campaign(village, FAMILY)
    if campaign is None:
        return
    document = f"富民村发〔{campaign.year}〕19号"
    _first_who_may(village, ("wenshu",), campaign_ending.give, campaign.id, document)
    winners = campaign_counting.winners(campaign.id)
    dice = random.Random(7)
    for one in winners:
        if one.honour_id is not None:
            _confirm(village, one.honour_id, ("name", "portrait"))
            story = STORIES[(one.number - 1) % len(STORIES)]
            photo = files.keep_picture(pictures.clean_picture(photos.scene(dice)))
            telling = wall_services.Telling(story, photo)
            wall_services.tell(village.id, one.honour_id, telling, key=keys.new(), by=village.people["wenshu"])


def _older(village: Any, day: date) -> None:
    """Honours of the year before the campaign, entered from their document."""
    by_name = {one.name: one.id for one in title_queries.titles(village.id)}
    dice = random.Random(11)
    for name, count in OLDER:
        for household in dice.sample(village.households, count):
            new = titles.NewHonour(
                by_name[name], household, day.year - 1, f"富民村发〔{day.year - 1}〕22号", date(day.year - 1, 12, 20)
            )
            made = _first_who_may(village, ("wenshu",), titles.enter, new)
            if made is not None:
                _confirm(village, made.result["honour_id"], ("name",))


def _confirm(village: Any, honour_id: int, purposes: Iterable[str]) -> None:
    done = _first_who_may(village, REVIEWERS, titles.confirm, honour_id)
    for purpose in purposes if done is not None else ():
        titles.consent(village.id, honour_id, purpose, "signed", key=keys.new(), by=village.people["wenshu"])


def _step(village: Any, title: str, action: str, who: str) -> None:
    campaign = _campaign(village, title)
    if campaign is not None:
        _try(getattr(campaigns, action), village.id, campaign.id, by=village.people[who])


def _campaign(village: Any, title: str) -> Any:
    found = [one for one in campaign_queries.running(village.id) if one.title.name == title]
    return found[0] if found else None


def _first_who_may(village: Any, names: Iterable[str], act: Callable[..., Any], *what: Any, **more: Any) -> Any:
    """The first of these people who is no kin does it; None where all of them are."""
    for name in names:
        done = _try(act, village.id, *what, by=village.people[name], **more)
        if done is not None:
            return done
    return None


def _try(act: Callable[..., Any], *what: Any, **more: Any) -> Any:
    try:
        return act(*what, key=keys.new(), **more)
    except BrokenRule:  # kin, a household that takes no part, one that has voted
        return None
