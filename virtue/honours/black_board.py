"""The black board's entries: reported, told in private, overdue, decided by two, posted, and down again in every way.

Points are moved nowhere here, and no household stands in it. Taking down never asks for much: whoever may report may say
that it is put right, anybody may object, and an objection takes it down before it is looked at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.awarding import checks
from virtue.awarding.models import Deed
from virtue.core import keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours import black_queries as queries
from virtue.honours import black_texts
from virtue.honours.black_ending import end, note
from virtue.honours.black_errors import (
    BadRepairDay,
    BlackBoardOff,
    GridTooSmall,
    HandInEntry,
    NotForBlackBoard,
    RepairDaysRunning,
    UnknownPlace,
)
from virtue.honours.black_models import BlackEntry, BlackState, PublicPlace
from virtue.honours.black_states import black_target
from virtue.ledger import services as ledger
from virtue.people import queries as people
from virtue.places import services as places

HOW = ("in_person", "slip", "phone")
LEAST_HOUSEHOLDS = 5
"""A grid stands for a place only with so many households: else it would point at one."""


@dataclass(frozen=True)
class Report:
    """What somebody saw: at a public place, or somewhere in a grid; never whose."""

    problem: str
    to_do: str
    place_id: int | None = None
    grid_id: int | None = None
    deed_id: int | None = None


def report(village_id: int, what: Report, *, key: str, by: int) -> Outcome:
    """Write a problem down. Gives ``entry_id``.

    Raises BlackBoardOff, UnknownPlace, GridTooSmall, BlackTextMissing, BlackTextNames, NotForBlackBoard, OwnKin.
    """

    def work() -> dict[str, Any]:
        _is_on(village_id)
        grid_id = _grid_of(village_id, what)
        if what.deed_id is not None:
            _check_source(village_id, what.deed_id, by=by)
        problem, to_do = (black_texts.clean(village_id, text) for text in (what.problem, what.to_do))
        entry = BlackEntry(
            village_id=village_id, grid_id=grid_id, place_id=what.place_id, deed_id=what.deed_id,
            problem_id=remarks.keep(problem, village_id=village_id)[0], state=BlackState.REPORTED,
            to_do_id=remarks.keep(to_do, village_id=village_id)[0], reported_by_id=by, reported_at=clock.now(),
        )  # fmt: skip
        db.session.add(entry)
        db.session.flush()
        note("report", entry, by=by)
        return {"entry_id": entry.id}

    contents = [what.problem, what.to_do, what.place_id, what.grid_id, what.deed_id, by]
    return _once("report", village_id, contents, work, key=key)


def tell(village_id: int, entry_id: int, how: str, due_on: date, *, key: str, by: int) -> Outcome:
    """The private repair notice: what to do, and by when. Raises BadRepairDay."""

    def work(entry: BlackEntry) -> dict[str, Any]:
        _is_on(village_id)
        least = clock.today() + timedelta(days=settings.value("black_repair_days", village_id))
        if how not in HOW or not least <= due_on <= least + timedelta(days=60):
            raise BadRepairDay(least=least.isoformat())
        entry.state = black_target("tell", entry.state)
        entry.told_how, entry.told_by_id, entry.told_on, entry.due_on = how, by, clock.today(), due_on
        return {"due_on": due_on.isoformat()}

    return _step("tell", village_id, entry_id, [how, due_on], work, key=key, by=by)


def decide(village_id: int, entry_id: int, *, key: str, by: int) -> Outcome:
    """Say that it goes up, overdue as it is; with the second person's word it does. Gives ``state``.

    Raises BlackBoardOff, RepairDaysRunning, HandInEntry, NotForBlackBoard, OwnKin.
    """

    def work(entry: BlackEntry) -> dict[str, Any]:
        _is_on(village_id)
        action = "post" if entry.state == BlackState.SIGNED else "sign"
        target = black_target(action, entry.state)
        if entry.due_on is None or clock.today() <= entry.due_on:
            raise RepairDaysRunning(until=(entry.due_on or clock.today()).isoformat())
        if by in {entry.reported_by_id, entry.told_by_id, entry.first_by_id}:
            raise HandInEntry
        _grid_of(village_id, Report("", "", entry.place_id, entry.grid_id))
        if entry.deed_id is not None:
            _check_source(village_id, entry.deed_id, by=by)
        entry.state = target
        if action == "sign":
            entry.first_by_id = by
        else:
            days = settings.value("black_board_days", village_id)
            entry.second_by_id, entry.posted_on = by, clock.today()
            entry.ends_on = clock.today() + timedelta(days=days)
        return {}

    return _step("decide", village_id, entry_id, [], work, key=key, by=by)


def object_to(village_id: int, entry_id: int, words: str, *, key: str, by: int | None) -> Outcome:
    """Somebody says it isn't so: down at once, looked at afterwards. Who said it is kept nowhere.

    ``by`` None: from a passbook; else whoever takes it down for somebody.
    """

    def work(entry: BlackEntry) -> dict[str, Any]:
        entry.state, entry.objected_at = black_target("object", entry.state), clock.now()
        entry.objection_id, _hash = remarks.keep(checks.reason(words)[:300], village_id=village_id)
        return {}

    return _step("object", village_id, entry_id, [words], work, key=key, by=by)


def answer(village_id: int, entry_id: int, *, is_upheld: bool, why: str, key: str, by: int) -> Outcome:
    """Answer an objection: right, and the matter ends; or not, and it begins anew with a repair notice's days and two
    other words. By nobody who reported, told or decided it. Raises HandInEntry, ReasonNeeded.
    """

    def work(entry: BlackEntry) -> dict[str, Any]:
        target = black_target("uphold" if is_upheld else "keep", entry.state)
        if by in {entry.reported_by_id, entry.told_by_id, entry.first_by_id, entry.second_by_id}:
            raise HandInEntry
        entry.state = target
        entry.why_id, _hash = remarks.keep(checks.reason(why), village_id=village_id)
        if is_upheld:
            end(entry, by=by, is_forgotten=True)
        else:
            days = settings.value("black_repair_days", village_id)
            entry.due_on = clock.today() + timedelta(days=days)
            entry.first_by_id = entry.second_by_id = entry.posted_on = entry.ends_on = None
        return {}

    return _step("uphold" if is_upheld else "keep", village_id, entry_id, [is_upheld, why], work, key=key, by=by)


def repair(village_id: int, entry_id: int, *, key: str, by: int) -> Outcome:
    """It is put right: down at once, and what was written is forgotten."""

    def work(entry: BlackEntry) -> dict[str, Any]:
        entry.state = black_target("repair", entry.state)
        end(entry, by=by, is_forgotten=True)
        return {}

    return _step("repair", village_id, entry_id, [], work, key=key, by=by)


def take_down(village_id: int, entry_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Take a posted entry down before its day, or give up one that isn't posted, with a reason. Raises ReasonNeeded."""

    def work(entry: BlackEntry) -> dict[str, Any]:
        is_posted = entry.state == BlackState.POSTED
        entry.state = black_target("withdraw" if is_posted else "drop", entry.state)
        entry.why_id, _hash = remarks.keep(checks.reason(why), village_id=village_id)
        end(entry, by=by, is_forgotten=not is_posted)
        return {}

    return _step("take_down", village_id, entry_id, [why], work, key=key, by=by)


