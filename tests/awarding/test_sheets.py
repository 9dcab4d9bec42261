"""Numbered paper sheets: printed, typed in, each number once ever; on both databases."""

import re
from datetime import timedelta

import pytest

from tests import factories
from tests.awarding.test_pipeline import village  # noqa: F401  a fixture
from tests.awarding.test_rounds import close, levels, opened, tap
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import round_queries, sheet_queries, sheets
from virtue.awarding.marking import Tap
from virtue.awarding.models import Deed
from virtue.awarding.round_errors import (
    AlreadyHandedIn,
    EmptySheet,
    MayNotJudge,
    NotAJudge,
    RoundOver,
    SheetAlreadyEntered,
    SheetIsVoid,
    SheetLinesRefused,
    WrongSheet,
)
from virtue.awarding.round_models import Sheet, SheetState
from virtue.awarding.round_states import SHEET_STEPS
from virtue.awarding.sheets import Line
from virtue.core import keys
from virtue.errors import NotFoundHere
from virtue.extensions import db


@pytest.fixture
def grid(village):  # noqa: F811
    return factories.GridFactory(village=village, number=3)


@pytest.fixture
def homes(grid):
    return [factories.HouseholdFactory(grid=grid, head_name="马永智") for _ in range(3)]


@pytest.fixture
def clerk(village):  # noqa: F811
    return factories.village_admin(village, name="文书小王")


@pytest.fixture
def judges(village):  # noqa: F811
    return [factories.committee(village) for _ in range(3)]


def deed_sheet(village, by):  # noqa: F811
    number = sheets.print_for_deeds(village.id, count=1, key=keys.new(), by=by.id).result["first"]
    return sheet_queries.sheets_between(village.id, number, number)[0]


def enter(sheet, *lines, by, may_skip=False, key=None):
    return sheets.enter_lines(
        sheet.village_id, sheet.id, lines, key=key or keys.new(), by=by.id, may_skip=may_skip
    )  # fmt: skip


def number_of(household):
    return f"3-{household.tail}"


# ---- numbers -------------------------------------------------------------------------------------------------------


def test_numbers_go_on_and_are_the_village_s_own(village, clerk):  # noqa: F811
    first = sheets.print_for_deeds(village.id, count=3, key=keys.new(), by=clerk.id)
    second = sheets.print_for_deeds(village.id, count=1, key=keys.new(), by=clerk.id)
    assert (first.result, second.result) == ({"first": 1, "last": 3}, {"first": 4, "last": 4})
    neighbour = factories.VillageFactory()
    assert deed_sheet(neighbour, factories.village_admin(neighbour)).number == 1


def test_the_same_printing_asked_for_twice_is_one(village, clerk):  # noqa: F811
    key = keys.new()
    for _ in range(2):
        assert sheets.print_for_deeds(village.id, count=2, key=key, by=clerk.id).result == {"first": 1, "last": 2}
    assert db.session.query(Sheet).count() == 2


@pytest.mark.parametrize("number", [1, 42, 99_999, 123_456])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_misread_digit_is_seen(app, number):
    printed = sheet_queries.printed_number(number)
    assert sheet_queries.read_number(printed) == number
    assert sheet_queries.read_number(printed.replace("-", "")) == number
    for at, digit in enumerate(printed):
        if digit.isdigit():
            wrong = printed[:at] + str((int(digit) + 1) % 10) + printed[at + 1 :]
            assert sheet_queries.read_number(wrong) is None


# ---- single deeds --------------------------------------------------------------------------------------------------


def test_a_sheet_of_deeds_is_typed_in(village, homes, clerk):  # noqa: F811
    sheet = deed_sheet(village, clerk)
    yesterday = clock.today() - timedelta(days=1)
    done = enter(
        sheet, Line(1, number_of(homes[0]), "j14", words="雪夜帮忙"), Line(3, homes[1].code, "J16", day=yesterday),
        by=clerk,
    )  # fmt: skip
    assert done.result == {"sheet_id": sheet.id, "entered": 2, "refused": 0}
    deeds = db.session.query(Deed).order_by(Deed.id).all()
    assert [(deed.household_id, deed.rule_code, deed.state, deed.way) for deed in deeds] == [
        (homes[0].id, "J14", "proposed", "scan"), (homes[1].id, "J16", "proposed", "scan"),
    ]  # fmt: skip
    assert [deed.happened_on for deed in deeds] == [clock.today(), yesterday]
    sheet = db.session.get(Sheet, sheet.id)
    assert (sheet.state, sheet.ended_by_id) == ("entered", clerk.id)
    assert [(row["line"], row["deed_id"]) for row in sheet.results] == [(1, deeds[0].id), (3, deeds[1].id)]


