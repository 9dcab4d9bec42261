"""The comparison board: what each measure counts, the best alone ranked, small grids left out, standing still."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import deeds, factories
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.core import keys
from virtue.honours import board_freezes
from virtue.honours import comparison_queries as queries
from virtue.honours.board_errors import FrozenAlready, NotFrozen
from virtue.people import services as people
from virtue.scores import services as scores
from virtue.transactions import atomic

NOW = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)


@pytest.fixture
def grids(hall):
    """Four grids of five households each and one of a single household, with figures in October and November."""
    with clock.set_to(NOW):
        rule = deeds.rule_of(hall.village.id, subject="environment", entry="round+scan", name="庭院月评")
        made = [hall.grid, *(factories.GridFactory(village=hall.village, number=number) for number in (4, 5, 6, 9))]
        for at, grid in enumerate(made):
            houses = [
                hall.house("王永智", f"6221{at}000000{n}", grid=grid) for n in range(1 if grid.number == 9 else 5)
            ]
            hall.score(houses[0], 10 * (at + 1), 202611)
            hall.score(houses[-1], 7, 202610, unit="home")
            with atomic():
                scores.add_grids([scores.GridChange(202611, grid.id, rule.code, min(at + 1, len(houses)), at + 1)])
                scores.add_grids([scores.GridChange(202611, grid.id, "other", 5, 5)])
        yield made


def board(hall, kind="month"):
    return queries.comparison(hall.village.id, clock.today(), kind)


def test_the_best_are_ranked_and_all_stand_with_their_own_figures_in_place_order(hall, grids):
    month = board(hall)
    assert [(one.number, one.name, one.figure) for one in month.best["civility"]] == [
        (1, "第6网格", 80),
        (2, "第5网格", 60),
    ]
    assert [(one.number, one.name, one.figure) for one in month.best["courtyards"]] == [
        (1, "第6网格", 80),
        (2, "第5网格", 60),
    ]
    assert [(one.number, one.name) for one in month.best["participation"]] == [(1, "第3网格"), (1, "第4网格")]
    assert month.best["home"] == ()
    assert [(name, row.civility, row.home, row.courtyards, row.participation) for name, row in month.grids] == [
        ("第3网格", 20, 0, 20, 20),
        ("第4网格", 40, 0, 40, 20),
        ("第5网格", 60, 0, 60, 20),
        ("第6网格", 80, 0, 80, 20),
    ]
    quarter = board(hall, "quarter")
    assert (quarter.period, [row.home for _name, row in quarter.grids]) == ("2026-q4", [14] * 4)
    assert [row.courtyards for _name, row in quarter.grids] == [10, 20, 30, 40]
    assert [row.participation for _name, row in quarter.grids] == [40] * 4
    assert board(hall, "year").period == "2026"


def test_who_left_counts_nowhere_and_a_grid_that_grew_small_is_gone(hall, grids):
    people.leave(hall.village.id, hall.village_households(grids[3].id)[0].id, by=None)
    assert [name for name, _row in board(hall).grids] == ["第3网格", "第4网格", "第5网格"]


def test_it_stands_still_until_its_day_and_no_longer(app, hall, grids):
    until = clock.today() + timedelta(days=5)
    here, clerk = hall.village.id, hall.id("village_admin")
    before = board(hall)
    board_freezes.freeze_comparison(here, until, key=keys.new(), by=clerk)
    with unchanged(app), pytest.raises(FrozenAlready):
        board_freezes.freeze_comparison(here, until, key=keys.new(), by=clerk)
    hall.score(hall.village_households(grids[0].id)[0], 500, 202611)
    frozen = board(hall)
    assert (frozen.best, frozen.grids, frozen.until) == (before.best, before.grids, until)
    assert hall.lists("civility")[0][0][1] == 510
    with clock.set_to(NOW + timedelta(days=6)):
        assert board(hall).best["civility"][0].name == "第3网格"
    board_freezes.lift(here, "comparison", key=keys.new(), by=clerk)
    assert board(hall).best["civility"][0].name == "第3网格"
    with unchanged(app), pytest.raises(NotFrozen):
        board_freezes.lift(here, "comparison", key=keys.new(), by=clerk)


def test_on_the_desk_the_portal_the_wall_and_paper(app, hall, grids, page, visitor):
    page.sign_in(hall.staff["village_admin"])
    desk = page("/boards/comparison")
    assert desk.texts("#best-civility li") == ["1 第6网格 8.0分", "2 第5网格 6.0分"]
    assert [row[0] for row in desk.rows("#grids")] == ["第3网格", "第4网格", "第5网格", "第6网格"]
    assert "2026年第四季度" in page("/boards/comparison?kind=quarter").words("main")
    assert "第6网格" in page("/boards/comparison/print?paper=a3").words("table")
    public = visitor()("/v/fumin/comparison?kind=year")
    assert public.texts("#best-civility li") == ["1 第6网格 8.0分", "2 第5网格 6.0分"]
    wall = visitor()("/kiosk/fumin/comparison")
    assert wall.texts("#best-month-courtyards li") == ["1 第6网格 80%", "2 第5网格 60%"]
    refused = page.submit(desk.select_one("details form"), 422, until="")
    page.submit(refused.select_one("details form"), 303, until="2026-11-20")
    again = visitor()("/kiosk/fumin/comparison", headers={"If-None-Match": wall.response.headers["ETag"]})
    assert "榜停在11月12日" in again.words(".slide-foot")
    page.submit(page("/boards/comparison").select_one("details form"), 303)
    visitor().sign_in(hall.staff["reviewer"]).post("/boards/comparison/freeze", {}, 403)
    with count_queries(app) as few:
        visitor()("/v/fumin/comparison")
    for number in range(20, 30):
        factories.GridFactory(village=hall.village, number=number)
    with count_queries(app) as many:
        visitor()("/v/fumin/comparison")
    assert len(many) == len(few)
