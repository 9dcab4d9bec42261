"""Importing: what is written, what an import again changes, what is never stored."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.factories import GridFactory, HouseholdFactory, MemberFactory, VillageFactory
from tests.pages import unchanged
from tests.people.register_books import TODAY, book, line, read, read_rows
from virtue.core import settings
from virtue.core.models import Audit, Remark
from virtue.extensions import db
from virtue.people.models import Household, Member, RegisterChange
from virtue.people.register import importing
from virtue.people.register.parsing import read_registers
from virtue.places.models import Grid, Village
from virtue.transactions import atomic

REGISTERS = Path(__file__).parents[1] / "data" / "registers"
WANG = line("王建国", code="0101")
LI = line("李秀英", "配偶", "女", "1972.11")
ZHAO = line("赵四", code="0102", grid="第2网格")


def put(*rows, skip_bad=False, **options):
    return importing.import_reading(read_rows(*rows, **options), skip_bad=skip_bad, by=None)


def members(code="0101"):
    rows = db.session.execute(
        sa.select(
            Member.name, Member.relation, Member.sex, Member.birth_year, Member.birth_month, Member.is_head,
            Member.position, Member.initials,
        )
        .join(Household, Household.id == Member.household_id)
        .where(Household.code == code)
        .order_by(Member.position, Member.id)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def counts(report):
    (village,) = report.villages
    return {name: getattr(village, name) for name in ("new", "changed", "unchanged", "gone", "left_out")}


def test_a_new_village_gets_its_grids_households_and_members(app):
    report = put(WANG, LI, ZHAO)
    assert (report.written, report.villages[0].is_new, report.villages[0].new_grids) == (
        True, True, ["第1网格", "第2网格"])  # fmt: skip
    assert counts(report) == {"new": 2, "changed": 0, "unchanged": 0, "gone": 0, "left_out": 0}
    village = db.session.scalars(sa.select(Village)).one()
    assert (village.name, village.slug) == ("清水村", "qingshuicun")
    assert [(grid.number, grid.name) for grid in village.grids] == [(1, "第1网格"), (2, "第2网格")]
    wang, zhao = db.session.scalars(sa.select(Household).order_by(Household.code)).unique()
    assert (wang.code, wang.tail, wang.head_name, wang.initials, wang.members_count, wang.grid.name) == (
        "0101", "0101", "王建国", "wjg", 2, "第1网格")  # fmt: skip
    assert (zhao.village_id, zhao.state, zhao.pin_version, zhao.pin_hash) == (village.id, "active", 1, None)
    assert members() == [
        ("王建国", "户主", "男", 1970, 3, True, 1, "wjg"),
        ("李秀英", "配偶", "女", 1972, 11, False, 2, "lxy"),
    ]


def test_villages_that_sound_alike_get_addresses_of_their_own(app):
    for name in ("立民新村", "利民新村", "丽民新村"):
        importing.import_reading(read(book([WANG], above=[f"填表单位：{name}村委会"])), by=None)
    assert db.session.scalars(sa.select(Village.slug).order_by(Village.id)).all() == [
        "liminxincun", "liminxincun2", "liminxincun3"]  # fmt: skip


def test_twice_the_same_file_changes_nothing(app):
    put(WANG, LI, ZHAO)
    with unchanged(app):
        report = put(WANG, LI, ZHAO)
    assert counts(report) == {"new": 0, "changed": 0, "unchanged": 2, "gone": 0, "left_out": 0}
    assert report.changes_nothing


def test_a_dry_run_says_the_same_and_writes_nothing(app):
    reading = read_rows(WANG, LI, ZHAO)
    with unchanged(app, frozenset()):
        dry = importing.dry_run(reading)
    wet = importing.import_reading(reading, by=None)
    assert (dry.written, wet.written) == (False, True)
    assert (dry.files, dry.villages) == (wet.files, wet.villages)


def test_what_is_there_already_is_used(app):
    village = VillageFactory(name="清水村", slug="qs")
    GridFactory(village=village, number=1, name="第1网格")
    report = put(WANG, ZHAO)
    assert (report.villages[0].is_new, report.villages[0].new_grids) == (False, ["第2网格"])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Village)) == 1


def test_a_grid_whose_number_is_taken_gets_the_next_free_one(app):
    village = VillageFactory(name="清水村", slug="qs")
    GridFactory(village=village, number=1, name="东头网格")
    put(WANG, line("赵四", code="0102", grid="西头网格"))
    grids = db.session.execute(sa.select(Grid.name, Grid.number).order_by(Grid.id))
    assert [tuple(row) for row in grids] == [("东头网格", 1), ("第1网格", 2), ("西头网格", 3)]


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        ([["第2网格", *WANG[1:]], LI], [("grid", '["第1网格", "第2网格"]')]),
        ([WANG, line("李秀英", "妻", "女", "1972.11")], [("relation", '["配偶", "妻"]')]),
        ([WANG, line("李秀英", "配偶", "男", "1972.11")], [("sex", '["女", "男"]')]),
        ([WANG, LI, line("王小宝", "儿子", "男", "2001-02-03")], [("added", None)]),
    ],
    ids=["grid", "relation", "sex", "member"],
)
def test_a_change_is_written_with_its_history(app, rows, fields):
    put(WANG, LI)
    version = db.session.scalar(sa.select(Village.board_version))
    report = put(*rows)
    assert counts(report) == {"new": 0, "changed": 1, "unchanged": 0, "gone": 0, "left_out": 0}
    history = db.session.execute(
        sa.select(RegisterChange.field, Remark.text, RegisterChange.source)
        .outerjoin(Remark, Remark.id == RegisterChange.remark_id)
        .order_by(RegisterChange.id)
    )
    assert [tuple(row) for row in history] == [(*field, "import") for field in fields]
    household = db.session.scalars(sa.select(Household)).one()
    rows_of_audit = db.session.scalars(sa.select(Audit).where(Audit.action == "people.change_by_import")).all()
    assert [(row.household_id, row.details) for row in rows_of_audit] == [
        (household.id, {"fields": [name for name, _ in fields]})]  # fmt: skip
    assert household.members_count == len(rows)
    assert db.session.scalar(sa.select(Village.board_version)) == version + 1
    with unchanged(app):
        assert put(*rows).changes_nothing


def test_a_new_householder_takes_the_old_one_s_place(app):
    put(WANG, LI)
    put(line("李秀英", "户主", "女", "1972.11", code="0101"), line("王建国", "配偶", "男", "1970.3"))
    household = db.session.scalars(sa.select(Household)).one()
    assert (household.head_name, household.initials) == ("李秀英", "lxy")
    assert [(m[0], m[1], m[5], m[6]) for m in members()] == [
        ("李秀英", "户主", True, 1), ("王建国", "配偶", False, 2)]  # fmt: skip
    with unchanged(app):
        put(line("李秀英", "户主", "女", "1972.11", code="0101"), line("王建国", "配偶", "男", "1970.3"))


def test_a_householder_no_longer_on_the_sheet_stays_but_is_head_no_more(app):
    put(WANG, LI)
    report = put(line("李秀英", "户主", "女", "1972.11", code="0101"))
    assert report.villages[0].gone_members == [("0101", "王建国")]
    household = db.session.scalars(sa.select(Household)).one()
    assert (household.head_name, household.members_count) == ("李秀英", 2)
    assert sorted((m[0], m[1], m[5]) for m in members()) == [
        ("李秀英", "户主", True), ("王建国", "家庭成员", False)]  # fmt: skip
    with unchanged(app):
        put(line("李秀英", "户主", "女", "1972.11", code="0101"))


def test_who_is_gone_is_listed_and_never_deleted(app):
    put(WANG, LI, ZHAO)
    with unchanged(app):
        report = put(WANG)
    assert counts(report) == {"new": 0, "changed": 0, "unchanged": 1, "gone": 1, "left_out": 0}
    assert (report.villages[0].gone_households, report.villages[0].gone_members) == (
        [("0102", "赵四")], [("0101", "李秀英")])  # fmt: skip


def test_an_empty_cell_erases_nothing_known(app):
    put(WANG, LI)
    with unchanged(app):
        put(line("王建国", birth="1970", code="0101"), line("李秀英", "配偶", "女", ""))


def test_a_month_not_known_before_is_added(app):
    put(line("王建国", birth="1970", code="0101"), line("李秀英", "配偶", "女", ""))
    report = put(WANG, LI)
    assert report.villages[0].changes == [("0101", "王建国", ["birth_month", "birth_year"])]
    assert [m[3:5] for m in members()] == [(1970, 3), (1972, 11)]


def test_members_of_one_name_and_birth_match_by_their_order(app):
    rows = [WANG, line("王宝", "儿子", "男", "2001-02"), line("王宝", "女儿", "女", "2001-02")]
    put(*rows)
    with unchanged(app):
        put(*rows)
    put(WANG, rows[1], line("王宝", "养女", "女", "2001-02"))
    assert [m[1] for m in members()] == ["户主", "儿子", "养女"]


def test_a_member_who_came_back_is_back(app):
    put(WANG, LI)
    with atomic():
        db.session.execute(sa.update(Member).where(Member.name == "李秀英").values(gone_on=TODAY))
        db.session.execute(sa.update(Household).values(members_count=1))
    assert put(WANG).changes_nothing
    put(WANG, LI)
    assert db.session.scalars(sa.select(Member.gone_on)).all() == [None, None]
    assert db.session.scalar(sa.select(Household.members_count)) == 2


def test_a_household_that_ended_is_a_mistake(app):
    put(WANG, ZHAO)
    with atomic():
        db.session.execute(sa.update(Household).where(Household.code == "0102").values(state="ended", ended_on=TODAY))
    with unchanged(app):
        report = put(["第2网格", *WANG[1:]], ZHAO)
    assert (report.written, [problem.kind for problem in report.problems]) == (False, ["HouseholdEnded"])
    assert put(["第2网格", *WANG[1:]], ZHAO, skip_bad=True).written


def test_with_a_mistake_nothing_is_written(app):
    with unchanged(app, frozenset()):
        report = put(WANG, line("赵四", sex="?", code="0102"))
    assert (report.written, report.can_write, report.can_skip_bad) == (False, False, True)


def test_skip_bad_leaves_out_households_with_mistakes_only(app):
    report = put(WANG, line("赵四", sex="?", code="0102"), line("钱五", code="0103"), skip_bad=True)
    assert counts(report) == {"new": 2, "changed": 0, "unchanged": 0, "gone": 0, "left_out": 1}
    assert db.session.scalars(sa.select(Household.code).order_by(Household.code)).all() == ["0101", "0103"]


def test_a_household_left_out_for_a_mistake_is_not_called_gone(app):
    put(WANG, ZHAO)
    report = put(WANG, line("赵四", sex="?", code="0102"), skip_bad=True)
    assert counts(report) == {"new": 0, "changed": 0, "unchanged": 1, "gone": 0, "left_out": 1}


def test_a_refused_file_stops_all_even_with_skip_bad(app):
    reading = read_registers([("a.xlsx", book([WANG])), ("b.xlsx", b"x")], today=TODAY)
    with unchanged(app, frozenset()):
        report = importing.import_reading(reading, skip_bad=True, by=None)
    assert not report.written


def test_all_files_are_one_transaction(app, monkeypatch):
    files = [("a.xlsx", book([WANG])), ("b.xlsx", book([ZHAO], above=["填表单位：甲村村委会"]))]
    reading = read_registers(files, today=TODAY)

    def fail(*args):
        raise RuntimeError

    with unchanged(app, frozenset()), monkeypatch.context() as patch:
        patch.setattr(importing, "_audit_files", fail)
        with pytest.raises(RuntimeError):
            importing.import_reading(reading, by=None)
    assert importing.import_reading(reading, by=None).written


def test_each_file_leaves_one_audit_row_without_names(app):
    files = [("a.xlsx", book([WANG, LI])), ("b.xlsx", book([ZHAO], above=["填表单位：甲村村委会"]))]
    importing.import_reading(read_registers(files, today=TODAY), by=None)
    rows = db.session.scalars(sa.select(Audit).where(Audit.action == "people.import_register").order_by(Audit.id)).all()
    assert [(row.details["households"], row.details["people"], row.details["left_out"]) for row in rows] == [
        (1, 2, 0), (1, 1, 0)]  # fmt: skip
    assert "王建国" not in repr([row.details for row in rows])


def test_another_village_s_household_of_the_same_code_is_left_alone(app):
    other = HouseholdFactory(code="0101", head_name="别村人")
    put(WANG)
    db.session.refresh(other)
    assert other.head_name == "别村人"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Household)) == 2


def test_phones_are_stored_only_where_the_village_turned_them_on(app):
    village = VillageFactory(name="清水村", slug="qs")
    rows = [line("王建国", code="0101", phone="19912345678")]
    put(*rows, with_phones=importing.villages_with_phones())
    assert db.session.scalars(sa.select(Member.phone)).all() == [None]
    with atomic():
        settings.change("keep_phones", True, village.id)
    put(*rows, with_phones=importing.villages_with_phones())
    assert db.session.scalars(sa.select(Member.phone)).all() == ["19912345678"]
    with unchanged(app):
        put(*rows)


def test_a_member_typed_in_on_the_page_matches_too(app):
    village = VillageFactory(name="清水村", slug="qs")
    grid = GridFactory(village=village, number=1)
    household = HouseholdFactory(grid=grid, code="0101", head_name="王建国")
    db.session.execute(sa.update(Member).values(birth_year=1970, birth_month=3))
    MemberFactory(household=household, name="李秀英", relation="配偶", sex="女", birth_year=1972, birth_month=11)
    db.session.execute(sa.update(Household).values(members_count=2))
    db.session.commit()
    with unchanged(app):
        assert put(WANG, LI).changes_nothing


def test_the_county_is_written_as_read_and_private_things_are_nowhere(app, database, database_url):
    files = [(path.name, path.read_bytes()) for path in sorted(REGISTERS.glob("0[1-3]*.xlsx"))]
    reading = read_registers(files, today=TODAY)
    report = importing.import_reading(reading, by=None)
    assert [(v.village, v.new, v.new_people, len(v.new_grids)) for v in report.villages] == [
        ("富民新村", 620, 2528, 9), ("感恩新村", 837, 3414, 12), ("为民新村", 843, 3438, 13)]  # fmt: skip
    db.session.commit()
    stored = raw_contents(database, database_url)
    assert "寇伟有" in stored
    for private in ("620622", "199****", "残疾", "低保", "党员", "军人", "大学生", "务工", "1967-08-05", "19670805"):
        assert private not in stored
    with unchanged(app):
        assert importing.import_reading(reading, by=None).changes_nothing


def raw_contents(database: str, url: str) -> str:
    """Everything the database holds, as bytes of its files or as the text of every row of every table."""
    if database == "sqlite":
        path = sa.engine.make_url(url).database
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return b"".join(p.read_bytes() for p in Path(path).parent.glob(Path(path).name + "*")).decode(errors="replace")
    with db.engine.connect() as connection:
        tables = connection.execute(
            sa.text("SELECT table_name FROM information_schema.tables WHERE table_schema='public'")
        )
        return "\n".join(
            str(text)
            for (table,) in tables.all()
            for text in connection.execute(sa.text(f'SELECT t::text FROM "{table}" t')).scalars()
        )
