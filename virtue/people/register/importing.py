"""The import itself: compare what was read with the database, and write it, all files in one transaction.

Statements are built once here and given lists: a county's 62,400 people are a handful of statements.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from virtue import clock
from virtue.core import audit, remarks, settings
from virtue.core.models import Setting
from virtue.errors import Busy
from virtue.extensions import db
from virtue.people.models import Household as KeptHouseholdRow
from virtue.people.models import Member as KeptMemberRow
from virtue.people.models import RegisterChange
from virtue.people.register.comparing import UPDATED, KeptHousehold, KeptMember, NewMember, Plan, compare
from virtue.people.register.households import Household, Member
from virtue.people.register.parsing import Reading, Register
from virtue.people.register.report import FileReport, Report, VillageReport
from virtue.pinyin import initials
from virtue.places import services as places
from virtue.places.models import Grid, Village
from virtue.transactions import atomic

_HOUSEHOLD, _MEMBER = KeptHouseholdRow.__table__, KeptMemberRow.__table__
_VILLAGE, _GRID = Village.__table__, Grid.__table__
_VILLAGE_BY_NAME = select(_VILLAGE.c.id).where(_VILLAGE.c.name == bindparam("name"))
# The weaker lock: rows elsewhere that merely name the village aren't held up.
_LOCK_VILLAGE = _VILLAGE_BY_NAME.with_for_update(key_share=True)
_GRIDS = select(_GRID.c.name, _GRID.c.id).where(_GRID.c.village_id == bindparam("village"))
_HOUSEHOLD_IDS = select(_HOUSEHOLD.c.code, _HOUSEHOLD.c.id).where(_HOUSEHOLD.c.village_id == bindparam("village"))
_KEPT_HOUSEHOLDS = (
    select(
        _HOUSEHOLD.c.id, _HOUSEHOLD.c.code, _GRID.c.name, _HOUSEHOLD.c.head_name, _HOUSEHOLD.c.members_count,
        _HOUSEHOLD.c.state,
    )
    .join(_GRID, _GRID.c.id == _HOUSEHOLD.c.grid_id)
    .where(_HOUSEHOLD.c.village_id == bindparam("village"))
    .order_by(_HOUSEHOLD.c.code)
)  # fmt: skip
_KEPT_MEMBERS = (
    select(*(_MEMBER.c[name] for name in KeptMember._fields))
    .where(_MEMBER.c.village_id == bindparam("village"))
    .order_by(_MEMBER.c.household_id, _MEMBER.c.position, _MEMBER.c.id)
)
_INSERT_HOUSEHOLDS, _INSERT_MEMBERS = insert(_HOUSEHOLD), insert(_MEMBER)
_INSERT_ADDED = insert(_MEMBER).returning(_MEMBER.c.id, sort_by_parameter_order=True)
_INSERT_CHANGES = insert(RegisterChange.__table__)
_UPDATE_HOUSEHOLD = (
    update(_HOUSEHOLD)
    .where(_HOUSEHOLD.c.id == bindparam("household_id"))
    .values(
        grid_id=bindparam("new_grid_id"),
        head_name=bindparam("new_head_name"),
        initials=bindparam("new_initials"),
        members_count=bindparam("new_members_count"),
    )
)
_UPDATE_MEMBER = (
    update(_MEMBER)
    .where(_MEMBER.c.id == bindparam("member_id"))
    .values({name: bindparam(f"new_{name}") for name in UPDATED})
)
_RAISE_BOARD = (
    update(_VILLAGE).where(_VILLAGE.c.id == bindparam("village")).values(board_version=_VILLAGE.c.board_version + 1)
)

MOST_LISTED = 1000


def village_names() -> list[str]:
    """The names of the villages there are, so that a register's lines are recognised."""
    return list(db.session.scalars(select(Village.name)))


def villages_with_phones() -> set[str]:
    """The names of the villages that turned the keeping of phones on."""
    if settings.DEFAULTS["keep_phones"]:
        return set(village_names())
    rows = db.session.execute(
        select(Village.name, Setting.value)
        .join(Setting, Setting.village_id == Village.id)
        .where(Setting.name == "keep_phones")
    )
    return {row.name for row in rows if row.value is True}


def dry_run(reading: Reading) -> Report:
    """What importing would do; writes nothing."""
    report = _report_files(reading)
    for name, good, bad in _by_village(reading):
        village_id = db.session.scalar(_VILLAGE_BY_NAME, {"name": name})
        plan = _plan(village_id, good, bad)
        _add_village(report, name, village_id is None, _new_grids(village_id, good), plan, len(bad))
    return report


