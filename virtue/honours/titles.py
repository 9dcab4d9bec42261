"""Titles, and honours from entering to the deed they make: by one person entered, by another confirmed.

Title points come from an honour alone: confirming one proposes a deed under the title's rule, which then goes the way of
all deeds. Of one group and year the highest title counts once: a higher one that comes later gives the difference.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.awarding import checks, entering
from virtue.awarding.entering import Entered, Proposal
from virtue.awarding.errors import CapReached, CapReachedForever
from virtue.awarding.queries import find_rule_by_code
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours import honour_checks, title_queries
from virtue.honours.honour_errors import NoSuchPurpose, SecondPersonConfirmsHonour, TitlesAlreadyThere
from virtue.honours.honour_states import honour_target
from virtue.honours.title_models import Honour, HonourConsent, Title
from virtue.ledger import queries as ledger_queries
from virtue.ledger import services as ledger
from virtue.places import services as places

COUNTY_TITLES = Path(__file__).resolve().parents[1] / "demo" / "data" / "titles.csv"
"""The county's titles, to start with."""


@dataclass(frozen=True)
class NewHonour:
    """An honour as it is entered. ``year``: whose county pot its shares count in."""

    title_id: int
    household_id: int
    year: int
    document_number: str
    given_on: date
    member_id: int | None = None
    ends_on: date | None = None


