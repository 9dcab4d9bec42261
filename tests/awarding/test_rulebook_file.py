"""A rulebook as a file: what goes out comes back the same; what is wrong is told by row and column, in words."""

import csv
import io

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.awarding import books
from virtue.awarding import rule_check, rule_words, rulebook_file, touchy_words
from virtue.awarding.models import Rule

DATA = books.COUNTY.read_bytes()


@pytest.fixture
def database():
    return "sqlite"


@pytest.fixture(autouse=True)
def request_context(app):
    with app.test_request_context():
        yield


def as_csv(*rows: dict[str, str], heads: list[str] | None = None) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, heads or list(rule_words.COLUMNS))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def wrong(row: dict[str, str]) -> dict[str, list[str]]:
    return rule_check.check(row)[1]


# ---- in and out -------------------------------------------------------------------------------------------------


def test_the_countys_book_is_read_whole_and_touches_nothing_touchy():
    book = rulebook_file.read(DATA, "rules.csv")
    assert (len(book.rules), book.problems, book.warnings) == (66, [], [])


@pytest.mark.parametrize(("write", "name"), [(rulebook_file.to_csv, "a.csv"), (rulebook_file.to_xlsx, "a.xlsx")])
def test_the_countys_book_comes_back_the_same(write, name):
    rules = rulebook_file.read(DATA, "rules.csv").rules
    again = rulebook_file.read(write(Rule(**rule) for rule in rules), name)
    assert (again.problems, again.rules) == ([], rules)


TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff"), max_size=40).map(str.strip)
FORMULA = st.tuples(st.sampled_from(["=", "+", "-", "@", "'=", "''-", "'", "=cmd|'/c calc'!A1"]), TEXT).map(
    lambda pair: (pair[0] + pair[1])[:40].strip()
)
ANY = st.one_of(TEXT, FORMULA)
NAME = ANY.filter(bool)
CAPS = st.lists(st.integers(1, 900), min_size=3, max_size=3).map(sorted)


@st.composite
def rows(draw):
    """A lawful rule as a file says it."""
    is_deduction = draw(st.booleans())
    points = draw(st.integers(1, 1000))
    caps = [str(cap) if draw(st.booleans()) else "" for cap in draw(CAPS)]
    route = "deduction" if is_deduction else draw(st.sampled_from(["at_once", "review"]))
    ways = {"deduction": ["scan", "round"], "at_once": ["event", "scan"], "review": ["scan", "claim"]}[route]
    return {
        "name": draw(NAME), "name_en": draw(ANY), "dimension": draw(st.sampled_from(["", "环境卫生", "孝老爱亲"])),
        "subject": draw(st.sampled_from(sorted(rule_words.SUBJECTS))),
        "unit": "civility" if is_deduction else draw(st.sampled_from(["home", "civility"])),
        "points": str(-points if is_deduction else points),
        "levels": draw(st.sampled_from(["", f"{points}/0"])) if not is_deduction else "",
        "quantity": draw(st.sampled_from(["", "1"])), "per": draw(st.sampled_from(["次", "kg", "处"])),
        "cap_month": caps[0], "cap_year": caps[1], "cap_ever": caps[2], "scores": draw(st.sampled_from(["0", "1"])),
        "evidence": draw(st.sampled_from(sorted(rule_words.EVIDENCE))),
        "needs": draw(st.sampled_from(["", "home_consent"])), "route": route, "entry": "+".join(ways),
        "publish": draw(st.sampled_from(["place_only", "never"])), "standard": draw(ANY),
        "veto": draw(st.sampled_from(["", "dimension"])) if is_deduction else "",
        "starter": draw(st.sampled_from(["", "1"])),
        "decides": "member" if route == "at_once" else draw(st.sampled_from(["group", "assembly", "above"])),
    }  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows(), min_size=1, max_size=4))
def test_whatever_goes_out_comes_back_the_same(app, made):
    columns = [rule_check.check({**row, "code": f"R{number}"}) for number, row in enumerate(made)]
    assert [errors for _rule, errors in columns] == [{}] * len(columns)
    rules = [{**rule, "position": number} for number, (rule, _errors) in enumerate(columns, 1)]
    for write, name in ((rulebook_file.to_csv, "a.csv"), (rulebook_file.to_xlsx, "a.xlsx")):
        again = rulebook_file.read(write([Rule(**rule) for rule in rules]), name)
        assert (again.problems, again.rules) == ([], rules)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'], ids=str)
