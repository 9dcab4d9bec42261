"""The sheet against the register kept: what is new, changed, unchanged, gone.

A household matches by its code; a member by name and birth month (the year, where only that is known), then by
order on the sheet. Nothing is ever deleted: what the sheet no longer has is listed. What the sheet doesn't know
(an empty birth, a missing month, no phone) doesn't erase what is known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from virtue.people.register.households import Household, Member
from virtue.people.register.problems import Problem

UPDATED = ("relation", "sex", "birth_year", "birth_month", "phone", "is_head", "gone_on", "position")
"""What an update writes of a member."""
FORMER_HEAD = "家庭成员"


class KeptMember(NamedTuple):
    """A member as the database has it."""

    id: int
    household_id: int
    name: str
    relation: str
    sex: str
    birth_year: int | None
    birth_month: int | None
    phone: str | None
    is_head: bool
    position: int
    gone_on: date | None


class KeptHousehold(NamedTuple):
    """A household as the database has it."""

    id: int
    code: str
    grid: str
    head_name: str
    members_count: int
    state: str


class Change(NamedTuple):
    """One field of a household or member that differs."""

    household_id: int
    member_id: int | None
    field: str
    before: Any
    after: Any


class NewMember(NamedTuple):
    """A member to be added to a household that is there already."""

    household_id: int
    member: Member
    position: int


@dataclass(slots=True)
class Plan:
    """What importing the sheets into one village would do."""

    new: list[Household] = field(default_factory=list)
    unchanged: int = 0
    changed: list[tuple[KeptHousehold, Household, list[str]]] = field(default_factory=list)
    """The household as kept and as on the sheet, and the fields that differ (``added`` for a new person)."""
    new_members: list[NewMember] = field(default_factory=list)
    member_updates: list[dict[str, Any]] = field(default_factory=list)
    household_updates: list[dict[str, Any]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    gone: list[KeptHousehold] = field(default_factory=list)
    gone_members: list[tuple[KeptHousehold, KeptMember]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def compare(
    sheet: Sequence[Household],
    households: Iterable[KeptHousehold],
    members: Iterable[KeptMember],
    *,
    left_out: Iterable[str] = (),
) -> Plan:
    """The plan for one village. ``left_out``: codes on the sheet whose households have mistakes."""
    plan = Plan()
    kept = {household.code: household for household in households}
    by_household: dict[int, list[KeptMember]] = {household.id: [] for household in kept.values()}
    for member in members:
        by_household[member.household_id].append(member)
    for household in sheet:
        before = kept.get(household.code)
        if before is None:
            plan.new.append(household)
        elif before.state == "ended":
            params = {"code": household.code}
            plan.problems.append(Problem(household.file, household.sheet, household.row, "", "HouseholdEnded", params))
        else:
            _compare_household(plan, household, before, by_household[before.id])
    seen = {household.code for household in sheet}.union(left_out)
    plan.gone = [h for code, h in kept.items() if code not in seen and h.state != "ended"]
    return plan


def _compare_household(plan: Plan, household: Household, before: KeptHousehold, members: list[KeptMember]) -> None:
    if household.grid == before.grid and _is_same(household.members, members):
        plan.unchanged += 1
        return
    changes: list[Change] = []
    if household.grid != before.grid:
        changes.append(Change(before.id, None, "grid", before.grid, household.grid))
    pairs = match_members(household.members, members)
    matched = {kept.id for kept in pairs if kept is not None}
    gone = [member for member in members if member.id not in matched and member.gone_on is None]
    plan.gone_members.extend((before, member) for member in gone)
    added = sum(kept is None for kept in pairs)
    renumber = added > 0 or not _in_order(pairs)
    for position, (member, kept) in enumerate(zip(household.members, pairs, strict=True), 1):
        if kept is None:
            plan.new_members.append(NewMember(before.id, member, position))
        else:
            _compare_member(plan, changes, member, kept, position if renumber else kept.position)
    if not _in_order(pairs):
        changes.append(Change(before.id, None, "order", None, None))
    _retire_heads(plan, changes, gone)
    if not changes and not added:
        plan.unchanged += 1
        return
    head = household.head
    head_name = head.name if head else before.head_name
    if head_name != before.head_name:
        changes.append(Change(before.id, None, "head", before.head_name, head_name))
    plan.changes.extend(changes)
    fields = list(dict.fromkeys([*(["added"] if added else []), *(change.field for change in changes)]))
    plan.changed.append((before, household, fields))
    plan.household_updates.append(
        {
            "household_id": before.id,
            "new_grid": household.grid,
            "new_head_name": head_name,
            "new_members_count": len(household.members) + len(gone),
        }
    )


def _is_same(sheet: list[Member], kept: list[KeptMember]) -> bool:
    """Whether member for member all is equal: the common case, without any matching."""
    if len(sheet) != len(kept):
        return False
    return all(
        a.name == b.name
        and a.relation == b.relation
        and a.sex == b.sex
        and a.birth_year == b.birth_year
        and a.birth_month == b.birth_month
        and (a.phone is None or a.phone == b.phone)
        and b.gone_on is None
        for a, b in zip(sheet, kept, strict=True)
    )


def match_members(sheet: Sequence[Member], kept: Sequence[KeptMember]) -> list[KeptMember | None]:
    """For each member on the sheet the one kept, or None: by name and birth, the surest match first."""
    pairs: list[KeptMember | None] = [None] * len(sheet)
    free = sorted(kept, key=lambda member: (member.gone_on is not None, member.position, member.id))
    for is_match in (_same_month, _same_year, _one_unknown):
        for index, member in enumerate(sheet):
            if pairs[index] is not None:
                continue
            for candidate in free:
                if candidate.name == member.name and is_match(member, candidate):
                    pairs[index] = candidate
                    free.remove(candidate)
                    break
    return pairs


def _same_month(a: Member, b: KeptMember) -> bool:
    return (a.birth_year, a.birth_month) == (b.birth_year, b.birth_month)


def _same_year(a: Member, b: KeptMember) -> bool:
    return a.birth_year == b.birth_year and (a.birth_month is None or b.birth_month is None)


def _one_unknown(a: Member, b: KeptMember) -> bool:
    return a.birth_year is None or b.birth_year is None


def _in_order(pairs: list[KeptMember | None]) -> bool:
    positions = [kept.position for kept in pairs if kept is not None]
    return positions == sorted(positions)


def _compare_member(plan: Plan, changes: list[Change], member: Member, kept: KeptMember, position: int) -> None:
    after: dict[str, Any] = {
        "relation": member.relation,
        "sex": member.sex,
        "birth_year": kept.birth_year if member.birth_year is None else member.birth_year,
        "birth_month": kept.birth_month if member.birth_month is None else member.birth_month,
        "phone": member.phone or kept.phone,
        "is_head": member.is_head,
        "gone_on": None,
    }
    before = kept._asdict()
    differing = [name for name, value in after.items() if before[name] != value]
    if not differing and position == kept.position:
        return
    for name in differing:
        if name == "gone_on":
            changes.append(Change(kept.household_id, kept.id, "back", None, None))
        elif name != "is_head" or "relation" not in differing:
            # The mark of the householder follows from the relation and needs no line of its own.
            changes.append(Change(kept.household_id, kept.id, name, before[name], after[name]))
    plan.member_updates.append(
        {"member_id": kept.id, "new_position": position, **{f"new_{name}": value for name, value in after.items()}}
    )


def _retire_heads(plan: Plan, changes: list[Change], gone: list[KeptMember]) -> None:
    """A householder who is no longer on the sheet stays a member, but 户主 can stand only once."""
    for kept in gone:
        if kept.is_head:
            changes.append(Change(kept.household_id, kept.id, "relation", kept.relation, FORMER_HEAD))
            row = {f"new_{name}": value for name, value in kept._asdict().items() if name in UPDATED}
            plan.member_updates.append({"member_id": kept.id, **row, "new_is_head": False, "new_relation": FORMER_HEAD})
