"""What a village does beside its week: lots looked at on site, and in the last days rounds, paper sheets and claims.

They end at different steps, so that whoever looks around meets each of them done and waiting.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from virtue import clock
from virtue.awarding import (
    claims,
    deductions,
    marking,
    objections,
    round_queries,
    rounds,
    services,
    settling,
    sheet_queries,
    sheets,
    spot_checks,
)
from virtue.awarding import queries as awarding
from virtue.awarding import spot_check_queries as spots
from virtue.awarding.claims import Claim
from virtue.awarding.marking import Tap
from virtue.awarding.models import Deed
from virtue.awarding.objections import Verdict, Words
from virtue.awarding.round_models import NOT_VISITED, Round
from virtue.awarding.sheets import Line
from virtue.core import files, keys, pictures
from virtue.core.files import Upload
from virtue.demo import photos, plan
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.notices.models import Notice, Objection
from virtue.notices.services import Sender
from virtue.people.models import Household, Member
from virtue.staff.models import User

if TYPE_CHECKING:
    from virtue.demo.history import Village

At = Callable[..., AbstractContextManager[None]]
REVIEWERS = ("pingyi1", "pingyi2", "pingyi3")
SUPERVISORS = ("jianwei", "jianwei2")

OBJECTED_ON, ANSWERED_ON = 14, 18
UPHELD_EVERY = 3
"""Each so many objections one turns out right."""

LOTS_DAY = 5
WRONG = 0.04
"""How many of the lots turn out otherwise than booked."""
LEFT_TO_CHECK = 4
"""So many of the last month's lots wait for the supervision committee."""


def is_last_round(day: date, last: date) -> bool:
    """Whether the day's round is the story's last one."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=day.day) > last


def grids_apart(village: "Village") -> list[int]:
    """The two grids whose last round is held here: one is finished, one waits for signatures."""
    return list(village.by_grid)[:2]


def last_days(village: "Village", day: date, last: date, at: At) -> None:
    """What belongs to the end of the story."""
    left = (last - day).days
    if left == 6:
        with at(day, 17):
            sheets.print_for_deeds(village.id, count=3, key=keys.new(), by=village.people["zhiwei"])
    if left == 2:
        with at(day, 17):
            _type_in(village)
    if left == 1:
        with at(day, 10, 30):
            waiting_round(village, day)
        with at(day, 12):
            _claim(village, day)
        with at(day, 18, 30):
            _send_back(village)
            _object(village, day)
    if left == 0:
        with at(day, 20, 30):
            _lead(village, day)
            _by_the_first(village, REVIEWERS, lambda by: _approve_some(village, by))


def objections_of_the_month(village: "Village", day: date, at: At) -> None:
    """A neighbour objects to a line; some days later the supervision committee has looked and answers."""
    if day.day == OBJECTED_ON:
        with at(day, 12, 30):
            _object(village, day)
    if day.day == ANSWERED_ON:
        with at(day, 15, 30):
            _answer(village)


def _object(village: "Village", day: date) -> None:
    lines = db.session.execute(
        select(Deed.household_id, Deed.grid_id, Deed.notice_line, Notice.number)
        .join(Notice, Notice.id == Deed.notice_id)
        .where(
            Deed.village_id == village.id, Deed.state == "on_notice", Deed.route != "deduction", Notice.ends_on > day
        )
        .order_by(Deed.id)
        .limit(40)
    ).all()  # fmt: skip
    if not lines:
        return
    line = village.dice.choice(lines)
    neighbours = [number for number in village.by_grid[line.grid_id] if number != line.household_id]
    words = Words(line.number, line.notice_line, village.dice.choice(plan.OBJECTIONS), "passbook")
    objections.object_to(village.id, words, Sender(village.dice.choice(neighbours)), key=keys.new(), by=None)


def _answer(village: "Village") -> None:
    waiting = select(Objection.number).where(Objection.village_id == village.id, Objection.state == "open")
    for number in db.session.scalars(waiting.order_by(Objection.number)).all():
        _answer_one(village, number)


def _answer_one(village: "Village", number: int) -> None:
    verdict = Verdict("dismissed", "到现场看过，问了同去的人，属实")
    if number % UPHELD_EVERY == 0:
        verdict = Verdict("upheld_withdrawn", "到现场看过，这一天没有这件事")
    _by_the_first(
        village, SUPERVISORS, lambda by: objections.settle(village.id, number, verdict, key=keys.new(), by=by)
    )


def _lead(village: "Village", day: date) -> None:
    """Somebody saw something; nobody has looked yet."""
    what = deductions.Lead(village.some(1, 1)[0], village.rules[plan.DEDUCTIONS[0][0]], day, plan.DEDUCTIONS[0][1])
    try:
        deductions.lead(village.id, what, key=keys.new(), by=village.people["wangge"])
    except BrokenRule:
        return


def _approve_some(village: "Village", by: int) -> None:
    """Approved, and waiting for the next notice."""
    waiting = [deed.id for deed in db.session.scalars(awarding.review_queue(village.id, by).limit(3))]
    services.approve_many(village.id, waiting, key=keys.new(), by=by)


def finished_round(village: "Village", day: date) -> None:
    """A round on paper: its sheet carried from door to door, signed by three, typed in, closed and proposed."""
    by, judges = village.people["wangge"], [village.people[name] for name in ("wangge", "zhiwei", "wenshu")]
    one = _opened(village, grids_apart(village)[0], day)
    number = sheets.print_for_round(village.id, one.id, key=keys.new(), by=by).result["first"]
    (sheet,) = sheet_queries.sheets_between(village.id, number, number)
    taps = {household.id: _tap(village, household.id) for household in round_queries.households_of(one)}
    sheets.enter_round(village.id, sheet.id, judges, taps, key=keys.new(), by=by, may_skip=True)
    rounds.close(village.id, one.id, key=keys.new(), by=village.people["zhiwei"])
    rounds.decide(village.id, one.id, key=keys.new(), by=village.people["zhiwei"])


def waiting_round(village: "Village", day: date) -> None:
    """A round on one phone: the recorder has tapped through, and two must sign."""
    by = village.people["wangge"]
    one = _opened(village, grids_apart(village)[1], day)
    barred = marking.barred(by)
    for household in round_queries.households_of(one):
        if household.id not in barred:
            rounds.mark(village.id, one.id, _tap(village, household.id), key=keys.new(), by=by)


def _opened(village: "Village", grid_id: int, day: date) -> Round:
    opened = rounds.open_round(village.id, grid_id, "J01", day, key=keys.new(), by=village.people["wangge"])
    return db.session.get_one(Round, opened.result["round_id"])


def _tap(village: "Village", household_id: int) -> Tap:
    (value,) = village.dice.choices(("2", "1", "0", NOT_VISITED), (66, 20, 8, 6))
    return Tap(household_id, value)


def _type_in(village: "Village") -> None:
    """One of the sheets came back; the others are still out."""
    by = village.people["zhiwei"]
    (sheet,) = db.session.scalars(sheet_queries.sheets(village.id, state="printed", kind="deeds").limit(1))
    lines = [
        Line(number, db.session.get_one(Household, household_id).code, code, words=plan.WORDS[code])
        for number, (household_id, code) in enumerate(zip(village.some(3, 3), ("J14", "J16", "J34"), strict=True), 1)
    ]
    sheets.enter_lines(village.id, sheet.id, lines, key=keys.new(), by=by, may_skip=True)


def _claim(village: "Village", day: date) -> None:
    """Claims from three passbooks' households: one approved, one sent back, others waiting; one taken down at the desk."""
    first, second, third = claimants(village)
    ids = [
        _claimed(village, household, Claim(village.rules[code], day, words), has_photo=has_photo)
        for household, (code, words, has_photo) in zip((first, first, first, second), plan.CLAIMS, strict=True)
    ]
    _by_the_first(village, REVIEWERS, lambda by: services.approve(village.id, ids[0], key=keys.new(), by=by))
    _by_the_first(
        village,
        REVIEWERS,
        lambda by: services.send_back(village.id, ids[1], why="请写明还给了谁", key=keys.new(), by=by),
    )
    what = Claim(village.rules["J14"], day, "帮邻居家卸了一车煤")
    claims.claim(village.id, third, what, key=keys.new(), by=village.people["wenshu"])


