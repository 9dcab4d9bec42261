"""The demo village's dividend: last year's from the trial sheet to the last payment, this year's as a draft."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

from virtue.core import keys
from virtue.dividends import deciding, objections, paying, pots, queries
from virtue.dividends.models import Pot
from virtue.errors import BrokenRule
from virtue.notices.services import Sender
from virtue.transactions import atomic

At = Callable[..., AbstractContextManager[None]]

NAME = "村集体分红"
INCOME_FEN, PERCENT = 1_100_866_67, 1500
"""15 % of the collective's income: 165,130.00 yuan."""
UNFETCHED = 9
"""So many households haven't fetched theirs yet."""


def opening_day(last: date) -> date:
    """In January, when there is time for all steps before the story ends; else two months before."""
    january = date(last.year, 1, 12)
    return january if (last - january).days >= 40 else last - timedelta(days=60)


def tell(village: Any, day: date, last: date, at: At) -> None:
    """What happens on a day on the pot's way."""
    after = (day - opening_day(last)).days
    with at(day, 16, 20):
        if after == 0:
            _open(village, day.year - 1)
        elif after == 4:
            _object(village)
        elif after == 11:
            _decide(village, day)
        elif after == 14:
            _pay(village, day)
        elif after == 30:
            _step(village, paying.close, "kuaiji")
        if day == last - timedelta(days=2):
            new = pots.village_pot(day.year, NAME, income_fen=1_204_000_00, percent=PERCENT)
            pots.draft(village.id, new, key=keys.new(), by=village.people["wenshu"])


def _open(village: Any, year: int) -> None:
    new = pots.village_pot(year, NAME, income_fen=INCOME_FEN, percent=PERCENT)
    made = pots.draft(village.id, new, key=keys.new(), by=village.people["wenshu"])
    pots.open_sheet(village.id, made.result["pot_id"], key=keys.new(), by=village.people["wenshu"])


def _object(village: Any) -> None:
    """A household asks about its months, and reads why they are right."""
    pot = _pot(village)
    if pot is None:
        return
    line = queries.all_lines(pot)[7]
    sent = objections.object_to(
        village.id, pot.id, line.place, "我家去年九月才从外面回来，是不是按九月算", Sender(line.household_id),
        came_by="passbook", key=keys.new(), by=None,
    )  # fmt: skip
    verdict = objections.Verdict("dismissed", "户口一直在村里，没有办过暂不参加，按十二个月算，没有少。")
    for name in ("jianwei", "jianwei2"):
        try:
            objections.answer(
                village.id, pot.id, sent.result["number"], verdict, key=keys.new(), by=village.people[name]
            )
        except BrokenRule:
            continue
        return


def _decide(village: Any, day: date) -> None:
    pot = _pot(village)
    if pot is None:
        return
    vote = deciding.Vote(day, "representatives", 41, 36, 34, "村民代表会议在文化广场召开，逐条念了算法，34人举手赞成。")
    deciding.record_vote(village.id, pot.id, vote, key=keys.new(), by=village.people["wenshu"])
    _step(village, deciding.check, "zhen")
    _step(village, deciding.sign, "jianwei")


def _pay(village: Any, day: date) -> None:
    """Most by bank, the old against a signature or a thumb print."""
    pot = _pot(village)
    if pot is None:
        return
    dice = random.Random(15)
    lines = queries.unclaimed(pot)
    kept = set(dice.sample(range(len(lines)), min(UNFETCHED, len(lines))))
    with atomic():
        for number, line in enumerate(lines):
            if number not in kept:
                how = dice.choices(("bank", "signature", "thumb"), weights=(8, 2, 1))[0]
                paying.pay(village.id, pot.id, line.id, how=how, on=day, key=keys.new(), by=village.people["kuaiji"])


def _step(village: Any, act: Callable[..., Any], who: str) -> None:
    pot = _pot(village)
    if pot is not None:
        act(village.id, pot.id, key=keys.new(), by=village.people[who])


def _pot(village: Any) -> Pot | None:
    """The pot that is on its way."""
    return next((pot for pot in queries.running(village.id)), None)
