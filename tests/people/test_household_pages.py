"""The register's pages: the masked list, a household's page, adding and correcting, taking part, the end."""

import io

import openpyxl
import pytest
from sqlalchemy import select

from tests.factories import (
    CAST,
    GridFactory,
    HouseholdFactory,
    MemberFactory,
    committee,
    keeper,
    supervisor,
    village_admin,
)
from tests.pages import count_queries, unchanged
from tests.people.cards import card_of, digits_of
from virtue.core import keys
from virtue.extensions import db
from virtue.people import services
from virtue.people.models import Household, Look, Member


@pytest.fixture
def grid(app):
    return GridFactory(number=3, name="第三网格")


@pytest.fixture
def household(grid):
    household = HouseholdFactory(grid=grid, code="62062203000147", head_name="王永智", initials="wyz")
    MemberFactory(household=household, name="李桂英", position=2)
    household.members_count = 2
    db.session.commit()
    return household


@pytest.fixture
def admin(page, household):
    """The village's clerk, signed in."""
    user = village_admin(household.village, name="李文书")
    page.sign_in(user)
    return user


def looks() -> list[tuple[str, int]]:
    db.session.rollback()
    return [(look.what, look.household_id) for look in db.session.scalars(select(Look).order_by(Look.id))]


def test_list_is_masked(page, admin, household):
    listed = page("/households")
    assert listed.rows("#households table") == [
        ["3-0147", "王*智", "62062203000147", "第三网格", "2", "没有卡", "参加"]
    ]
    assert "王永智" not in listed.words()
    assert looks() == []


def test_list_finds_by_card_and_filters(page, admin, household):
    other = HouseholdFactory(grid=GridFactory(village=household.village, number=90), head_name="马秀兰", initials="mxl")
    digits = digits_of(card_of(household))
    for text in (digits, f"HTTPS://HOST/C/{digits}", "王永智", "wyz", "3-0147", "６２０６２２０３"):
        assert [row[2] for row in page("/households", query_string={"q": text}).rows("#households table")] == [
            household.code
        ]
    rows = page(f"/households?grid={other.grid_id}").rows("#households table")
    assert [row[2] for row in rows] == [other.code]
    assert page("/households?q=nobody").words("#households h2") == "没有找到"
    assert page("/households?state=ended").words("#households h2") == "没有找到"


def test_a_scanned_card_leads_to_its_household_and_stands_in_no_address(page, admin, household):
    digits = digits_of(card_of(household))
    form = page("/households").select_one("form.search")
    assert page.submit(form, 303, q=f"HTTPS://HOST/C/{digits}").location == f"/households/{household.id}"
    assert page.submit(form, 303, q="wyz").location == "/households?q=wyz"
    assert page.submit(form, 303, q="30141592653589793238").location == "/households"


def test_list_is_a_fragment_under_htmx(htmx, page, admin, household):
    assert htmx("/households?q=wyz", target="households").select_one("#households table") is not None


def test_empty_list_says_what_to_do(page, app, grid):
    page.sign_in(village_admin(grid.village))
    assert (
        page("/households").words("#households .empty")
        == "还没有农户 先导入村里的户籍花名册，或者一户一户添加。 导入花名册"
    )


def test_list_costs_the_same_for_one_and_for_thirty(app, page, admin, household):
    page("/households")
    with count_queries(app) as one:
        page("/households")
    for _ in range(29):
        HouseholdFactory(grid=household.grid)
    services.issue_cards(household.village_id, by=None)
    with count_queries(app) as thirty:
        page("/households")
    assert len(thirty) == len(one)


def test_list_has_pages(page, admin, household):
    for _ in range(31):
        HouseholdFactory(grid=household.grid)
    assert len(page("/households").rows("#households table")) == 30
    assert len(page("/households?page=2").rows("#households table")) == 2
    assert len(page("/households?page=99").rows("#households table")) == 2


@pytest.mark.parametrize("query", ["page=x", "page=-1", "grid=x", "grid=99999999999999999999999", "state=x", "q=%00"])
def test_list_takes_odd_queries(page, admin, household, query):
    page(f"/households?{query}")


def test_household_page_shows_all_and_is_recorded(page, admin, household):
    shown = page(f"/households/{household.id}")
    assert shown.words("h1") == "3-0147 王永智家"
    assert [row[0] for row in shown.rows("#household-members table")] == [one.name for one in household.members]
    assert looks() == [("household", household.id)]
    assert "李文书 看了本户页面" in shown.words("#household-looks")


def test_history_page_shows_before_and_after(page, admin, household):
    member = household.members[1]
    person = services.Person("马秀兰", "配偶", "女", member.birth_year, member.birth_month)
    before = member.name
    services.correct_member(household.village_id, member.id, person, by=admin.id)
    shown = page(f"/households/{household.id}/history")
    assert f"姓名（马秀兰）：{before} → 马秀兰" in shown.words("#changes")
    assert looks() == [("history", household.id)]


