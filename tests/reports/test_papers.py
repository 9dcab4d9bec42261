"""What hangs on the wall and what is read out: never more than the public page, never a deduction, each with its QR."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import deeds, factories
from tests.honours.ballots import DAYS, make_poll
from tests.honours.ballots import NOW as POLL_DAY
from tests.honours.hall import make_hall
from tests.pages import count_queries
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.honours.red_picks import Pick
from virtue.people import qr
from virtue.people import services as people
from virtue.store import opening_services
from virtue.store.models import Store
from virtue.store.opening_services import Hours

NOON = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
LOUD = "/papers/loudspeaker"


@pytest.fixture
def hall(app):
    with clock.set_to(NOON):
        hall = make_hall()
        hall.agreed, hall.silent = hall.house(), hall.house("马智", "622100000415")
        hall.unlisted = hall.house("赵桂英", "622100000258", board_opt_out=True)
        bad = deeds.rule_of(hall.village.id, name="乱倒垃圾", unit="civility", route="deduction", publish="list")
        hall.deeds = [hall.deed(one) for one in (hall.agreed, hall.silent, hall.unlisted)]
        deeds.settled(hall.silent, bad, points=-4)
        for purpose in ("name_on_board", "name_by_voice"):
            people.give_consent(hall.village.id, hall.agreed.id, purpose, "signed", by=None)
        people.give_consent(hall.village.id, hall.silent.id, "name_on_board", "signed", by=None)
        yield hall


def said(page, query=""):
    return page(LOUD + query).texts("#script p")


def test_the_loudspeaker_names_who_agreed_to_that_and_no_deduction(app, page, hall):
    page.sign_in(hall.staff["committee"])
    assert said(page)[1] == "王永智家、第3网格一户人家，见义勇为。"
    text = page(LOUD).words("#script")
    assert "马智" not in text
    assert "乱倒垃圾" not in text
    assert "赵" not in text
    assert "0415" not in text
    people.withdraw_consent(hall.village.id, hall.agreed.id, "name_by_voice", by=None)
    assert said(page)[1] == "第3网格2户人家，见义勇为。"
    with count_queries(app) as few:
        page(LOUD)
    for number in range(10):
        hall.deed(hall.house("郭文军", f"6221000006{number:02d}"))
    with count_queries(app) as many:
        page(LOUD)
    assert len(many) == len(few)


def test_a_day_and_a_week_reach_back_and_ahead_as_far_as_they_say(page, hall):
    factories.stocked(hall.village, 1, by=hall.staff["keeper"])
    shop = db.session.query(Store).one()
    opening_services.add_days(
        hall.village.id, shop.id, [clock.today() + timedelta(days=3)], (Hours(540, 720),), key=keys.new(),
        by=hall.id("village_admin"),
    )  # fmt: skip
    notice = deeds.on_notice(deeds.deed_of(hall.agreed, hall.red, state="approved"))
    page.sign_in(hall.staff["village_admin"])
    ending = f"第{notice.number}号公示到11月16日为止。有不同意见的，到村委会说一声，谁说的不公开。"
    store = f"{shop.name}11月14日（集日）上午9点到中午12点开门。"
    assert ending not in said(page)
    assert store not in said(page)
    assert [line for line in said(page, "?span=week") if line in (store, ending)] == [store, ending]
    assert "见义勇为" not in page(f"{LOUD}?day=2026-11-13").words("#script")
    assert "见义勇为" in page(f"{LOUD}?day=2026-11-13&span=week").words("#script")
    # An odd day is today.
    assert "见义勇为" in page(f"{LOUD}?day=1999-13-40").words("#script")


def test_posters_show_what_the_page_shows_with_ends_qr_and_paper(page, hall, visitor):
    hall.pick(*(Pick(deed_id=one.id) for one in hall.deeds[:2]), days=10)
    page.sign_in(hall.staff["village_admin"])
    links = [a["href"] for a in page("/papers").select("main a")]
    red, top = page("/papers/posters/red-board?paper=a3&ink=bw"), page("/papers/posters/top-lists?paper=two")
    assert red.texts(".poster li") == ["马智家 见义勇为 到11月21日", "王永智家 见义勇为 到11月21日"]
    assert "最迟2026年11月21日撤下" in red.words(".poster-foot")
    with page.app.test_request_context(base_url="http://localhost"):
        assert red.select(".paper-qr path")[1]["d"] == qr.page("portal.red_board", slug="fumin").path
    assert red.select_one("body.paper-a3.is-bw")
    assert top.select_one("body.paper-two:not(.is-bw)")
    assert "王永智家" in top.words(".poster")
    assert "赵" not in top.words(".poster")
    for link in links:
        assert "乱倒垃圾" not in page(link).response.text
    page("/papers/posters/nobody", 404)
    page("/papers/posters/campaigns/1", 404)
    visitor().sign_in(hall.staff["keeper"])("/papers", 403)


def test_the_wall_sheet_holds_sums_alone(app, page, hall):
    page.sign_in(hall.staff["supervisor"])
    url = "/papers/month?month=202611"
    sheet = page(url)
    assert sheet.rows("#sums") == [["家美积分", "0", "0"], ["文明积分", "60", "0"]]
    assert sheet.words("#deeds") == "入账 4 件，3 户得了分。"
    assert "这个月没有公示" in sheet.words("#notices")
    assert not {"王永智", "马智", "马某", "0415"} & set(sheet.words("main").replace("，", " ").split())
    with count_queries(app) as few:
        page(url)
    for _ in range(5):
        deeds.on_notice(deeds.deed_of(hall.agreed, hall.red, state="approved"))
    with count_queries(app) as many:
        assert "这个月贴出 5 次：第1号、第2号" in page(url).words("#notices")
    assert len(many) == len(few)


def test_a_campaigns_poster_says_how_to_vote_then_who_was_chosen(app, page, fast):
    with clock.set_to(POLL_DAY):
        poll = make_poll()
        poll.run_to("open")
    url = f"/papers/posters/campaigns/{poll.campaign_id}"
    with poll.day(DAYS["cast"]):
        page.sign_in(poll.staff["village_admin"])
        shown = page(url)
        assert "候选人" in shown.words(".poster")
        assert "一户一票" in shown.words(".poster-foot")
        assert "票" not in shown.words(".poster ul")
    poll.fill([(1,), (1, 2), (2,), (1,), (3,)])
    with poll.day(DAYS["close"]):
        poll.step("close", "village_admin")
        poll.step("count", "supervisor")
    with poll.day(DAYS["publish"]):
        poll.step("publish", "village_admin")
        told = page.sign_in(poll.staff["village_admin"])(url)
        assert "评上的" in told.words(".poster")
        assert "3 票" in told.texts(".poster li")[0]
