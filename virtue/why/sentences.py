"""How a chain is said: one short sentence a deed, a reversal, an order; who did it, who decided, which notice, which entry."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext

from virtue import clock
from virtue.awarding.models import Deed, DeedState, DeedStep
from virtue.awarding.words import HOW, STATES, title
from virtue.formatting import day as day_of_year
from virtue.formatting import day_long, month_name
from virtue.ledger.queries import Moved
from virtue.store.order_queries import OrderWords
from virtue.store.year_models import YearClose
from virtue.why.facts import BACK, Facts, is_told

_SIGNED = frozenset({"approve", "decide", "countersign"})
_ANEW = frozenset({"propose", "lead", "resubmit", "reopen", "tell"})
"""Steps after which what was signed before no longer counts."""


def of_deed(deed: Deed, facts: Facts, *, is_own: bool) -> str:
    """From who proposed it to its entry. ``is_own``: its household reads it."""
    own = gettext("您家") if is_own else gettext("这一户")
    return whole(
        _proposed(deed, facts, own),
        *(_deduction(deed, facts, own) if deed.route == "deduction" else ()),
        _decided(deed, facts),
        _on_notice(deed, facts),
        _booked(deed, facts),
        *differences(deed, facts.moved.get(deed.entry_id or 0, Moved())),
    )


def of_reversal(row: Any, deed: Deed, facts: Facts) -> str:
    """Who took a settled deed back, why, and what it did."""
    step = next((step for step in reversed(facts.steps[deed.id]) if step.action in BACK), None)
    reason = facts.reasons.get(step.remark_id or 0, "") if step is not None else ""
    points, moved = deed.settled_points or 0, facts.moved.get(row.entry_id, Moved())
    original = facts.entries[row.reverses_id]
    return whole(
        gettext("%(day)s，%(who)s：%(what)s（原来第%(seq)s笔）", day=day(row.day), who=_who_reversed(step, facts),
                what=title(deed), seq=original.seq),
        gettext("原来加的 %(points)s 分全部收回", points=points) if points > 0
        else gettext("原来扣的 %(points)s 分不算了，实扣的都退回", points=-points),
        gettext("原因：%(reason)s", reason=reason.rstrip("。.")) if reason else "",
        gettext("已经花掉 %(points)s 分，记作欠，以后得的先补", points=-moved.owed) if moved.owed < 0 else "",
        gettext("第%(seq)s笔入账", seq=row.seq),
    )  # fmt: skip


def _who_reversed(step: DeedStep | None, facts: Facts) -> str:
    name = facts.name(step.by_id) if step is not None else ""
    if step is not None and step.action == "undo":
        return gettext("%(name)s扫错了，当场收回", name=name)
    return gettext("%(name)s查实记错了，更正", name=name) if name else gettext("查实记错了，更正")


def of_order(row: Any, order: OrderWords, facts: Facts) -> str:
    """Goods handed over at the store, or taken back there."""
    is_back = row.kind == "return"
    what = (
        gettext("%(day)s，%(goods)s退回积分超市", day=day(row.day), goods=order.words)
        if is_back
        else gettext("%(day)s，在积分超市兑换%(goods)s", day=day(row.day), goods=order.words)
    )
    name = facts.name(row.by_id)
    return whole(
        what,
        gettext("%(name)s经手", name=name) if name else "",
        "" if is_back else on_paper(order),
        "" if is_back else come_back(order),
        gettext("第%(seq)s笔入账", seq=row.seq),
    )


def on_paper(order: OrderWords) -> str:
    """That goods were handed over on a slip of paper, when the power or the network was gone; empty at the till."""
    if order.on_paper is None:
        return ""
    return gettext("%(day)s停电断网时凭纸条领的，后来补录", day=day(order.on_paper))


def come_back(order: OrderWords) -> str:
    """Whether what an order handed over came back later; empty if it didn't."""
    if order.is_partly_returned:
        return gettext("后来退回了一部分")
    return gettext("后来退回了") if order.is_returned else ""


