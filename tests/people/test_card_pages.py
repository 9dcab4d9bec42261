"""The cards' pages: how far each grid is, issuing, printing, handing over; lost, found, reissued, PIN reset."""

import re

import pytest
from sqlalchemy import select

from tests.factories import CAST, GridFactory, HouseholdFactory, village_admin
from tests.pages import count_queries, unchanged
from tests.people.cards import card_of, digits_of
from virtue.core import keys
from virtue.extensions import db
from virtue.people import codes, services
from virtue.people.models import Card, Look


@pytest.fixture
def grid(app):
    return GridFactory(number=93, name="第三网格")


@pytest.fixture
def household(grid):
    grid.village.phone = "0935-5120000"
    return HouseholdFactory(grid=grid, code="62062203000147", head_name="王永智", initials="wyz")


@pytest.fixture
def admin(page, household):
    """The village's clerk, signed in."""
    user = village_admin(household.village)
    page.sign_in(user)
    return user


def cards(household) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Card.state).where(Card.household_id == household.id).order_by(Card.id)))


def looks() -> list[tuple[str, int]]:
    db.session.rollback()
    return [(look.what, look.household_id) for look in db.session.scalars(select(Look).order_by(Look.id))]


def test_issue_for_all_print_note_and_hand_over(page, admin, household):
    HouseholdFactory(grid=household.grid)
    assert page("/cards").rows("main table")[0][:6] == ["第三网格", "2", "2", "0", "0", "0"]
    page.submit(page("/cards").select_one(".page-head form"))
    shown = page("/cards")
    assert shown.words("#messages") == "发了 2 张新卡，可以打印了。"
    assert shown.rows("main table")[0][:6] == ["第三网格", "2", "0", "2", "2", "2"]
    sheet = page(f"/cards/print?grid={household.grid_id}")
    page.submit(sheet.select_one("header form"))
    assert page("/cards").rows("main table")[0][:6] == ["第三网格", "2", "0", "2", "0", "2"]
    page.submit(page("/cards").select_one("form[action='/cards/handed-over']"))
    assert page("/cards").rows("main table")[0][:6] == ["第三网格", "2", "0", "2", "0", "0"]
    assert page("/cards/print?new=1").select(".card-face") == []


def test_issue_again_finds_nothing_to_do(app, page, admin, household):
    card_of(household)
    page("/cards")
    with unchanged(app):
        page.post("/cards/issue", {"grid": household.grid_id})
    assert page("/cards").words("#messages") == "每一户都已经有卡，没有要新发的。"


def test_card_as_printed(page, admin, household):
    digits = digits_of(card_of(household))
    sheet = page(f"/cards/print?household={household.id}")
    front, back = sheet.select(".card-face")
    assert " ".join(front.get_text(" ").split()) == (
        f"积分卡 93-0147 王*智家 {household.village.name} 第三网格 积分超市 {codes.grouped(digits)}"
    )
    assert back.get_text(" ", strip=True) == (
        "做好事，扫卡加分。 到积分超市扫卡换东西。 分数不对，随时说一声。 卡丢了马上打电话挂失 · 0935-5120000"
    )
    assert len(str(front.select_one("svg.qr"))) < 4500
    assert "王永智" not in sheet.words()
    assert looks() == [("card", household.id)]


def test_card_in_black_and_white(page, admin, household):
    card_of(household)
    assert "is-bw" not in page("/cards/print").body["class"]
    assert "is-bw" in page("/cards/print?ink=bw").body["class"]


def test_only_cards_in_force_are_printed(page, admin, household):
    old = card_of(household)
    services.reissue(household.village_id, old.id, key=keys.new(), by=admin.id)
    text = page("/cards/print").words()
    assert codes.grouped(digits_of(card_of(household))) in text
    assert codes.grouped(digits_of(old)) not in text


def test_pin_slip_is_printed_until_a_pin_is_chosen(page, admin, household):
    card_of(household)
    slip = codes.slip_pin(household.id, 1)
    assert page("/cards/pins").words(".pin-slip .pin") == slip
    assert looks() == [("pin_slip", household.id)]
    services.choose_pin(household.id, "2580")
    assert page("/cards/pins").select(".pin-slip") == []


def test_hand_over_list_and_notice(page, admin, household):
    card_of(household)
    listed = page(f"/cards/hand-over?grid={household.grid_id}")
    assert listed.rows(".paper-table") == [["93-0147", "王*智家", "0147", "", ""]]
    for word in ("是什么", "为什么", "谁看得到", "存多久", "怎样不参加"):
        assert word in listed.words("#notice")
        assert word in page("/cards/notice").words("#notice")
    assert looks() == []