def test_export_holds_full_names_and_each_household_is_told(page, admin, household):
    other = HouseholdFactory(grid=household.grid, code="62062203000148", head_name="=HYPERLINK(1)")
    answer = page.raw("GET", "/households/export.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in sheet[2]] == [
        "62062203000147", "3-0147", "王永智", "第三网格", "2", "参加", "",
    ]  # fmt: skip
    assert (sheet["C3"].value, sheet["C3"].data_type) == ("=HYPERLINK(1)", "s")
    lines = page.raw("GET", "/households/export.csv").get_data().decode("utf-8-sig").splitlines()
    assert lines[1] == "62062203000147,3-0147,王永智,第三网格,2,参加,"
    assert lines[2].split(",")[2] == "'=HYPERLINK(1)"
    assert looks() == [("export", household.id), ("export", other.id)] * 2


def test_add_household(page, admin, grid):
    form = page("/households/add").select_one("main form")
    answer = page.submit(
        form, code="６２０６２２０３０００２０１", name="李 建国", sex="男", birth_year="1970", birth_month="５"
    )
    made = db.session.scalars(select(Household).where(Household.code == "62062203000201")).one()
    assert (made.head_name, made.grid_id, made.members[0].birth_month) == ("李建国", grid.id, 5)
    assert answer.location == f"/households/{made.id}"
    assert page(answer.location).words("#messages") == "已添加。现在可以给这一户发卡。"


def test_add_household_sent_twice_adds_one(page, admin, grid):
    form = page("/households/add").select_one("main form")
    fields = {"code": "62062203000201", "name": "李建国", "sex": "男"}
    assert page.submit(form, **fields).location == page.submit(form, **fields).location
    assert len(db.session.scalars(select(Household).where(Household.code == "62062203000201")).all()) == 1


BAD_FIELDS = [
    ("code", "", "这里要填。"),
    ("code", "abc", "户号是4到17位数字。"),
    ("code", "123", "户号是4到17位数字。"),
    ("code", "123456789012345678", "户号是4到17位数字。"),
    ("code", "-62062203000201", "户号62062203000147已经有一户了。"),
    ("name", "", "这里要填。"),
    ("name", "620622198001011234", "姓名只写汉字（或拼音），不写号码。"),
    ("name", "王永智13912345678", "姓名只写汉字（或拼音），不写号码。"),
    ("name", "<b>王</b>", "姓名只写汉字（或拼音），不写号码。"),
    ("name", "王" * 41, "太长了。"),
    ("birth_year", "1899", "年份不对。"),
    ("birth_year", "2999", "还没到这个日期。"),
    ("birth_year", "19.5", "不是有效的整数。"),
    ("birth_month", "13", "月份是1到12。"),
    ("birth_month", "0", "月份是1到12。"),
    ("sex", "x", "不是有效的选择。"),
    ("grid_id", "999999", "不是有效的选择。"),
]


@pytest.mark.parametrize(("name", "value", "said"), BAD_FIELDS)
def test_add_household_refused_at_the_field(app, page, admin, household, name, value, said):
    fields = {"code": "62062203000201", "name": "李建国", "sex": "男", "birth_year": "1970", "birth_month": "5"}
    if value == "-62062203000201":
        value = household.code
    form = page("/households/add").select_one("main form")
    with unchanged(app):
        answer = page.submit(form, 422, **{**fields, name: value})
    assert said in answer.words(f"#{name}-error")
    kept = answer.select_one("#code")["value"]
    assert kept == (value if name == "code" else fields["code"])


def test_correct_member(page, admin, household):
    member = household.members[1]
    form = page(f"/members/{member.id}/correct").select_one("main form")
    assert form.select_one("#name")["value"] == member.name
    answer = page.submit(form, name="马秀兰", relation="配偶", sex="女", why="抄错了")
    assert answer.location == f"/households/{household.id}"
    assert (member.name, member.relation, member.sex) == ("马秀兰", "配偶", "女")


def test_odd_relation_of_the_register_stays_choosable(page, admin, household):
    member = MemberFactory(household=household, relation="三儿媳", position=3)
    form = page(f"/members/{member.id}/correct").select_one("main form")
    page.submit(form, name="马秀兰")
    assert (member.name, member.relation) == ("马秀兰", "三儿媳")


def test_correct_member_refused(app, page, admin, household):
    form = page(f"/members/{household.members[1].id}/correct").select_one("main form")
    with unchanged(app):
        answer = page.submit(form, 422, name="1")
    assert answer.words("#name-error") == "姓名只写汉字（或拼音），不写号码。"


def test_correct_household(page, admin, household):
    target = GridFactory(village=household.village, number=95)
    other = HouseholdFactory(grid=target, code="9990001")
    form = page(f"/households/{household.id}/correct").select_one("main form")
    assert page.submit(form, 422, code=other.code).words("#code-error") == "户号9990001已经有一户了。"
    page.submit(form, code="9990002", grid_id=str(target.id))
    assert (household.code, household.tail, household.grid_id) == ("9990002", "0002", target.id)


