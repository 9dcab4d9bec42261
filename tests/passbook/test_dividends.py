"""The dividend in the passbook, on the public pages and on the wall: who reads what, and objecting from the passbook."""

import pytest

from tests import factories
from tests.dividends.test_pots import LATER, START, act, drafted, opened, people, score  # noqa: F401  a fixture
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.dividends import objections, queries
from virtue.notices import queries as notices
from virtue.notices.services import Sender


@pytest.fixture
def village(app):
    with clock.set_to(START):
        yield factories.VillageFactory(name="富民新村", slug="fumin")


@pytest.fixture
def household(village):
    grid = factories.GridFactory(village=village, number=3, name="第三网格")
    home = factories.HouseholdFactory(grid=grid, head_name="王永智", code="622100000147")
    score(home, 202503, 40, 0)
    return home


@pytest.fixture
def neighbour(household):
    home = factories.HouseholdFactory(grid=household.grid, head_name="赵桂英", code="622100000258")
    score(home, 202503, 0, 7)
    return home


@pytest.fixture
def pot(village, people, neighbour):  # noqa: F811
    return opened(village, people)


def own(page, pot):
    return page("/passbook/dividends").words(f"#sheet-{pot.id}")


def objection_form(page, pot):
    return page("/passbook/dividends").select_one(f"#sheet-{pot.id} form[action$='/objections']")


def test_without_the_pin_nobody_reads_it(app, page, scan, card, pot):
    scan(card)
    assert page("/passbook/dividends", 303).location == "/passbook/pin"
    with unchanged(app):
        page.post(f"/passbook/dividends/{pot.id}/objections", {"line": "1", "words": "不对", "key": keys.new()})


def test_a_draft_is_seen_by_nobody(page, unlock, village, people, neighbour, visitor):  # noqa: F811
    pot = drafted(village, people)
    unlock()
    assert "还没有公开过分红" in page("/passbook/dividends").words("main")
    anyone = visitor()
    assert "还没有公开过分红" in anyone("/v/fumin/dividends").words("main")
    anyone(f"/v/fumin/dividends/{pot.id}", 404)
    assert "先公开十天" in anyone("/kiosk/fumin/dividends").words("main")


def enter(person, scan, card):
    """Scan again on another day, with the PIN that was chosen."""
    scan(card, person)
    person.submit(person("/passbook/pin").select_one("#pin-form"), 303, pin="270593")


def test_the_own_line_with_its_why_from_the_sheet_to_the_money(page, scan, card, unlock, pot, people):  # noqa: F811
    unlock()
    words = own(page, pot)
    # 100,000 fen x 140 / 233 = 60,085.83; the neighbour's 39,914.16
    for part in (
        "您家（第1行） ¥600.86", "基础分100 × 在村12个月 ÷ 12 + 得分40 − 扣分0 = 140。",
        "¥1,000.00 × 140 ÷ 全村233，舍去不到一分的零头，是¥600.85。零头排在前面，再补1分。", "公开到3月20日", "还可能变",
    ):  # fmt: skip
        assert part in words
    assert "399.14" not in words
    with clock.set_to(LATER):
        for action in ("vote", "check", "sign"):
            act(action, pot, people)
        enter(page, scan, card)
        assert "带上积分卡到村委会领" in own(page, pot)
        assert objection_form(page, pot) is None
        act("pay", pot, people)
        assert "2026年3月21日发了：银行转账" in own(page, pot)


def test_it_objects_to_its_own_line_and_takes_it_back(app, page, unlock, pot, household, people):  # noqa: F811
    unlock()
    form = objection_form(page, pot)
    assert form.select_one("[name=line]")["value"] == "1"
    with unchanged(app):
        wrong = page.submit(form, 422, line="9", words="没有算上我家的荣誉")
    assert wrong.select_one("textarea").get_text().strip() == "没有算上我家的荣誉"
    assert "没有找到这一行" in wrong.words("main")
    form = objection_form(page, pot)
    assert page.submit(form, 303, words="没有算上我家的荣誉").location == "/passbook/dividends"
    found = notices.find_objection(pot.village_id, 1, objections.KINDS)
    assert (found.came_by, found.taken_by_id, found.line.number) == ("passbook", None, 1)
    assert notices.find_objector(found.id).household_id == household.id
    assert "没有算上我家的荣誉" in own(page, pot)
    assert "/passbook/dividends" in [a["href"] for a in page("/passbook/objections").select("#own a")]
    back = page("/passbook/dividends").select_one("form[action$='/take-back']")
    assert page.submit(back, 303).location == "/passbook/dividends"
    assert "收回" in own(page, pot)
    assert queries.contested(pot) == set()


def test_only_the_own_objection_is_read_and_taken_back(app, page, unlock, pot, neighbour, people):  # noqa: F811
    sent = {"came_by": "desk", "key": keys.new(), "by": people["clerk"].id}
    objections.object_to(pot.village_id, pot.id, 1, "王家不该有这么多", Sender(neighbour.id), **sent)
    unlock()
    assert "不该有这么多" not in page("/passbook/dividends").words("main")
    with unchanged(app):
        page.post(f"/passbook/dividends/{pot.id}/objections/1/take-back", {"key": keys.new()}, 404)
        page.post("/passbook/dividends/999/objections", {"line": "1", "words": "不对", "key": keys.new()}, 404)


def test_a_passbook_can_t_flood_the_village(app, page, unlock, pot):
    unlock()
    for _time in range(objections.MOST_OPEN):
        page.submit(objection_form(page, pot), 303, words="没有算上荣誉")
    with unchanged(app):
        assert "件异议" in page.submit(objection_form(page, pot), 422, words="没有算上荣誉").words("main")


def test_everybody_reads_masked_lines_while_it_is_open_and_sums_after(visitor, pot, people):  # noqa: F811
    anyone, at = visitor(), f"/v/fumin/dividends/{pot.id}"
    assert "村集体分红" in anyone("/v/fumin/dividends").words("#pots")
    shown = anyone(at)
    assert shown.rows("#lines") == [
        ["1", "王某某家（尾号0147）", "¥600.86"], ["2", "赵某某家（尾号0258）", "¥399.14"],
    ]  # fmt: skip
    assert "全村得分合计233分。" in shown.words("#how")
    assert shown.response.headers["Cache-Control"] == "no-store"
    assert shown.select_one("meta[name=robots]")["content"] == "noindex"
    for words in ("永智", "桂英", "扣分7"):
        assert words not in shown.words()
    objections.object_to(
        pot.village_id, pot.id, 2, "不对", Sender(), came_by="paper", key=keys.new(), by=people["clerk"].id
    )
    assert "有异议" in anyone(at).words("#lines")
    screen = anyone("/kiosk/fumin/dividends").words("main")
    assert "¥1,000.00" in screen
    assert "分给2户" in screen
    assert "600.86" not in screen
    with clock.set_to(LATER):
        assert anyone(at).select("#lines") == []
        assert "公开期过了" in anyone(at).words("#closed")


def test_the_steps_are_told_with_their_dates(visitor, pot, people):  # noqa: F811
    anyone, at = visitor(), f"/v/fumin/dividends/{pot.id}"
    with clock.set_to(LATER):
        for action in ("vote", "check", "sign", "pay", "close"):
            act(action, pot, people)
        steps = anyone(at).words("#steps")
        for words in ("应到30人，到会20人，赞成11人", "镇里审核", "村监会签字", "已发1户，¥600.86", "办结"):
            assert words in steps
        assert "赞成11人" in anyone("/kiosk/fumin/dividends").words("main")
