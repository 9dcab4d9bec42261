"""A form that comes after the session has ended: it waits behind the sign-in and comes back as it was typed."""

import io
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.factories import PASSWORD, HouseholdFactory, VillageFactory, village_admin
from tests.watch import unchanged
from virtue import clock
from virtue.awarding.models import Deed
from virtue.extensions import db
from virtue.staff import held, sessions
from virtue.staff.models import User
from virtue.staff.refill import refill
from virtue.transactions import atomic

TYPED = {"name": "李执委", "username": "li-lan", "roles": ["committee", "keeper"]}
LONG = "凭2026年积分台账。" * 200


@pytest.fixture
def village(app):
    return VillageFactory()


@pytest.fixture
def clerk(village, page):
    clerk = village_admin(village)
    page.sign_in(clerk)
    return clerk


@pytest.fixture
def folder(app):
    return Path(app.config["VIRTUE_DATA_DIR"]) / "held"


def end_all(user_id):
    with atomic():
        sessions.end_all(user_id)


def sign_in(page, late, user, status=303, password=PASSWORD):
    """Through the sign-in page that stands before the waiting form."""
    return page.submit(late.select_one("main form"), status, username=user.username, password=password)


def late(page, clerk, path="/users/new", **fields):
    """A form that is sent after its session has ended; the browser says which page it stood on."""
    form = page(path).select_one("main form")
    end_all(clerk.id)
    page.client.environ_base["HTTP_REFERER"] = f"http://localhost{path}"
    answer = page.submit(form, 401, **(fields or TYPED))
    del page.client.environ_base["HTTP_REFERER"]
    return answer


def late_htmx(page, htmx, clerk, path, data):
    page(path)
    end_all(clerk.id)
    answer = htmx.post(path, data, 401)
    assert answer.location == f"/sign-in?next={path}"
    return page(answer.location)


def filled(form):
    """What a form shows, field by field."""
    shown = {}
    for field in form.select("input[name], select[name], textarea[name]"):
        if field.get("type") in {"checkbox", "radio"} and not field.has_attr("checked"):
            continue
        chosen = field.select("option[selected]") if field.name == "select" else [field]
        shown.setdefault(field["name"], []).extend(one.get("value", one.get_text()) for one in chosen)
    return shown


# ---- the same form, as it was typed ------------------------------------------------------------------


def test_it_waits_behind_the_sign_in_and_comes_back_filled_in(app, clerk, page):
    with unchanged(app):
        answer = late(page, clerk)
    assert "刚才填的内容都还在" in answer.words("main")
    assert sign_in(page, answer, clerk).location == "/users/new"
    again = page("/users/new")
    assert "登录过期前填的内容都还在。看一看，再交。" in again.words("#messages")
    shown = filled(again.select_one("main form"))
    assert (shown["name"], shown["username"], shown["roles"]) == (["李执委"], ["li-lan"], ["committee", "keeper"])
    done = page.submit(again.select_one("main form"), 200)
    assert "li-lan" in done.words("#handover")
    user = db.session.scalar(select(User).where(User.username == "li-lan"))
    assert sorted(grant.role for grant in user.grants) == ["committee", "keeper"]


def test_it_comes_back_once(app, clerk, page, folder):
    sign_in(page, late(page, clerk), clerk)
    assert page("/users/new").select_one("input[name=username]")["value"] == "li-lan"
    assert page("/users/new").select_one("input[name=username]").get("value", "") == ""
    assert list(folder.iterdir()) == []


def test_a_long_form_sent_by_htmx_comes_back_too(app, village, clerk, page, htmx):
    """Longer than any cookie."""
    from tests.office.test_start import PAPERS

    page.post("/start/rulebook", PAPERS)
    codes = [HouseholdFactory(grid__village=village).code for _ in range(5)]
    page("/start/opening")
    form = page("/start/opening").select_one("#enter")
    rows = len(form.select("input[name=code]"))
    typed = {
        "key": form.select_one("input[name=key]")["value"],
        "document": LONG,
        "code": codes + [""] * (rows - 5),
        "home": ["12"] * 5 + [""] * (rows - 5),
        "civility": [""] * rows,
    }
    end_all(clerk.id)
    with unchanged(app):
        answer = htmx.post("/start/opening", typed, 401)
    assert answer.location == "/sign-in?next=/start/opening"
    assert len(page.client.get_cookie("virtue").value) < 1000
    assert sign_in(page, page(answer.location), clerk).location == "/start/opening"
    form = page("/start/opening").select_one("#enter")
    shown = filled(form)
    assert {name: shown[name] for name in typed} == {
        name: value if isinstance(value, list) else [value] for name, value in typed.items()
    }
    page.submit(form, 303, document="2026年积分台账")
    assert sorted(db.session.scalars(select(Deed.points))) == [12] * 5


