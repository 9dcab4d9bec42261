"""Rounds (月评): open one for a grid, mark household by household, hand in, close, propose what the median says.

Marks are saved at each tap, each with a key of its own, so that a phone may send them later, and twice. Nobody marks
the own household or declared kin's: that cell is skipped and doesn't count. Co-signing stands in ``signing``.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select

from virtue import clock
from virtue.awarding import checks, entering, marking, round_queries, steps
from virtue.awarding.entering import Entered, Proposal
from virtue.awarding.marking import Tap
from virtue.awarding.models import DeedState, Rule
from virtue.awarding.queries import find_rule_by_code
from virtue.awarding.round_errors import (
    BadRoundDay,
    JudgesNeeded,
    NoRoundRule,
    NotAJudge,
    NothingMarked,
    RoundAlreadyOpen,
    RoundRuleChanged,
    SecondPersonClosesRound,
    TooFewJudges,
)
from virtue.awarding.round_models import Round, RoundMode, RoundResult, RoundState
from virtue.awarding.round_queries import Verdict
from virtue.awarding.round_states import round_target
from virtue.awarding.rule_refusals import named
from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.ledger import queries as ledger_queries
from virtue.ledger import services as ledger
from virtue.people import queries as people

AHEAD = timedelta(days=14)
"""So far ahead a round may be opened, to print its sheets."""

_RESULT = RoundResult.__table__


def open_round(
    village_id: int, grid_id: int, rule_code: str, day: date, *, key: str, by: int, judges: Sequence[int] = ()
) -> Outcome:
    """Open a round. With ``judges`` each of them marks on an own phone; without, ``by`` records and others co-sign."""

    def work() -> dict[str, Any]:
        rule = find_rule_by_code(village_id, rule_code)
        if people.find_grid(village_id, grid_id) is None:
            raise NotFoundHere
        if rule is None or "round" not in rule.ways or rule.is_deduction:
            raise NoRoundRule(**named(rule) if rule else {"rule": rule_code})
        if not clock.today() - checks.LATEST <= day <= clock.today() + AHEAD:
            raise BadRoundDay
        if judges and len(set(judges)) < 2:
            raise JudgesNeeded
        marking.may_judge(village_id, [*judges, by])
        same = (Round.grid_id == grid_id, Round.rule_code == rule_code, Round.state == RoundState.OPEN)
        if db.session.scalar(select(Round.id).where(*same)) is not None:
            raise RoundAlreadyOpen
        one = Round(
            village_id=village_id, grid_id=grid_id, rule_code=rule_code, rule_name=rule.name,
            rule_name_en=rule.name_en,
            levels=round_queries.levels_of(rule), needs_consent=rule.needs == "home_consent", day=day,
            mode=RoundMode.JUDGES if judges else RoundMode.RECORDER, opened_by_id=by, opened_at=clock.now(),
        )  # fmt: skip
        db.session.add(one)
        db.session.flush()
        for user_id in dict.fromkeys(judges or [by]):
            marking.add_judge(one, user_id, is_signed=False)
        marking.note("open_round", one, by=by, rule=rule_code)
        return {"round_id": one.id}

    contents = [grid_id, rule_code, day, sorted(set(judges)), by]
    return keys.run_once(
        key, "awarding.open_round", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def mark(village_id: int, round_id: int, tap: Tap, *, key: str, by: int) -> Outcome:
    """Save one tap; the judge's last word on a household counts. Gives the household and its value."""

    def work(one: Round) -> dict[str, Any]:
        round_target("mark", one.state)
        marking.judge_who_taps(one, by)
        marking.check_tap(one, tap, by=by)
        marking.save(one, by, [tap])
        # The level isn't told here: others read the trail before the round is closed.
        audit.record(
            "awarding.mark", village_id=village_id, by=by, household_id=tap.household_id, subject="round",
            subject_id=round_id,
        )  # fmt: skip
        return {"household_id": tap.household_id, "value": tap.value}

    contents = [tap.household_id, tap.value, tap.has_consent]
    return _step("mark", village_id, round_id, contents, work, key=key, by=by)


def hand_in(village_id: int, round_id: int, *, key: str, by: int) -> Outcome:
    """A judge on an own phone has finished; households without a mark weren't visited."""

    def work(one: Round) -> dict[str, Any]:
        round_target("sign", one.state)
        if one.mode != RoundMode.JUDGES:
            raise NotAJudge
        judge = marking.judge_who_taps(one, by)
        if not round_queries.marks_of(round_id, by):
            raise NothingMarked
        judge.signed_at = clock.now()
        db.session.flush()
        marking.note("hand_in", one, by=by)
        return {"round_id": round_id}

    return _step("hand_in", village_id, round_id, [], work, key=key, by=by)


def close(village_id: int, round_id: int, *, key: str, by: int) -> Outcome:
    """No more marks; the levels become visible. All judges are in, or somebody else than the opener closes."""

    def work(one: Round) -> dict[str, Any]:
        target = round_target("close", one.state)
        marking.not_before(one)
        marking.may_judge(village_id, [by])
        _enough_signed(one, by)
        one.state, one.closed_by_id, one.closed_at = target, by, clock.now()
        db.session.flush()
        marking.note("close_round", one, by=by)
        return {"round_id": round_id}

    return _step("close_round", village_id, round_id, [], work, key=key, by=by)


