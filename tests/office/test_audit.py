"""The audit trail in plain words, and the days of two hats."""

import io
import re

import openpyxl
import pytest

from tests.factories import (
    HouseholdFactory,
    VillageFactory,
    committee,
    keeper,
    staff_of,
    supervisor,
    village_admin,
)
from tests.rules import source
from tests.watch import count_queries
from virtue import clock
from virtue.core import audit
from virtue.extensions import db
from virtue.office.actions import ACTIONS, GROUPS, group, sentence
from virtue.people import hats
from virtue.transactions import atomic


@pytest.fixture
def village(app):
    return VillageFactory()


@pytest.fixture
def watcher(village, page):
    watcher = supervisor(village, name="监事")
    page.sign_in(watcher)
    return watcher


def note(action, village, by, household=None, **more):
    with atomic():
        audit.record(
            action, village_id=village.id, by=by.id if by else None, household_id=household.id if household else None,
            **more,
        )  # fmt: skip


# ---- words ----------------------------------------------------------------------------------------


def test_every_action_has_its_sentence():
    """An action is a literal given to ``record``, or a step of a deed."""
    from virtue.awarding.states import STEPS

    pattern = re.compile(
        r"""(?:record|_changed|_record|_note)\(\s*"([a-z_]+\.[a-z_]+)"|"action": "([a-z_]+\.[a-z_]+)"|action="([a-z_]+\.[a-z_]+)\""""
    )
    used = {f"awarding.{step}" for step in STEPS} | {"awarding.propose"}
    for path in source.modules():
        for found in pattern.findall(path.read_text(encoding="utf-8")):
            used |= {text for text in found if text}
    assert sorted(used - set(ACTIONS)) == []


def test_every_action_belongs_to_a_group():
    assert {group(action) for action in ACTIONS} == set(GROUPS)


def test_an_unknown_action_shows_its_code():
    assert sentence("future.thing") == "future.thing"


# ---- the page -------------------------------------------------------------------------------------


def test_the_trail_says_who_did_what_to_whom(app, village, watcher, page):
    household = HouseholdFactory(grid__village=village, head_name="王永智", code="622301001")
    by = committee(village, name="李执委")
    note("awarding.propose", village, by, household, subject="deed", subject_id=7, why="清理庭院", points=2)
    note("people.leave", village, None, household)
    rows = page("/audit").rows("#trail")
    assert [row[1:4] for row in rows[:2]] == [
        ["本户", "本户暂不参加", "王*智（尾号1001）"],
        ["李执委", "申报了一项加分", "王*智（尾号1001）"],
    ]
    assert rows[1][4] == "事项 7 · 分 2 清理庭院"


def test_a_sales_points_are_told_in_words(app, village, watcher, page):
    note("store.redeem", village, keeper(village), None, points={"home": 8, "civility": 3}, pieces=2)
    assert page("/audit").rows("#trail")[0][4] == "分 家美积分 8、文明积分 3 · 件数 2"


def test_filters(app, village, watcher, page):
    one = HouseholdFactory(grid__village=village, code="622301001")
    other = HouseholdFactory(grid__village=village, code="622301002")
    li, zhao = committee(village), keeper(village)
    note("awarding.propose", village, li, one)
    note("store.redeem", village, zhao, other)
    said = lambda query: [row[2] for row in page(f"/audit?{query}").rows("#trail")]  # noqa: E731
    assert said(f"user={li.id}") == ["申报了一项加分"]
    assert said("household=622301002") == ["兑换了商品"]
    assert said("household=６２２３０１００２") == ["兑换了商品"]
    assert said("group=store") == ["兑换了商品"]
    assert said("action=awarding.propose") == ["申报了一项加分"]
    today = clock.today().isoformat()
    assert "兑换了商品" in said(f"first={today}&last={today}")
    assert said("last=2020-01-01") == []
    assert said("household=999") == []
    page("/audit?first=x&last=2026-99-99&user=x&page=x&group=x&action=x")


def test_another_villages_trail_is_not_shown(app, village, watcher, page):
    other = VillageFactory()
    note("awarding.propose", other, committee(other, name="外村人"), HouseholdFactory(grid__village=other))
    assert "外村人" not in page("/audit").get_text()
    assert "外村人" not in page(f"/audit?user={committee(other).id}").get_text()


