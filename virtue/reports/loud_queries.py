"""What the loudspeaker says: good deeds, store days, what ends. Never a deduction, no number of a household.

A household is named in full where it agreed to be read out by name; all others are 三网格一户人家.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from virtue import clock
from virtue.dividends import queries as dividends
from virtue.dividends.models import PotState
from virtue.formatting import day as day_words
from virtue.formatting import rule_name
from virtue.honours import campaign_queries, red_queries
from virtue.notices import queries as notices
from virtue.people import public_queries as people
from virtue.people.queries import NAME_BY_VOICE, grids_of
from virtue.places.models import Village
from virtue.store import opening_queries, opening_words

SPANS = {"day": 1, "week": 7}
"""So many days are looked back for deeds and ahead for what comes."""
MOST = 12
"""So many kinds of good deeds are read out; the others are a count."""


@dataclass(frozen=True)
class Part:
    """Some sentences on one matter."""

    title: str
    sentences: tuple[str, ...]


def script(village: Village, span: str, today: date) -> list[Part]:
    """The parts that have something to say, in the order in which they are read."""
    days = SPANS[span]
    parts = [
        Part(_("身边的好事"), tuple(_deeds(village.id, today - timedelta(days=days), today))),
        Part(_("积分超市"), tuple(_store_days(village.id, today, days))),
        Part(_("快到日子的"), tuple(_ending(village.id, today, days))),
    ]
    return [part for part in parts if part.sentences]


def _deeds(village_id: int, first: date, last: date) -> list[str]:
    """By rule, who did it; the latest kinds first."""
    rows = red_queries.settled_between(village_id, first, last)
    faces = people.faces({row.household_id for row in rows}, NAME_BY_VOICE)
    grids = {grid.id: grid.name for grid in grids_of(village_id)}
    doers: dict[str, dict[int, str]] = {}
    for row in rows:
        face = faces.get(row.household_id)
        if face is not None:
            # By number, so that a household that did it twice is one household.
            doers.setdefault(rule_name(row), {})[row.household_id] = face.name if face.is_full else grids[row.grid_id]
    said = [
        _("%(who)s，%(deed)s。", who=_who(found, set(grids.values())), deed=deed)
        for deed, found in list(doers.items())[:MOST]
    ]
    rest = sum(len(found) for found in list(doers.values())[MOST:])
    return [*said, _("还有%(count)s户也做了好事，谢谢大家。", count=rest)] if rest else said


def _who(found: dict[int, str], grids: set[str]) -> str:
    named = [name for name in found.values() if name not in grids]
    unnamed = Counter(name for name in found.values() if name in grids)
    others = [
        _("%(grid)s一户人家", grid=grid) if count == 1 else _("%(grid)s%(count)s户人家", grid=grid, count=count)
        for grid, count in sorted(unnamed.items())
    ]
    return _("、").join([*named, *others])


def _store_days(village_id: int, today: date, days: int) -> list[str]:
    """When each store is open, and what pauses it."""
    said = []
    for one in opening_queries.schedules(village_id):
        said += [
            _("%(store)s%(day)s（%(kind)s）%(hours)s开门。", store=one.store_name, day=day_words(day), kind=opening_words.day_kind(day, is_market=is_market), hours=opening_words.hours_words(hours))
            for day, hours, is_market in one.open_days(today, days + 1)
        ]  # fmt: skip
        pause = one.pause_on(today)
        if pause is not None:
            said.append(_("%(store)s暂停开门到%(day)s。", store=one.store_name, day=day_words(pause.until_on)))
    return said


def _ending(village_id: int, today: date, days: int) -> list[str]:
    last = today + timedelta(days=days)
    said = [
        _("第%(number)s号公示到%(day)s为止。有不同意见的，到村委会说一声，谁说的不公开。", number=one.number, day=day_words(one.ends_on))
        for one in notices.open_notices(village_id, today)
        if one.ends_on <= last
    ]  # fmt: skip
    said += [
        _("%(name)s正在投票，一户一票，到%(day)s为止。", name=one.name, day=day_words(one.vote_until))
        for one in campaign_queries.open_votes(village_id, today)
    ]
    said += [
        _("%(year)s年%(name)s的试算表公开到%(day)s，觉得不对的，到村委会说一声。", year=one.year, name=one.name, day=day_words(one.open_until))
        for one in dividends.running(village_id)
        if one.state == PotState.OPEN and one.open_until is not None and today <= one.open_until
    ]  # fmt: skip
    return said


def asked_day(text: str) -> date:
    """The day that was chosen; today for anything that is none, or not within the last year or the next month."""
    today = clock.today()
    found = clock.read_day(text) or today
    return found if today - timedelta(days=365) <= found <= today + timedelta(days=31) else today
