"""Objections from the passbook: to what this household may see, its own with their answers, those to its own lines."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import deeds, factories
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import objections
from virtue.awarding.objections import Verdict, Words
from virtue.core import keys
from virtue.extensions import db
from virtue.honours import star_proposing, star_publishing, star_queries, stars
from virtue.notices import queries as notices
from virtue.notices.services import Sender


@pytest.fixture
def neighbour(household):
    return factories.HouseholdFactory(grid=household.grid, head_name="赵桂英", code="622100000258")


@pytest.fixture
def yard(village):
    return deeds.rule_of(village.id, name="参加环境整治", unit="home", points=8, route="review")


@pytest.fixture
def notice(village, household, neighbour, yard):
    """Line 1 the neighbour's, 2 the own, 3 a problem of the neighbour, 4 what nobody is shown, 5 an own deduction."""
    fine = deeds.rule_of(village.id, name="乱堆乱放", unit="civility", points=-5, route="deduction", publish="list")
    quiet = deeds.rule_of(village.id, name="孝老", unit="civility", points=6, route="review", publish="never")
    made = [
        deeds.deed_of(neighbour, yard), deeds.deed_of(household, yard), deeds.deed_of(neighbour, fine),
        deeds.deed_of(neighbour, quiet), deeds.deed_of(household, fine),
    ]  # fmt: skip
    return deeds.on_notice(*made)


@pytest.fixture
def supervisor(village):
    return factories.supervisor(village, name="孙监督")


def line(page, number, status=200):
    return page(f"/passbook/objections/new?notice=1&line={number}", status)


def send(page, number=1, status=303, **fields):
    return page.submit(line(page, number).select_one("#objection-form"), status, **{"words": "他家没有来", **fields})


def settle(village, number, state, supervisor, **fields):
    verdict = Verdict(state, "到现场看过", **fields)
    objections.settle(village.id, number, verdict, key=keys.new(), by=supervisor.id)


def test_without_the_pin_nobody_objects(app, page, scan, card, notice):
    scan(card)
    for url in ("/passbook/objections", "/passbook/objections/new"):
        assert page(url, 303).location == "/passbook/pin"
    with unchanged(app):
        page.post("/passbook/objections", {"notice": "1", "line": "1", "words": "不对", "key": keys.new()})


def test_a_line_is_shown_as_everybody_may_see_it(page, unlock, notice):
    unlock()
    assert "赵某某家（尾号0258） 参加环境整治 +8" in line(page, 1).words("#objection-form")
    assert "您家 参加环境整治 +8" in line(page, 2).words("#objection-form")
    problem = line(page, 3).words("#objection-form")
    assert "第三网格 乱堆乱放" in problem
    assert "0258" not in problem
    assert "您家 乱堆乱放 -5" in line(page, 5).words("#objection-form")


@pytest.mark.parametrize("number", ["4", "9", "0", "-1", "1.5", "x"])
def test_what_it_may_not_see_it_cannot_object_to(app, page, unlock, notice, number):
    unlock()
    page(f"/passbook/objections/new?notice=1&line={number}", 422)
    with unchanged(app):
        words = {"notice": "1", "line": number, "words": "不对吧", "key": keys.new()}
        shown = page.post("/passbook/objections", words, 422)
    assert "没有找到这一行" in shown.words("main")


def test_it_objects_and_reads_the_receipt_and_the_answer(page, unlock, village, household, notice, supervisor):
    unlock()
    assert send(page).location == "/passbook/objections"
    own = page("/passbook/objections").words("#own")
    day = clock.today() + timedelta(days=10)
    for words in ("回执第1号", "正在处理", "他家没有来", f"{day.month}月{day.day}日前答复"):
        assert words in own
    found = notices.find_objection(village.id, 1)
    assert (found.came_by, found.taken_by_id) == ("passbook", None)
    assert notices.find_objector(found.id).household_id == household.id
    objections.open_seal(village.id, 1, by=supervisor.id)
    settle(village, 1, "dismissed", supervisor)
    own = page("/passbook/objections").words("#own")
    for words in ("异议不成立", "到现场看过", "孙监督打开过您的姓名"):
        assert words in own


def test_the_lines_household_reads_outcome_and_reason_and_nothing_of_who(
    page, unlock, village, neighbour, notice, supervisor
):
    words = Words(1, 2, "他家是补签的", "passbook")
    objections.object_to(village.id, words, Sender(neighbour.id), key=keys.new(), by=None)
    unlock()
    about = page("/passbook/objections")
    assert "参加环境整治： 正在处理" in about.words("#about")
    settle(village, 1, "upheld_withdrawn", supervisor)
    about = page("/passbook/objections")
    assert "异议成立，撤下" in about.words("#about")
    assert "到现场看过" in about.words("#about")
    for word in ("赵", "0258", "补签", "回执第1号"):
        assert word not in about.words("main")