def _enough_signed(one: Round, by: int) -> None:
    """Raise unless enough judges have signed. A recorder signs by closing, after the co-signers."""
    judges = round_queries.judges_of(one.id)
    signed = [judge for judge in judges if judge.signed_at is not None]
    if one.mode == RoundMode.JUDGES:
        if len(signed) < 2:
            raise TooFewJudges(signed=len(signed), needed=2)
        if len(signed) < len(judges) and by == one.opened_by_id:
            raise SecondPersonClosesRound
        return
    if len(signed) < round_queries.COSIGNERS:
        raise TooFewJudges(signed=len(signed), needed=round_queries.COSIGNERS)
    for judge in judges:
        if judge.signed_at is None and round_queries.marks_of(one.id, judge.user_id):
            judge.signed_at = clock.now()


def decide(village_id: int, round_id: int, *, key: str, by: int) -> Outcome:
    """Propose what a closed round came to; its judges are the proposers, so none of them reviews it.

    Gives ``proposed`` and ``refused`` (how many). Raises ``RoundRuleChanged``, BadDay, DayInClosedMonth.
    """

    def work(one: Round) -> dict[str, Any]:
        target = round_target("decide", one.state)
        marking.may_judge(village_id, [by])
        rule = find_rule_by_code(village_id, one.rule_code)
        if rule is None or "round" not in rule.ways or round_queries.levels_of(rule) != one.levels:
            raise RoundRuleChanged
        checks.day_holds(one.day, ledger_queries.closed_months(village_id))
        results = _propose(one, rule)
        if results:
            db.session.execute(insert(_RESULT), results)
        one.state, one.decided_at = target, clock.now()
        db.session.flush()
        marking.note("decide_round", one, by=by)
        return {
            "proposed": sum(row["deed_id"] is not None for row in results),
            "refused": sum(row["refused"] is not None for row in results),
        }

    return _step("decide_round", village_id, round_id, [], work, key=key, by=by)


def _propose(one: Round, rule: Rule) -> list[dict[str, Any]]:
    """Enter the deeds, each in the name of a judge who may act for the household today; gives the rows to keep."""
    verdicts = round_queries.verdicts(one)
    barred = {user_id: marking.barred(user_id) for user_id in {by for one_of in verdicts for by in one_of.judges}}
    by_proposer: dict[int, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.level:
            free = [user_id for user_id in verdict.judges if verdict.household_id not in barred[user_id]]
            by_proposer.setdefault((free or verdict.judges)[0], []).append(verdict)
    entered: dict[int, Entered | BrokenRule] = {}
    for proposer, group in by_proposer.items():
        proposals = [_proposal(one, rule, verdict) for verdict in group]
        results = entering.enter(one.village_id, proposals, by=proposer)
        entered |= {verdict.household_id: result for verdict, result in zip(group, results, strict=True)}
        _sign_for_others(group, results, proposer)
    return [_row(one, verdict, entered.get(verdict.household_id)) for verdict in verdicts]


def _proposal(one: Round, rule: Rule, verdict: Verdict) -> Proposal:
    # A rule without levels of its own is met with its plain points.
    level = verdict.level if rule.levels else None
    return Proposal(verdict.household_id, rule.id, one.day, way="round", level=level, home_consent=one.needs_consent)


def _sign_for_others(group: Sequence[Verdict], results: Sequence[Entered | BrokenRule], proposer: int) -> None:
    """A step for each other judge who gave a level: all of them propose the deed."""
    state = str(DeedState.PROPOSED)
    steps.note_many([
        {
            "deed_id": result.deed_id, "action": "propose", "from_state": state, "to_state": state,
            "points": result.points, "by_id": user_id,
        }
        for verdict, result in zip(group, results, strict=True) if isinstance(result, Entered)
        for user_id in verdict.judges if user_id != proposer
    ])  # fmt: skip


def _row(one: Round, verdict: Verdict, result: Entered | BrokenRule | None) -> dict[str, Any]:
    error = result if isinstance(result, BrokenRule) else None
    return {
        "round_id": one.id, "household_id": verdict.household_id, "judges": len(verdict.judges),
        "level": verdict.level, "deed_id": result.deed_id if isinstance(result, Entered) else None,
        "refused": error.code if error else None, "refused_params": error.params if error else None,
    }  # fmt: skip


def cancel(village_id: int, round_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Give a round up, with a reason; nothing comes of its marks."""

    def work(one: Round) -> dict[str, Any]:
        one.state = round_target("cancel", one.state)
        marking.may_judge(village_id, [by])
        db.session.flush()
        marking.note("cancel_round", one, by=by, why=checks.reason(why))
        return {"round_id": round_id}

    return _step("cancel_round", village_id, round_id, [why], work, key=key, by=by)


def _step(
    purpose: str, village_id: int, round_id: int, contents: Sequence[Any], work: Callable[[Round], dict[str, Any]],
    *, key: str, by: int,
) -> Outcome:  # fmt: skip
    """Do ``work`` once, alone in this round (and, where deeds come of it, in the village's ledger)."""
    return keys.run_once(
        key, f"awarding.{purpose}", [round_id, *contents, by], lambda: work(marking.locked(village_id, round_id)),
        village_id=village_id, lock=lambda: ledger.lock(village_id),
    )  # fmt: skip