def test_the_trail_costs_the_same_for_one_and_thirty(app, village, watcher, page):
    def write(times):
        for _ in range(times):
            note("awarding.propose", village, committee(village), HouseholdFactory(grid__village=village), why="x")

    write(2)
    page("/audit")
    with count_queries(app) as few:
        page("/audit")
    write(28)
    with count_queries(app) as many:
        page("/audit")
    assert len(many) == len(few)


def test_the_export_has_texts_and_no_formula(app, village, watcher, page):
    household = HouseholdFactory(grid__village=village, code="062230100147")
    note("awarding.reject", village, committee(village, name="李执委"), household, why="=1+1")
    answer = page.raw("GET", "/audit/export.xlsx?group=awarding")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["时间", "谁", "办了什么", "户号", "细节", "原因"]
    assert rows[1][1:4] + rows[1][5:] == ["李执委", "评议没有通过一项", "062230100147", "=1+1"]
    assert sheet["F2"].data_type == "s"
    assert len(rows) == 2


@pytest.mark.parametrize("role", ["committee", "reviewer", "keeper"])
def test_others_do_not_read_the_trail(app, village, page, role):
    page.sign_in(staff_of(village, role))
    for address in ("/audit", "/audit/export.xlsx", "/two-hats"):
        page(address, 403)


# ---- two hats -------------------------------------------------------------------------------------


@pytest.fixture
def chair(village):
    """The women's chair who also keeps the store: the norm."""
    return staff_of(village, "committee", "reviewer", "keeper", name="马主任")


@pytest.mark.parametrize(
    ("action", "hat", "other"),
    [
        ("awarding.propose", hats.TILL, hats.AWARD),
        ("awarding.approve", hats.TILL, hats.AWARD),
        ("store.redeem", hats.AWARD, hats.TILL),
    ],
)
def test_two_hats_never_for_one_household_on_one_day(app, village, chair, action, hat, other):
    household, neighbour = HouseholdFactory(grid__village=village), HouseholdFactory(grid__village=village)
    hats.check_hats(chair.id, household.id, hat)
    note(action, village, chair, household)
    with pytest.raises(hats.TwoHats) as refused:
        hats.check_hats(chair.id, household.id, hat)
    assert "今天您已经给这一户办过" in str(refused.value)
    hats.check_hats(chair.id, household.id, other)
    hats.check_hats(chair.id, neighbour.id, hat)
    hats.check_hats(staff_of(village, "committee", "keeper").id, household.id, hat)


def test_tomorrow_is_another_day(app, village, chair):
    from datetime import timedelta

    household = HouseholdFactory(grid__village=village)
    note("awarding.propose", village, chair, household)
    with clock.set_to(clock.start_of(clock.today() + timedelta(days=1))):
        hats.check_hats(chair.id, household.id, hats.TILL)


def test_a_role_ended_today_still_counts_today(app, village, chair):
    household = HouseholdFactory(grid__village=village)
    note("store.redeem", village, chair, household)
    for grant in chair.grants:
        if grant.role == "keeper":
            grant.ended_at = clock.now()
    db.session.commit()
    with pytest.raises(hats.TwoHats):
        hats.check_hats(chair.id, household.id, hats.AWARD)


def test_one_hat_costs_one_question(app, village):
    household, by = HouseholdFactory(grid__village=village), committee(village)
    with count_queries(app) as queries:
        hats.check_hats(by.id, household.id, hats.AWARD)
    assert len(queries) == 1


def test_the_supervisor_sees_the_days_of_two_hats(app, village, chair, watcher, page):
    one, other = HouseholdFactory(grid__village=village), HouseholdFactory(grid__village=village)
    note("awarding.propose", village, chair, one)
    note("awarding.approve", village, chair, one)
    note("store.redeem", village, chair, other)
    note("store.redeem", village, keeper(village, name="只管店"), other)
    assert [row[1:] for row in page("/two-hats").rows("#hats")] == [["马主任", "2", "1", "没有"]]
    note("store.redeem", village, chair, one)
    assert [row[1:] for row in page("/two-hats").rows("#hats")] == [["马主任", "2", "2", "1户"]]
    last = clock.month_of(clock.today()) - 1 if clock.today().month > 1 else clock.month_of(clock.today()) - 89
    assert "这个月没有" in page(f"/two-hats?month={last}").words("main")
    for month in ("x", "0", "999912", "202613"):
        assert page(f"/two-hats?month={month}").rows("#hats")


def test_a_clerk_may_see_them_too(app, village, page):
    page.sign_in(village_admin(village))
    page("/two-hats")