def import_reading(reading: Reading, *, skip_bad: bool = False, by: int | None) -> Report:
    """Write what was read: one transaction for all of it, or nothing.

    With mistakes standing nothing is written, unless ``skip_bad`` leaves out the households that have one; a refused
    file always stops it. ``written`` in the report says which it was.
    """
    if reading.refused or not reading.registers or (reading.problems and not skip_bad):
        return dry_run(reading)
    report = _report_files(reading)
    try:
        with atomic():
            for name, good, bad in _by_village(reading):
                _import_village(report, name, good, bad, by)
            _refuse_mistakes(report, skip_bad)
            _audit_files(reading, by)
    except _MistakesRemain:
        return dry_run(reading)
    report.written = True
    return report


def import_when_free(reading: Reading, *, skip_bad: bool, by: int | None, tries: int = 12) -> Report:
    """Import; while others write wait for our turn, up to a minute. For work without a person at the other end."""
    for _ in range(tries - 1):
        try:
            return import_reading(reading, skip_bad=skip_bad, by=by)
        except Busy:
            continue
    return import_reading(reading, skip_bad=skip_bad, by=by)


class _MistakesRemain(Exception):
    """Mistakes that only the comparison under the lock showed; takes the transaction back."""


def _refuse_mistakes(report: Report, skip_bad: bool) -> None:
    if report.problems and not skip_bad:
        raise _MistakesRemain


def _import_village(report: Report, name: str, good: list[Household], bad: list[str], by: int | None) -> None:
    village_id = db.session.scalar(_LOCK_VILLAGE, {"name": name})
    is_new = village_id is None
    new_grids = _new_grids(village_id, good)
    if village_id is None and not good:
        _add_village(report, name, False, [], compare((), (), ()), len(bad))
        return
    if village_id is None:
        village_id = places.add_village(name, by=by).id
    places.add_grids(village_id, new_grids, by=by)
    plan = _plan(village_id, good, bad)
    _add_village(report, name, is_new, new_grids, plan, len(bad))
    _write(village_id, plan, by)


def _by_village(reading: Reading) -> list[tuple[str, list[Household], list[str]]]:
    """Each village with its good households and the codes of those left out."""
    bad: dict[str, list[str]] = {}
    for name, household in reading.bad():
        bad.setdefault(name, []).append(household.code)
    return [(name, good, bad.get(name, [])) for name, good in reading.by_village().items()]


def _plan(village_id: int | None, good: list[Household], bad: list[str]) -> Plan:
    if village_id is None:
        return compare(good, (), ())
    where = {"village": village_id}
    households = map(KeptHousehold._make, db.session.execute(_KEPT_HOUSEHOLDS, where))
    members = map(KeptMember._make, db.session.execute(_KEPT_MEMBERS, where))
    return compare(good, households, members, left_out=bad)


def _new_grids(village_id: int | None, households: Iterable[Household]) -> list[tuple[str, int | None]]:
    known = set() if village_id is None else set(_grid_ids(village_id))
    wanted = {household.grid: household.grid_number for household in households}
    return [(name, number) for name, number in wanted.items() if name not in known]


def _grid_ids(village_id: int) -> dict[str, int]:
    return {row.name: row.id for row in db.session.execute(_GRIDS, {"village": village_id})}


def _write(village_id: int, plan: Plan, by: int | None) -> None:
    """Carry out the plan of one village."""
    now = clock.now()
    grid_ids = _grid_ids(village_id)
    if plan.new:
        rows = [_household_row(village_id, household, grid_ids, now) for household in plan.new]
        db.session.execute(_INSERT_HOUSEHOLDS, rows)
        found = db.session.execute(_HOUSEHOLD_IDS, {"village": village_id})
        ids = {row.code: row.id for row in found}
        members = [
            _member_row(village_id, household_id, member, position)
            for household in plan.new
            for household_id in (ids[household.code],)
            for position, member in enumerate(household.members, 1)
        ]
        db.session.execute(_INSERT_MEMBERS, members)
    if plan.changed:
        _write_changes(village_id, plan, grid_ids, by)


def _household_row(village_id: int, household: Household, grid_ids: dict[str, int], now: Any) -> dict[str, Any]:
    head = household.named_head or household.members[0].name
    return {
        "village_id": village_id,
        "grid_id": grid_ids[household.grid],
        "code": household.code,
        "tail": household.code[-4:].zfill(4),
        "head_name": head,
        "initials": initials(head),
        "members_count": len(household.members),
        "state": "active",
        "board_opt_out": False,
        "pin_version": 1,
        "created_at": now,
    }


