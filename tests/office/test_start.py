"""The way of an empty installation, from the console's code to the first event; with scripts off."""

import io
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.factories import HouseholdFactory, UserFactory, VillageFactory, staff_of, village_admin
from tests.watch import unchanged
from virtue import clock
from virtue.awarding.models import Deed, Event
from virtue.awarding.queries import rulebook_in_force
from virtue.core import settings
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.office import setup
from virtue.people.models import Household
from virtue.places.models import Village
from virtue.staff import queries as staff
from virtue.staff.models import User
from virtue.store.models import Batch, Item

PASSWORD = "gulang-2026-wen"


@pytest.fixture
def code(app):
    return setup.setup_code()


@pytest.fixture
def clerk(app, page):
    village = VillageFactory()
    clerk = village_admin(village)
    page.sign_in(clerk)
    return clerk


@pytest.fixture
def village(clerk):
    return db.session.scalar(select(Village))


def first_admin(page, code, status=303, **fields):
    typed = {"code": code, "name": "王文书", "username": "wang", "password": PASSWORD, "again": PASSWORD, **fields}
    return page.submit(page("/start").select_one("main form"), status, **typed)


# ---- the code, the first admin -------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/desk", "/sign-in", "/kiosk/x/red-board", "/passbook", "/v/x/"])
def test_everything_leads_to_start_on_an_empty_installation(app, page, address):
    answer = page.raw("GET", address, follow_redirects=True)
    assert answer.request.path == "/start"


def test_health_and_styles_are_answered_on_an_empty_installation(app, page):
    assert page.raw("GET", "/healthz").status_code == 200
    assert page.raw("GET", "/static/app.css").status_code == 200


def test_with_a_village_the_public_pages_stay(app, page):
    VillageFactory()
    assert "初次设置" in page("/sign-in").words("main")


def test_the_code_makes_the_first_admin_once(app, page, visitor, code):
    first_admin(page, code.replace("-", ""))
    user = staff.find_by_username("wang")
    assert [grant.role for grant in user.grants] == ["county_admin"]
    assert "初次设置" in page("/start").words("h1")
    assert setup.setup_code() is None
    assert not (Path(app.config["VIRTUE_DATA_DIR"]) / "setup-code").exists()
    with unchanged(app):
        other = visitor()
        assert other("/start", 303).location.startswith("/sign-in")
        other.post("/start", {"code": code, "username": "zhang"}, 404)


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"code": "2222-2222-2222"}, 422, "初次设置码不对"),
        ({"code": ""}, 422, "初次设置码不对"),
        ({"code": "二二二"}, 422, "初次设置码不对"),
        ({"password": "short", "again": "short"}, 422, "这个密码太容易被猜到"),
        ({"password": "wang2026", "again": "wang2026"}, 422, "这个密码太容易被猜到"),
        ({"again": "gulang-2026-wem"}, 422, "两遍输的不一样"),
        ({"username": "王"}, 422, "用户名要2到40个字符"),
        ({"name": ""}, 422, "姓名要填"),
    ],
)
def test_a_wrong_start_changes_nothing(app, page, code, fields, status, sentence):
    with unchanged(app):
        answer = first_admin(page, fields.get("code", code), status, **{k: v for k, v in fields.items() if k != "code"})
    assert sentence in answer.words("main")


def test_guessing_the_code_is_slowed_down(app, page, code):
    with unchanged(app):
        for _ in range(setup.FREE_TRIES):
            first_admin(page, "2222-2222-2222", 422)
        assert "分钟后再试" in first_admin(page, code, 429).words("main")


def test_the_code_is_kept_from_others(app, code):
    path = Path(app.config["VIRTUE_DATA_DIR"]) / "setup-code"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert code not in str(settings.value("setup_code_hash"))
    assert setup.setup_code() == code


# ---- the steps ------------------------------------------------------------------------------------


def test_the_whole_way(app, page, visitor, code):
    first_admin(page, code)
    page.submit(page("/start/village").select_one("main form"), name="富民新村")
    village = db.session.scalar(select(Village))
    assert village.slug == "fuminxincun"
    for step in ("users", "register", "rulebook", "opening", "goods", "print", "event"):
        assert step in str(page("/start").select_one("#start"))
        page(f"/start/{step}")
    for username, roles in {"li": ["committee"], "ma": ["reviewer"], "mu": ["reviewer", "keeper"]}.items():
        page.submit(page("/users/new").select_one("main form"), 200, name="某某", username=username, roles=roles)
    page.submit(page("/users/new").select_one("main form"), 200, name="监事", username="jian", roles=["supervisor"])
    HouseholdFactory(grid__village=village, code="622301001")
    page.submit(
        page("/start/rulebook").select_one("main form"), book="starter", how="before", adopted_on="2026-01-10",
        present="60", in_favour="58", women_present="30", filing_number="黄政发〔2026〕3号",
    )  # fmt: skip
    page.post("/start/opening/done")
    page.submit(page("/start/goods").select_one("#county"))
    page.post("/start/print/done")
    page.submit(page("/start/event").select_one("main form"), name="发卡日", place="村委会")
    assert "都办好了" in page("/start").words("main")
    assert "接着做初次设置" not in page("/desk").words("main")
    assert db.session.scalar(select(Event.name)) == "发卡日"
    assert db.session.query(Item).count() == 36