def _is_on(village_id: int) -> None:
    if not queries.is_on(village_id):
        raise BlackBoardOff


def _grid_of(village_id: int, what: Report) -> int:
    """The grid of a place that stands on the list, or a grid large enough to be one."""
    if what.place_id is not None:
        place = db.session.get(PublicPlace, what.place_id)
        if place is None or place.village_id != village_id or place.ended_on is not None:
            raise UnknownPlace
        return place.grid_id
    if what.grid_id is None or people.find_grid(village_id, what.grid_id) is None:
        raise UnknownPlace
    if queries.households_in(what.grid_id) < LEAST_HOUSEHOLDS:
        raise GridTooSmall(least=LEAST_HOUSEHOLDS)
    return what.grid_id


def _check_source(village_id: int, deed_id: int, *, by: int) -> None:
    """The deed is a settled deduction that may be told by place, of nobody's own kin."""
    deed = db.session.scalar(select(Deed).where(Deed.id == deed_id, Deed.village_id == village_id))
    if deed is None or (deed.state, deed.publish, deed.route) != ("settled", "place_only", "deduction"):
        raise NotForBlackBoard
    checks.not_own(deed.household_id, by=by)


def _step(
    action: str, village_id: int, entry_id: int, contents: Sequence[Any],
    work: Callable[[BlackEntry], dict[str, Any]], *, key: str, by: int | None,
) -> Outcome:  # fmt: skip
    def whole() -> dict[str, Any]:
        entry = _locked(village_id, entry_id)
        result = work(entry)
        db.session.flush()
        note(action, entry, by=by)
        places.raise_board_version(village_id)
        return {"entry_id": entry_id, "state": entry.state, **result}

    return _once(action, village_id, [entry_id, *contents, by], whole, key=key)


def _once(action: str, village_id: int, contents: list[Any], work: Callable[[], Any], *, key: str) -> Outcome:
    return keys.run_once(
        key, f"honours.black_{action}", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def _locked(village_id: int, entry_id: int) -> BlackEntry:
    entry = db.session.scalar(
        select(BlackEntry)
        .where(BlackEntry.id == entry_id, BlackEntry.village_id == village_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if entry is None:
        raise NotFoundHere
    return entry