def _member_row(village_id: int, household_id: int, member: Member, position: int) -> dict[str, Any]:
    name, relation, sex, year, month, phone, _ = member
    return {
        "village_id": village_id,
        "household_id": household_id,
        "name": name,
        "initials": initials(name),
        "relation": relation,
        "sex": sex,
        "birth_year": year,
        "birth_month": month,
        "phone": phone,
        "is_head": relation == "户主",
        "position": position,
    }


def _write_changes(village_id: int, plan: Plan, grid_ids: dict[str, int], by: int | None) -> None:
    added_ids: list[int] = []
    if plan.new_members:
        rows = [_added_row(village_id, added) for added in plan.new_members]
        added_ids = list(db.session.scalars(_INSERT_ADDED, rows))
    if plan.member_updates:
        db.session.execute(_UPDATE_MEMBER, plan.member_updates)
    updates = [
        {
            "household_id": row["household_id"],
            "new_grid_id": grid_ids[row["new_grid"]],
            "new_head_name": row["new_head_name"],
            "new_initials": initials(row["new_head_name"]),
            "new_members_count": row["new_members_count"],
        }
        for row in plan.household_updates
    ]
    db.session.execute(_UPDATE_HOUSEHOLD, updates)
    _keep_history(village_id, plan, added_ids, by)
    audit.record_many(
        [
            {
                "village_id": village_id, "action": "people.change_by_import", "by_id": by, "household_id": before.id,
                "subject": "household", "subject_id": before.id, "details": {"fields": fields},
            }
            for before, _, fields in plan.changed
        ]
    )  # fmt: skip
    # Boards show names and grids.
    db.session.execute(_RAISE_BOARD, {"village": village_id})


def _added_row(village_id: int, added: NewMember) -> dict[str, Any]:
    return _member_row(village_id, added.household_id, added.member, added.position)


def _keep_history(village_id: int, plan: Plan, added_ids: list[int], by: int | None) -> None:
    """A line for each field that changed; before and after stand in a remark, which can be forgotten."""
    line = {"village_id": village_id, "changed_at": clock.now(), "by_id": by, "source": "import"}
    rows = []
    for change in plan.changes:
        has_values = change.before is not None or change.after is not None
        text = json.dumps([change.before, change.after], ensure_ascii=False) if has_values else None
        rows.append(
            {
                **line, "household_id": change.household_id, "member_id": change.member_id, "field": change.field,
                "remark_id": remarks.keep(text, village_id=village_id)[0],
            }
        )  # fmt: skip
    for added, member_id in zip(plan.new_members, added_ids, strict=True):
        row = {"household_id": added.household_id, "member_id": member_id, "field": "added", "remark_id": None}
        rows.append({**line, **row})
    if rows:
        db.session.execute(_INSERT_CHANGES, rows)


def _audit_files(reading: Reading, by: int | None) -> None:
    for register in reading.registers:
        good = [household for household in register.households if not household.bad]
        audit.record(
            "people.import_register",
            village_id=db.session.scalar(_VILLAGE_BY_NAME, {"name": register.village}),
            by=by,
            subject="register",
            sha256=register.sha256,
            households=len(good),
            people=sum(len(household.members) for household in good),
            left_out=len(register.households) - len(good),
        )


def _report_files(reading: Reading) -> Report:
    return Report(
        files=[_file_report(register) for register in reading.registers],
        problems=reading.problems,
        refused=[(error.code, error.params) for error in reading.refused],
    )


def _file_report(register: Register) -> FileReport:
    return FileReport(
        register.file, register.village, register.village_from, len(register.households), register.people,
        len({household.grid for household in register.households if household.grid}), register.forbidden,
        register.ignored, register.phones_dropped, register.notes,
    )  # fmt: skip


def _add_village(
    report: Report, name: str, is_new: bool, new_grids: list[tuple[str, int | None]], plan: Plan, left_out: int
) -> None:
    report.problems = [*report.problems, *plan.problems]
    report.villages.append(
        VillageReport(
            village=name,
            is_new=is_new,
            new_grids=[grid for grid, _ in new_grids],
            new=len(plan.new),
            new_people=sum(len(household.members) for household in plan.new) + len(plan.new_members),
            changed=len(plan.changed),
            unchanged=plan.unchanged,
            left_out=left_out + len(plan.problems),
            changes=[(before.code, before.head_name, fields) for before, _, fields in plan.changed[:MOST_LISTED]],
            gone=len(plan.gone),
            gone_households=[(household.code, household.head_name) for household in plan.gone[:MOST_LISTED]],
            gone_members=[(household.code, member.name) for household, member in plan.gone_members[:MOST_LISTED]],
        )
    )
