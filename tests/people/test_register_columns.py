"""Headings and villages."""

import pytest

from tests.people.register_books import HEADINGS, TODAY, book, line, read
from virtue.people.register import columns, villages
from virtue.people.register.parsing import read_register


@pytest.mark.parametrize(("name", "word"), [(n, w) for n, words in columns.SYNONYMS.items() for w in words.split()])
def test_each_synonym_names_its_field(name, word):
    assert columns.read_headings([word]).places == {name: 0}


def test_headings_may_carry_blanks_stars_and_brackets():
    found = columns.read_headings(
        ["户 编 号*", "姓　名（必填）", "与户主\n关系", "性别：", "出生日期(年月日)", "所属网格"]
    )
    assert found.places == {"code": 0, "name": 1, "relation": 2, "sex": 3, "birth": 4, "grid": 5}


def test_columns_are_found_in_any_order():
    order = [6, 3, 9, 4, 1, 8, 0, 7, 5, 2]
    rows = [line("王建国", code="0101"), line("李秀英", "配偶", "女", "1972.11")]
    content = book([[row[i] for i in order] for row in rows], headings=[HEADINGS[i] for i in order])
    (household,) = read(content).registers[0].households
    assert [(m.name, m.relation, m.sex, m.birth_year) for m in household.members] == [
        ("王建国", "户主", "男", 1970), ("李秀英", "配偶", "女", 1972)]  # fmt: skip


def test_the_member_s_name_stands_beside_the_head_s():
    found = columns.read_headings(["户编号", "姓名", "家庭成员姓名", "关系", "性别", "网格"])
    assert (found.places["head"], found.places["name"]) == (1, 2)


def test_headings_in_two_rows_are_read_as_one():
    above = ["户编号", "网格", "家庭成员情况", "", "", ""]
    below = ["", "", "姓名", "与户主关系", "性别", "出生年月"]
    content = book([below, ["0101", "1", "王建国", "户主", "男", "1970-03"]], headings=above)
    (household,) = read(content).registers[0].households
    assert (household.code, household.grid, household.row, household.members[0].name) == (
        "0101",
        "第1网格",
        5,
        "王建国",
    )


def test_the_heading_row_is_found_wherever_it_stands():
    above = ["清水村户籍花名册", "", "说明：户主、姓名按户口簿填写", "", "填表单位：清水村村委会", "共三页"]
    register = read(book([line("王建国", code="0101")], above=above)).registers[0]
    assert register.households[0].row == len(above) + 2


@pytest.mark.parametrize(
    "heading",
    ["身份证号", "公民身份号码", "证件号码", "备注", "情况说明", "民族", "健康状况", "政治面貌", "是否党员", "低保", "残疾等级",
     "贫困户类型", "脱贫户", "婚姻状况", "宗教信仰", "银行卡号", "监测对象", "计生情况"],
)  # fmt: skip
def test_a_forbidden_column_is_left_out_and_named(heading):
    content = book([[*line("王建国", code="0101")[:7], "secret-value"]], headings=[*HEADINGS[:7], heading])
    register = read(content).registers[0]
    assert register.forbidden == [heading]
    assert "secret-value" not in repr(register)


def test_an_unknown_column_is_named_and_ignored():
    content = book([[*line("王建国", code="0101")[:7], "四年级"]], headings=[*HEADINGS[:7], "班级"])
    register = read(content).registers[0]
    assert (register.forbidden, register.ignored) == ([], ["班级"])
    assert "四年级" not in repr(register)


def test_phones_are_kept_only_where_the_village_turned_them_on():
    content = book([line("王建国", code="0101", phone="199 1234 5678"), line("李秀英", "配偶", "女", phone="问邻居")])
    off = read(content).registers[0]
    assert (off.phones_dropped, [m.phone for m in off.households[0].members]) == (True, [None, None])
    assert "1234" not in repr(off.households)
    on = read(content, with_phones={"清水村"}).registers[0]
    assert (on.phones_dropped, [m.phone for m in on.households[0].members]) == (False, ["19912345678", None])
    assert [(note.kind, note.params) for note in on.notes] == [("PhonesOdd", {"count": 1})]


def test_missing_columns_are_named():
    reading = read("姓名,与户主关系,性别,出生日期\n王,户主,男,1970\n".encode(), "清水村.csv")
    assert [str(error) for error in reading.refused] == ["清水村.csv：表头里缺少这些栏：户编号、网格。"]


@pytest.mark.parametrize(
    ("text", "village"),
    [
        ("富民新村村民委员会", "富民新村"), ("富民新村村委会", "富民新村"), ("富民村委会", "富民村"),
        ("富民新村", "富民新村"),
        ("古浪县黄花滩移民区富民新村户籍人口花名册(2026年)", "富民新村"), ("横梁乡古镇村户籍花名册", "古镇村"),
        ("2026年古浪县", None), ("甘肃省武威市古浪县黄花滩镇富民新村人口台账", "富民新村"), ("富民新村（盖章）",
        "富民新村"),
        ("填表说明", None), ("阳光社区居民委员会", "阳光社区"), ("富民新村2026年度户籍册", "富民新村"),
    ],
)  # fmt: skip
def test_a_line_speaks_of_a_village(text, village):
    assert villages.village_of(text) == village


def test_a_known_village_is_recognised_in_any_line():
    assert villages.village_of("感恩屯花名册", {"感恩屯", "感恩"}) == "感恩屯"


@pytest.mark.parametrize(
    ("name", "village"),
    [("01-富民新村.xlsx", "富民新村"), ("富民新村村民委员会户籍花名册(2026年).xls", "富民新村"), ("富民新村 (1).csv", "富民新村"),
     ("3、富民新村人口.xlsx", "富民新村"), ("花名册.xlsx", None)],
)  # fmt: skip
def test_a_file_name_speaks_of_a_village(name, village):
    assert villages.from_file_name(name) == village


@pytest.mark.parametrize(
    ("above", "name", "found"),
    [
        (["甲村户籍花名册", "填表单位：乙村村民委员会"], "丙村.xlsx", ("乙村", "unit")),
        (["甲村户籍花名册"], "丙村.xlsx", ("甲村", "title")),
        (["户籍花名册"], "丙村.xlsx", ("丙村", "file")),
    ],
)
def test_the_unit_line_goes_before_the_title_and_the_file_name(above, name, found):
    register = read(book([line("王建国", code="0101")], above=above), name).registers[0]
    assert (register.village, register.village_from) == found


def test_the_option_goes_before_all():
    content = book([line("王建国", code="0101")])
    register = read_register("a.xlsx", content, today=TODAY, village="别村")
    assert (register.village, register.village_from) == ("别村", "option")


def test_another_village_in_the_file_name_is_noted():
    register = read(book([line("王建国", code="0101")]), "丙村.xlsx").registers[0]
    assert [(note.kind, note.params) for note in register.notes] == [
        ("OtherVillageInName", {"other": "丙村", "village": "清水村"})]  # fmt: skip


def test_the_unit_s_name_may_stand_in_the_next_cell():
    assert villages.from_lines([["填表单位", "", "富民新村村委会"]]) == ("富民新村", "unit")