def test_a_sheet_is_entered_once_ever(app, village, homes, clerk, judges):  # noqa: F811
    sheet = deed_sheet(village, clerk)
    enter(sheet, Line(1, number_of(homes[0]), "J14"), by=clerk)
    with unchanged(app), pytest.raises(SheetAlreadyEntered) as refused:
        enter(sheet, Line(1, number_of(homes[1]), "J14"), by=judges[0])
    assert refused.value.params["by_id"] == clerk.id
    assert refused.value.params["number"] == sheet_queries.printed_number(sheet.number)


def test_the_same_sending_twice_gives_the_same_answer(village, homes, clerk):  # noqa: F811
    sheet, key = deed_sheet(village, clerk), keys.new()
    line = Line(1, number_of(homes[0]), "J14")
    assert enter(sheet, line, by=clerk, key=key).result == enter(sheet, line, by=clerk, key=key).result
    assert db.session.query(Deed).count() == 1


def test_one_wrong_line_holds_the_whole_sheet(app, village, homes, clerk):  # noqa: F811
    sheet = deed_sheet(village, clerk)
    lines = (
        Line(1, number_of(homes[0]), "J14"), Line(2, "3-9999", "J14"), Line(3, number_of(homes[1]), "X99"),
        Line(4, number_of(homes[0]), "J14"), Line(5, number_of(homes[2]), "J05"),
    )  # fmt: skip
    with unchanged(app), pytest.raises(SheetLinesRefused) as refused:
        enter(sheet, *lines, by=clerk)
    assert {line: why[0] for line, why in refused.value.params["lines"].items()} == {
        "2": "UnknownHousehold", "3": "UnknownRule", "4": "CapReached", "5": "WayNotAllowed",
    }  # fmt: skip
    assert enter(sheet, *lines, by=clerk, may_skip=True).result == {
        "sheet_id": sheet.id, "entered": 1, "refused": 4,
    }  # fmt: skip


def test_a_sheet_with_nothing_that_can_be_entered_is_refused_even_so(app, village, homes, clerk):  # noqa: F811
    sheet = deed_sheet(village, clerk)
    with unchanged(app), pytest.raises(SheetLinesRefused):
        enter(sheet, Line(1, "3-9999", "J14"), by=clerk, may_skip=True)
    with unchanged(app), pytest.raises(EmptySheet):
        enter(sheet, by=clerk)


def test_a_void_sheet_is_never_entered(app, village, homes, clerk):  # noqa: F811
    sheet = deed_sheet(village, clerk)
    sheets.void(village.id, sheet.id, why="写坏了", key=keys.new(), by=clerk.id)
    with unchanged(app), pytest.raises(SheetIsVoid):
        enter(sheet, Line(1, number_of(homes[0]), "J14"), by=clerk)
    with unchanged(app), pytest.raises(SheetIsVoid):
        sheets.void(village.id, sheet.id, why="再来", key=keys.new(), by=clerk.id)


def test_another_village_s_sheet_is_not_found(app, village, homes, clerk):  # noqa: F811
    neighbour = factories.VillageFactory()
    foreign = deed_sheet(neighbour, factories.village_admin(neighbour))
    with unchanged(app), pytest.raises(NotFoundHere):
        sheets.enter_lines(
            village.id, foreign.id, [Line(1, number_of(homes[0]), "J14")], key=keys.new(), by=clerk.id
        )  # fmt: skip


# ---- an event's list -----------------------------------------------------------------------------------------------


