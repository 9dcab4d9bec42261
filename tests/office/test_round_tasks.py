"""What the desk says of rounds and sheets, and how the clerk comes to them."""

from datetime import timedelta

import pytest

from tests import factories
from tests.awarding.test_pipeline import village  # noqa: F401  a fixture
from tests.awarding.test_rounds import close, cosign, decide, hand_in, opened, tap
from virtue import clock
from virtue.awarding import sheets
from virtue.core import keys

MINE, UNSIGNED, SIGNED, CLOSED = "月评等您评完、签字", "月评还没签齐", "月评签齐了，等收", "月评收了，等送评议"
SHEETS = "纸表发出去了，还没有录入"
ABOUT = (MINE, UNSIGNED, SIGNED, CLOSED, SHEETS)


@pytest.fixture
def grid(village):  # noqa: F811
    return factories.GridFactory(village=village)


@pytest.fixture
def home(grid):
    return factories.HouseholdFactory(grid=grid)


@pytest.fixture
def judges(village):  # noqa: F811
    return [factories.committee(village) for _ in range(3)]


@pytest.fixture
def seen(village, judges, visitor):  # noqa: F811
    """What the first judge, the clerk and the keeper read on their desks, with the counts."""
    people = (judges[0], factories.village_admin(village), factories.keeper(village))

    def read():
        return [_tasks(visitor().sign_in(person)) for person in people]

    return read


def _tasks(visit):
    found = {}
    for item in visit("/desk").select("#tasks li"):
        title = item.find_all("span")[1].contents[0].strip()
        if title in ABOUT:
            found[title] = item.select_one(".todo-count").get_text()
            visit(str(item.select_one("a")["href"]))
    return found


def test_a_round_of_judges_says_at_each_step_for_whom_it_waits(grid, home, judges, seen):
    one = opened(grid, judges)
    assert seen() == [{MINE: "1"}, {UNSIGNED: "1"}, {}]
    for judge in judges:
        tap(one, judge, home, 2)
    hand_in(one, judges[0])
    assert seen() == [{UNSIGNED: "1"}, {UNSIGNED: "1"}, {}]
    hand_in(one, *judges[1:])
    assert seen() == [{SIGNED: "1"}, {SIGNED: "1"}, {}]
    close(one, judges[1])
    assert seen() == [{CLOSED: "1"}, {CLOSED: "1"}, {}]
    decide(one, judges[1])
    assert seen() == [{}, {}, {}]


def test_a_recorder_waits_for_two_co_signers(grid, home, judges, seen):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], home, 2)
    cosign(one, judges[0], judges[1])
    assert seen() == [{MINE: "1"}, {UNSIGNED: "1"}, {}]
    cosign(one, judges[0], judges[2])
    assert seen() == [{SIGNED: "1"}, {SIGNED: "1"}, {}]


def test_a_round_of_another_day_or_village_waits_for_nobody_here(grid, judges, seen):
    opened(grid, judges, day=clock.today() + timedelta(days=3))
    other = factories.GridFactory()
    book = factories.RulebookFactory(village_id=other.village_id)
    factories.RuleFactory(rulebook=book, code="J01", route="review", entry="round", levels="2/1/0")
    opened(other, [factories.committee(other.village) for _ in range(2)])
    assert seen() == [{}, {}, {}]


def test_a_sheet_waits_from_the_day_after_it_was_printed_until_it_is_voided(village, judges, seen):  # noqa: F811
    with clock.set_to(clock.now() - timedelta(days=1)):
        sheets.print_for_deeds(village.id, count=2, key=keys.new(), by=judges[0].id)
    sheets.print_for_deeds(village.id, count=1, key=keys.new(), by=judges[0].id)
    assert seen() == [{SHEETS: "2"}, {SHEETS: "2"}, {}]
    sheets.void(village.id, 1, why="写坏了", key=keys.new(), by=judges[0].id)
    assert seen() == [{SHEETS: "1"}, {SHEETS: "1"}, {}]


def test_the_clerk_comes_to_rounds_by_the_menu_and_from_there_to_sheets(village, page):  # noqa: F811
    page.sign_in(factories.village_admin(village))
    menu = {link.get_text(strip=True): link["href"] for link in page("/desk").select("nav a")}
    rounds = page(str(menu["月评"]))
    tabs = {link.get_text(strip=True): link["href"] for link in rounds.select(".tabs a")}
    assert list(tabs) == ["活动", "月评", "纸表"]
    for address in tabs.values():
        page(str(address))


def test_a_member_has_all_tabs_and_the_supervisor_none_to_write(village, judges, visitor):  # noqa: F811
    member, supervisor = visitor().sign_in(judges[0]), visitor().sign_in(factories.supervisor(village))
    names = [
        [link.get_text(strip=True) for link in who("/award/rounds").select(".tabs a")] for who in (member, supervisor)
    ]
    assert names == [["扫卡加分", "活动", "月评", "纸表", "我申报的"], ["活动", "月评", "纸表"]]
