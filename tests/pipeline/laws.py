"""The pipeline's laws, told a second time and without the code under test: from rows to faults.

Those of points alone stand in ``tests/ledger/laws.py``; ``virtue verify`` tells them all a third time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tests.ledger import laws as points
from tests.pipeline.town import RULES, Everything, Town, day_of

BOOKED = {"settled", "reversed"}
# What a reviewer, or whoever stands in for one, does to a deed; nobody does it to the own proposal.
DECIDING = {"approve", "decide", "reject", "send_back", "reopen"}
# What nobody does for the own household or kin.
HANDS = DECIDING | {"propose", "lead", "verify", "tell", "drop", "withdraw", "reverse", "book", "resubmit"}
HAD_A_HAND = {"propose", "lead", "verify", "approve", "decide", "book", "resubmit"}
STARTS = {"propose", "resubmit", "reopen"}
NOTICE_DAYS, REBUTTAL_DAYS, REBUTTAL_DAYS_ABSENT, TWO_FROM = 5, 3, 15, 20


def check(found: Everything, town: Town) -> None:
    """Every law, after any step."""
    for village_id in (town.village_id, town.other_id):
        points.check(found, village_id)
    steps: dict[int, list[Any]] = defaultdict(list)
    for step in found["deed_step"]:
        steps[step.deed_id].append(step)
    _check_entries(found)
    _check_tallies(found)
    _check_caps(found["deed"])
    _check_hats(found, town)
    _check_objections(found)
    _check_stock(found)
    notices = {row.id: row for row in found["notice"]}
    facts = {row.deed_id: row for row in found["deduction"]}
    contested = dict(_contested(found))
    for deed in found["deed"]:
        of = steps[deed.id]
        _check_hands(deed, of, town)
        _check_approvals(deed, of)
        _check_settling(deed, of, notices, contested.get(deed.id, []))
        if deed.route == "deduction":
            _check_hearing(deed, of, facts[deed.id], town)


def _check_entries(found: Everything) -> None:
    """Each booked deed has exactly one entry of its household, each reversed one exactly one reversal, no other any."""
    entries = Counter(row.subject_id for row in found["entry"] if row.kind == "deed")
    due = Counter(deed.id for deed in found["deed"] if deed.state in BOOKED)
    assert entries == due, "entries and booked deeds differ"
    owners = {row.id: row.household_id for row in found["entry"]}
    reversed_ids = Counter(row.reverses_id for row in found["entry"] if row.reverses_id is not None)
    assert reversed_ids == Counter(deed.entry_id for deed in found["deed"] if deed.state == "reversed")
    for deed in found["deed"]:
        assert deed.entry_id is None or owners[deed.entry_id] == deed.household_id


def _check_tallies(found: Everything) -> None:
    due: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0])
    for deed in found["deed"]:
        signed = [(deed.counts_in, 1)] if deed.state in BOOKED else []
        signed += [(deed.reversed_in, -1)] if deed.state == "reversed" else []
        for month, sign in signed:
            tally = due[deed.household_id, month, deed.dimension, deed.unit]
            tally[0] += sign * max(deed.settled_points, 0)
            tally[1] += sign * max(-deed.settled_points, 0)
            tally[2] += sign
    kept = {
        (row.household_id, row.month, row.dimension, row.unit): [row.earned, row.deducted, row.deeds]
        for row in found["tally"]
    }
    assert {key: sums for key, sums in kept.items() if any(sums)} == {key: s for key, s in due.items() if any(s)}


def _check_caps(deeds: list[Any]) -> None:
    """Settled points under a rule, in the month and the year they happened in, and ever."""
    used: Counter = Counter()
    for deed in deeds:
        if deed.state == "settled":
            for name, period in (("month", deed.month), ("year", deed.month // 100), ("ever", 0)):
                used[deed.household_id, deed.rule_code, f"cap_{name}", period] += abs(deed.settled_points)
    for (household_id, code, cap, period), sum_of in used.items():
        most = RULES[code].get(cap)
        assert most is None or sum_of <= most, f"{sum_of} of {most} under {code} ({period}) for {household_id}"


def _check_hands(deed: Any, steps: list[Any], town: Town) -> None:
    """Nobody acts for own or kin's, or decides what was the own proposal; a second person takes away what was decided."""
    proposers = {step.by_id for step in steps if step.action in {"propose", "lead"}} - {None}
    at_once = deed.route == "at_once" and deed.way == "event"
    had_a_hand: set[int | None] = set()
    for step in steps:
        if step.action in HANDS:
            assert not town.is_kin(step.by_id, deed.household_id), f"{step.action} of deed {deed.id} by kin"
        if step.action in DECIDING and not at_once:
            assert step.by_id is not None, f"{step.action} of deed {deed.id} by nobody"
            assert step.by_id not in proposers, f"{step.action} of deed {deed.id} by its proposer"
        if step.action in {"reverse", "withdraw"}:
            assert step.by_id not in had_a_hand, f"{step.action} of deed {deed.id} by somebody who decided it"
        if step.action in HAD_A_HAND:
            had_a_hand.add(step.by_id)


