"""The red board: who stands on it and how, what it costs, when it is drawn anew."""

from datetime import timedelta

import pytest

from tests import deeds, factories
from tests.pages import count_queries
from virtue import clock
from virtue.awarding.models import Deed
from virtue.extensions import db
from virtue.people import services as people
from virtue.people.models import Household
from virtue.places import services as places
from virtue.places.models import OldSlug
from virtue.transactions import atomic

BOARD = "/kiosk/fumin/red-board"


@pytest.fixture
def village(app):
    return factories.VillageFactory(name="富民新村", slug="fumin")


@pytest.fixture
def grid(village):
    return factories.GridFactory(village=village, number=1)


@pytest.fixture
def honour(village):
    """A red rule in civility points."""
    return deeds.rule_of(
        village.id, name="见义勇为", name_en="Acts of courage", unit="civility", points=20, publish="red"
    )


@pytest.fixture
def yard(village):
    """A list rule in home points."""
    return deeds.rule_of(village.id, name="庭院整洁", unit="home", points=2, publish="list")


def household(grid, name, code, **fields):
    return factories.HouseholdFactory(grid=grid, head_name=name, code=code, **fields)


def ranks(soup, unit="civility"):
    return [" ".join(li.get_text(" ").split()) for li in soup.select(f"#slide-{unit} .ranks li")]


def told(soup, unit="civility"):
    return [" ".join(li.get_text(" ").split()) for li in soup.select(f"#slide-{unit} .deeds li")]


def test_the_best_stand_first_with_masked_name_and_tail(page, grid, honour):
    first, second = household(grid, "王永智", "622100000147"), household(grid, "马智", "622100000415")
    deeds.picked(deeds.settled(second, honour, points=15))
    deeds.picked(deeds.settled(first, honour))
    soup = page(BOARD)
    assert ranks(soup) == ["1 王某某家 尾号 0147 20", "2 马某家 尾号 0415 15"]
    assert told(soup) == ["王某某家 尾号 0147 见义勇为。", "马某家 尾号 0415 见义勇为。"]
    assert "王永智" not in soup.response.text
    assert soup.words("#slide-civility .panel-rule").startswith("得分是本季得的减去扣的")


def test_home_points_have_a_slide_of_their_own(page, grid, honour, yard):
    deeds.settled(household(grid, "王永智", "622100000147"), honour)
    deeds.settled(household(grid, "李秀兰", "622100000021"), yard)
    soup = page(BOARD)
    assert ranks(soup, "civility") == ["1 王某某家 尾号 0147 20"]
    assert ranks(soup, "home") == ["1 李某某家 尾号 0021 2"]
    assert soup.words("#slide-home .panel h2") == "本季家美积分得分"
    assert [slide["id"] for slide in soup.select("[data-slide]")] == ["slide-civility", "slide-home"]
    assert [slide["id"] for slide in page(f"{BOARD}?first=home").select("[data-slide]")] == [
        "slide-home",
        "slide-civility",
    ]


def test_deductions_count_in_the_score_and_are_told_nowhere(page, grid, honour, village):
    fine = deeds.rule_of(village.id, name="乱堆乱放", unit="civility", points=-5, publish="red", route="deduction")
    house = household(grid, "王永智", "622100000147")
    deeds.settled(house, honour)
    deeds.settled(house, fine)
    soup = page(BOARD)
    assert ranks(soup) == ["1 王某某家 尾号 0147 15"]
    assert "乱堆乱放" not in soup.response.text


def test_ties_go_to_who_got_there_first(page, grid, honour):
    late, early = household(grid, "王永智", "622100000001"), household(grid, "马智", "622100000002")
    deeds.settled(early, honour)
    deeds.settled(late, honour)
    assert ranks(page(BOARD)) == ["1 马某家 尾号 0002 20", "2 王某某家 尾号 0001 20"]