def test_left_and_taken_up_again(app, village, page, visitor):
    page.post("/start/opening/done")
    page.post("/sign-out")
    other = visitor().sign_in(village_admin(village))
    rows = {row.b.get_text(): row.select_one(".badge").get_text() for row in other("/start").select("#start li")}
    assert rows["5 · 期初余额"] == "已完成"
    assert rows["6 · 商品和库存"] == "还没有"
    assert "接着做初次设置" in other("/desk").words("main")


def test_only_two_steps_can_be_marked(app, clerk, page):
    with unchanged(app):
        for name in ("village", "users", "register", "event", "x"):
            page.post(f"/start/{name}/done", status=404)


@pytest.mark.parametrize("role", ["committee", "reviewer", "keeper", "supervisor"])
def test_others_are_refused(app, page, role):
    page.sign_in(staff_of(VillageFactory(), role))
    with unchanged(app):
        page("/start", 403)
        page("/start/village", 403)
        page.post("/start/village", {"name": "新村"}, 403)
        page.post("/start/opening", {"document": "x"}, 403)


def test_a_clerk_makes_no_other_village(app, clerk, page):
    with unchanged(app):
        page.post("/start/village", {"name": "新村"}, 403)


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "村名要写"), ("村" * 41, "村名要写"), ("富民新村", "已经有叫富民新村的村")]
)
def test_a_wrong_village_is_refused(app, page, name, sentence):
    from tests.factories import RoleGrantFactory

    VillageFactory(name="富民新村")
    user = UserFactory()
    RoleGrantFactory(user=user, role="county_admin", village_id=None)
    page.sign_in(user)
    with unchanged(app):
        assert sentence in page.post("/start/village", {"name": name}, 422).words("main")


# ---- rulebook -------------------------------------------------------------------------------------

PAPERS = {
    "book": "starter", "how": "before", "in_force_from": "2026-01-11", "adopted_on": "2026-01-10", "present": "60",
    "in_favour": "58", "women_present": "30", "filing_number": "3号",
}  # fmt: skip


def test_starter_full_and_own_books(app, village, page):
    page.post("/start/rulebook", PAPERS)
    assert len(rulebook_in_force(village.id).rules) == 18
    page.post("/start/rulebook", {**PAPERS, "book": "full"})
    assert len(rulebook_in_force(village.id).rules) == 66
    own = b"code,name,subject,unit,points,route,entry,publish\nA1,\xe5\xba\xad\xe9\x99\xa2,environment,home,2,review,scan,list\n"
    page.post("/start/rulebook", {**PAPERS, "book": "own", "file": (io.BytesIO(own), "own.csv")})
    assert [rule.code for rule in rulebook_in_force(village.id).rules] == ["A1"]


def test_a_trial_run_needs_no_papers(app, village, page):
    page.post("/start/rulebook", {"book": "starter", "how": "trial", "in_force_from": "2026-01-11"})
    assert rulebook_in_force(village.id).is_trial
    assert settings.value("is_trial_run", village.id) is True


@pytest.mark.parametrize(
    "fields",
    [
        {"in_favour": "20"},
        {"in_favour": "61"},
        {"present": ""},
        {"present": "六十"},
        {"women_present": "61"},
        {"adopted_on": ""},
        {"adopted_on": "2999-01-01"},
        {"in_force_from": ""},
        {"in_force_from": "2999-01-01"},
        {"book": "own"},
        {"book": "own", "file": (b"not a book", "x.xlsx")},
        {"book": "own", "file": (b"a,b\n1,2\n", "x.csv")},
    ],
)
def test_a_wrong_rulebook_changes_nothing_and_keeps_what_was_typed(app, clerk, page, fields):
    sent = {**PAPERS, **fields}
    if "file" in sent:
        sent["file"] = (io.BytesIO(sent["file"][0]), sent["file"][1])
    with unchanged(app):
        answer = page.post("/start/rulebook", sent, 422)
    assert answer.select_one(".form-error")
    assert answer.select_one("#filing_number")["value"] == "3号"


# ---- opening balances -----------------------------------------------------------------------------


@pytest.fixture
def book(village, page):
    page.post("/start/rulebook", PAPERS)


def enter(page, rows, status=303, document="2026年台账", **more):
    codes, homes, civilities = map(list, zip(*rows, strict=True))
    form = page("/start/opening").select_one("#enter")
    return page.submit(form, status, document=document, code=codes, home=homes, civility=civilities, **more)