def _check_approvals(deed: Any, steps: list[Any]) -> None:
    """One reviewer; two, and two different ones, from 20 points up and for every deduction."""
    signed: list[int] = []
    for step in steps:
        if step.action in STARTS:
            signed = []
        elif step.action in {"approve", "decide"} and deed.way != "event":
            signed.append(step.by_id)
            assert len(set(signed)) == len(signed), f"deed {deed.id} was signed twice by one"
            enough = 2 if abs(step.points) >= TWO_FROM or deed.route == "deduction" else 1
            assert (step.to_state == "approved") == (len(signed) >= enough), f"deed {deed.id}: {len(signed)} signed"


def _check_settling(deed: Any, steps: list[Any], notices: dict[int, Any], contested: list[tuple[Any, Any]]) -> None:
    """Settled after the last day of a notice that stood for its days, and never while an objection was open."""
    for step in steps:
        if step.action == "book":
            assert (deed.route, deed.way) == ("at_once", "event"), f"deed {deed.id} was booked without a notice"
        if step.action != "settle":
            continue
        notice = notices[deed.notice_id]
        assert notice.ends_on == notice.published_on + timedelta(days=NOTICE_DAYS)
        assert day_of(step.at) > notice.ends_on, f"deed {deed.id} was settled before its notice was over"
        for since, until in contested:
            is_open = since <= step.at and (until is None or until > step.at)
            assert not is_open, f"deed {deed.id} was settled while somebody objected"


def _contested(found: Everything) -> Iterator[tuple[int, list[tuple[Any, Any]]]]:
    """By deed, from when until when each objection to its line was open."""
    lines = {row.id: (row.notice_id, row.number) for row in found["notice_line"]}
    spans = defaultdict(list)
    for row in found["objection"]:
        spans[lines[row.line_id]].append((row.recorded_at, row.settled_at))
    for deed in found["deed"]:
        yield deed.id, spans.get((deed.notice_id, deed.notice_line), [])


def _check_objections(found: Everything) -> None:
    """A line is frozen as long as somebody objects and no longer; what was upheld is gone, what was amended starts again."""
    lines = {row.id: (row.notice_id, row.number) for row in found["notice_line"]}
    deeds = {(row.notice_id, row.notice_line): row for row in found["deed"] if row.notice_id is not None}
    states = defaultdict(list)
    for row in found["objection"]:
        states[lines[row.line_id]].append(row.state)
    for line, deed in deeds.items():
        is_open = "open" in states[line]
        assert deed.state != "frozen" or is_open, f"deed {deed.id} is frozen, and nobody objects"
        assert deed.state != "on_notice" or not is_open, f"deed {deed.id} isn't frozen, and somebody objects"
        if any(state.startswith("upheld") for state in states[line]):
            assert deed.state in {"withdrawn", "reversed", "dropped"}, f"deed {deed.id} stands, though upheld"
    amended = {row.from_id for row in found["amendment"]}
    assert amended == {deeds[line].id for line, of in states.items() if "upheld_amended" in of}


def _check_hearing(deed: Any, steps: list[Any], facts: Any, town: Town) -> None:
    """A deduction is decided by nobody who verified it, after the household was told and had its days to answer."""
    if facts.told_how == "refused":
        witnesses = {facts.witness_1_id, facts.witness_2_id}
        assert len(witnesses - {None, facts.told_by_id}) == 2, f"deed {deed.id} was refused before too few"
        assert witnesses & {town.staff[name] for name in ("supervisor", "watcher", "judge")}
    for step in steps:
        if step.action == "verify":
            assert step.by_id != deed.proposed_by_id
        if step.action == "decide":
            days = REBUTTAL_DAYS_ABSENT if facts.is_absent else REBUTTAL_DAYS
            assert facts.told_on is not None, f"deed {deed.id} was decided untold"
            assert day_of(step.at) > facts.told_on + timedelta(days=days), f"deed {deed.id} was decided unheard"
            assert step.by_id != facts.verified_by_id, f"deed {deed.id} was decided by who verified it"
    if deed.state in BOOKED | {"approved", "on_notice", "frozen"}:
        assert len({step.by_id for step in steps if step.action == "decide"}) == 2


def _check_hats(found: Everything, town: Town) -> None:
    """Nobody serves a household at the till on the day on which they proposed or decided a deed of it; nor kin ever."""
    households = {deed.id: deed.household_id for deed in found["deed"]}
    acted: set[tuple[int | None, int, date]] = {
        (step.by_id, households[step.deed_id], day_of(step.at))
        for step in found["deed_step"]
        if step.action in HANDS and step.by_id is not None
    }
    for order in found["store_order"]:
        assert (order.by_id, order.household_id, day_of(order.drawn_at)) not in acted, f"order {order.id}: two hats"
        assert not town.is_kin(order.by_id, order.household_id), f"order {order.id} by kin"


def _check_stock(found: Everything) -> None:
    """What lies there is what came in, less what was sold, and what was sold and came back."""
    returned = {row.order_id for row in found["store_return"]}
    came = Counter()
    for row in found["movement"]:
        if row.kind == "received":
            came[row.item_id] += row.quantity
    for row in found["order_line"]:
        came[row.item_id] -= 0 if row.order_id in returned else row.quantity
    lying = Counter()
    for row in found["batch"]:
        assert row.quantity >= 0
        lying[row.item_id] += row.quantity
    assert lying == came, f"{dict(lying)} lie there, not {dict(came)}"
