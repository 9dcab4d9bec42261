"""What the PIN opens: every line with who and why, what is under way, deductions with every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext

from virtue import clock
from virtue.awarding import photo_queries, repairs
from virtue.awarding import public_queries as awarding
from virtue.awarding.models import Deed, DeedStep
from virtue.awarding.queries import steps_of
from virtue.awarding.words import title
from virtue.core import remarks
from virtue.formatting import day, rule_name
from virtue.ledger import queries as ledger
from virtue.ledger.queries import Moved
from virtue.notices.models import Notice
from virtue.passbook import words
from virtue.people.models import Household
from virtue.staff import queries as staff
from virtue.store.order_queries import OrderWords
from virtue.store.reservation_queries import ReservationWords
from virtue.why.facts import BACK, Facts, look_up
from virtue.why.reservation_sentences import reservation_title
from virtue.why.sentences import come_back, differences, lapse_title, on_paper

REPAIRED_SHOWN = 30
"""Days for which a household reads that what it put right is dropped."""


@dataclass(frozen=True)
class Line:
    """One line of the history: what it was, who and why, and what it changed."""

    title: str
    parts: tuple[str, ...]
    unit: str | None
    change: int
    balance_after: int | None
    seq: int
    """The entry's number."""


@dataclass(frozen=True)
class Coming:
    """A deed that isn't settled yet."""

    deed_id: int
    title: str
    happened_on: date
    unit: str
    points: int
    state: str


@dataclass(frozen=True)
class StepLine:
    """One step of a deduction: what, who, when, and what was written."""

    what: str
    who: str
    at: datetime
    text: str | None


@dataclass(frozen=True)
class DeductionStory:
    """A deduction from its first step on."""

    deed_id: int
    title: str
    happened_on: date
    unit: str
    points: int
    state: str
    reason: str | None
    told: str | None
    photo: str
    """What was seen; like the reason, once the household is told."""
    answer_until: date | None
    is_offered: bool
    """Put here while the household is away: opening it is being told."""
    repair_until: date | None
    is_repaired: bool
    """Said to be put right; somebody will look."""
    may_repair: bool
    steps: tuple[StepLine, ...]


def history(household: Household, months: Sequence[int]) -> list[Line]:
    """The lines of these months, newest first; one for each unit that an entry moved."""
    rows = ledger.statement(household.id, months)
    known = look_up(rows)
    entries: dict[int, list[Any]] = {}
    for row in rows:
        entries.setdefault(row.entry_id, []).append(row)
    lines: list[Line] = []
    for parts in entries.values():
        for unit in dict.fromkeys(row.unit for row in parts):
            lines.append(_line([row for row in parts if row.unit == unit], known))
    return lines


def _line(rows: Sequence[Any], known: Facts) -> Line:
    """A line from an entry's rows of one unit: its purse's, and its owed account's."""
    first = rows[0]
    purse = [row for row in rows if row.account_kind == "purse"]
    change = sum(row.change for row in purse)
    owed = sum(row.change for row in rows if row.account_kind == "owed")
    what, parts, unit = _told(first, known, change=change, owed=owed)
    booked = gettext("%(day)s入账", day=day(first.day))
    shown = [part for part in (*parts, booked) if part]
    return Line(what, tuple(shown), first.unit or unit, change, purse[-1].balance_after if purse else None, first.seq)


def _told(row: Any, known: Facts, *, change: int, owed: int) -> tuple[str, list[str], str | None]:
    order, deed, kept = known.order_of(row), known.deed_of(row), known.reservation_of(row)
    if kept is not None:
        return reservation_title(row, kept), [_kept_for(row, kept)], None
    if order is not None and row.kind == "order":
        return gettext("兑换 %(goods)s", goods=order.words), _how_paid(row, known, order, owed), None
    if order is not None:
        return gettext("退回 %(goods)s", goods=order.words), [_at_the_till(known, row.by_id)], None
    if deed is not None and row.kind == "reversal":
        return gettext("更正：%(rule)s", rule=title(deed)), _why_reversed(deed, known, owed), deed.unit
    if deed is not None:
        return title(deed), _who_and_why(deed, known, change, owed), deed.unit
    close = known.lapse_of(row)
    return (lapse_title(close) if close else gettext("积分变动")), [], None


def _kept_for(row: Any, kept: ReservationWords) -> str:
    """What a line of a reservation adds: until when it is held, or that nothing more is taken."""
    if row.kind == "reservation":
        return gettext("留到%(day)s", day=day(kept.fetch_by))
    return gettext("花的是预约时留的积分") if row.kind == "fetch" else gettext("积分退回")


def _how_paid(row: Any, known: Facts, order: OrderWords, owed: int) -> list[str]:
    """Who gave the goods out; of a slip of paper its day, and what the purse lacked."""
    return [
        _at_the_till(known, row.by_id),
        on_paper(order),
        gettext("积分不够，欠 %(points)s 分，以后得的先补", points=-owed) if owed < 0 else "",
        come_back(order),
    ]


def _at_the_till(known: Facts, by_id: int | None) -> str:
    name = known.names.get(by_id or 0)
    return gettext("积分超市 %(name)s", name=name) if name else gettext("积分超市")


