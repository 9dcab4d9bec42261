"""Numbered paper sheets: printed for a round, an event or single deeds, typed in later, each number once, ever."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from virtue import clock
from virtue.awarding import checks, entering, marking, round_queries, sheet_queries
from virtue.awarding.entering import Entered, Proposal
from virtue.awarding.errors import EventNotOpen, UnknownRule, WayNotAllowed
from virtue.awarding.marking import Tap
from virtue.awarding.models import Event, Rule
from virtue.awarding.queries import find_event, find_rule_by_code
from virtue.awarding.round_errors import (
    AlreadyHandedIn,
    EmptySheet,
    MayNotJudge,
    NotAJudge,
    SheetAlreadyEntered,
    SheetIsVoid,
    SheetLinesRefused,
    UnknownSheet,
    WrongSheet,
)
from virtue.awarding.round_models import Round, RoundMode, Sheet, SheetState
from virtue.awarding.round_states import SHEET_STEPS, round_target
from virtue.awarding.rule_refusals import named
from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.people import door_queries, door_services

LINES = {"event": 25, "deeds": 12}
"""Blank lines on an A4."""

MOST_AT_ONCE = 20


@dataclass(frozen=True)
class Line:
    """A typed line: whom (card, 户号 or 3-0147), and on a sheet of single deeds under which rule, when, what."""

    number: int
    who: str
    rule_code: str = ""
    quantity: int = 1
    day: date | None = None
    words: str = ""


def print_for_round(village_id: int, round_id: int, *, key: str, by: int) -> Outcome:
    """One numbered sheet with the grid's households, each with a door code to scan. Gives ``first`` and ``last``."""

    def work() -> dict[str, Any]:
        one = marking.locked(village_id, round_id)
        round_target("sign", one.state)
        ids = [household.id for household in round_queries.households_of(one)]
        door_services.issue_in(village_id, one.grid_id, by=by)
        return _print(village_id, 1, by=by, kind="round", round_id=round_id, household_ids=ids, lines=len(ids))

    return _once("print_sheet", village_id, ["round", round_id, by], work, key=key)


def print_for_event(village_id: int, event_id: int, rule_code: str, *, count: int = 1, key: str, by: int) -> Outcome:
    """Lists to sign at an event, under one of the rules that events have."""

    def work() -> dict[str, Any]:
        event = find_event(village_id, event_id)
        if event is None:
            raise NotFoundHere
        if event.closed_at is not None:
            raise EventNotOpen
        rule = find_rule_by_code(village_id, rule_code)
        if rule is None:
            raise UnknownRule
        if "event" not in rule.ways or rule.is_deduction:
            raise WayNotAllowed(**named(rule))
        return _print(
            village_id, count, by=by, kind="event", event_id=event_id, rule_code=rule_code, lines=LINES["event"]
        )

    return _once("print_sheet", village_id, ["event", event_id, rule_code, count, by], work, key=key)


def print_for_deeds(village_id: int, *, count: int, key: str, by: int) -> Outcome:
    """Sheets with blank lines, a deed each."""

    def work() -> dict[str, Any]:
        return _print(village_id, count, by=by, kind="deeds", lines=LINES["deeds"])

    return _once("print_sheet", village_id, ["deeds", count, by], work, key=key)


def _print(village_id: int, count: int, *, by: int, **fields: Any) -> dict[str, Any]:
    first = (db.session.scalar(select(func.max(Sheet.number)).where(Sheet.village_id == village_id)) or 0) + 1
    last = first + min(max(count, 1), MOST_AT_ONCE) - 1
    for number in range(first, last + 1):
        sheet = Sheet(village_id=village_id, number=number, printed_by_id=by, printed_at=clock.now(), **fields)
        db.session.add(sheet)
    db.session.flush()
    audit.record("awarding.print_sheet", village_id=village_id, by=by, first=first, last=last, kind=fields["kind"])
    return {"first": first, "last": last}


