"""What one cell means."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtue.people.register import cells
from virtue.people.register.cells import BadCell

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "cell",
    [
        "1967-08-05", "1967/8/5", "1967.8.5", "1967.08.05", "19670805", "1967年8月5日", "1967年08月05日", "1967年8月",
        "1967-08", "1967.8", "196708", "１９６７－０８－０５", " 1967 年 8 月 5 日 ", "1967-8-5 00:00:00",
        "1967年8月生",
        "1967—08—05", "1967、8、5", date(1967, 8, 5), datetime(1967, 8, 5, 12, 30, tzinfo=UTC),
        19670805.0, 19670805, 196708.0,
        24689.0, 1967.8, 1967.08, "1967年8月5号",
    ],
)  # fmt: skip
def test_every_way_to_write_a_birth_date_gives_year_and_month(cell):
    assert cells.birth(cell, TODAY) == (1967, 8)


@pytest.mark.parametrize("cell", ["1967", "1967年", 1967.0, 1967, "１９６７"])
def test_a_year_alone_is_a_birth_without_month(cell):
    assert cells.birth(cell, TODAY) == (1967, None)


def test_an_empty_birth_is_unknown():
    assert cells.birth("", TODAY) == cells.birth("　", TODAY) == (None, None)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("1967-13-01", "ImpossibleBirth"), ("1967-02-30", "ImpossibleBirth"), ("19670230", "ImpossibleBirth"),
        ("1967-00-00", "ImpossibleBirth"), ("1867-01-01", "ImpossibleBirth"), ("2026-11-25", "FutureBirth"),
        ("2027", "FutureBirth"), (2030.0, "FutureBirth"), (date(2199, 1, 1), "FutureBirth"), (1970.1, "AmbiguousBirth"), ("八五年",
        "UnreadableBirth"),
        ("5/8/67", "UnreadableBirth"), ("不详", "UnreadableBirth"), (True, "UnreadableBirth"), (time(8),
        "UnreadableBirth"),
        (-4.0, "UnreadableBirth"), (1e300, "UnreadableBirth"), (float("nan"), "UnreadableBirth"),
        (float("inf"), "UnreadableBirth"), ("620622196708051234", "UnreadableBirth"), ("1967-08-05-01",
        "UnreadableBirth"),
    ],
)  # fmt: skip
def test_a_wrong_birth_date_is_named(cell, kind):
    with pytest.raises(BadCell) as caught:
        cells.birth(cell, TODAY)
    assert caught.value.kind == kind


@given(st.dates(date(1900, 1, 1), TODAY), st.sampled_from(["%Y-%m-%d", "%Y.%m.%d", "%Y%m%d", "%Y/%m/%d"]))
def test_any_past_day_reads_as_its_year_and_month(day, shape):
    assert cells.birth(day.strftime(shape), TODAY) == (day.year, day.month)


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.dates(), st.times(), st.booleans()))
def test_no_cell_breaks_the_reader(cell):
    for reader in (cells.name, cells.code, cells.relation, cells.sex, cells.grid):
        try:
            reader(cell)
        except BadCell:
            continue
    cells.phone(cell)
    cells.kept_text(cell)
    try:
        year, month = cells.birth(cell, TODAY)
    except BadCell:
        return
    assert year is None or 1900 <= year <= 2026
    assert month is None or 1 <= month <= 12


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("郭龙才", "郭龙才"), (" 郭 龙才 ", "郭龙才"), ("郭　龙才", "郭龙才"), ("郭\u200b龙才", "郭龙才"),
        ("郭\n龙才", "郭龙才"),
        ("买买提•阿不都", "买买提·阿不都"), ("买买提．阿不都", "买买提·阿不都"), ("Anna  Smith", "Anna Smith"),
        ("ＡＮＮＡ", "ANNA"),
        ("𠮷田", "𠮷田"),
    ],
)  # fmt: skip
def test_a_name_loses_its_stray_blanks(cell, name):
    assert cells.name(cell) == name


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("张三1", "OddName"), ("620622197003091234", "OddName"), (12.0, "OddName"), ("张" * 41, "OddName"), (" ", "NoName"),
     ("<b>张三</b>", "OddName"), ("=1+1", "OddName"), ("张三,李四", "OddName")],
)  # fmt: skip
def test_what_is_no_name_is_refused(cell, kind):
    with pytest.raises(BadCell) as caught:
        cells.name(cell)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("cell", "code"), [("０１０１０００１", "01010001"), (" 0101 0001", "01010001"), (1010001.0, "1010001")]
)
def test_a_code_is_plain_digits(cell, code):
    assert cells.code(cell) == code


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("A-01", "BadCode"), ("1" * 21, "CodeLooksLikeId"), ("11010519491231002X", "CodeLooksLikeId"), (1.5, "BadCode"),
     ("110101199003070003", "CodeLooksLikeId"), ("620622********9246", "CodeLooksLikeId")],
)  # fmt: skip
def test_a_wrong_code_is_named(cell, kind):
    with pytest.raises(BadCell) as caught:
        cells.code(cell)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("cell", "relation"),
    [("本人", "户主"), ("户主 ", "户主"), ("户主（本人）", "户主"), ("儿 子", "儿子"), ("儿子(残疾)", "儿子")],
)
def test_a_relation_is_the_plain_word(cell, relation):
    assert cells.relation(cell) == relation


@pytest.mark.parametrize("cell", ["低保户", "残疾", "123", "父亲患病在家由儿子照顾着"])
def test_what_is_no_relation_is_refused(cell):
    with pytest.raises(BadCell):
        cells.relation(cell)


@pytest.mark.parametrize(
    ("cell", "grid"),
    [("第1网格", ("第1网格", 1)), ("第１网格", ("第1网格", 1)), ("1网格", ("第1网格", 1)), (" 第 1 网格", ("第1网格", 1)),
     (3.0, ("第3网格", 3)), ("第十二网格", ("第12网格", 12)), ("二十网格", ("第20网格", 20)), ("网格5",
     ("第5网格", 5)),
     ("1号网格", ("第1网格", 1)), ("东头网格", ("东头网格", None))],
)  # fmt: skip
def test_a_grid_has_one_name_however_it_is_written(cell, grid):
    assert cells.grid(cell) == grid


def test_a_phone_is_kept_only_if_it_is_one():
    assert cells.phone("１９９****1782") == "199****1782"
    assert cells.phone(19912345678.0) == "19912345678"
    assert cells.phone("0935-612 3456") == "0935-6123456"
    assert cells.phone("问邻居") is None
    assert cells.phone("620622197003091234") is None


def test_what_is_shown_again_never_holds_an_id_number():
    assert cells.kept_text("620622197003091234") == "……"
    assert cells.kept_text("620622********1234号") == "……号"
