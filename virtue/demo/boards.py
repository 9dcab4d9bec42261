"""The demo village's boards in its last days: good deeds picked for the red one, a problem on the black one and one being
put right, and what the screens announce.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

from virtue.core import keys, settings
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.honours import black_board, black_places, red_picks, red_queries
from virtue.honours.black_board import Report
from virtue.honours.red_picks import Pick
from virtue.kiosk import announcement_services as announcements
from virtue.transactions import atomic

At = Callable[..., AbstractContextManager[None]]
REVIEWERS = ("pingyi1", "pingyi2", "pingyi3")
PLACES = ("东渠边", "主巷道", "小广场", "温室区林带")
PROBLEMS = (
    ("东渠边", "渠边堆放地膜和秸秆，堵了半条水道", "清走并复查"),
    ("主巷道", "羊粪堆在路口，下雨淌到路上", "搬到堆粪场"),
)
ANNOUNCEMENTS = (
    ("job", "温室大棚招短工", "摘辣椒、装箱，一天一百二十元，中午管饭。想去的到村委会报名。", "李执委"),
    ("training", "电焊工免费培训", "县职教中心办班，十五天，发结业证。到村委会报名。", ""),
)
TOLD_DAYS, ANNOUNCED_DAYS, POSTED_DAYS, SECOND_DAYS, PICKED_DAYS = 12, 4, 3, 2, 1
"""So many days before the end."""
PICKS = 6
ANNOUNCED_FOR = 20
"""Days that an announcement stands."""


def show(village: Any, day: date, last: date, at: At) -> None:
    """What the day brings."""
    left = (last - day).days
    if left == TOLD_DAYS:
        with at(day, 9, 10):
            _turn_on(village)
            _report(village, day, PROBLEMS[0])
    if left == ANNOUNCED_DAYS:
        with at(day, 8, 30):
            _announce(village, day)
    if left == POSTED_DAYS:
        with at(day, 17, 20):
            _post(village)
    if left == SECOND_DAYS:
        with at(day, 9, 40):
            _report(village, day, PROBLEMS[1])
    if left == PICKED_DAYS:
        with at(day, 19, 10):
            _pick(village, day)


def _turn_on(village: Any) -> None:
    with atomic():
        settings.change(black_board.queries.SETTING, True, village.id)
    for name, grid_id in zip(PLACES, village.by_grid, strict=False):
        black_places.add_place(
            village.id, grid_id, name, is_shared=True, key=keys.new(), by=village.people["wenshu"]
        )  # fmt: skip


def _announce(village: Any, day: date) -> None:
    for kind, title, words, checked_by in ANNOUNCEMENTS:
        text = announcements.Text(kind, title, words, checked_by, day + timedelta(days=ANNOUNCED_FOR))
        announcements.add(village.id, text, key=keys.new(), by=village.people["wenshu"])


def _report(village: Any, day: date, problem: tuple[str, str, str]) -> None:
    name, what, to_do = problem
    places = {place.name: place.id for place in black_board.queries.places(village.id)}
    if name not in places:
        return
    by = village.people["wangge"]
    made = black_board.report(village.id, Report(what, to_do, places[name]), key=keys.new(), by=by)
    due_on = day + timedelta(days=settings.value("black_repair_days", village.id))
    black_board.tell(village.id, made.result["entry_id"], "in_person", due_on, key=keys.new(), by=by)


def _post(village: Any) -> None:
    """Two of the review group decide what is overdue."""
    for entry_id in [entry.id for entry in db.session.scalars(black_board.queries.entries(village.id))]:
        for username in REVIEWERS[:2]:
            black_board.decide(village.id, entry_id, key=keys.new(), by=village.people[username])


def _pick(village: Any, day: date) -> None:
    """The newest good deeds of the last weeks, each household once; the clerk's own kin is left to others."""
    since, seen = day - timedelta(days=60), set[int]()
    for deed, household in db.session.execute(red_queries.deeds_to_pick(village.id, since).limit(60)).all():
        if household.id in seen or len(seen) == PICKS:
            continue
        try:
            one = Pick(deed.id, story=deed.story or "")
            ends_on = day + timedelta(days=red_picks.USUAL_DAYS)
            red_picks.pick(village.id, [one], ends_on, key=keys.new(), by=village.people["wenshu"])
        except BrokenRule:
            continue
        seen.add(household.id)
