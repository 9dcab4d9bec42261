"""The supervisors' list of what was booked and taken out again."""

from datetime import UTC, datetime

import pytest

from tests import factories
from tests.awarding.work import deed as deed_of
from tests.awarding.work import make_work
from tests.pages import count_queries
from tests.scenes import make_scene
from virtue.awarding import booked
from virtue.core import keys
from virtue.ledger import services as ledger
from virtue.notices import queries as notices
from virtue.transactions import atomic

NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
URL = "/reports/reversals"


@pytest.fixture
def work(app):
    work = make_work(NOW)
    with work.day():
        yield work


@pytest.fixture
def watch(work, page):
    return page.sign_in(work.staff["supervisor"])


def test_who_reversed_what_and_why_and_whose_hands_it_was_in(work, watch):
    home = work.household(head_name="王永智", code="620622100147")
    with work.day(-8):
        deed_id = work.propose(home)["deed_id"]
        work.approve(deed_id)
        work.publish()
    work.settle()
    work.reverse(deed_id, "弄错了人家", by="village_admin")
    staff = work.staff
    assert watch(URL).rows("#reversals") == [[
        "探访照料独居老人 3月12日", "王*智家 尾号 0147", "冲正 3月20日", staff["village_admin"].name,
        f"{staff['author'].name}、{staff['reviewer'].name}", "弄错了人家", "−5 家美积分",
    ]]  # fmt: skip


def test_what_an_awarder_took_back_and_what_is_owed_stand_there_too(work, watch):
    home = work.household()
    mine = work.book(home)["deed_id"]
    work.take_back(mine)
    spent = work.book(work.household())["deed_id"]
    with atomic():
        moves = (ledger.Move("home", 2, ledger.Flow.SPEND),)
        ledger.post(work.village.id, [ledger.Posting("order", 1, deed_of(spent).household_id, moves)], by=None)
    work.reverse(spent)
    rows = watch(URL).rows("#reversals")
    assert [(row[2], row[3], row[6]) for row in rows] == [
        ("冲正 3月20日", work.staff["supervisor"].name, "−2 家美积分 欠 2 分"),
        ("自己撤回 3月20日", work.staff["author"].name, "−2 家美积分"),
    ]


def test_an_upheld_objection_to_a_booked_deed_is_named_as_such(app, page):
    scene = make_scene()
    scene.booked()
    booked.publish_booked(scene.village.id, key=keys.new(), by=scene.clerk.id)
    scene.settle(scene.object(notices.find_notice(scene.village.id, 1)), "upheld_withdrawn", "到现场看过，没有来")
    page.sign_in(scene.supervisor)
    (row,) = page(URL).rows("#reversals")
    assert row[2].startswith("异议成立，冲回")
    assert row[3:6] == ["孙监督", "李执委", "到现场看过，没有来"]


def test_a_month_without_any_says_so_and_another_village_shows_nothing(work, watch, visitor):
    work.bring("reversed")
    stranger = visitor().sign_in(factories.supervisor(factories.VillageFactory()))
    assert len(watch(URL).rows("#reversals")) == 1
    assert "没有冲正" in stranger(URL).words(".empty")
    assert "没有冲正" in watch(f"{URL}?month=202602").words(".empty")
    assert "没有冲正" in watch(f"{URL}/print?month=202602").words(".sheet")


def test_a_long_month_has_pages_and_the_paper_has_it_whole(app, work, watch):
    work.bring("reversed")
    watch(URL)
    with count_queries(app) as few:
        watch(URL)
    for _number in range(30):
        work.bring("reversed")
    with count_queries(app) as many:
        first = watch(URL)
    assert len(first.rows("#reversals")) == 30
    assert len(watch(f"{URL}?page=2").rows("#reversals")) == 1
    paper = watch(f"{URL}/print")
    assert len(paper.rows("#reversals")) == 31
    assert "村监会签字" in paper.words(".sheet")
    assert len(many) == len(few)


@pytest.mark.parametrize("name", ["committee", "reviewer", "keeper", "village_admin"])
def test_only_the_supervision_committee_sees_it(work, page, name):
    page.sign_in(work.staff[name])
    for url in (URL, f"{URL}/print"):
        page(url, 403)
