"""Accounts of a village: add, roles, password, end and bring back."""

import pytest
from sqlalchemy import select

from tests.factories import (
    GridFactory,
    HouseholdFactory,
    MemberFactory,
    RoleGrantFactory,
    UserFactory,
    VillageFactory,
    committee,
    keeper,
    supervisor,
    village_admin,
)
from tests.watch import count_queries, unchanged
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.staff import queries, user_services
from virtue.staff.models import RoleGrant, StaffSession, User


@pytest.fixture
def village(app):
    return VillageFactory()


@pytest.fixture
def clerk(village, page):
    clerk = village_admin(village)
    page.sign_in(clerk)
    return clerk


def roles_of(username):
    user = queries.find_by_username(username)
    return sorted(grant.role for grant in user.grants if grant.ended_at is None)


def last_action():
    return db.session.scalar(select(Audit.action).order_by(Audit.id.desc()).limit(1))


def add(page, **fields):
    return page.submit(page("/users/new").select_one("main form"), **fields)


def test_add_user_shows_the_one_time_password_once(app, village, clerk, page, visitor):
    shown = add(page, status=200, name="李执委", username=" Li-Lan ", roles=["committee", "keeper"])
    password = shown.select_one("#handover dd.words").get_text(strip=True)
    assert roles_of("li-lan") == ["committee", "keeper"]
    assert last_action() == "staff.grant_role"
    user = queries.find_by_username("li-lan")
    assert user.must_change_password
    assert password not in page(f"/users/{user.id}").get_text()
    fresh = visitor()
    fresh.sign_in(user, password)
    assert fresh("/desk", 303).location == "/password"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"username": "李"}, "用户名要2到40个字符"),
        ({"username": "-ab"}, "用户名要2到40个字符"),
        ({"username": "clerk"}, "用户名clerk已经有人用了"),
        ({"username": ""}, "这里要填"),
        ({"name": ""}, "这里要填"),
        ({"name": "王" * 41}, "最多40个字"),
        ({"roles": []}, "至少选一项职责"),
        ({"roles": ["supervisor", "keeper"]}, "村监会成员不能兼任其他职责"),
        ({"roles": ["county_admin"]}, ""),
        ({"grid": "99999"}, ""),
    ],
)
def test_add_user_refused_changes_nothing(app, village, page, fields, sentence):
    page.sign_in(village_admin(village, username="clerk"))
    with unchanged(app):
        answer = add(page, status=422, **{"name": "李执委", "username": "li-lan", "roles": ["committee"], **fields})
    assert sentence in answer.words("main")


def test_a_committee_members_grid(app, village, clerk, page):
    grid = GridFactory(village=village)
    add(page, status=200, name="李执委", username="li-lan", roles=["committee"], grid=str(grid.id))
    assert [grant.grid_id for grant in queries.find_by_username("li-lan").grants] == [grid.id]


def test_another_villages_grid_is_refused(app, village, clerk, page):
    foreign = GridFactory()
    user = committee(village)
    with unchanged(app):
        page.post(f"/users/{user.id}/roles", {"role": "committee", "grid": foreign.id}, 404)


def test_list_searches_and_filters(app, village, clerk, page):
    keeper(village, name="赵管理", username="zhao")
    gone = committee(village, name="钱执委", username="qian")
    user_services.deactivate(village.id, gone.id, by=clerk.id)
    keeper(VillageFactory(), name="孙外村")
    assert "孙外村" not in page("/users").words("main")
    assert [row[1] for row in page("/users?q=赵管理").rows("table")] == ["zhao"]
    assert [row[1] for row in page("/users?q=ZH").rows("table")] == ["zhao"]
    assert [row[1] for row in page("/users?role=keeper").rows("table")] == ["zhao"]
    assert [row[1] for row in page("/users?state=inactive").rows("table")] == ["qian"]
    assert "没有找到" in page("/users?q=%25").words("main")


def test_list_costs_the_same_for_one_and_thirty(app, village, page):
    page.sign_in(village_admin(village))
    page("/users")
    with count_queries(app) as few:
        page("/users")
    for _ in range(29):
        keeper(village)
    with count_queries(app) as many:
        page("/users")
    assert len(many) == len(few)