def take_county_titles(village_id: int, *, key: str, by: int | None) -> Outcome:
    """Take over the county's list, as far as the village hasn't got it. Gives ``added``. Raises TitlesAlreadyThere."""

    def work() -> dict[str, Any]:
        there = {title.name for title in title_queries.titles(village_id)}
        with COUNTY_TITLES.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["title"] not in there]
        if not rows:
            raise TitlesAlreadyThere
        for row in rows:
            db.session.add(
                Title(
                    village_id=village_id, name=row["title"], name_en=row["name_en"], level=row["level"],
                    group=row["group"], rule_code=row["rule"] or None, shares=int(row["shares"] or 0),
                    has_portrait=row["portrait"] == "yes", seats=int(row["seats"]) if row["seats"] else None,
                )
            )  # fmt: skip
        db.session.flush()
        audit.record("honours.take_titles", village_id=village_id, by=by, titles=len(rows))
        return {"added": len(rows)}

    return keys.run_once(
        key, "honours.take_titles", [village_id, by], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def enter(village_id: int, new: NewHonour, *, key: str, by: int) -> Outcome:
    """Enter an honour; somebody else confirms it. Gives ``honour_id``. Raises what ``honour_checks`` say."""
    contents = [
        new.title_id, new.household_id, new.year, new.document_number, new.given_on, new.member_id, new.ends_on, by,
    ]  # fmt: skip
    return _once("enter", village_id, contents, lambda: {"honour_id": enter_in(village_id, new, by=by).id}, key=key)


def enter_in(village_id: int, new: NewHonour, *, by: int) -> Honour:
    """The same inside a write that holds the village's lock, for a campaign that has ended."""
    title = honour_checks.title_for(village_id, new.title_id, by=by)
    checks.household_for(village_id, new.household_id, by=by)
    document = honour_checks.document_number(new.document_number)
    honour_checks.days_hold(new.year, new.given_on, new.ends_on)
    if new.member_id is not None:
        honour_checks.member_of_age(village_id, new.household_id, new.member_id, new.given_on)
    honour_checks.has_room(title, new.household_id, new.year)
    honour = Honour(
        village_id=village_id, title_id=title.id, household_id=new.household_id, member_id=new.member_id,
        year=new.year, title_name=title.name, level=title.level, group=title.group, shares=title.shares,
        document_number=document, given_on=new.given_on, ends_on=new.ends_on, entered_by_id=by, entered_at=clock.now(),
    )  # fmt: skip
    db.session.add(honour)
    db.session.flush()
    _note("enter", honour, by=by, title=title.id, year=new.year)
    return honour


def confirm(village_id: int, honour_id: int, *, key: str, by: int) -> Outcome:
    """A second person confirms an honour: its shares count from now on, and its deed goes to the review group.

    Gives ``deed_id`` and ``points``; None and 0 where nothing was left to give. Raises SecondPersonConfirmsHonour.
    """

    def work(honour: Honour) -> dict[str, Any]:
        target = honour_target("confirm", honour.state)
        if by == honour.entered_by_id:
            raise SecondPersonConfirmsHonour
        honour_checks.may_handle(honour.title, by=by)
        checks.household_for(village_id, honour.household_id, by=by)
        entered = _deed(honour)
        honour.state, honour.confirmed_by_id, honour.confirmed_at = target, by, clock.now()
        honour.deed_id = entered.deed_id if entered is not None else None
        db.session.flush()
        _note("confirm", honour, by=by, points=entered.points if entered else 0)
        places.raise_board_version(village_id)
        return {"honour_id": honour_id, "deed_id": honour.deed_id, "points": entered.points if entered else 0}

    return _step("confirm", village_id, honour_id, [], work, key=key, by=by)


def drop(village_id: int, honour_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Give up an honour that was entered wrongly and isn't confirmed; its seat is free again."""
    return _end("drop", village_id, honour_id, why, key=key, by=by)


def revoke(village_id: int, honour_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Take a confirmed honour back: no longer shown, its shares don't count. Its deed is reversed the way deeds are."""
    return _end("revoke", village_id, honour_id, why, key=key, by=by)


def consent(village_id: int, honour_id: int, purpose: str, how: str, *, key: str, by: int) -> Outcome:
    """Write down that an honour may be shown: by name, or with a portrait. Raises NoSuchPurpose."""

    def work(honour: Honour) -> dict[str, Any]:
        is_known = purpose == "name" or (purpose == "portrait" and honour.title.has_portrait)
        if not is_known or how not in {"signed", "by_mouth", "passbook"}:
            raise NoSuchPurpose
        if purpose not in title_queries.consents_of([honour.id]).get(honour.id, set()):
            db.session.add(
                HonourConsent(honour_id=honour.id, purpose=purpose, how=how, given_at=clock.now(), recorded_by_id=by)
            )
            db.session.flush()
        _note("consent", honour, by=by, purpose=purpose)
        places.raise_board_version(village_id)
        return {"honour_id": honour_id}

    return _step("consent", village_id, honour_id, [purpose, how], work, key=key, by=by)


def withdraw_consent(village_id: int, honour_id: int, purpose: str, *, key: str, by: int) -> Outcome:
    """The household takes its consent back: gone from pages and screens at the next refresh."""

    def work(honour: Honour) -> dict[str, Any]:
        given = db.session.scalars(
            select(HonourConsent).where(
                HonourConsent.honour_id == honour.id, HonourConsent.purpose == purpose,
                HonourConsent.withdrawn_at.is_(None),
            )
        )  # fmt: skip
        for row in given:
            row.withdrawn_at, row.withdrawn_by_id = clock.now(), by
        db.session.flush()
        _note("withdraw_consent", honour, by=by, purpose=purpose)
        places.raise_board_version(village_id)
        return {"honour_id": honour_id}

    return _step("withdraw_consent", village_id, honour_id, [purpose], work, key=key, by=by)


def _deed(honour: Honour) -> Entered | None:
    """Propose what the title gives beyond what its group has given this year; None where nothing is left."""
    code = honour.title.rule_code
    rule = find_rule_by_code(honour.village_id, code) if code else None
    if rule is None or "title" not in rule.ways:
        return None
    given = title_queries.points_given(honour.household_id, honour.group, honour.year, rule.unit)
    if given >= rule.points:
        return None
    proposal = Proposal(
        honour.household_id, rule.id, _happened_on(honour), way="title", less=given,
        words=f"{honour.title_name} {honour.document_number}",
    )  # fmt: skip
    [result] = entering.enter(honour.village_id, [proposal], by=honour.entered_by_id)
    if isinstance(result, Entered):
        return result
    if isinstance(result, CapReached | CapReachedForever):
        # Another title brought the rule's most for the year: the honour stands, nothing more is booked.
        return None
    raise result


def _happened_on(honour: Honour) -> date:
    """The day it was given, or today where that month is closed or too far back for a deed."""
    today, closed = clock.today(), ledger_queries.closed_months(honour.village_id)
    is_open = honour.given_on >= today - checks.LATEST and clock.month_of(honour.given_on) not in closed
    return honour.given_on if is_open else today


def _end(action: str, village_id: int, honour_id: int, why: str, *, key: str, by: int) -> Outcome:
    def work(honour: Honour) -> dict[str, Any]:
        honour.state = honour_target(action, honour.state)
        honour_checks.may_handle(honour.title, by=by)
        checks.not_own(honour.household_id, by=by)
        honour.why_id, _hash = remarks.keep(checks.reason(why), village_id=village_id)
        honour.ended_by_id, honour.ended_at = by, clock.now()
        db.session.flush()
        _note(action, honour, by=by)
        places.raise_board_version(village_id)
        return {"honour_id": honour_id}

    return _step(action, village_id, honour_id, [why], work, key=key, by=by)


def _step(
    action: str, village_id: int, honour_id: int, contents: Sequence[Any], work: Callable[[Honour], dict[str, Any]],
    *, key: str, by: int,
) -> Outcome:  # fmt: skip
    return _once(action, village_id, [honour_id, *contents, by], lambda: work(_locked(village_id, honour_id)), key=key)


def _once(action: str, village_id: int, contents: list[Any], work: Callable[[], Any], *, key: str) -> Outcome:
    return keys.run_once(
        key, f"honours.{action}", [village_id, *contents], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def _locked(village_id: int, honour_id: int) -> Honour:
    honour = db.session.scalar(
        select(Honour)
        .where(Honour.id == honour_id, Honour.village_id == village_id)
        .with_for_update(of=Honour)
        .execution_options(populate_existing=True)
    )
    if honour is None:
        raise NotFoundHere
    return honour


def _note(action: str, honour: Honour, *, by: int, **details: Any) -> None:
    audit.record(
        f"honours.{action}", village_id=honour.village_id, by=by, household_id=honour.household_id, subject="honour",
        subject_id=honour.id, **details,
    )  # fmt: skip
