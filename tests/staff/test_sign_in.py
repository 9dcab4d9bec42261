"""Signing in and out, the session, the password, and the form that waits behind the sign-in."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import select

from tests.factories import (
    PASSWORD,
    RoleGrantFactory,
    UserFactory,
    VillageFactory,
    committee,
    keeper,
    supervisor,
)
from tests.watch import unchanged
from virtue import clock
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.staff import passwords, services, sessions
from virtue.staff.models import StaffSession, User


@pytest.fixture
def village(app):
    return VillageFactory()


@pytest.fixture
def user(village):
    return keeper(village)


def sign_in(page, username, password, status=303, address="/sign-in"):
    return page.submit(page(address).select_one("main form"), status, username=username, password=password)


def open_sessions(user_id):
    return db.session.query(StaffSession).filter_by(user_id=user_id, ended_at=None).count()


# ---- in and out -----------------------------------------------------------------------------------


def test_sign_in_leads_to_the_desk_and_out_again(app, user, page):
    assert sign_in(page, user.username, PASSWORD).location == "/desk"
    assert "积分超市管理员" in page("/me").words("main")
    page.post("/sign-out")
    assert page("/me", 303).location == "/sign-in?next=/me"
    assert open_sessions(user.id) == 0


def test_a_typed_name_is_forgiven_its_form(app, village, page):
    user = keeper(village, username="li-lan")
    assert sign_in(page, "  Ｌi-LAN ", PASSWORD).location == "/desk"
    assert open_sessions(user.id) == 1


@pytest.mark.parametrize(
    ("base_url", "server"), [("http://localhost", "0.0.0.0"), ("https://points.example.org", "127.0.0.1")]
)
def test_a_demo_account_is_refused_where_others_can_reach_the_server(app, village, page, base_url, server):
    user = keeper(village, is_demo=True)
    assert sign_in(page, user.username, PASSWORD).location == "/desk"
    app.config["VIRTUE_BASE_URL"] = base_url
    assert page("/desk", 303, environ_overrides={"SERVER_NAME": server}).location.startswith("/sign-in")
    page("/sign-in", environ_overrides={"SERVER_NAME": server})
    typed = {"username": user.username, "password": PASSWORD}
    with unchanged(app):
        refused = page.post("/sign-in", typed, 403, environ_overrides={"SERVER_NAME": server})
    assert "只能在本机使用" in refused.words(".form-error")


def test_who_is_signed_in_goes_on(app, user, page):
    page.sign_in(user)
    assert page("/sign-in?next=/me", 303).location == "/me"


def test_signing_in_gives_a_new_session(app, user, page):
    page("/sign-in")
    before = page.client.get_cookie("virtue").value
    page.sign_in(user)
    first = db.session.scalar(select(StaffSession.token_hash))
    assert page.client.get_cookie("virtue").value != before
    page.post("/sign-out")
    page.sign_in(user)
    assert db.session.scalars(select(StaffSession.token_hash).order_by(StaffSession.id.desc())).first() != first


def test_the_cookie_ends_with_its_session(app, user, page):
    page.sign_in(user)
    page("/me")
    cookie = page.client.get_cookie("virtue").value
    page.post("/sign-out")
    page.client.set_cookie("virtue", cookie)
    page("/me", 303)


def test_no_row_is_made_before_the_sign_in(app, page):
    VillageFactory()
    page("/sign-in")
    assert db.session.query(StaffSession).count() == 0


@pytest.mark.parametrize(
    ("username", "password"),
    [("user", "wrong"), ("nobody", PASSWORD), ("user", ""), ("", PASSWORD), ("user", "x" * 600), ("x" * 200, "x")],
)
def test_a_wrong_name_or_password_is_refused_alike(app, village, page, username, password):
    keeper(village, username="user")
    with unchanged(app):
        answer = sign_in(page, username, password, 422)
    if username and password and len(username) <= 100 and len(password) <= 500:
        assert answer.words(".form-error") == "用户名或密码不对。请再看一看，注意大小写。"
    assert answer.select_one("input[name=password]").get("value") in {None, ""}
    assert open_sessions(db.session.scalar(select(User.id))) == 0


def test_ended_accounts_and_those_without_password_stay_out(app, village, page):
    keeper(village, username="gone", is_active=False)
    keeper(village, username="bare", password_hash=None)
    with unchanged(app):
        sign_in(page, "gone", PASSWORD, 422)
        sign_in(page, "bare", PASSWORD, 422)


def test_unknown_names_are_hashed_too(app, user, monkeypatch):
    """Equal time: the slow comparison runs whether or not there is somebody to compare with."""
    seen = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *args: seen.append(args[1]) or verify(*args))
    for name in (user.username, "nobody"):
        with pytest.raises(services.WrongPassword):
            services.sign_in(name, "wrong-password", address="10.0.0.1")
    assert len(seen) == 2
    assert extract_parameters(seen[0]) == extract_parameters(seen[1])


def test_hashes_are_slow_enough(real_hashes):
    assert passwords.digest(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_of_other_parameters_is_made_anew(app, village, page):
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    user = keeper(village, password_hash=old)
    sign_in(page, user.username, PASSWORD)
    assert not passwords.needs_rehash(db.session.get(User, user.id).password_hash)
    page("/me")
    page.post("/sign-out")
    sign_in(page, user.username, PASSWORD)


def test_the_password_is_checked_outside_the_write(app, user, monkeypatch):
    from virtue import transactions

    monkeypatch.setattr(PasswordHasher, "verify", lambda *_: not transactions.in_atomic() or pytest.fail("inside"))
    monkeypatch.setattr(PasswordHasher, "hash", lambda *_, **__: not transactions.in_atomic() or pytest.fail("inside"))
    services.sign_in(user.username, PASSWORD, address="10.0.0.1")


# ---- too many tries -------------------------------------------------------------------------------


def test_wrong_tries_are_paused_by_name_and_address(app, village, user, page):
    other = committee(village)
    for _ in range(services.FREE_BY_NAME):
        sign_in(page, user.username, "wrong", 422)
    with unchanged(app):
        assert "分钟后再试" in sign_in(page, user.username, PASSWORD, 429).words(".form-error")
    services.sign_in(user.username, PASSWORD, address="10.9.9.9")
    sign_in(page, other.username, PASSWORD)


def test_a_pause_ends_by_itself(app, user, page):
    for _ in range(services.FREE_BY_NAME):
        sign_in(page, user.username, "wrong", 422)
    with clock.set_to(clock.now() + timedelta(minutes=2)):
        sign_in(page, user.username, PASSWORD)


def test_many_names_from_one_address_are_paused(app, village, user, page):
    for number in range(services.FREE_BY_ADDRESS):
        sign_in(page, f"name{number}", "wrong", 422)
    sign_in(page, user.username, PASSWORD, 429)


# ---- where to go afterwards ------------------------------------------------------------------------


def test_the_page_asked_for_comes_after_the_sign_in(app, user, page):
    target = page("/me?x=1", 303).location
    assert sign_in(page, user.username, PASSWORD, address=target).location == "/me?x=1"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "me",
        "/sign-out", "/a\nb", "/\t/evil.example", " /me",
    ],
)  # fmt: skip
def test_no_redirect_leads_off_this_site(app, user, page, wanted):
    page.raw("GET", "/sign-in")
    form = {"username": user.username, "password": PASSWORD, "next": wanted}
    assert page.post("/sign-in", form).location == "/desk"
    answer = page.raw("GET", "/language/en", query_string={"next": wanted})
    assert answer.location == "/"


def test_htmx_is_sent_to_the_sign_in_with_the_page_it_stands_on(app, user, page, htmx):
    page.sign_in(user)
    page("/me")
    end_all(user.id)
    answer = htmx.get("/users", 401)
    assert answer.location == "/sign-in?next=/me"


def end_all(user_id):
    from virtue.transactions import atomic

    with atomic():
        sessions.end_all(user_id)


# ---- sessions end ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "idle", "absolute"),
    [
        ("keeper", sessions.IDLE, sessions.ABSOLUTE),
        ("village_admin", sessions.IDLE_ADMIN, sessions.ABSOLUTE_ADMIN),
        ("supervisor", sessions.IDLE_ADMIN, sessions.ABSOLUTE_ADMIN),
    ],
)
def test_sessions_end_idle_and_absolutely(app, village, role, idle, absolute):
    from virtue.transactions import atomic

    user = UserFactory()
    RoleGrantFactory(user=user, role=role, village_id=village.id)
    with atomic():
        token = sessions.start(db.session.get(User, user.id), address=None)
    start = clock.now()
    with clock.set_to(start + idle - timedelta(minutes=1)):
        row = sessions.find(token)
        assert row is not None
        sessions.touch(row)
    with clock.set_to(start + idle + timedelta(minutes=1)):
        assert sessions.find(token) is not None
    with clock.set_to(start + 2 * idle + timedelta(minutes=1)):
        assert sessions.find(token) is None
    row = db.session.scalar(select(StaffSession))
    row.seen_at = start + absolute
    db.session.commit()
    with clock.set_to(start + absolute + timedelta(seconds=1)):
        assert sessions.find(token) is None


def test_seen_at_is_written_once_a_minute(app, user, page):
    page.sign_in(user)
    page("/me")
    first = db.session.scalar(select(StaffSession.seen_at))
    page("/me")
    assert db.session.scalar(select(StaffSession.seen_at)) == first
    with clock.set_to(clock.now() + timedelta(minutes=2)):
        page("/me")
    assert db.session.scalar(select(StaffSession.seen_at)) > first


def test_sign_out_everywhere(app, user, page, visitor):
    other = visitor().sign_in(user)
    page.sign_in(user)
    page.post("/sign-out/everywhere")
    assert open_sessions(user.id) == 0
    other("/me", 303)


# ---- the own password -------------------------------------------------------------------------------


def change(page, old=PASSWORD, new="lan-hua-shan-7", again=None, status=303):
    form = page("/password").select_one("main form")
    return page.submit(form, status, old=old, new=new, again=again or new)


def test_a_changed_password_ends_every_other_session(app, user, page, visitor):
    other = visitor().sign_in(user)
    page.sign_in(user)
    change(page)
    page("/me")
    other("/me", 303)
    assert open_sessions(user.id) == 1
    sign_in(visitor(), user.username, PASSWORD, 422)
    sign_in(visitor(), user.username, "lan-hua-shan-7")
    assert db.session.scalar(select(Audit.action).order_by(Audit.id.desc())) == "staff.sign_in"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old": "wrong"}, "现在的密码不对"),
        ({"again": "something-else"}, "两遍输的不一样"),
        ({"new": PASSWORD}, "新密码和原来的一样"),
        ({"new": "short"}, "太容易被猜到"),
        ({"new": "12345678"}, "太容易被猜到"),
        ({"new": "woaini520"}, "太容易被猜到"),
        ({"new": "88888888"}, "太容易被猜到"),
        ({"new": "zhao-keeper"}, "太容易被猜到"),
        ({"new": "zhao-keeper1"}, "太容易被猜到"),
        ({"new": "ＺＨＡＯ-keeper"}, "太容易被猜到"),
        ({"new": "x" * 129}, "太长了"),
    ],
)
def test_a_wrong_change_of_password_changes_nothing(app, village, page, fields, sentence):
    user = keeper(village, username="zhao-keeper")
    page.sign_in(user)
    with unchanged(app):
        assert sentence in change(page, status=422, **fields).words("main")
    assert open_sessions(user.id) == 1


def test_guessing_the_old_password_is_slowed_down(app, user, page):
    page.sign_in(user)
    for _ in range(services.FREE_BY_NAME):
        change(page, old="wrong", status=422)
    with unchanged(app):
        change(page, status=429)


@pytest.mark.parametrize("word", ["lan-hua-shan-7", "黄花滩的春天来了真好", "Tr0ub4dor&3x", "ab12cd34"])
def test_fair_passwords_are_taken(word):
    passwords.check_strength(word, "zhao")


def test_a_one_time_password_must_be_changed_first(app, village, page):
    user = keeper(village, must_change_password=True)
    page.sign_in(user)
    assert page("/desk", 303).location == "/password"
    assert "一次性密码" in page("/password").words("main")
    change(page)
    page("/desk")


# ---- villages, language -------------------------------------------------------------------------------


def test_a_person_of_two_villages_chooses(app, village, page):
    other = VillageFactory(name="感恩新村")
    user = supervisor(village)
    RoleGrantFactory(user=user, role="supervisor", village_id=other.id)
    page.sign_in(user)
    page.submit(page("/me").select_one("form[action='/me/village']"), village_id=str(other.id))
    assert "感恩新村" in page("/desk").words(".bar-name")
    foreign = VillageFactory()
    with unchanged(app):
        for wrong in (foreign.id, 987654, "x", ""):
            page.post("/me/village", {"village_id": wrong}, 404)


def test_language_is_remembered(app, page):
    VillageFactory()
    answer = page.raw("GET", "/language/en?next=/sign-in")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert page("/sign-in").find("html")["lang"] == "en"
    page.raw("GET", "/language/zh")
    assert page("/sign-in").find("html")["lang"] == "zh-Hans"
    page("/language/fr", 404)