def _claimed(village: "Village", household_id: int, what: Claim, *, has_photo: bool) -> int:
    photo = _photo(village) if has_photo else None
    return int(claims.claim(village.id, household_id, what, key=keys.new(), by=None, photo=photo).result["deed_id"])


def _photo(village: "Village") -> Upload:
    return files.keep_picture(pictures.clean_picture(photos.scene(village.dice)))


def claimants(village: "Village") -> list[int]:
    """Three households that take part, have some points of both units, and aren't of the cast."""
    of_cast = select(Member.household_id).join(User, User.member_id == Member.id)
    found = db.session.scalars(
        select(Household.id)
        .where(
            Household.village_id == village.id, Household.state == "active", Household.left_on.is_(None),
            Household.id.not_in(of_cast),
        )
        .order_by(Household.id)
        .limit(120)
    ).all()  # fmt: skip
    balances = ledger.balances(found)
    return sorted(found, key=lambda number: balances[number].home < 30 or balances[number].civility < 5)[:3]


def _by_the_first(village: "Village", usernames: Sequence[str], act: Callable[[int], object]) -> None:
    """By the first of these who may: others are kin."""
    for username in usernames:
        try:
            act(village.people[username])
        except BrokenRule:
            continue
        return


def _send_back(village: "Village") -> None:
    """Two of the scans that wait are sent back to whoever proposed them."""
    waiting = awarding.review_queue(village.id, village.people["pingyi2"])
    scans = [deed.id for deed in db.session.scalars(waiting) if deed.way == "scan"][:2]
    for deed_id in scans:
        services.send_back(village.id, deed_id, why="请补一张照片", key=keys.new(), by=village.people["pingyi2"])


def look_on_site(village: "Village", day: date, last: date) -> None:
    """The month's lots: seen as booked but for a rare one, which is then reversed by the other of the committee."""
    draw = spots.find_draw(village.id, None)
    if draw is None or draw.month != clock.previous_month(clock.month_of(day)):
        return
    checks = spots.checks_of(draw.id)
    is_newest = (last - day).days < 28
    for check in checks[: -LEFT_TO_CHECK if is_newest else None]:
        is_right = village.dice.random() > WRONG
        outcome, note = ("right", "") if is_right else ("differs", "现场看只做了一半，本户也这么说")
        try:
            spot_checks.record(village.id, check.id, outcome, note, key=keys.new(), by=village.people["jianwei"])
            if not is_right:
                settling.reverse(
                    village.id, check.deed_id, why="抽查不符", key=keys.new(), by=village.people["jianwei2"]
                )
        except BrokenRule:
            continue