def test_grant_and_end_a_role(app, village, clerk, page):
    user = committee(village)
    page.post(f"/users/{user.id}/roles", {"role": "keeper", "grid": "0"})
    assert roles_of(user.username) == ["committee", "keeper"]
    grant = db.session.scalar(select(RoleGrant).where(RoleGrant.user_id == user.id, RoleGrant.role == "keeper"))
    page.post(f"/users/{user.id}/roles/{grant.id}/end")
    assert roles_of(user.username) == ["committee"]
    assert last_action() == "staff.end_role"


def test_a_role_is_given_once(app, village, clerk, page):
    user = committee(village)
    with unchanged(app):
        assert "已经有这项职责" in page.post(f"/users/{user.id}/roles", {"role": "committee"}, 422).words("main")


@pytest.mark.parametrize("role", ["county_admin", "township_admin", "", "god"])
def test_only_village_roles_are_given(app, village, clerk, page, role):
    user = committee(village)
    with unchanged(app):
        page.post(f"/users/{user.id}/roles", {"role": role}, 422)


def test_supervisors_wear_no_other_hat(app, village, clerk, page):
    user, watcher = committee(village), supervisor(village)
    with unchanged(app):
        page.post(f"/users/{user.id}/roles", {"role": "supervisor"}, 422)
        page.post(f"/users/{watcher.id}/roles", {"role": "keeper"}, 422)


def test_the_last_clerk_stays(app, village, clerk, page):
    grant = clerk.grants[0].id
    with unchanged(app):
        assert "最后一位文书" in page.post(f"/users/{clerk.id}/roles/{grant}/end", status=422).words("main")


def test_deactivate_signs_out_everywhere(app, village, clerk, page, visitor):
    user = keeper(village)
    other = visitor().sign_in(user)
    other("/me")
    page.post(f"/users/{user.id}/deactivate")
    assert other("/me", 303).location == "/sign-in?next=/me"
    assert db.session.query(StaffSession).filter_by(user_id=user.id, ended_at=None).count() == 0
    page.post(f"/users/{user.id}/reactivate")
    other("/me", 303)
    visitor().sign_in(user)("/me")


def test_nobody_ends_or_resets_the_own_account(app, village, clerk, page):
    with unchanged(app):
        page.post(f"/users/{clerk.id}/deactivate", status=422)
        page.post(f"/users/{clerk.id}/reset-password", status=422)


def test_an_account_with_roles_elsewhere_is_left_alone(app, village, clerk, page):
    """Else one village's clerk could take over a county admin's account."""
    user = village_admin(village)
    RoleGrantFactory(user=user, role="county_admin", village_id=None)
    with unchanged(app):
        assert "上级也有职责" in page.post(f"/users/{user.id}/reset-password", status=422).words("main")
        page.post(f"/users/{user.id}/deactivate", status=422)


def test_reset_password_ends_the_old_one(app, village, clerk, page, visitor):
    user = keeper(village)
    other = visitor().sign_in(user)
    shown = page.post(f"/users/{user.id}/reset-password", status=200)
    password = shown.select_one("#handover dd.words").get_text(strip=True)
    other("/me", 303)
    form = visitor()("/sign-in").select_one("main form")
    assert "用户名或密码不对" in visitor().submit(form, 422, username=user.username, password="x").words("main")
    fresh = visitor().sign_in(user, password)
    assert fresh("/me", 303).location == "/password"


def test_rename(app, village, clerk, page):
    user = keeper(village)
    page.post(f"/users/{user.id}/name", {"name": "  王 管理 "})
    assert db.session.get(User, user.id).name == "王 管理"
    with unchanged(app):
        page.post(f"/users/{user.id}/name", {"name": " "}, 422)
        page.post(f"/users/{user.id}/name", {"name": "王" * 41}, 422)


@pytest.mark.parametrize(
    "path",
    ["", "/name", "/roles", "/deactivate", "/reactivate", "/reset-password", "/kin", "/member", "/kin/1/end"],
)
def test_another_villages_account_is_not_found(app, village, clerk, page, path):
    foreign = keeper(VillageFactory())
    with unchanged(app):
        for user_id in (foreign.id, 987654):
            if path in {"", "/kin"}:
                page(f"/users/{user_id}{path}", 404)
            if path:
                page.post(f"/users/{user_id}{path}", {"name": "x", "role": "keeper"}, 404)


