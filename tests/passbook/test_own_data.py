"""What the village keeps of a household, as it reads and downloads it; asking for a correction, and the answer."""

import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import select

from tests import deeds, factories
from tests.pages import unchanged
from tests.passbook import tills
from virtue import clock
from virtue.core import keys
from virtue.core.models import Audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import data_queries, data_services
from virtue.people import services as people
from virtue.people.data_models import DataRequest
from virtue.people.data_services import AnswerMissing, RequestUnclear, TooManyRequests
from virtue.people.models import Look


@pytest.fixture
def lived(household, village):
    """A household that earned, spent, consented, was looked at; and one deduction that it wasn't told of yet."""
    clerk = factories.village_admin(village, name="周文书")
    factories.MemberFactory(household=household, name="王小花", relation="女", sex="女", phone="19900001234")
    deeds.settled(household, deeds.rule_of(village.id, name="参加环境整治", unit="home", points=30))
    fine = deeds.rule_of(village.id, name="乱堆乱放", unit="civility", points=-5, route="deduction")
    deeds.deed_of(household, fine)
    keeper = factories.keeper(village)
    tills.redeem(household, factories.stocked(village, 9, by=keeper, home=4, name="香皂"), 3, by=keeper)
    people.give_consent(village.id, household.id, "name_on_board", "signed", by=clerk.id)
    people.record_look(village.id, household.id, by=clerk.id, what="household")
    return clerk


def sheets(page, url):
    response = page.raw("GET", url)
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith('attachment; filename="')
    assert response.headers["Cache-Control"] == "no-store"
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    return {sheet.title: [list(row) for row in sheet.values] for sheet in book}


def test_the_statement_on_paper_and_as_a_file_add_up_alike(app, page, unlock, scan, household, card, lived):
    scan(card)
    for url in ("/passbook/statement", "/passbook/statement.xlsx", "/passbook/data", "/passbook/data.xlsx"):
        assert page(url, 303).location == "/passbook/pin"
    unlock()
    today = clock.today()
    for period in ("", f"?year={today.year}", "?month=x"):
        with unchanged(app):
            paper = page(f"/passbook/statement{period}")
            book = sheets(page, f"/passbook/statement.xlsx{period}")
        assert paper.rows("#parts") == [["家美积分", "0", "+30", "−12", "18"], ["文明积分", "0", "0", "0", "0"]]
        assert book["积分对账单"][1:] == [["家美积分", 0, 30, -12, 18], ["文明积分", 0, 0, 0, 0]]
        assert [row[1:] for row in book["积分明细"][1:]] == [
            ["参加环境整治", "家美积分", 30, 30], ["兑换 香皂 3 件", "家美积分", -12, 18],
        ]  # fmt: skip
    assert page("/passbook/statement?paper=large").select_one(".sheet-elder")
    assert db.session.scalars(select(Look.what)).all() == ["household"]


def test_all_that_is_kept_comes_in_one_file(app, page, unlock, household, lived, card):
    other = factories.HouseholdFactory(grid=household.grid, head_name="马智")
    people.remember_phone(card, "=1+1")
    unlock()
    with unchanged(app):
        book = sheets(page, "/passbook/data.xlsx")
    assert ["户号", household.code] in book["登记"]
    assert [row[:3] for row in book["家庭成员"][1:]] == [["王永智", "户主", "男"], ["王小花", "女", "女"]]
    assert book["家庭成员"][2][5] == "19900001234"
    assert [row[1] for row in book["积分事项"][1:]] == ["参加环境整治"]
    assert book["同意"][1][:2] == ["红榜和大屏上写全名", "本人签字"]
    assert book["谁看过"][1][0] == "周文书"
    assert book["记住的手机"][1][0] == "=1+1"
    assert len(book["积分明细"]) == 3
    text = repr(book)
    for secret in (other.head_name, factories.digits_of(card), household.pin_hash or "-"):
        assert secret not in text
    assert "王小花" in page("/passbook/data").words("#kept")


def test_a_request_is_answered_at_the_desk_and_read_in_the_passbook(app, page, visitor, unlock, household, lived):
    unlock()
    form = page("/passbook/data").select_one("#ask form")
    with unchanged(app):
        assert "请写明" in page.submit(form, 422, kind="correct", words=" ").words("#ask")
        page.post("/passbook/data/requests", {"kind": "x", "words": "y", "key": keys.new()}, status=404)
    form = page("/passbook/data").select_one("#ask form")
    for _ in range(2):
        page.submit(form, 303, kind="delete", words="把女儿的电话删掉")
    row = db.session.scalars(select(DataRequest)).one()
    assert "等村里答复" in page("/passbook/data").words("#asked")
    desk = visitor().sign_in(lived)
    assert "件更正、删除资料的请求要答复" in desk("/desk").words("main")
    form = desk("/data-requests").select_one(f"#request-{row.id} form")
    with unchanged(app):
        assert desk.submit(form, 422, words="").select_one("textarea")
    desk.submit(form, 303, words="电话已经删掉")
    assert "电话已经删掉" in page("/passbook/data").words("#asked")
    assert "件更正、删除资料的请求要答复" not in desk("/desk").words("main")
    people_of = [one for one in db.session.scalars(select(Audit.action)) if one.endswith("about_data")]
    assert people_of == ["people.ask_about_data", "people.answer_about_data"]


def test_requests_are_few_and_stay_in_their_village(app, household, lived):
    here, home = household.village_id, household.id

    def ask(words="改名字", kind="correct"):
        return data_services.ask_about_data(here, home, kind, words, key=keys.new()).result["request_id"]

    asked = [ask() for _ in range(data_services.MOST_OPEN)]
    for wrong, words in ((TooManyRequests, "再改"), (RequestUnclear, ""), (RequestUnclear, "长" * 501)):
        with unchanged(app), pytest.raises(wrong):
            ask(words)
    elsewhere = factories.VillageFactory()
    stranger = factories.village_admin(elsewhere)
    with unchanged(app), pytest.raises(NotFoundHere):
        data_services.answer_about_data(elsewhere.id, asked[0], "办了", by=stranger.id)
    with unchanged(app), pytest.raises(AnswerMissing):
        data_services.answer_about_data(here, asked[0], " ", by=lived.id)
    data_services.answer_about_data(here, asked[0], "办了", by=lived.id)
    with unchanged(app):
        data_services.answer_about_data(here, asked[0], "又办了", by=lived.id)
    ask()
    late = clock.now() + timedelta(days=data_queries.ANSWER_DAYS)
    with clock.set_to(late):
        assert tuple(data_queries.waiting(here)) == (5, 0)
    with clock.set_to(late + timedelta(days=1)):
        assert tuple(data_queries.waiting(here)) == (5, 5)
    assert tuple(data_queries.waiting(elsewhere.id)) == (0, 0)