def test_a_form_that_its_page_does_not_show_is_sent_on_as_it_was(app, village, clerk, page, htmx):
    """One step of several: the page alone doesn't hold the form."""
    page("/me")
    end_all(clerk.id)
    answer = htmx.post("/users/new", {**TYPED, "roles": "committee", "grid": "0"}, 401)
    sign_in(page, page(answer.location), clerk)
    assert page("/me", 303).location == "/sign-in/held"
    resume = page("/sign-in/held")
    assert resume.select_one("input[name=username]")["value"] == "li-lan"
    page.submit(resume.select_one("main form"), 200)
    assert db.session.scalar(select(User.name).where(User.username == "li-lan")) == "李执委"


def test_it_is_sent_on_where_no_page_is_known(app, clerk, page):
    form = page("/users/new").select_one("main form")
    end_all(clerk.id)
    answer = page.submit(form, 401, **TYPED)
    assert sign_in(page, answer, clerk).location == "/sign-in/held"


def test_a_wrong_password_keeps_it(app, clerk, page):
    wrong = sign_in(page, late(page, clerk), clerk, 422, "wrong")
    sign_in(page, wrong, clerk)
    assert page("/users/new").select_one("input[name=username]")["value"] == "li-lan"


def test_a_cookie_that_has_run_out_keeps_it_too(app, clerk, page):
    page.client.delete_cookie("virtue")
    data = {**TYPED, "csrf_token": "x"}
    headers = {"Origin": "http://localhost", "Referer": "http://localhost/users/new"}
    assert page.raw("POST", "/users/new", data=data, headers=headers).status_code == 401
    sign_in(page, page("/sign-in?next=/users/new"), clerk)
    assert page("/users/new").select_one("input[name=username]")["value"] == "li-lan"


# ---- what doesn't wait ---------------------------------------------------------------------------------


def test_a_lost_upload_is_said(app, clerk, page):
    sent = {"book": "own", "how": "before", "filing_number": "3号", "file": (io.BytesIO(b"code\n"), "own.csv")}
    sign_in(page, late(page, clerk, "/start/rulebook", **sent), clerk)
    again = page("/start/rulebook")
    assert "照片和文件没有保留，请重新选。" in again.words("#messages")
    assert again.select_one("#filing_number")["value"] == "3号"
    assert again.select_one("input[name=book][checked]")["value"] == "own"


def test_passwords_and_pins_never_wait(app, clerk, page, folder):
    late(page, clerk, "/password", old="old-secret", new="new-secret", again="new-secret")
    assert [json.loads(path.read_text())["fields"] for path in folder.iterdir()] == [[]]
    kept = held.without_secrets([("pin", "1234"), ("pin_2", "1"), ("new", "x"), ("spin", "left"), ("name", "a")])
    assert kept == (("spin", "left"), ("name", "a"))


def test_another_person_does_not_get_it(app, village, clerk, page, folder):
    other = village_admin(village)
    assert sign_in(page, late(page, clerk), other).location == "/users/new"
    assert page("/users/new").select_one("input[name=username]").get("value", "") == ""
    assert list(folder.iterdir()) == []


def test_another_browser_does_not_get_it(app, clerk, page, visitor, folder):
    late(page, clerk)
    name = next(folder.iterdir()).name
    thief = visitor()
    form = thief("/sign-in").select_one("main form")
    assert thief.submit(form, 303, username=clerk.username, password=PASSWORD, held=name).location == "/desk"
    thief("/sign-in/held", 404)


def test_a_form_from_another_site_is_refused(app, clerk, page, folder):
    page.client.delete_cookie("virtue")
    with unchanged(app):
        for origin in ("http://evil.example", "null", ""):
            answer = page.raw("POST", "/users/new", data={"name": "x"}, headers={"Origin": origin})
            assert answer.status_code == 400
    assert not folder.exists()


# ---- where it lies ---------------------------------------------------------------------------------------


def test_only_we_can_read_it(app, clerk, page, folder):
    late(page, clerk)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_after_an_hour_it_is_gone(app, clerk, page, folder, cli):
    answer = late(page, clerk)
    with clock.set_to(clock.now() + timedelta(minutes=61)):
        assert sign_in(page, answer, clerk).location == "/users/new"
        assert page("/users/new").select_one("input[name=username]").get("value", "") == ""
        cli("virtue", "daily")
    assert list(folder.iterdir()) == []