def test_at_most_six_rows_and_no_deed_too_many(page, grid, honour):
    for number in range(9):
        deeds.picked(deeds.settled(household(grid, "王永智", f"62210000010{number}"), honour), "连" * 40)
    soup = page(BOARD)
    assert len(ranks(soup)) == 6
    assert len(told(soup)) == 2
    assert len(told(soup, "home")) == 2


def test_a_name_stands_in_full_only_with_consent_and_leaves_with_it(page, grid, honour):
    house = household(grid, "王永智", "622100000147")
    deeds.picked(deeds.settled(house, honour))
    people.give_consent(house.village_id, house.id, "name_on_board", "signed", by=None)
    soup = page(BOARD)
    assert ranks(soup) == ["1 王永智家 20"]
    assert told(soup) == ["王永智家 见义勇为。"]
    people.withdraw_consent(house.village_id, house.id, "name_on_board", by=None)
    again = page(BOARD, headers={"If-None-Match": soup.response.headers["ETag"]})
    assert ranks(again) == ["1 王某某家 尾号 0147 20"]
    assert "王永智" not in again.response.text


@pytest.mark.parametrize("step", [people.leave, people.opt_out_of_board])
def test_who_left_or_opted_out_is_not_listed(page, grid, honour, step):
    house, other = household(grid, "王永智", "622100000147"), household(grid, "马智", "622100000415")
    deeds.picked(deeds.settled(house, honour))
    deeds.picked(deeds.settled(other, honour, points=1))
    step(house.village_id, house.id, by=None)
    soup = page(BOARD)
    assert ranks(soup) == ["1 马某家 尾号 0415 1"]
    assert told(soup) == ["马某家 尾号 0415 见义勇为。"]
    assert "0147" not in soup.response.text


def test_an_ended_household_is_not_listed(page, grid, honour):
    house = household(grid, "王永智", "622100000147")
    deeds.picked(deeds.settled(house, honour))
    with atomic():
        ended = db.session.get_one(Household, house.id)
        ended.state, ended.ended_on = "ended", clock.today()
    soup = page(BOARD)
    assert ranks(soup) == []
    assert told(soup) == []


def test_a_story_is_told(page, grid, honour):
    deeds.picked(deeds.settled(household(grid, "王永智", "622100000147"), honour), "雪夜帮邻居抢修温室棚膜")
    assert told(page(BOARD)) == ["王某某家 尾号 0147 雪夜帮邻居抢修温室棚膜。"]


@pytest.mark.parametrize("story", ["王永智跳进渠里救人", "帮李秀兰老人送水", "电话 13912345678", "证号6222 0219 8001"])
def test_a_story_that_says_too_much_gives_way_to_the_rule(page, grid, honour, story):
    house = household(grid, "王永智", "622100000147")
    household(grid, "李秀兰", "622100000021")
    deeds.picked(deeds.settled(house, honour), story)
    soup = page(BOARD)
    assert told(soup) == ["王某某家 尾号 0147 见义勇为。"]
    assert story not in soup.response.text


def test_with_consent_a_story_may_say_the_householders_name_and_no_other(page, grid, honour):
    house = factories.HouseholdFactory(grid=grid, head_name="王永智", code="622100000147")
    factories.MemberFactory(household=house, name="王小宝", birth_year=2015)
    people.give_consent(house.village_id, house.id, "name_on_board", "signed", by=None)
    deeds.picked(deeds.settled(house, honour), "王永智跳进渠里救人")
    deeds.picked(deeds.settled(house, honour), "王小宝拾到钱包")
    assert told(page(BOARD)) == ["王永智家 见义勇为。", "王永智家 王永智跳进渠里救人。"]


def test_a_reversed_deed_is_gone(page, grid, honour):
    deed = deeds.settled(household(grid, "王永智", "622100000147"), honour)
    deeds.picked(deed)
    assert len(told(page(BOARD))) == 1
    with atomic():
        db.session.get(Deed, deed.id).state = "reversed"
        places.raise_board_version(deed.village_id)
    assert told(page(BOARD)) == []