def test_opening_balances_by_two_people(app, village, book, page, visitor):
    one = HouseholdFactory(grid__village=village, code="622301001")
    two = HouseholdFactory(grid__village=village, code="622301002")
    enter(page, [("６２２３０１００１", "12", ""), ("622301002", "0", "30"), ("", "", "")])
    shown = page("/start/opening")
    assert shown.rows("#waiting table") == [
        ["622301001", one.head_name[0] + "*" * (len(one.head_name) - 2) + one.head_name[-1], "12", "0"],
        ["622301002", two.head_name[0] + "*" * (len(two.head_name) - 2) + two.head_name[-1], "0", "30"],
    ]
    assert "要由另一位文书" in shown.words("#waiting")
    with unchanged(app):
        page.post("/start/opening/book", {"key": shown.select_one("#enter input[name=key]")["value"]}, 422)
    second = visitor().sign_in(village_admin(village))
    second.submit(second("/start/opening").select_one("#waiting form"))
    balances = ledger.balances([one.id, two.id])
    assert (balances[one.id].home, balances[two.id].civility) == (12, 30)
    assert "已完成" in page("/start").select("#start li")[4].get_text()


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("999", "1", "")], "没有户号是“999”的户"),
        ([("", "5", "")], "没有户号"),
        ([("622301001", "-1", "")], "积分要填 0 到"),
        ([("622301001", "1.5", "")], "积分要填 0 到"),
        ([("622301001", "1e3", "")], "积分要填 0 到"),
        ([("622301001", "100001", "")], "积分要填 0 到"),
        ([("622301001", "十", "")], "积分要填 0 到"),
        ([("622301001", "1", ""), ("622301001", "2", "")], "在第1行已经有了"),
        ([("622301001", "", "")], "没有一户有积分"),
        ([("", "", "")], "没有一户有积分"),
    ],
)
def test_wrong_openings_are_named_by_row(app, village, book, page, rows, sentence):
    HouseholdFactory(grid__village=village, code="622301001")
    HouseholdFactory(code="999")
    with unchanged(app):
        answer = enter(page, rows, 422)
    assert sentence in answer.words("main")
    assert answer.select_one("#lines input[name=code]")["value"] == rows[0][0]


def test_openings_need_a_document(app, village, book, page):
    HouseholdFactory(grid__village=village, code="622301001")
    with unchanged(app):
        enter(page, [("622301001", "3", "")], 422, document=" ")


def test_openings_from_a_file(app, village, book, page):
    HouseholdFactory(grid__village=village, code="622301001")
    data = "台账\n户号,家美积分,文明积分\n622301001,7,8\n".encode("gb18030")
    form = page("/start/opening").select_one("#enter")
    page.submit(form, document="台账", file=(io.BytesIO(data), "open.csv"))
    assert sorted(db.session.scalars(select(Deed.points))) == [7, 8]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PK\x03\x04broken", "x.xlsx"),
        (b"name,points\nx,1\n", "x.csv"),
        ("户号,家美积分\n999,1\n".encode(), "x.csv"),
        (b"\x00\x01\x02", "x.bin"),
    ],
)
def test_a_file_that_is_none_changes_nothing(app, village, book, page, data, name):
    form = page("/start/opening").select_one("#enter")
    with unchanged(app):
        page.submit(form, 422, document="台账", file=(io.BytesIO(data), name))


def test_one_key_enters_once(app, village, book, page):
    HouseholdFactory(grid__village=village, code="622301001")
    form = page("/start/opening").select_one("#enter")
    for _ in range(2):
        page.submit(form, document="台账", code=["622301001"], home=["3"], civility=[""])
    assert db.session.query(Deed).count() == 1
    with unchanged(app):
        page.submit(form, 409, document="台账", code=["622301001"], home=["4"], civility=[""])


# ---- goods, paper, event ---------------------------------------------------------------------------


def test_goods_twice_changes_nothing(app, village, page):
    page.submit(page("/start/goods").select_one("#county"))
    before = db.session.query(Batch).count()
    assert before == 36
    page.submit(page("/start/goods").select_one("#county"))
    assert (db.session.query(Item).count(), db.session.query(Batch).count()) == (36, before)


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00"])
def test_a_wrong_list_of_goods_changes_nothing(app, village, page, data):
    with unchanged(app):
        page.post("/start/goods", {"list": "own", "file": (io.BytesIO(data), "x.csv")}, 422)


def test_papers(app, village, book, page):
    household = HouseholdFactory(grid__village=village, code="622301001")
    assert "谁来办" in page("/print/rules").get_text()
    sheet = page(f"/print/grid-sheet?grid={household.grid_id}")
    assert household.head_name not in sheet.get_text()
    for grid in ("", "x", 987654, HouseholdFactory().grid_id):
        page(f"/print/grid-sheet?grid={grid}", 404)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"place": " "},
        {"day": ""},
        {"day": "2026-13-40"},
        {"day": (clock.today() + timedelta(days=1)).isoformat()},
        {"day": "2020-01-01"},
        {"rule_code": "ZZZ"},
        {"key": "x"},
    ],
)
def test_a_wrong_event_changes_nothing(app, village, book, page, fields):
    form = page("/start/event").select_one("main form")
    status = 400 if "key" in fields else 422
    with unchanged(app):
        page.submit(form, status, **{"name": "发卡日", "place": "村委会", **fields})


def test_households_of_the_register_finish_the_step(app, village, page):
    assert db.session.query(Household).count() == 0
    HouseholdFactory(grid__village=village)
    assert "已完成" in page("/start").select("#start li")[2].get_text()
    assert db.session.query(User).count() == 1