@pytest.mark.parametrize("words", ["", " ", "不", "长" * 501], ids=["none", "blank", "one", "long"])
def test_without_words_it_is_refused_and_nothing_typed_is_lost(app, page, unlock, notice, words):
    unlock()
    with unchanged(app):
        again = send(page, 1, 422, words=words)
    assert "2 到 500 个字" in again.words("#objection-form")
    assert again.select_one("#words").get_text() == words


def test_twice_the_same_form_is_one_objection(page, unlock, village, notice):
    unlock()
    form = line(page, 1).select_one("#objection-form")
    page.submit(form, 303, words="他家没有来")
    page.submit(form, 303, words="他家没有来")
    assert notices.find_objection(village.id, 2) is None


def test_the_own_one_is_taken_back_and_no_other(app, page, unlock, village, household, neighbour, notice):
    unlock()
    send(page)
    objections.object_to(village.id, Words(1, 1, "我也不服", "desk"), Sender(neighbour.id), key=keys.new(), by=None)
    with unchanged(app):
        page.post("/passbook/objections/2/take-back", {"key": keys.new()}, 404)
        page.post("/passbook/objections/99/take-back", {"key": keys.new()}, 404)
    form = page("/passbook/objections").select_one("#own form")
    page.submit(form, 303)
    assert "提的人收回" in page("/passbook/objections").words("#own")
    with unchanged(app):
        page.submit(form, 409, key=keys.new())


def test_an_own_contested_line_says_so(page, unlock, village, household, neighbour, notice):
    objections.object_to(village.id, Words(1, 2, "不对吧", "desk"), Sender(neighbour.id), key=keys.new(), by=None)
    assert "有异议，先停着" in unlock().words("#coming")


def test_after_the_last_day_there_is_nothing_to_object_to(page, unlock, card, notice, village):
    unlock()
    notice.ends_on = clock.today() - timedelta(days=1)
    notice.published_on = clock.today() - timedelta(days=6)
    db.session.commit()
    assert "没有正在公示的" in page("/passbook/objections/new").words("main")
    page("/passbook/objections/new?notice=1&line=1", 422)


def test_it_reads_in_english(page, unlock, notice):
    unlock()
    send(page)
    page.client.set_cookie("lang", "en")
    assert page("/passbook/objections").find("html")["lang"] == "en"
    assert line(page, 1).find("html")["lang"] == "en"


def test_to_a_star_line_too(page, unlock, village, household, neighbour, supervisor):
    """The own line in full, others' only where they are listed; its answer, and that somebody objected to the own line."""
    clerk, when = factories.village_admin(village), datetime(2026, 7, 12, 2, 0, tzinfo=UTC)
    with clock.set_to(when):
        star_proposing.propose(village.id, 202604, key=keys.new(), by=clerk.id)
        reviewer, kinds = factories.reviewer(village), [household.id]
        stars.give_word(village.id, 202604, "孝老爱亲", kinds, why="评议会", key=keys.new(), by=reviewer.id)
        number = star_publishing.publish(village.id, 202604, key=keys.new(), by=clerk.id).result["number"]
        period = star_queries.find_period(village.id, 202604)
        lines = {one.household_id: one.notice_line for one in star_queries.in_state(period, "on_notice")}
        unlock()
        hanging = page("/passbook/stars").select_one("#hanging")
        assert "您家 4 颗星" in hanging.get_text()
        form = page(str(hanging.select_one("a[href*='objections/new']")["href"]))
        assert "您家 2026年第二季度星级：4 颗星" in form.words("#objection-form")
        page(f"/passbook/objections/new?notice={number}&line={lines[neighbour.id]}", 422)
        page.submit(form.select_one("#objection-form"), words="门前天天扫")
        assert "有异议，正在核实" in page("/passbook/stars").words("#hanging")
        verdict = Verdict("upheld_amended", "到现场看过", dimension="环境卫生")
        objections.settle(village.id, 1, verdict, key=keys.new(), by=supervisor.id)
        shown = page("/passbook/objections")
        assert ["异议成立，已按理由办" in shown.words(part) for part in ("#own", "#about")] == [True, True]
        assert "您家 5 颗星" in page("/passbook/stars").words("#hanging")