def _why_reversed(deed: Deed, known: Facts, owed: int) -> list[str]:
    step = next((step for step in known.steps[deed.id] if step.action in BACK), None)
    name = known.names.get(step.by_id or 0, "") if step else ""
    reason = known.reasons.get(step.remark_id or 0, "") if step else ""
    if step and step.action == "undo":
        reason = gettext("扫错了，当场收回")
    return [
        gettext("%(name)s更正", name=name) if name else "",
        gettext("原因：%(reason)s", reason=reason) if reason else "",
        gettext("还欠 %(points)s 分，以后得的先补", points=-owed) if owed < 0 else "",
    ]


def _who_and_why(deed: Deed, known: Facts, change: int, owed: int) -> list[str]:
    signed = [step.by_id for step in known.steps[deed.id] if step.action in {"approve", "decide"}]
    deciders = gettext("、").join(known.names[number] for number in dict.fromkeys(signed) if number in known.names)
    notice = known.notices.get(deed.notice_id or 0)
    proposer = known.names.get(deed.proposed_by_id or 0, "")
    return [
        gettext("%(day)s的事", day=day(deed.happened_on)),
        _proposed(deed, proposer),
        gettext("%(names)s评议通过", names=deciders) if deciders else "",
        gettext("第%(number)s号公示", number=notice.number) if notice else "",
        *differences(deed, Moved(change, owed)),
    ]


def _proposed(deed: Deed, name: str) -> str:
    if deed.way == "claim":
        return gettext("%(name)s代您家申报", name=name) if name else gettext("您家自己申报")
    if not name:
        return ""
    if deed.route == "at_once":
        return gettext("%(name)s扫卡", name=name)
    return gettext("%(name)s提出", name=name)


def coming(household: Household) -> list[Coming]:
    """Good deeds of a household that are under way, newest first. Deductions stand on a page of their own."""
    deeds = [deed for deed in awarding.under_way(household.village_id, household.id) if deed.route != "deduction"]
    known = awarding.deeds_by_id([deed.id for deed in deeds])
    notices = awarding.notices_of(deeds)
    today = clock.today()
    return [
        Coming(
            deed.id, title(known[deed.id]), deed.happened_on, deed.unit, deed.points,
            words.state(deed, notices.get(deed.notice_id or 0), today),
        )
        for deed in deeds
    ]  # fmt: skip


def deductions(household: Household, months: Sequence[int]) -> list[DeductionStory]:
    """The deductions of these months with every step, newest first."""
    long_ago = clock.today() - timedelta(days=REPAIRED_SHOWN)
    deeds = [
        deed
        for deed in awarding.deductions_of(household.village_id, household.id, months)
        # Put right in time, it leaves no record: the household reads so for some days, then it is gone.
        if deed.deduction is None or (deed.deduction.repair_checked_on or clock.today()) >= long_ago
    ]
    steps = steps_of([deed.id for deed in deeds])
    notices = awarding.notices_of(deeds)
    names = staff.names_of({step.by_id for each in steps.values() for step in each})
    texts = remarks.texts([deed.remark_id for deed in deeds] + [s.remark_id for each in steps.values() for s in each])
    photos = photo_queries.photo_names(deed.photo_id for deed in deeds)
    return [
        _story(deed, steps[deed.id], notices.get(deed.notice_id or 0), names, texts, photos.get(deed.photo_id or 0, ""))
        for deed in deeds
    ]


def _story(
    deed: Deed,
    steps: Sequence[DeedStep],
    notice: Notice | None,
    names: dict[int, str],
    texts: dict[int, str],
    photo: str,
) -> DeductionStory:
    facts = deed.deduction
    is_told = facts is not None and facts.told_on is not None
    may_answer = is_told and deed.state == "told" and facts is not None and (
        facts.rebuttal_until is not None and clock.today() <= facts.rebuttal_until
    )  # fmt: skip
    return DeductionStory(
        deed_id=deed.id,
        title=rule_name(deed),
        happened_on=deed.happened_on,
        unit=deed.unit,
        points=deed.settled_points if deed.settled_points is not None else deed.points,
        state=words.state(deed, notice, clock.today()),
        reason=texts.get(deed.remark_id or 0) if is_told else None,
        told=str(words.TOLD_HOW.get(facts.told_how or "", "")) if is_told and facts is not None else None,
        photo=photo if is_told else "",
        answer_until=facts.rebuttal_until if may_answer and facts is not None else None,
        is_offered=facts is not None and facts.offered_on is not None and not is_told and deed.state == "verified",
        repair_until=facts.repair_until if facts is not None else None,
        is_repaired=facts is not None and facts.repaired_on is not None,
        may_repair=facts is not None and deed.state in repairs.OPEN and facts.repaired_on is None and (
            facts.repair_until is not None and clock.today() <= facts.repair_until
        ),
        steps=tuple(_step(step, names, texts) for step in steps),
    )  # fmt: skip


def _step(step: DeedStep, names: dict[int, str], texts: dict[int, str]) -> StepLine:
    what = words.STEPS.get(step.action) or words.STATES[step.to_state]
    who = names.get(step.by_id or 0, "")
    hidden = step.action in words.BEFORE_TOLD
    return StepLine(str(what), who, step.at, None if hidden else texts.get(step.remark_id or 0))