def test_no_cell_leaves_as_a_formula(text):
    rule = Rule(**{**rule_check.check({**books.ROW, "name": text})[0], "position": 1})
    line = next(csv.DictReader(io.StringIO(rulebook_file.to_csv([rule]).decode("utf-8-sig"))))
    assert line["name"] == f"'{text}"
    sheet = openpyxl.load_workbook(io.BytesIO(rulebook_file.to_xlsx([rule]))).active
    cell = sheet.cell(2, list(rule_words.COLUMNS).index("name") + 1)
    assert (cell.value, cell.data_type) == (text, "s")


def test_csv_opens_in_chinese():
    assert rulebook_file.to_csv([]).startswith(b"\xef\xbb\xbf")


def test_heads_may_be_chinese_and_rows_in_gb18030():
    words = {str(word): books.ROW.get(name, "") for name, word in rule_words.COLUMNS.items()}
    data = as_csv(words, heads=list(words)).decode().encode("gb18030")
    book = rulebook_file.read(data, "rules.csv")
    assert (book.problems, [rule["code"] for rule in book.rules]) == ([], ["X01"])


def test_a_file_without_who_decides_says_it_by_its_route():
    decides = {rule["code"]: rule["decides"] for rule in rulebook_file.read(DATA, "rules.csv").rules}
    assert (decides["J05"], decides["J16"], decides["D01"], decides["J29"]) == ("member", "group", "group", "above")


# ---- what is wrong ----------------------------------------------------------------------------------------------


def test_errors_are_told_by_the_spreadsheets_row_and_column():
    good, bad = dict(books.ROW), {**books.ROW, "code": "X02", "points": "三", "subject": "belief"}
    data = as_csv(good, dict.fromkeys(rule_words.COLUMNS, ""), bad, {**good, "name": "又一项"})
    book = rulebook_file.read(data, "rules.csv")
    assert [(cell.row, cell.column, cell.rule) for cell in book.cells] == [
        (4, "subject", "清扫巷道"), (4, "points", "清扫巷道"), (4, "points", "清扫巷道"), (5, "code", "又一项"),
    ]  # fmt: skip
    assert [problem.split("：")[0] for problem in book.problems] == ["第 4 行“清扫巷道”", "第 5 行“又一项”"]


def test_rows_keep_their_number_in_a_workbook():
    book = openpyxl.Workbook()
    book.active.append(list(rule_words.COLUMNS))
    book.active.append([])
    book.active.append([books.ROW.get(name, "") if name != "points" else "x" for name in rule_words.COLUMNS])
    out = io.BytesIO()
    book.save(out)
    assert {cell.row for cell in rulebook_file.read(out.getvalue(), "a.xlsx").cells} == {3}


@pytest.mark.parametrize("subject", sorted(rule_words.FORBIDDEN))
def test_a_forbidden_subject_is_refused_with_its_reason(subject):
    assert wrong({**books.ROW, "subject": subject}) == {"subject": [str(rule_words.FORBIDDEN[subject])]}
    data = as_csv({**books.ROW, "subject": subject})
    assert str(rule_words.FORBIDDEN[subject]) in rulebook_file.read(data, "a.csv").problems[0]