def test_lost_found_reissued_ended(page, admin, household):
    here, card = f"/households/{household.id}", card_of(household)
    page.submit(page(here).select_one(f"form[action='/cards/{card.id}/lost']"))
    assert page(here).words("#household-cards .badge") == "挂失"
    page.submit(page(here).select_one(f"form[action='/cards/{card.id}/found']"))
    form = page(here).select_one(f"form[action='/cards/{card.id}/reissue']")
    page.submit(form)
    page.submit(form)
    assert cards(household) == ["replaced", "in_force"]
    assert [badge.get_text() for badge in page(here).select("#household-cards .badge")] == ["启用", "已补卡"]
    page.submit(page(here).select_one("form[action$='/end'][action^='/cards']"))
    assert cards(household) == ["replaced", "ended"]


def test_issue_one_more_card_once(page, admin, household):
    here = f"/households/{household.id}"
    form = page(here).select_one(f"form[action='{here}/cards']")
    page.submit(form)
    page.submit(form)
    assert cards(household) == ["in_force"]


def test_reset_pin(page, admin, household):
    card_of(household)
    services.choose_pin(household.id, "2580")
    here = f"/households/{household.id}"
    assert page(here).select("a[href^='/cards/pins']") == []
    page.submit(page(here).select_one("form[action$='/reset-pin']"))
    assert (household.pin_hash, household.pin_version) == (None, 2)
    assert page(f"/cards/pins?household={household.id}").words(".pin") == codes.slip_pin(household.id, 2)


@pytest.mark.parametrize("step", ["lost", "found", "reissue"])
def test_refused_step_is_told_and_changes_nothing(app, page, admin, household, step):
    card = card_of(household)
    services.end_card(household.village_id, card.id, by=admin.id)
    page("/cards")
    with unchanged(app):
        answer = page.post(f"/cards/{card.id}/{step}", {"key": keys.new()}, status=422)
    assert re.fullmatch("这张卡现在是“已注销”，不能.+。", answer.words(".error-sentence"))


def test_edited_keys_are_refused(app, page, admin, household):
    card = card_of(household)
    page("/cards")
    for url in (f"/cards/{card.id}/reissue", f"/households/{household.id}/cards"):
        with unchanged(app):
            page.post(url, {"key": "1"}, status=400)


def test_key_of_another_household_is_refused(app, page, admin, household):
    key, other = keys.new(), HouseholdFactory(grid=household.grid)
    page("/cards")
    page.post(f"/households/{household.id}/cards", {"key": key})
    with unchanged(app):
        page.post(f"/households/{other.id}/cards", {"key": key}, status=409)


CARD_STEPS = ["lost", "found", "end", "reissue", "handed-over"]
PRINTS = ["/cards/print", "/cards/pins", "/cards/hand-over"]


def test_foreign_cards_and_grids_are_not_found(app, page, admin):
    foreign = card_of(HouseholdFactory())
    grid_id, household_id = foreign.household.grid_id, foreign.household_id
    page("/cards")
    with unchanged(app):
        for card_id in (foreign.id, 10**14):
            for step in CARD_STEPS:
                page.post(f"/cards/{card_id}/{step}", {"key": keys.new()}, status=404)
        for grid in (grid_id, "x", "9" * 30, "１"):
            page.post("/cards/issue", {"grid": grid}, status=404)
            page.post("/cards/handed-over", {"grid": grid}, status=404)
            for url in PRINTS:
                page(url, 404, query_string={"grid": grid})
        page(f"/cards/print?household={household_id}", 404)
        page(f"/cards/pins?household={household_id}", 404)
        page.post("/cards/printed", {"ids": f"{foreign.id},x,{'9' * 30}"})
    assert page("/cards").words("#messages") == "已记下：打印了 0 张。"


@pytest.mark.parametrize("role", [role for role in CAST if role != "village_admin"])
def test_only_the_clerk_has_the_cards(app, page, household, role):
    card = card_of(household)
    page.sign_in(CAST[role](household.village))
    for url in ("/cards", "/cards/notice", *PRINTS):
        page(url, 403)
    with unchanged(app):
        for url in ("/cards/issue", "/cards/printed", "/cards/handed-over"):
            page.post(url, status=403)
        for step in CARD_STEPS:
            page.post(f"/cards/{card.id}/{step}", {"key": keys.new()}, status=403)


def test_prints_cost_the_same_for_one_and_for_ten(app, page, admin, household):
    def cost(url: str) -> int:
        with count_queries(app) as queries:
            page(url)
        return len(queries)

    card_of(household)
    urls = ("/cards", "/cards/hand-over", "/cards/pins", "/cards/print")
    one = [cost(url) for url in urls]
    for _ in range(9):
        HouseholdFactory(grid=household.grid)
    services.issue_cards(household.village_id, by=None)
    assert [cost(url) for url in urls] == one