def of_lapse(row: Any, close: YearClose, facts: Facts) -> str:
    """Home points of a year that weren't spent in time: when it was announced, who signed."""
    names = gettext("、").join(filter(None, (facts.name(close.announced_by_id), facts.name(close.signed_by_id))))
    return whole(
        gettext("%(day)s，%(year)s年没有兑换完的积分到期作废", day=day(row.day), year=close.year),
        gettext("%(day)s公布的，说好%(last)s作废", day=day(close.announced_on), last=day(close.lapses_on)),
        gettext("先得的先用，剩下的才作废"),
        gettext("%(names)s经手", names=names) if names else "",
        gettext("第%(seq)s笔入账", seq=row.seq),
    )


def lapse_title(close: YearClose) -> str:
    """What a line of lapsed points is called."""
    return gettext("%(year)s年的积分到期作废", year=close.year)


def of_other(row: Any) -> str:
    """An entry that nothing more is known of."""
    return whole(gettext("%(day)s积分变动", day=day(row.day)), gettext("第%(seq)s笔入账", seq=row.seq))


def rule_of(deed: Deed) -> str:
    """Which rule of which rulebook."""
    return gettext("细则第%(version)s版，%(code)s", version=deed.rule_version, code=deed.rule_code)


def differences(deed: Deed, moved: Moved) -> list[str]:
    """Where what was asked and what was booked, day and month, score and purse don't say the same."""
    if deed.entry_id is None:
        return []
    booked, found = deed.settled_points or 0, []
    if booked != deed.points:
        found.append(gettext("报的是 %(points)s 分，到上限了，记 %(booked)s 分", points=deed.points, booked=booked))
    if deed.counts_in is not None and deed.counts_in != deed.month:
        found.append(gettext("那个月已经结账，算在%(month)s", month=month_name(deed.counts_in)))
    if moved.owed > 0:
        found.append(gettext("其中 %(points)s 分补了以前欠的", points=moved.owed))
    if booked < 0 and moved.purse != booked:
        found.append(gettext("得分扣 %(score)s 分，可兑换里只扣了 %(taken)s 分", score=-booked, taken=-moved.purse))
    return found


def whole(*clauses: str) -> str:
    """Clauses as one sentence; empty ones left out."""
    return gettext("；").join(clause for clause in clauses if clause) + gettext("。")


def day(value: date | None) -> str:
    """11月24日; the year is said when it isn't this one."""
    is_this_year = value is not None and value.year == clock.today().year
    return day_of_year(value) if is_this_year else day_long(value)


def points_words(points: int) -> str:
    """加 5 分 or 扣 5 分."""
    return gettext("加 %(points)s 分", points=points) if points > 0 else gettext("扣 %(points)s 分", points=-points)


def _proposed(deed: Deed, facts: Facts, own: str) -> str:
    on, what = clock.day_of(deed.proposed_at), title(deed)
    if deed.happened_on != on:
        what = gettext("%(what)s（%(day)s的事）", what=what, day=day(deed.happened_on))
    before = facts.amended.get(deed.id)
    points = points_words(deed.points)
    if before is not None:
        points = gettext("原来%(before)s，改为%(points)s", before=points_words(before), points=points)
    who = _who_proposed(deed, facts, own, is_amended=before is not None)
    return gettext("%(day)s，%(who)s：%(what)s，%(points)s", day=day(on), who=who, what=what, points=points)


def _who_proposed(deed: Deed, facts: Facts, own: str, *, is_amended: bool) -> str:
    name = facts.name(deed.proposed_by_id) or gettext("村里")
    if is_amended:
        return gettext("异议成立，%(name)s重新登记", name=name)
    if deed.way == "claim":
        return _claimed(deed, name, own)
    if deed.route == "deduction":
        return gettext("%(name)s反映", name=name)
    if deed.way == "round":
        judges = [step.by_id for step in facts.steps[deed.id] if step.action == "propose"]
        return gettext("%(names)s月评打分", names=_names(judges, facts) or name)
    if deed.way == "event":
        event = facts.events.get(deed.event_id or 0, "")
        return gettext("%(name)s在活动“%(event)s”登记", name=name, event=event)
    if deed.way == "import":
        return gettext("%(name)s按旧账录入", name=name)
    return gettext("由%(name)s登记", name=name)