def find_by_number(village_id: int, text: str) -> Sheet:
    """The sheet whose number (with its check digit) was typed, locked. Raises ``UnknownSheet``."""
    number = sheet_queries.read_number(text)
    sheet = _locked(Sheet.village_id == village_id, Sheet.number == number) if number is not None else None
    if sheet is None:
        raise UnknownSheet
    return sheet


def check_free(sheet: Sheet) -> None:
    """Raise what a sheet that was entered or voided answers: who and when."""
    sources, _target = SHEET_STEPS["enter"]
    if SheetState(sheet.state) in sources:
        return
    ended_at = sheet.ended_at or sheet.printed_at
    params = {
        "number": sheet_queries.printed_number(sheet.number), "at": ended_at.isoformat(), "by_id": sheet.ended_by_id,
    }  # fmt: skip
    raise SheetAlreadyEntered(**params) if sheet.state == SheetState.ENTERED else SheetIsVoid(**params)


def spend(sheet: Sheet, results: list[dict[str, Any]], *, by: int) -> None:
    """Write down that a sheet is entered, and what came of its lines."""
    sheet.state = SHEET_STEPS["enter"][1]
    sheet.ended_by_id, sheet.ended_at, sheet.results = by, clock.now(), results
    db.session.flush()
    audit.record(
        "awarding.enter_sheet", village_id=sheet.village_id, by=by, subject="sheet", subject_id=sheet.id,
        lines=len(results),
    )  # fmt: skip


