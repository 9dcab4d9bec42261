"""The quarter's top lists: what each counts, ties, who isn't listed, and standing still before a ceremony."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.honours import board_freezes, board_lists
from virtue.honours.board_errors import BadFreezeEnd, FrozenAlready, NotFrozen
from virtue.people import services as people
from virtue.transactions import atomic

NOW = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)
THIS, BEFORE, LONG_AGO = 202610, 202607, 202506


@pytest.fixture
def november():
    with clock.set_to(NOW):
        yield


def test_each_list_counts_what_its_rule_says(november, hall):
    wang, li = hall.house("王永智", "622100000001", members=3), hall.house("李兰", "622100000002")
    zhao, ma = hall.house("赵桂英", "622100000003"), hall.house("马成海", "622100000004")
    with atomic():
        # Nobody able to work: an old widow alone.
        zhao.members[0].birth_year = 1950
    for house, points in ((wang, 40), (li, 30), (ma, 5)):
        hall.score(house, points, BEFORE)
    hall.score(wang, 60, THIS, taken=15)
    hall.score(li, 44, 202611)
    hall.score(zhao, 21, THIS)
    hall.score(ma, 2, THIS)
    hall.score(ma, 30, THIS, unit="home", deeds=6)
    hall.score(wang, 12, THIS, unit="home", deeds=2)
    assert hall.lists(*board_lists.NAMES) == [
        [("王某某家0001", 45), ("李某家0002", 44), ("赵某某家0003", 21), ("马某某家0004", 2)],
        [("马某某家0004", 30), ("王某某家0001", 12)],
        [("李某家0002", 14), ("王某某家0001", 5)],
        [("李某家0002", 440), ("赵某某家0003", 210), ("王某某家0001", 150), ("马某某家0004", 20)],
        [("赵某某家0003", 21)],
        [("马某某家0004", 6)],
    ]


def test_nobody_is_a_newcomer_where_all_are_new_nor_after_a_year_without_points(november, hall):
    wang, li = hall.house("王永智", "622100000001"), hall.house("李兰", "622100000002")
    hall.score(wang, 40, THIS)
    assert hall.lists("newcomers", "improved") == [[], []]
    hall.score(li, 9, 202609)
    hall.score(wang, 5, LONG_AGO)
    assert hall.lists("newcomers") == [[("王某某家0001", 40)]]


def test_ties_go_to_the_earlier_last_change_then_to_the_household_code(november, hall):
    late, early = hall.house("王永智", "622100000001"), hall.house("李兰", "622100000002")
    third, fourth = hall.house("赵桂英", "622100000004"), hall.house("马成海", "622100000003")
    hall.score(early, 10, THIS)
    hall.score(late, 10, THIS)
    hall.seq = iter([7, 7])
    hall.score(third, 10, THIS)
    hall.score(fourth, 10, THIS)
    names = ["李某家0002", "王某某家0001", "马某某家0003", "赵某某家0004"]
    assert hall.lists("civility") == [[(name, 10) for name in names]]
    assert hall.lists("civility", rows=3) == [[(name, 10) for name in names[:3]]]


def test_frozen_lists_stand_still_but_never_hold_anybody_against_their_word(app, november, hall):
    houses = [hall.house("王永智", f"6221000000{number:02d}") for number in range(1, 4)]
    for number, house in enumerate(houses):
        hall.score(house, 30 - number, THIS)
    hall.freeze(days=10)
    for refusal, act in (
        (FrozenAlready, hall.freeze),
        (BadFreezeEnd, lambda: hall.freeze(days=32)),
        (BadFreezeEnd, lambda: hall.freeze(days=-1)),
    ):
        with unchanged(app), pytest.raises(refusal):
            act()
    hall.score(houses[2], 50, THIS)
    frozen = [("王某某家0001", 30), ("王某某家0002", 29), ("王某某家0003", 28)]
    assert hall.lists("civility") == [frozen]
    people.opt_out_of_board(hall.village.id, houses[0].id, by=None)
    people.give_consent(hall.village.id, houses[1].id, "name_on_board", "signed", by=None)
    assert hall.lists("civility") == [[("王永智家", 29), ("王某某家0003", 28)]]
    assert hall.lists("civility", rows=1) == [[("王永智家", 29)]]
    running = [[("王某某家0003", 78), ("王永智家", 29)]]
    with clock.set_to(NOW + timedelta(days=11)):
        assert hall.lists("civility") == running
        hall.freeze()
    board_freezes.lift(hall.village.id, "top", key=keys.new(), by=hall.id("village_admin"))
    assert hall.lists("civility") == running
    with unchanged(app), pytest.raises(NotFrozen):
        board_freezes.lift(hall.village.id, "top", key=keys.new(), by=hall.id("village_admin"))


def test_a_list_stays_frozen_over_the_quarters_end(november, hall):
    house = hall.house()
    with clock.set_to(datetime(2026, 12, 30, 2, 0, tzinfo=UTC)):
        hall.score(house, 9, 202612)
        hall.freeze(days=10)
    with clock.set_to(datetime(2027, 1, 4, 2, 0, tzinfo=UTC)):
        shown = board_lists.top_lists(hall.village.id, clock.today(), ("civility",), rows=5)
        assert (shown.quarter, len(shown.lists["civility"])) == (202610, 1)
    with clock.set_to(datetime(2027, 1, 20, 2, 0, tzinfo=UTC)):
        shown = board_lists.top_lists(hall.village.id, clock.today(), ("civility",), rows=5)
        assert (shown.quarter, shown.lists["civility"]) == (202701, ())


def test_lists_on_the_desk_the_portal_and_the_wall(app, november, hall, page, visitor):
    house = hall.house()
    hall.score(house, 30, THIS)
    hall.score(house, 8, BEFORE)
    page.sign_in(hall.staff["village_admin"])
    desk = page("/boards/top")
    assert desk.texts("#list-improved ol li") == ["1 王某某家（尾号0147） 22分"]
    wall = visitor()("/kiosk/fumin/top-lists")
    assert wall.texts("#panel-per_able li") == ["1 王某某家 尾号 0147 30.0分"]
    assert "除以18到59岁的人数" in wall.words("#panel-per_able .panel-rule")
    refused = page.submit(desk.select_one("details form"), 422, until="someday")
    assert refused.select_one("#until")["value"] == "someday"
    page.submit(refused.select_one("details form"), 303, until="2026-11-20")
    assert "到2026年11月20日为止" in page("/boards/top").words(".note")
    hall.score(house, 70, THIS)
    public = visitor()("/v/fumin/red-board")
    assert public.texts("#list-civility ol li") == ["1 王某某家（尾号0147） 30分"]
    again = visitor()("/kiosk/fumin/top-lists", headers={"If-None-Match": wall.response.headers["ETag"]})
    assert "榜停在11月12日的得分" in again.words(".slide-foot")
    page.submit(page("/boards/top").select_one("details form"), 303)
    assert visitor()("/v/fumin/red-board").texts("#list-civility ol li") == ["1 王某某家（尾号0147） 100分"]
    visitor().sign_in(hall.staff["reviewer"]).post("/boards/top/freeze", {}, 403)
    people.leave(hall.village.id, house.id, by=None)
    for url in ("/v/fumin/red-board", "/kiosk/fumin/top-lists", "/kiosk/fumin/red-board"):
        assert "0147" not in visitor()(url).response.text
    with count_queries(app) as few:
        visitor()("/v/fumin/red-board")
    for number in range(30):
        other = hall.house("李兰", f"6221000001{number:02d}")
        hall.score(other, 10, THIS)
        hall.score(other, 5, BEFORE)
    db.session.expire_all()
    with count_queries(app) as many:
        visitor()("/v/fumin/red-board")
    # Faces and consents are asked for once there is somebody to show.
    assert len(many) <= len(few) + 3
