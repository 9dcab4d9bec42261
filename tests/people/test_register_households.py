"""Rows grouped into households, and every mistake named by row and column."""

import pytest

from tests.people.register_books import HEADINGS, TODAY, book, kinds, line, read, read_rows
from virtue.people.register.parsing import read_registers
from virtue.people.register.problems import NOTES, SENTENCES

WANG = line("王建国", code="0101")
LI = line("李秀英", "配偶", "女", "1972.11")


def shape(reading):
    return [(h.code, [m.name for m in h.members]) for h in reading.registers[0].households]


def test_the_household_s_columns_stand_on_its_first_row_only():
    reading = read_rows(WANG, LI, line("赵四", code="0102"))
    assert shape(reading) == [("0101", ["王建国", "李秀英"]), ("0102", ["赵四"])]
    assert reading.problems == []


def test_the_code_may_stand_on_every_row():
    reading = read_rows(WANG, line("李秀英", "配偶", "女", code="0101", head="王建国"), line("赵四", code="0102"))
    assert shape(reading) == [("0101", ["王建国", "李秀英"]), ("0102", ["赵四"])]
    assert reading.problems == []


def test_blank_rows_totals_signatures_and_repeated_headings_are_no_people():
    reading = read_rows(
        WANG,
        [],
        ["", "  "],
        LI,
        HEADINGS,
        line("赵四", code="0102"),
        ["合 计", "2户", "", "3人"],
        ["填表人：王五", "", "审核：赵六"],
    )
    assert shape(reading) == [("0101", ["王建国", "李秀英"]), ("0102", ["赵四"])]
    assert (reading.problems, reading.registers[0].notes) == ([], [])


def test_a_total_that_differs_is_noted():
    notes = read_rows(WANG, LI, ["合计", "2户", "", "2人"]).registers[0].notes
    assert [note.sentence for note in notes] == ["第6行的合计写的是2户，实际读到1户。"]


def test_unknown_births_are_counted():
    notes = read_rows(WANG, line("李秀英", "配偶", "女", "")).registers[0].notes
    assert [note.sentence for note in notes] == ["有1个人没有写出生日期。"]


def test_blanks_and_full_width_digits_in_the_head_s_row_match():
    reading = read_rows(line(" 王 建国 ", code="０１０１", head="王建国"))
    assert shape(reading) == [("0101", ["王建国"])]
    assert reading.problems == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([line("李秀英", "配偶", code="0101", head="")], [(4, "与户主关系", "NoHead")]),
        ([WANG, line("王大", "户主")], [(5, "与户主关系", "TwoHeads")]),
        ([WANG, line("赵四", code="0102"), line("钱五", code="0101")], [(6, "户编号", "CodeTwice")]),
        ([WANG, line("赵四", code="0102"), WANG], [(6, "户编号", "HouseholdTwice")]),
        ([LI, WANG], [(4, "户编号", "NoHousehold")]),
        ([WANG, line("李秀英", "配偶", "女", "1972-02-30")], [(5, "出生日期", "ImpossibleBirth")]),
        ([WANG, line("李秀英", "配偶", "女", "2030-02-01")], [(5, "出生日期", "FutureBirth")]),
        ([WANG, line("李秀英", "配偶", "不详")], [(5, "性别", "UnknownSex")]),
        ([WANG, line("李秀英", "配偶", "")], [(5, "性别", "NoSex")]),
        ([WANG, line("李秀英", "", "女")], [(5, "与户主关系", "NoRelation")]),
        ([WANG, line("李秀英", "低保户", "女")], [(5, "与户主关系", "OddRelation")]),
        ([WANG, line("", "配偶", "女")], [(5, "姓名", "NoName")]),
        ([WANG, line("12", "配偶", "女")], [(5, "姓名", "OddName")]),
        ([line("王建国", code="A1")], [(4, "户编号", "BadCode")]),
        ([line("王建国", code="11010519491231002X")], [(4, "户编号", "CodeLooksLikeId")]),
        ([line("王建国", code="0101", grid="")], [(4, "网格", "NoGrid")]),
        ([line("王建国", code="0101", grid="格" * 41)], [(4, "网格", "BadGrid")]),
        ([WANG, ["第2网格", *LI[1:]]], [(5, "网格", "TwoGrids")]),
        ([line("王建国", code="0101", head="王建军")], [(4, "户主姓名", "HeadDiffers")]),
        ([WANG, line("12", "低保", "?", "1970-13-01")],
         [(5, "姓名", "OddName"), (5, "与户主关系", "OddRelation"), (5, "性别", "UnknownSex"), (5, "出生日期",
         "ImpossibleBirth")]),
    ],
    ids=lambda value: value[0][2] if value and isinstance(value[0], tuple) else None,
)  # fmt: skip
def test_a_mistake_is_named_by_row_and_column(rows, expected):
    reading = read_rows(*rows)
    assert kinds(reading) == expected
    assert len(reading.bad()) == 1
    assert all(problem.sentence.endswith("。") for problem in reading.problems)


def test_two_villages_in_one_sheet_are_a_mistake():
    rows = [[*WANG, "甲村"], [*line("赵四", code="0102"), "乙村"]]
    assert kinds(read(book(rows, headings=[*HEADINGS, "村名"]))) == [(5, "村名", "TwoVillages")]


def test_a_household_in_two_files_is_a_mistake_in_the_second():
    files = [("a.xlsx", book([WANG])), ("b.xlsx", book([WANG])), ("c.xlsx", book([line("钱五", code="0101")]))]
    reading = read_registers(files, today=TODAY)
    assert [(p.file, p.row, p.kind, p.params["place"]) for p in reading.problems] == [
        ("b.xlsx", 4, "HouseholdTwice", "a.xlsx 花名册"), ("c.xlsx", 4, "CodeTwice", "a.xlsx 花名册")]  # fmt: skip
    assert reading.by_village() == {"清水村": []}


def test_the_same_code_in_two_villages_is_none():
    files = [("a.xlsx", book([WANG])), ("b.xlsx", book([WANG], above=["填表单位：甲村村委会"]))]
    assert read_registers(files, today=TODAY).problems == []


def test_households_with_mistakes_are_set_apart():
    reading = read_rows(WANG, LI, line("赵四", sex="?", code="0102"), line("钱五", code="0103"))
    assert [h.code for h in reading.by_village()["清水村"]] == ["0101", "0103"]
    assert [(village, h.code, h.typed) for village, h in reading.bad()] == [("清水村", "0102", {"6:sex": "?"})]


def test_an_id_number_in_the_wrong_column_is_never_kept():
    reading = read_rows(line("王建国", birth="620622197003091234", code="0101"))
    assert reading.bad()[0][1].typed == {"4:birth": "……"}
    assert "19700309" not in repr(reading)


def test_every_kind_has_a_sentence_that_takes_its_params():
    params = {"code": "0101", "first": 4, "second": 5, "place": "a.xlsx", "sheet": "a", "row": 1, "said": "a", "counted": "b",
              "other": "a", "village": "b", "count": 1, "heading": "a"}  # fmt: skip
    for sentence in (*SENTENCES.values(), *NOTES.values()):
        assert str(sentence) % params