def void(village_id: int, sheet_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A spoiled or unused sheet is never entered."""

    def work() -> dict[str, Any]:
        sheet = _of_village(village_id, sheet_id)
        check_free(sheet)
        sheet.state, sheet.ended_by_id, sheet.ended_at = SHEET_STEPS["void"][1], by, clock.now()
        db.session.flush()
        audit.record(
            "awarding.void_sheet", village_id=village_id, by=by, subject="sheet", subject_id=sheet_id,
            why=checks.reason(why),
        )  # fmt: skip
        return {"sheet_id": sheet_id}

    return _once("void_sheet", village_id, [sheet_id, why, by], work, key=key)


def enter_lines(
    village_id: int, sheet_id: int, lines: Sequence[Line], *, key: str, by: int, may_skip: bool = False
) -> Outcome:
    """Type an event's list or a sheet of deeds in: all its lines, or (``may_skip``) those that can be entered.

    Gives ``lines``, and ``entered`` and ``refused`` counted. Raises ``SheetLinesRefused`` with each line's reason,
    ``SheetAlreadyEntered`` (409).
    """

    def work() -> dict[str, Any]:
        sheet = _of_village(village_id, sheet_id)
        check_free(sheet)
        if sheet.kind == "round":
            raise WrongSheet
        if not lines:
            raise EmptySheet
        event = find_event(village_id, sheet.event_id) if sheet.event_id is not None else None
        asked = [_proposal(sheet, event, line) for line in lines]
        entered = iter(entering.enter(village_id, [one for one in asked if isinstance(one, Proposal)], by=by))
        results = [
            _result(line, one, next(entered) if isinstance(one, Proposal) else one)
            for line, one in zip(lines, asked, strict=True)
        ]
        return _finish(sheet, results, may_skip=may_skip, by=by)

    contents = [sheet_id, [[*vars(line).values()] for line in lines], may_skip, by]
    return _once("enter_sheet", village_id, contents, work, key=key)


def enter_round(
    village_id: int, sheet_id: int, judges: Sequence[int], taps: Mapping[int, Tap], *, key: str, by: int,
    may_skip: bool = False,
) -> Outcome:  # fmt: skip
    """Type a round's sheet in: what stands on it counts for each judge who signed it. ``taps`` by household."""

    def work() -> dict[str, Any]:
        sheet = _of_village(village_id, sheet_id)
        check_free(sheet)
        if sheet.kind != "round" or sheet.round_id is None:
            raise WrongSheet
        one = marking.locked(village_id, sheet.round_id)
        round_target("sign", one.state)
        marking.not_before(one)
        printed = [household_id for household_id in sheet.household_ids or [] if household_id in taps]
        if not printed:
            raise EmptySheet
        numbers = {household_id: number for number, household_id in enumerate(sheet.household_ids or [], 1)}
        results = [_marked(one, numbers[household_id], taps[household_id], by=by) for household_id in printed]
        done = _finish(sheet, results, may_skip=may_skip, by=by)
        good = [taps[row["household_id"]] for row in results if "refused" not in row]
        _sign_all(one, sheet, judges, good)
        return done

    plain = [[number, tap.value, tap.has_consent] for number, tap in sorted(taps.items())]
    contents = [sheet_id, sorted(set(judges)), plain, may_skip, by]
    return _once("enter_sheet", village_id, contents, work, key=key)


def _sign_all(one: Round, sheet: Sheet, judges: Sequence[int], taps: list[Tap]) -> None:
    if not judges:
        raise MayNotJudge
    marking.may_judge(one.village_id, judges)
    named = {judge.user_id: judge for judge in round_queries.judges_of(one.id)}
    for user_id in dict.fromkeys(judges):
        judge = named.get(user_id)
        if judge is None and one.mode == RoundMode.JUDGES:
            raise NotAJudge
        if judge is not None and judge.signed_at is not None:
            raise AlreadyHandedIn
        own = marking.barred(user_id)
        marking.save(one, user_id, [tap for tap in taps if tap.household_id not in own])
        if judge is None:
            marking.add_judge(one, user_id, is_signed=True, sheet_id=sheet.id)
        else:
            judge.signed_at, judge.sheet_id = clock.now(), sheet.id
            db.session.flush()


def _marked(one: Round, number: int, tap: Tap, *, by: int) -> dict[str, Any]:
    """One line of a round's sheet: marked, or what keeps it from being so."""
    try:
        marking.check_tap(one, tap, by=by)
    except BrokenRule as error:
        return {"line": number, "household_id": tap.household_id, "refused": error.code, "params": error.params}
    return {"line": number, "household_id": tap.household_id}


def _proposal(sheet: Sheet, event: Event | None, line: Line) -> Proposal | BrokenRule:
    try:
        household = door_queries.household_by_input(sheet.village_id, line.who).household
        rule = _rule(sheet, line)
    except BrokenRule as error:
        return error
    if event is not None:
        return Proposal(
            household.id, rule.id, event.day, way="event", quantity=line.quantity, event_id=event.id, words=line.words
        )
    return Proposal(
        household.id, rule.id, line.day or clock.today(), quantity=line.quantity, words=line.words
    )  # fmt: skip


def _rule(sheet: Sheet, line: Line) -> Rule:
    rule = find_rule_by_code(sheet.village_id, sheet.rule_code or line.rule_code.strip().upper())
    if rule is None:
        raise UnknownRule
    return rule


def _result(line: Line, asked: Proposal | BrokenRule, result: Entered | BrokenRule) -> dict[str, Any]:
    row: dict[str, Any] = {"line": line.number}
    if isinstance(asked, Proposal):
        row["household_id"] = asked.household_id
    if isinstance(result, BrokenRule):
        return {**row, "refused": result.code, "params": result.params}
    return {**row, "deed_id": result.deed_id, "points": result.points, "state": result.state}


def _finish(sheet: Sheet, results: list[dict[str, Any]], *, may_skip: bool, by: int) -> dict[str, Any]:
    wrong = {str(row["line"]): [row["refused"], row["params"]] for row in results if "refused" in row}
    if wrong and (not may_skip or len(wrong) == len(results)):
        raise SheetLinesRefused(lines=wrong)
    spend(sheet, results, by=by)
    return {"sheet_id": sheet.id, "entered": len(results) - len(wrong), "refused": len(wrong)}


def _of_village(village_id: int, sheet_id: int) -> Sheet:
    sheet = _locked(Sheet.id == sheet_id, Sheet.village_id == village_id)
    if sheet is None:
        raise NotFoundHere
    return sheet


def _locked(*where: Any) -> Sheet | None:
    query = select(Sheet).where(*where).with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def _once(
    purpose: str, village_id: int, contents: list[Any], work: Callable[[], dict[str, Any]], *, key: str
) -> Outcome:
    return keys.run_once(
        key, f"awarding.{purpose}", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