def test_a_pick_leaves_after_its_last_day_and_the_slide_ends_with_it(page, grid, honour):
    now = clock.now()
    deeds.picked(deeds.settled(household(grid, "王永智", "622100000147"), honour), days=1)
    deeds.settled(household(grid, "马智", "622100000415"), honour)
    soup = page(BOARD)
    assert told(soup) == ["王某某家 尾号 0147 见义勇为。"]
    ends = clock.start_of(clock.today() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert soup.select_one("#slide-civility")["data-fresh-until"] <= ends
    with clock.set_to(now + timedelta(days=2)):
        again = page(BOARD, headers={"If-None-Match": soup.response.headers["ETag"]})
        assert told(again) == []


def test_an_empty_board_says_what_to_do(page, village):
    soup = page(BOARD)
    assert soup.words("#slide-civility .wall-empty") == "这个季度还没有得分。做一件好事，榜上就有您家。"
    assert "还没有记账" in soup.words("#slide-civility .slide-foot")


def test_it_says_as_of_when_and_the_check_words(page, grid, honour):
    with clock.set_to(clock.now() - timedelta(days=1)):
        deeds.settled(household(grid, "王永智", "622100000147"), honour)
    soup = page(BOARD)
    assert soup.words("[data-as-of]").startswith("截至 ")
    assert soup.words("#slide-civility .slide-foot").startswith("今日对账码：")


def test_in_english(page, grid, honour):
    deeds.picked(deeds.settled(household(grid, "王永智", "622100000147"), honour))
    page.client.set_cookie("lang", "en")
    soup = page(BOARD)
    assert "Acts of courage" in soup.words("#slide-civility .deeds")


def test_an_unchanged_board_is_a_304_after_one_query(app, page, grid, honour):
    deeds.settled(household(grid, "王永智", "622100000147"), honour)
    etag = page(BOARD).response.headers["ETag"]
    with count_queries(app) as queries:
        response = page.raw("GET", BOARD, headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert response.headers["ETag"] == etag
    assert len(queries) == 1


def test_a_kept_board_costs_one_query_too(app, page, visitor, grid, honour):
    deeds.settled(household(grid, "王永智", "622100000147"), honour)
    first = page(BOARD)
    with count_queries(app) as queries:
        second = visitor()(BOARD)
    assert second.response.data == first.response.data
    assert len(queries) == 1


def test_a_drawn_board_costs_the_same_queries_for_1_household_and_30(app, page, visitor, grid, honour, yard):
    deeds.picked(deeds.settled(household(grid, "王永智", "622100000147"), honour), "送水")
    page("/")  # a process asks once whether the installation was set up
    with count_queries(app) as few:
        page(BOARD)
    for number in range(30):
        house = household(grid, "李秀兰", f"6221000002{number:02d}")
        deeds.picked(deeds.settled(house, honour), "送水")
        deeds.settled(house, yard)
    with count_queries(app) as many:
        page(BOARD)
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= 13


def test_midnight_draws_the_board_anew(app, page, grid, honour):
    deeds.settled(household(grid, "王永智", "622100000147"), honour)
    now = clock.now()
    etag = page(BOARD).response.headers["ETag"]
    with clock.set_to(now + timedelta(days=1)):
        again = page(BOARD, headers={"If-None-Match": etag})
    assert again.response.headers["ETag"] != etag


def test_it_asks_caches_to_ask_and_robots_to_stay_away(page, village):
    headers = page(BOARD).response.headers
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in headers


def test_an_old_address_leads_to_the_new_one(app, page, village):
    db.session.add(OldSlug(slug="fu-min", village_id=village.id))
    db.session.commit()
    moved = page("/kiosk/fu-min/red-board?first=home", 308)
    assert moved.location.endswith("/kiosk/fumin/red-board?first=home")


def test_an_unknown_village_is_not_found(page, village):
    page("/kiosk/nowhere/red-board", 404)