def test_another_users_grant_is_not_ended_under_a_wrong_address(app, village, clerk, page):
    one, other = keeper(village), committee(village)
    with unchanged(app):
        page.post(f"/users/{one.id}/roles/{other.grants[0].id}/end", status=404)


def test_supervisors_read_but_change_nothing(app, village, page):
    user = keeper(village)
    page.sign_in(supervisor(village))
    page("/users")
    page(f"/users/{user.id}")
    with unchanged(app):
        page("/users/new", 403)
        page.post(f"/users/{user.id}/deactivate", status=403)


# ---- which member, whose kin --------------------------------------------------------------------


def test_name_member_once_per_member(app, village, clerk, page):
    household = HouseholdFactory(grid__village=village, members=2)
    member = household.members[1]
    one, other = keeper(village), committee(village)
    found = page(f"/users/{one.id}/kin?q={household.code}")
    page.submit(found.select_one(f"form[action='/users/{one.id}/member']"), member_id=str(member.id))
    assert db.session.get(User, one.id).member_id == member.id
    assert household.code in page(f"/users/{one.id}/kin").words("#member")
    with unchanged(app):
        answer = page.post(f"/users/{other.id}/member", {"member_id": member.id}, 422)
    assert f"已经有账号了（{one.username}）" in answer.words("main")
    page.post(f"/users/{one.id}/member", {})
    assert db.session.get(User, one.id).member_id is None


def test_foreign_or_wrong_members_are_not_found(app, village, clerk, page):
    user = keeper(village)
    foreign = MemberFactory()
    with unchanged(app):
        for member_id in (foreign.id, "abc", "", 0):
            page.post(f"/users/{user.id}/member", {"member_id": member_id}, 404)


def test_declare_and_end_kin(app, village, clerk, page):
    household = HouseholdFactory(grid__village=village)
    user = keeper(village)
    page.post(f"/users/{user.id}/kin", {"household_id": household.id, "relation": "sibling"})
    shown = page(f"/users/{user.id}/kin")
    assert household.tail in shown.words("#kin")
    with unchanged(app):
        page.post(f"/users/{user.id}/kin", {"household_id": household.id, "relation": "spouse"}, 422)
        page.post(f"/users/{user.id}/kin", {"household_id": household.id, "relation": "friend"}, 422)
    page.submit(shown.select_one("#kin form"))
    assert "还没有登记" in page(f"/users/{user.id}/kin").words("#kin")


def test_a_user_declares_own_kin_but_does_not_end_it(app, village, page):
    household = HouseholdFactory(grid__village=village)
    user = keeper(village)
    page.sign_in(user)
    found = page(f"/me/kin?q={household.tail}")
    page.submit(found.select_one("#find form[method=post]"), relation="spouse")
    shown = page("/me/kin")
    assert household.tail in shown.words("#kin")
    assert shown.select("#kin form") == []


def test_kin_of_a_foreign_household_is_not_found(app, village, page):
    foreign = HouseholdFactory()
    page.sign_in(keeper(village))
    with unchanged(app):
        page.post("/me/kin", {"household_id": foreign.id, "relation": "spouse"}, 404)
        page.post("/me/kin", {"household_id": "x", "relation": "spouse"}, 404)


def test_a_supervisor_who_is_kin_is_named(app, village, clerk, page):
    household = HouseholdFactory(grid__village=village)
    one, watcher = committee(village, name="李执委"), supervisor(village, name="监事")
    page.post(f"/users/{one.id}/member", {"member_id": household.members[0].id})
    assert "近亲属" not in page(f"/users/{watcher.id}/kin").words(".page-head + *")
    page.post(f"/users/{watcher.id}/kin", {"household_id": household.id, "relation": "parent"})
    assert "和李执委是近亲属" in page(f"/users/{watcher.id}/kin").words("main")
    assert "和监事是近亲属" in page(f"/users/{one.id}/kin").words("main")


def test_outsiders_have_no_village_page(app, page):
    user = UserFactory()
    page.sign_in(user)
    page("/me", 403)