def test_an_event_s_list_books_each_household_once(app, village, homes, clerk, judges):  # noqa: F811
    event = factories.EventFactory(village_id=village.id, opened_by_id=judges[0].id)
    number = sheets.print_for_event(village.id, event.id, "J05", key=keys.new(), by=clerk.id).result["first"]
    (sheet,) = sheet_queries.sheets_between(village.id, number, number)
    lines = [Line(number, number_of(home)) for number, home in enumerate([*homes, homes[0]], 1)]
    with unchanged(app), pytest.raises(SheetLinesRefused) as refused:
        enter(sheet, *lines, by=clerk)
    assert {line: why[0] for line, why in refused.value.params["lines"].items()} == {"4": "AlreadyInEvent"}
    enter(sheet, *lines[:3], by=clerk)
    assert db.session.query(Deed).filter_by(event_id=event.id, state="settled").count() == 3


# ---- a round's sheet -----------------------------------------------------------------------------------------------


def round_sheet(one, by):
    number = sheets.print_for_round(one.village_id, one.id, key=keys.new(), by=by.id).result["first"]
    return sheet_queries.sheets_between(one.village_id, number, number)[0]


def enter_round(sheet, judges, values, *, by, may_skip=False):
    taps = {household.id: Tap(household.id, value) for household, value in values.items()}
    return sheets.enter_round(
        sheet.village_id, sheet.id, [judge.id for judge in judges], taps, key=keys.new(), by=by.id, may_skip=may_skip
    )


def test_a_round_s_sheet_counts_for_all_who_signed(app, grid, homes, judges, clerk):
    one = opened(grid, judges, mode="recorder")
    sheet = round_sheet(one, clerk)
    assert sheet.household_ids == [home.id for home in homes]
    enter_round(sheet, judges, dict(zip(homes, ("2", "0", "declined"), strict=True)), by=clerk)
    close(one, judges[0])
    assert levels(one) == {homes[0].id: 2, homes[1].id: 0, homes[2].id: None}
    with unchanged(app), pytest.raises(SheetAlreadyEntered):
        enter_round(sheet, judges, {homes[0]: "1"}, by=clerk)


def test_one_judge_on_paper_the_others_on_phones(app, grid, homes, judges, clerk):
    one = opened(grid, judges[:2])
    tap(one, judges[0], homes[0], 2)
    sheet = round_sheet(one, clerk)
    with unchanged(app), pytest.raises(NotAJudge):
        enter_round(sheet, [judges[2]], {homes[0]: "1"}, by=clerk)
    enter_round(sheet, [judges[1]], {homes[0]: "1"}, by=clerk)
    assert [judge.sheet_id for judge in round_queries.judges_of(one.id)] == [None, sheet.id]
    again = round_sheet(one, clerk)
    with unchanged(app), pytest.raises(AlreadyHandedIn):
        enter_round(again, [judges[1]], {homes[0]: "2"}, by=clerk)


def test_a_sheet_without_names_or_of_a_closed_round_is_refused(app, grid, homes, judges, clerk):
    one = opened(grid, judges, mode="recorder")
    first, second = round_sheet(one, clerk), round_sheet(one, clerk)
    with unchanged(app), pytest.raises(MayNotJudge):
        enter_round(first, [], {homes[0]: "2"}, by=clerk)
    with unchanged(app), pytest.raises(WrongSheet):
        enter(first, Line(1, number_of(homes[0]), "J14"), by=clerk)
    enter_round(first, judges[:2], {homes[0]: "2"}, by=clerk)
    close(one, judges[0])
    with unchanged(app), pytest.raises(RoundOver):
        enter_round(second, judges[2:], {homes[0]: "2"}, by=clerk)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_sheet_action_from_every_state(app, village, clerk):  # noqa: F811
    for action, (sources, _target) in SHEET_STEPS.items():
        for state in SheetState:
            sheet = Sheet(village_id=village.id, number=1, kind="deeds", lines=1, state=state, printed_at=clock.now())
            if state in sources:
                sheets.check_free(sheet)
            else:
                with pytest.raises(SheetAlreadyEntered if state == SheetState.ENTERED else SheetIsVoid):
                    sheets.check_free(sheet)
        assert action in {"enter", "void"}


# ---- pages ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def typist(page, clerk):
    return page.sign_in(clerk)


