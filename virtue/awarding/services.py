"""Proposing, deciding and taking back deeds; see ``deductions``, ``settling``, ``events`` and ``rulebooks`` beside it.

Each use case is one function, one transaction. Whoever repeats it with the same key gets the first answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from virtue import clock
from virtue.awarding import caps, checks, deciding, entering, settling, steps
from virtue.awarding.entering import Entered, Proposal
from virtue.awarding.errors import AlreadySigned, TooLateToTakeBack
from virtue.awarding.models import Deed, DeedState, Rule
from virtue.awarding.queries import approvals
from virtue.awarding.round_errors import RoundTakesBackNothing
from virtue.awarding.states import target
from virtue.core import files, keys, settings
from virtue.core.files import Upload
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger

__all__ = [
    "Proposal", "approve", "approve_many", "propose", "propose_many", "reject", "reopen", "resubmit", "room_for", "send_back",
    "take_back",
]  # fmt: skip


def propose(village_id: int, proposal: Proposal, *, key: str, by: int, picture: Upload | None = None) -> Outcome:
    """Enter a deed: a proposal for the review group, or booked at once in an open event (``at_once`` rules).

    Gives deed_id, points (after the cap), cut_from (points before, where the cap cut), state; when booked, ``booked``
    (what the purse got) and ``balance``. ``picture`` is one that ``core.files.keep_picture`` wrote. Raises what
    ``entering`` refuses: CapReached, OwnKin, EventNotOpen, PhotoNeeded ...
    """

    def look() -> Callable[[], dict[str, Any]]:
        photo_id = files.claim_picture(picture, village_id, by=by) if picture else None
        (entered,) = entering.look(village_id, [replace(proposal, photo_id=photo_id)], by=by, needs_photo=True)
        if isinstance(entered, BrokenRule):
            raise entered
        return lambda: write(entered)

    def write(entered: Entered) -> dict[str, Any]:
        entering.write(village_id, [entered], by=by)
        return {
            "deed_id": entered.deed_id, "points": entered.points,
            "cut_from": entered.asked if entered.points != entered.asked else None, "state": entered.state,
            "booked": entered.booked, "balance": entered.balance,
        }  # fmt: skip

    contents = [{**asdict(proposal), "happened_on": proposal.happened_on.isoformat()}, by]
    if picture is None:
        return _once("awarding.propose", village_id, contents, look, key=key, is_planned=True)
    # To claim the photo is a write already, which a refusal must roll back.
    return _once("awarding.propose", village_id, [*contents, picture.sha256], lambda: _at_once(look), key=key)


def propose_many(village_id: int, proposals: Sequence[Proposal], *, key: str, by: int) -> Outcome:
    """Enter a list at once (a round, a paper sheet, cards scanned offline), each line on its own.

    Gives ``lines``: for each proposal deed_id, points and state, or refused (the rule's code) with its params.
    """

    def work() -> dict[str, Any]:
        lines: list[dict[str, Any]] = []
        for result in entering.enter(village_id, proposals, by=by):
            if isinstance(result, BrokenRule):
                lines.append({"refused": result.code, "params": result.params})
            else:
                lines.append({"deed_id": result.deed_id, "points": result.points, "state": result.state})
        return {"lines": lines}

    contents = [[{**asdict(p), "happened_on": p.happened_on.isoformat()} for p in proposals], by]
    return _once("awarding.propose_many", village_id, contents, work, key=key)


def approve(village_id: int, deed_id: int, *, key: str, by: int, story: str = "") -> Outcome:
    """A reviewer says yes. From the village's limit up (20 points) a second reviewer must say so too."""

    def work() -> dict[str, Any]:
        deed = deciding.to_decide(village_id, deed_id, by=by)
        signed = approvals(deed_id)
        if by in signed:
            raise AlreadySigned
        enough = 2 if abs(deed.points) >= settings.value("two_reviewers_from", village_id) else 1
        steps.move(deed, "approve", by=by, stays=len(signed) + 1 < enough)
        if story and deed.publish == "red":
            deed.story = story.strip()[:40]
            db.session.flush()
        return {"deed_id": deed_id, "state": str(deed.state)}

    return _once("awarding.approve", village_id, [deed_id, by, story], work, key=key)


def approve_many(village_id: int, deed_ids: Sequence[int], *, key: str, by: int) -> Outcome:
    """A reviewer says yes to several deeds at once; each on its own.

    Gives ``approved``, how many of them are ``whole`` (the others need a second reviewer), and ``refused`` by id.
    """

    def work() -> dict[str, Any]:
        found = deciding.approve(village_id, deed_ids, by=by)
        return {
            "approved": [row.id for row in found.rows], "whole": len(found.whole), "refused": found.refused,
        }  # fmt: skip

    return _once("awarding.approve_many", village_id, [list(deed_ids), by], work, key=key)


def send_back(village_id: int, deed_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A reviewer asks the proposer for more."""
    return _decide_with_reason("send_back", village_id, deed_id, why, key=key, by=by)


def reject(village_id: int, deed_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A reviewer says no, with a reason that the household reads."""
    return _decide_with_reason("reject", village_id, deed_id, why, key=key, by=by)


def reopen(village_id: int, deed_id: int, *, why: str, key: str, by: int) -> Outcome:
    """A rejected deed comes before the review group again."""
    return _decide_with_reason("reopen", village_id, deed_id, why, key=key, by=by)


def resubmit(village_id: int, deed_id: int, *, words: str, key: str, by: int, picture: Upload | None = None) -> Outcome:
    """The proposer adds what was asked for, perhaps with another photo; the cap is looked at again."""

    def work() -> dict[str, Any]:
        deed = steps.locked(village_id, deed_id)
        if deed.proposed_by_id not in {None, by}:
            raise NotFoundHere
        checks.household_for(village_id, deed.household_id, by=by)
        steps.replace_photo(deed, picture, by=by)
        _move_within_cap(deed, "resubmit", by=by, why=words)
        return {"deed_id": deed_id, "state": str(deed.state)}

    contents = [deed_id, by, words, *([picture.sha256] if picture else [])]
    return _once("awarding.resubmit", village_id, contents, work, key=key)


def take_back(village_id: int, deed_id: int, *, key: str, by: int) -> Outcome:
    """An awarder takes an own wrong entry back: within ten minutes, and a booked one only while unspent."""

    def work() -> dict[str, Any]:
        deed = steps.locked(village_id, deed_id)
        if deed.way == "round":
            raise RoundTakesBackNothing
        minutes = settings.value("take_back_minutes", village_id)
        is_own = deed.proposed_by_id == by and deed.route != "deduction"
        # What a second person booked (an opening balance) isn't one person's to undo.
        is_own = is_own and (deed.state != DeedState.SETTLED or deed.way == "event")
        if not is_own or clock.now() - deed.proposed_at > timedelta(minutes=minutes):
            raise TooLateToTakeBack(minutes=minutes)
        if deed.state == DeedState.SETTLED:
            settling.undo(deed, by=by)
        else:
            steps.move(deed, "take_back", by=by)
        return {"deed_id": deed_id, "state": str(deed.state)}

    return _once("awarding.take_back", village_id, [deed_id, by], work, key=key)


def room_for(household_id: int, rules: list[Rule], day: date) -> dict[str, tuple[int, int | None, date | None]]:
    """For the award page, by rule code: points used this month, what is left (None: no cap), the next day when full."""
    used = caps.usage(
        [household_id], [clock.month_of(day)], with_open=True, with_years=True, with_ever=True
    )  # fmt: skip
    found = {}
    for rule in rules:
        left = caps.room(rule, used, household_id, day)
        again = caps.next_day(rule, used, household_id, day) if left == 0 else None
        found[rule.code] = (used.in_month(household_id, rule.code, clock.month_of(day)), left, again)
    return found


def _move_within_cap(deed: Deed, action: str, *, by: int, why: str) -> None:
    """A deed that wasn't counted any more comes before the review group again: cut to what its caps leave now."""
    target(action, deed.state)
    deed.points = caps.within(deed.rule, deed.household_id, deed.points, deed.happened_on)
    steps.move(deed, action, by=by, why=checks.reason(why))


def _once(
    purpose: str, village_id: int, contents: list[Any], work: Callable[[], Any], *, key: str, is_planned: bool = False
) -> Outcome:
    return keys.run_once(
        key, purpose, [village_id, *contents], work, village_id=village_id, lock=lambda: ledger.lock(village_id),
        is_planned=is_planned,
    )  # fmt: skip


def _at_once(look: Callable[[], Callable[[], dict[str, Any]]]) -> dict[str, Any]:
    return look()()


def _decide_with_reason(action: str, village_id: int, deed_id: int, why: str, *, key: str, by: int) -> Outcome:
    def work() -> dict[str, Any]:
        deed = deciding.to_decide(village_id, deed_id, by=by)
        if action == "reopen":
            _move_within_cap(deed, action, by=by, why=why)
        else:
            steps.move(deed, action, by=by, why=checks.reason(why))
        return {"deed_id": deed_id, "state": str(deed.state)}

    return _once(f"awarding.{action}", village_id, [deed_id, by, why], work, key=key)