WRONG = {
    "no code": ({"code": ""}, "code"), "long code": ({"code": "X" * 13}, "code"), "no name": ({"name": " "}, "name"),
    "long name": ({"name": "长" * 61}, "name"), "line break": ({"name": "两\n行"}, "name"),
    "invisible": ({"standard": "看\x07不见"}, "standard"), "long standard": ({"standard": "长" * 201}, "standard"),
    "long english": ({"name_en": "x" * 81}, "name_en"), "unknown subject": ({"subject": "weather"}, "subject"),
    "no subject": ({"subject": ""}, "subject"), "unknown unit": ({"unit": "gold"}, "unit"),
    "zero": ({"points": "0"}, "points"), "too many": ({"points": "1001"}, "points"), "half": ({"points": "1.5"}, "points"),
    "underscore": ({"points": "1_0"}, "points"), "power": ({"points": "1e2"}, "points"), "none": ({"points": ""}, "points"),
    "minus without deduction": ({"points": "-3"}, "points"), "home deduction": ({**books.ROW, "points": "-3", "route": "deduction", "entry": "scan", "publish": "never"}, "unit"),
    "deduction with plus": ({"route": "deduction", "entry": "scan", "publish": "never"}, "points"),
    "levels": ({"levels": "很好/好"}, "levels"), "levels above": ({"levels": "9/3/0"}, "levels"),
    "cap of nothing": ({"cap_month": "0"}, "cap_month"), "cap below": ({"cap_month": "6", "cap_year": "5"}, "cap_year"),
    "unknown route": ({"route": "magic"}, "route"), "unknown way": ({"entry": "drone"}, "entry"),
    "no way": ({"entry": ""}, "entry"), "way twice": ({"entry": "scan+scan"}, "entry"),
    "unknown publish": ({"publish": "tv"}, "publish"), "unknown evidence": ({"evidence": "hearsay"}, "evidence"),
    "unknown need": ({"needs": "passport"}, "needs"), "veto on an award": ({"veto": "dimension"}, "veto"),
    "unknown decider": ({"decides": "me"}, "decides"), "member decides a review": ({"decides": "member"}, "decides"),
    "at once without event": ({"route": "at_once", "entry": "scan", "decides": ""}, "entry"),
    "import of deeds": ({"entry": "import"}, "entry"), "starter": ({"starter": "yes"}, "starter"),
    "deduction on the red board": ({"points": "-3", "unit": "civility", "route": "deduction", "entry": "scan", "publish": "red"}, "publish"),
    "deduction claimed": ({"points": "-3", "unit": "civility", "route": "deduction", "entry": "claim", "publish": "never"}, "entry"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "column"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_stands_at_its_column(change, column):
    assert column in wrong({**books.ROW, **change})


def test_full_width_digits_and_minus_are_read():
    row = {**books.ROW, "points": "−５", "unit": "civility", "route": "deduction", "entry": "scan", "publish": "never"}
    rule, errors = rule_check.check(row)
    assert (errors, rule["points"]) == ({}, -5)


BROKEN = {
    "no workbook": (b"PK\x03\x04 nonsense", "a.xlsx"), "picture": (b"\xff\xd8\xff\xe0" + bytes(range(256)), "a.xls"),
    "empty": (b"", "a.csv"), "other columns": (b"a,b\n1,2\n", "a.csv"), "heads alone": (as_csv(), "a.csv"),
    "too large": (b"x" * (rulebook_file.MOST_BYTES + 1), "a.csv"), "nul": (b"code,name\n\x00,\x00\n", "a.csv"),
    "too many": (as_csv(*[{**books.ROW, "code": f"X{n}"} for n in range(501)]), "a.csv"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "name"), BROKEN.values(), ids=list(BROKEN))
def test_a_file_that_is_none_is_told_and_gives_no_rule(data, name):
    book = rulebook_file.read(data, name)
    assert book.problems
    assert book.rules == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.xls", ""]))
def test_no_bytes_break_the_reader(app, data, name):
    assert rulebook_file.read(data, name).problems


# ---- words that only warn ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    "信访 上访 举报 生育 二胎 低保 贫困 疾病 征地 拆迁 党员 宗教 吸毒 欠款 离婚 罚款 监护 家暴 拘留 残疾 搬迁".split(),
)
def test_a_touchy_word_warns_and_refuses_nothing(word):
    row = {**books.ROW, "standard": f"不{word}"}
    assert wrong(row) == {}
    assert [word in sentence for sentence in touchy_words.warnings(row)] == [True] * len(touchy_words.warnings(row))
    assert touchy_words.warnings(row)
    book = rulebook_file.read(as_csv(row), "a.csv")
    assert (book.problems, len(book.rules), word in book.warnings[0]) == ([], 1, True)


def test_plain_rules_warn_of_nothing():
    assert touchy_words.warnings(books.ROW) == []