def test_only_so_many_wait(app, folder):
    def names(token, count):
        return [held.keep(held.Held("/me", (("name", str(number)),), None), token) for number in range(count)]

    mine, strange = names("a-session", 5), names(None, held.MOST_OF_STRANGERS + 5)
    assert [held.find(name) is not None for name in mine] == [False, False, True, True, True]
    assert sum(held.find(name) is not None for name in strange) == held.MOST_OF_STRANGERS
    assert len(list(folder.iterdir())) == held.MOST_OF_STRANGERS + held.MOST_OF_ONE


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/sign-out"])
def test_a_form_that_leads_off_this_site_is_not_kept(app, path):
    assert held.keep(held.Held(path, (), None), "a-session") == ""


def test_too_much_is_not_kept(app):
    assert held.keep(held.Held("/me", (("words", "x" * held.MOST_OF_A_STRANGER),), None), None) == ""
    assert held.keep(held.Held("/me", (("words", "x" * held.MOST_OF_A_STRANGER),), 1), "a-session")
    assert held.keep(held.Held("/me", (("words", "x" * held.MOST_BYTES),), 1), "a-session") == ""


@pytest.mark.parametrize(
    "name", ["", None, "x", "../secret-key", "0" * 16 + "-" + "0" * 32, "0" * 16 + "-" + "0" * 31 + "/"]
)
def test_what_is_no_name_finds_nothing(app, name):
    assert held.find(name) is None


# ---- the page is filled in -------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html><html><body><form action="/other" method="post"><input name="name" value="x"></form>
<details class="card"><summary>a &amp; b</summary><form id="it" action="/here?a=1&amp;b=2" method="post">
<input type="hidden" name="csrf_token" value="new"><input type="text" name="name" value="">%s
<button name="step" value="on">x</button></form></details><input form="it" name="far"><svg><path d="M0 0"/></svg></body></html>"""


@pytest.mark.parametrize(
    ("control", "fields", "result"),
    [
        ("", [("name", '"<&>')], ""),
        ('<input type="checkbox" name="c" value="1" checked><input type="checkbox" name="c" value="2">', [("c", "2")],
         '<input type="checkbox" name="c" value="1"><input type="checkbox" name="c" value="2" checked>'),
        ('<input type="radio" name="r" value="1" checked><input type="radio" name="r" value="2">', [("r", "2")],
         '<input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>'),
        ('<select name="s"><option value="" selected>-</option><option value="2">b</option></select>', [("s", "2")],
         '<select name="s"><option value="">-</option><option value="2" selected>b</option></select>'),
        ('<select name="s" multiple><option value="1">a</option><option value="2">b</option></select>', [("s", "1"), ("s", "2")],
         '<select name="s" multiple><option value="1" selected>a</option><option value="2" selected>b</option></select>'),
        ('<textarea name="t">old &lt;</textarea>', [("t", "a</textarea>\n&")], '<textarea name="t">\na&lt;/textarea&gt;\n&amp;</textarea>'),
        ('<input name="row"><input name="row" value="z">', [("row", "1"), ("row", "2")], '<input name="row" value="1"><input name="row" value="2">'),
        ("", [("step", "on")], ""),
        ("<p>&nbsp;&#39;</p><!-- c -->", [], "<p>&nbsp;&#39;</p><!-- c -->"),
    ],
)  # fmt: skip
def test_a_page_is_filled_in_and_nothing_else_of_it_changes(control, fields, result):
    expected = PAGE % result
    if ("name", '"<&>') in fields:
        expected = expected.replace('name="name" value="">', 'name="name" value="&quot;&lt;&amp;&gt;">')
    expected = expected.replace("<details class", "<details open class")
    assert refill(PAGE % control, "/here?a=1&b=2", fields, "/page") == expected


def test_a_control_that_stands_elsewhere_belongs_to_its_form():
    assert '<input form="it" name="far" value="7">' in refill(PAGE % "", "/here?a=1&b=2", [("far", "7")], "/page")


@pytest.mark.parametrize(
    ("action", "fields"),
    [("/nowhere", []), ("/here?a=1&b=2", [("name", "1"), ("name", "2")]), ("/here?a=1&b=2", [("gone", "1")])],
)
def test_a_page_without_place_for_all_of_it_is_left_alone(action, fields):
    assert refill(PAGE % "", action, fields, "/page") is None