def test_add_member(page, admin, household):
    form = page(f"/households/{household.id}/members/add").select_one("main form")
    page.submit(form, name="王小花", relation="女儿", sex="女", birth_year="2020")
    made = db.session.scalars(select(Member).where(Member.name == "王小花")).one()
    assert (made.household_id, made.relation, made.birth_year, made.phone) == (household.id, "女儿", 2020, None)


def test_member_gone_back_and_head(page, admin, household):
    member = household.members[1]
    here = f"/households/{household.id}"
    assert page.post(f"/members/{member.id}/gone").location == here
    assert "移出" in page(here).words("#household-members tbody")
    page.post(f"/members/{member.id}/back")
    page.post(f"/members/{member.id}/head")
    assert page(here).words("h1") == f"3-0147 {member.name}家"
    assert page.post(f"/members/{member.id}/gone", status=422).words(".error-sentence") == (
        "户主不能直接移出，请先把另一位成员改为户主。"
    )


def test_leave_and_come_back(page, admin, household):
    here = f"/households/{household.id}"
    form = page(here).select_one("form[action$='/leave']")
    page.submit(form)
    shown = page(here)
    assert "暂不参加" in shown.words(".who")
    page.submit(shown.select_one("form[action$='/come-back']"))
    assert household.takes_part


def test_consent_and_board(page, admin, household):
    here = f"/households/{household.id}"
    page.submit(page(here).select_one("form[action$='/consents/give']"), how="signed")
    assert "红榜和大屏上写全名：同意" in page(here).words("#household-choices").replace(" ", "")
    page.submit(page(here).select_one("form[action$='/consents/withdraw']"))
    assert "没有同意" in page(here).words("#household-choices")
    page.submit(page(here).select_one("form[action$='/board-out']"))
    assert household.board_opt_out


@pytest.mark.parametrize("fields", [{}, {"purpose": "x", "how": "signed"}, {"purpose": "name_on_board", "how": "x"}])
def test_consent_with_edited_fields_is_refused(app, page, admin, household, fields):
    page(f"/households/{household.id}")
    with unchanged(app):
        page.post(f"/households/{household.id}/consents/give", fields, status=400)


def test_end_household(page, admin, household):
    form = page(f"/households/{household.id}").select_one("form[action$='/end']")
    page.submit(form, why="整户搬走")
    shown = page(f"/households/{household.id}")
    assert "已销户" in shown.words(".who")
    assert shown.select("main form") == []


ACTS = [
    "/households/{id}/leave", "/households/{id}/come-back", "/households/{id}/board-out", "/households/{id}/board-in",
    "/households/{id}/end", "/households/{id}/cards", "/households/{id}/reset-pin", "/households/{id}/correct",
    "/households/{id}/members/add", "/members/{member}/correct", "/members/{member}/head", "/members/{member}/gone",
    "/members/{member}/back",
]  # fmt: skip
PAGES = [
    "/households/{id}", "/households/{id}/history", "/households/{id}/correct", "/households/{id}/members/add",
    "/members/{member}/correct",
]  # fmt: skip


def test_foreign_and_unknown_are_both_not_found(app, page, admin):
    foreign = HouseholdFactory(members=2)
    page("/households")
    for ids in ({"id": foreign.id, "member": foreign.members[1].id}, {"id": 10**14, "member": 10**14}):
        with unchanged(app):
            for url in PAGES:
                page(url.format(**ids), 404)
            for url in ACTS:
                page.post(url.format(**ids), {"key": keys.new()}, status=404)
    assert looks() == []


@pytest.mark.parametrize("role", CAST)
def test_who_may_see_and_change(app, page, household, role):
    page.sign_in(CAST[role](household.village))
    sees, changes = role in {"supervisor", "village_admin"}, role == "village_admin"
    ids = {"id": household.id, "member": household.members[1].id}
    page("/households", 200 if sees else 403)
    for url in PAGES[:2]:
        page(url.format(**ids), 200 if sees else 403)
    for url in PAGES[2:]:
        page(url.format(**ids), 200 if changes else 403)
    if not changes:
        with unchanged(app):
            for url in ACTS:
                page.post(url.format(**ids), {"key": keys.new()}, status=403)


def test_supervisor_sees_no_buttons_that_change(page, household):
    page.sign_in(supervisor(household.village))
    assert page(f"/households/{household.id}").select("main form") == []


def test_strangers_are_sent_to_the_sign_in(page, household):
    assert page(f"/households/{household.id}", 303).location.startswith("/sign-in?next=")
    assert looks() == []


def test_keeper_and_committee_leave_no_look(page, household):
    for make in (keeper, committee):
        page.sign_in(make(household.village))
        page(f"/households/{household.id}", 403)
        page.post("/sign-out")
    assert looks() == []


def test_pages_in_english(page, admin, household):
    card_of(household)
    page.raw("GET", "/households")
    page.client.set_cookie("lang", "en")
    for url in ("/households", "/cards", *PAGES):
        page(url.format(id=household.id, member=household.members[1].id))