def _claimed(deed: Deed, name: str, own: str) -> str:
    if deed.is_on_behalf:
        return gettext("%(name)s代%(own)s申报", name=name, own=own)
    return gettext("%(own)s自己申报", own=own)


def _deduction(deed: Deed, facts: Facts, own: str) -> Sequence[str]:
    """Looked at by a second person, told, answered."""
    steps = facts.steps[deed.id]
    verified = [step for step in steps if step.action == "verify"]
    told = deed.deduction if is_told(deed) else None
    reason = facts.reasons.get(deed.remark_id or 0, "") if told is not None else ""
    answered = next((step for step in reversed(steps) if step.action == "answer"), None)
    return (
        gettext("事由：%(reason)s", reason=reason.rstrip("。.")) if reason else "",
        gettext("%(who)s核实", who=_signatures(verified, facts)) if verified else "",
        gettext("%(day)s%(how)s", day=day(told.told_on), how=HOW[told.told_how or "in_person"]) if told else "",
        gettext("%(day)s%(own)s陈述申辩", day=day(clock.day_of(answered.at)), own=own) if answered else "",
    )


def _decided(deed: Deed, facts: Facts) -> str:
    """Who signed, both when two; not an awarder's own word where the rule is booked on the spot."""
    signed: list[DeedStep] = []
    for step in facts.steps[deed.id]:
        if step.action in _ANEW:
            signed = []
        elif step.action in _SIGNED and (deed.way != "event" or step.by_id != deed.proposed_by_id):
            signed.append(step)
    if not signed:
        return ""
    who = _signatures(signed, facts)
    if deed.way == "import":
        return gettext("%(who)s核对", who=who)
    return (
        gettext("%(who)s评议，同意扣分", who=who) if deed.route == "deduction" else gettext("%(who)s评议通过", who=who)
    )


def _signatures(steps: Sequence[DeedStep], facts: Facts) -> str:
    """10月14日李国强、赵敏; the day stands once when all share it."""
    shown: list[str] = []
    last: date | None = None
    for step in steps:
        on, name = clock.day_of(step.at), facts.name(step.by_id)
        shown.append(name if on == last else gettext("%(day)s%(name)s", day=day(on), name=name))
        last = on
    return gettext("、").join(shown)


def _names(user_ids: Sequence[int | None], facts: Facts) -> str:
    return gettext("、").join(facts.name(number) for number in dict.fromkeys(user_ids) if facts.name(number))


def _on_notice(deed: Deed, facts: Facts) -> str:
    notice = facts.notices.get(deed.notice_id or 0)
    # What was booked on the spot stands on a notice afterwards: said beside its entry.
    if notice is None or notice.kind == "booked":
        return ""
    thawed = any(step.action == "thaw" for step in facts.steps[deed.id])
    said = gettext(
        "第%(number)s号公示第%(line)s行，公示到%(day)s",
        number=notice.number,
        line=deed.notice_line,
        day=day(notice.ends_on),
    )
    return gettext("%(notice)s，有人提异议，处理完照常算数", notice=said) if thawed else said


def _booked(deed: Deed, facts: Facts) -> str:
    """The entry; or where it stands, while there is none."""
    entry = facts.entries.get(deed.entry_id or 0)
    if entry is None:
        return gettext("现在：%(state)s", state=STATES[deed.state])
    notice = facts.notices.get(deed.notice_id or 0)
    said = gettext("%(day)s入账（第%(seq)s笔）", day=day(entry.day), seq=entry.seq)
    if notice is not None and notice.kind == "deeds":
        said = gettext("%(day)s公示期满入账（第%(seq)s笔）", day=day(entry.day), seq=entry.seq)
    elif deed.way == "event":
        said = gettext("当场入账（第%(seq)s笔）", seq=entry.seq)
    if notice is not None and notice.kind == "booked":
        said = gettext("%(booked)s，登在第%(number)s号公示第%(line)s行", booked=said, number=notice.number,
                       line=deed.notice_line)  # fmt: skip
    return gettext("%(booked)s，后来更正了", booked=said) if deed.state == DeedState.REVERSED else said