def test_print_find_and_type_in(typist, homes):
    form = typist("/award/sheets").select_one("#new-sheets form")
    paper = typist(typist.submit(form, 303, count="2").location)
    numbers = re.findall(r"№ (\S+)", paper.get_text())
    assert numbers == [sheet_queries.printed_number(1), sheet_queries.printed_number(2)]
    found = typist.submit(typist("/award/sheets").select_one("#find-sheet"), 303, number=numbers[1])
    entry = typist(found.location).select_one("#enter")
    done = typist(typist.submit(entry, 303, **{"who-1": number_of(homes[0]), "rule-1": "J14"}).location)
    assert done.rows("#sheet-results") == [["1", f"马*智家 尾号 {homes[0].tail}", "+5"]]


def test_a_misread_number_is_told(app, typist):
    with unchanged(app):
        back = typist.submit(typist("/award/sheets").select_one("#find-sheet"), 422, number="00001-3")
    assert "最后一位是校验码" in back.words(".form-error")


def test_errors_stand_at_their_line_and_nothing_typed_is_lost(app, typist, village, homes, clerk):  # noqa: F811
    sheet = deed_sheet(village, clerk)
    entry = typist(f"/award/sheets/{sheet.id}").select_one("#enter")
    fields = {
        "who-1": number_of(homes[0]), "rule-1": "J14", "who-2": "3-9999", "rule-2": "J14", "words-2": "帮邻居",
    }  # fmt: skip
    with unchanged(app):
        back = typist.submit(entry, 422, **fields)
    assert [row["id"] for row in back.select(".has-error")] == ["line-2"]
    assert "没有找到这一户" in back.words("#line-2 .field-error")
    assert back.select_one("[name=words-2]")["value"] == "帮邻居"
    with unchanged(app):
        back = typist.submit(back.select_one("#enter"), 422, **{"quantity-1": "1e3"})
    assert "数量要填" in back.words("#line-1 .field-error")
    done = typist.submit(back.select_one("#enter"), 303, **{"quantity-1": "", "may_skip": "1"})
    assert "没有录：没有找到这一户" in typist(done.location).words("#sheet-results")


def test_entering_again_says_who_and_when(app, typist, visitor, village, homes, clerk):  # noqa: F811
    sheet = deed_sheet(village, clerk)
    fields = {"who-1": number_of(homes[0]), "rule-1": "J14"}
    entry = typist(f"/award/sheets/{sheet.id}").select_one("#enter")
    other = visitor().sign_in(factories.committee(village))
    late = other(f"/award/sheets/{sheet.id}").select_one("#enter")
    typist.submit(entry, 303, **fields)
    with unchanged(app):
        back = other.submit(late, 409, **fields)
    assert "文书小王" in back.words(".form-error")
    assert "已经在" in back.words(".form-error")


def test_type_a_round_s_sheet(typist, grid, homes, judges, clerk):
    one = opened(grid, judges, mode="recorder")
    sheet = round_sheet(one, clerk)
    paper = typist(f"/award/sheets/print/{sheet.number}/{sheet.number}")
    assert len(paper.select(".door .qr")) == 3
    entry = typist(f"/award/sheets/{sheet.id}").select_one("#enter")
    fields = {f"level-{homes[0].id}": "2", "judges": [str(judge.id) for judge in judges[:2]]}
    done = typist(typist.submit(entry, 303, **fields).location)
    assert [row[-1] for row in done.rows("#sheet-results")] == ["已记入月评"]


def test_other_villages_and_roles_get_nowhere(page, visitor, village, clerk):  # noqa: F811
    sheet = deed_sheet(village, clerk)
    stranger = page.sign_in(factories.village_admin(factories.VillageFactory()))
    stranger(f"/award/sheets/{sheet.id}", 404)
    stranger(f"/award/sheets/print/{sheet.number}/{sheet.number}", 404)
    stranger.post(f"/award/sheets/{sheet.id}/enter", {"key": keys.new()}, 404)
    watcher = visitor().sign_in(factories.supervisor(village))
    watcher(f"/award/sheets/{sheet.id}")
    watcher.post(f"/award/sheets/{sheet.id}/void", {"key": keys.new(), "why": "不要了"}, 403)
