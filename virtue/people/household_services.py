"""Households and members: add, correct with history, gone and back."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select

from virtue import clock
from virtue.core import audit, keys, remarks, settings
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import queries
from virtue.people.consent_services import raise_board_version
from virtue.people.errors import CodeTaken, HeadMustStay
from virtue.people.locks import lock_active, record
from virtue.people.models import Household, Member, RegisterChange
from virtue.pinyin import initials
from virtue.transactions import atomic

HEAD = "户主"
FORMER_HEAD = "家庭成员"
"""The relation of who was householder before, until somebody corrects it: 户主 can stand only once."""


@dataclass(frozen=True)
class Person:
    """What is kept of a member; of the birth date only year and month."""

    name: str
    relation: str
    sex: str
    birth_year: int | None = None
    birth_month: int | None = None
    phone: str | None = None


def add_household(village_id: int, *, grid_id: int, code: str, head: Person, key: str, by: int) -> keys.Outcome:
    """Add a household with its householder; the result holds ``household_id``. Raises CodeTaken, NotFoundHere."""

    def work() -> dict[str, Any]:
        _check_code(village_id, code)
        household = Household(
            village_id=village_id, grid_id=_grid(village_id, grid_id), code=code, tail=code[-4:],
            head_name=head.name, initials=initials(head.name), members_count=1, created_at=clock.now(),
        )  # fmt: skip
        db.session.add(household)
        db.session.flush()
        person = Person(**{**asdict(head), "relation": HEAD})
        _add(household, person, position=1, is_head=True)
        audit.record("people.add_household", village_id=village_id, by=by, household_id=household.id, code=code)
        return {"household_id": household.id}

    contents = [grid_id, code, asdict(head), by]
    return keys.run_once(key, "people.add_household", contents, work, village_id=village_id)


def add_member(village_id: int, household_id: int, person: Person, *, key: str, by: int) -> keys.Outcome:
    """Add a member (born, married in, moved in); the result holds ``member_id``. Raises HouseholdEnded."""

    def work() -> dict[str, Any]:
        household = lock_active(village_id, household_id)
        last = db.session.scalar(select(func.max(Member.position)).where(Member.household_id == household_id)) or 0
        member = _add(household, person, position=last + 1, is_head=False)
        household.members_count += 1
        db.session.flush()
        _note(household, "added", by=by, member=member)
        record("people.add_member", household, by=by, member=member)
        return {"member_id": member.id}

    contents = [household_id, asdict(person), by]
    return keys.run_once(key, "people.add_member", contents, work, village_id=village_id)


def correct_household(
    village_id: int, household_id: int, *, code: str, grid_id: int, why: str | None = None, by: int
) -> list[str]:
    """Correct the code or the grid; gives the names of the fields that changed. Raises CodeTaken, HouseholdEnded."""
    with atomic():
        household = lock_active(village_id, household_id)
        if code != household.code:
            _check_code(village_id, code)
        before = {"code": household.code, "grid": household.grid.name}
        household.code, household.tail, household.grid_id = code, code[-4:], _grid(village_id, grid_id)
        db.session.flush()
        db.session.refresh(household)
        after = {"code": household.code, "grid": household.grid.name}
        changed = _note_all(household, before, after, by=by)
        if changed:
            raise_board_version(village_id)
            record("people.correct_household", household, by=by, why=why, fields=changed)
        return changed


def correct_member(village_id: int, member_id: int, person: Person, *, why: str | None = None, by: int) -> list[str]:
    """Correct what is kept of a member; gives the names of the fields that changed. Raises HouseholdEnded."""
    with atomic():
        member, household = _lock_member(village_id, member_id)
        given = asdict(person)
        if member.is_head:
            given["relation"] = HEAD
        if not settings.value("keep_phones", village_id):
            given["phone"] = None
        before = {name: getattr(member, name) for name in given}
        for name, value in given.items():
            setattr(member, name, value)
        _follow_name(household, member)
        changed = _note_all(household, before, given, by=by, member=member)
        if changed:
            raise_board_version(village_id)
            record("people.correct_member", household, by=by, why=why, member=member, fields=changed)
        return changed


def make_head(village_id: int, member_id: int, *, by: int) -> Household:
    """Make a member the householder; who was it before becomes 家庭成员. Raises HouseholdEnded."""
    with atomic():
        member, household = _lock_member(village_id, member_id)
        if member.is_head:
            return household
        if member.gone_on is not None:
            raise NotFoundHere
        for former in household.members:
            if former.is_head:
                former.is_head, former.relation = False, FORMER_HEAD
        member.is_head, member.relation = True, HEAD
        before = {"head": household.head_name}
        _follow_name(household, member)
        _note_all(household, before, {"head": member.name}, by=by, member=member)
        raise_board_version(village_id)
        record("people.make_head", household, by=by, member=member)
        return household


def note_gone(village_id: int, member_id: int, *, by: int) -> Household:
    """Write down that a member left (moved, married out, died); the row stays. Raises HeadMustStay, HouseholdEnded."""
    with atomic():
        member, household = _lock_member(village_id, member_id)
        if member.gone_on is not None:
            return household
        if member.is_head:
            raise HeadMustStay
        member.gone_on = clock.today()
        household.members_count -= 1
        db.session.flush()
        _note(household, "gone", by=by, member=member)
        record("people.note_gone", household, by=by, member=member)
        return household


def note_back(village_id: int, member_id: int, *, by: int) -> Household:
    """Write down that a member is there again. Raises HouseholdEnded."""
    with atomic():
        member, household = _lock_member(village_id, member_id)
        if member.gone_on is None:
            return household
        member.gone_on = None
        household.members_count += 1
        db.session.flush()
        _note(household, "back", by=by, member=member)
        record("people.note_back", household, by=by, member=member)
        return household


def _lock_member(village_id: int, member_id: int) -> tuple[Member, Household]:
    member = queries.find_member(village_id, member_id)
    if member is None:
        raise NotFoundHere
    household = lock_active(village_id, member.household_id)
    db.session.refresh(member)
    return member, household


def _check_code(village_id: int, code: str) -> None:
    if queries.find_by_code(village_id, code) is not None:
        raise CodeTaken(code=code)


def _grid(village_id: int, grid_id: int) -> int:
    if queries.find_grid(village_id, grid_id) is None:
        raise NotFoundHere
    return grid_id


def _add(household: Household, person: Person, *, position: int, is_head: bool) -> Member:
    given = asdict(person)
    if not settings.value("keep_phones", household.village_id):
        given["phone"] = None
    member = Member(
        village_id=household.village_id, household_id=household.id, initials=initials(person.name),
        position=position, is_head=is_head, **given,
    )  # fmt: skip
    db.session.add(member)
    db.session.flush()
    return member


def _follow_name(household: Household, member: Member) -> None:
    """Keep what is derived from a name in step with it."""
    member.initials = initials(member.name)
    if member.is_head:
        household.head_name, household.initials = member.name, member.initials
    db.session.flush()


def _note_all(
    household: Household, before: dict[str, Any], after: dict[str, Any], *, by: int, member: Member | None = None
) -> list[str]:
    changed = [name for name in after if before[name] != after[name]]
    for name in changed:
        _note(household, name, by=by, member=member, values=[before[name], after[name]])
    return changed


def _note(
    household: Household, field: str, *, by: int, member: Member | None = None, values: list[Any] | None = None
) -> None:
    """One line of the register's history; the values stand in a remark, which can be forgotten."""
    text = json.dumps(values, ensure_ascii=False) if values is not None else None
    remark_id, _ = remarks.keep(text, village_id=household.village_id)
    db.session.add(
        RegisterChange(
            village_id=household.village_id, household_id=household.id, member_id=member.id if member else None,
            field=field, changed_at=clock.now(), by_id=by, source="page", remark_id=remark_id,
        )
    )  # fmt: skip
