"""Accounts of a village: add, name, roles, end and bring back, reset the password.

A password is hashed before the write begins; a one-time password is given back once and never stored in the clear.
"""

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from virtue import clock
from virtue.core import audit
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.places.models import Grid
from virtue.staff import passwords, queries, sessions
from virtue.staff.models import RoleGrant, User
from virtue.staff.roles import VILLAGE_ROLES
from virtue.staff.services import clean_username
from virtue.transactions import atomic

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


class BadUsername(BrokenRule):
    """Not a username: 2 to 40 small letters, digits, dots, hyphens."""

    sentence = _l("用户名要2到40个字符，只用字母、数字、点、横线，并以字母或数字开头。")


class UsernameTaken(BrokenRule):
    """Two accounts with one username."""

    sentence = _l("用户名%(username)s已经有人用了，请换一个。")


class NameMissing(BrokenRule):
    """An account without the name that others read."""

    sentence = _l("姓名要填，最多40个字。")


class UnknownRole(BrokenRule):
    """Not a role one may give in a village."""

    sentence = _l("没有这种职责，请重新选。")


class RoleHeld(BrokenRule):
    """The user holds this role already."""

    sentence = _l("这个人已经有这项职责了。")


class SupervisorAlone(BrokenRule):
    """The supervision committee sees all and does nothing: no other role beside it."""

    sentence = _l("村监会成员不能兼任其他职责，其他职责的人也不能兼村监会。请先结束原来的职责。")


class LastAdmin(BrokenRule):
    """A village without anybody who could give roles."""

    sentence = _l("这是本村最后一位文书。请先给另一个人文书职责。")


class OwnAccount(BrokenRule):
    """Ending or resetting oneself."""

    sentence = _l("自己的账号要由别的管理人员办理。")


class WorksElsewhere(BrokenRule):
    """An account with roles beyond this village isn't one village's to end or reset."""

    sentence = _l("这个账号在别的村或上级也有职责，不能由本村停用或重设密码。可以只结束它在本村的职责。")


class MemberTaken(BrokenRule):
    """One member, one account."""

    sentence = _l("这位家庭成员已经有账号了（%(username)s）。一个人只能有一个账号。")


@dataclass(frozen=True)
class NewAccount:
    """A new account or a reset one, and the one-time password to hand over."""

    user_id: int
    password: str


def add_user(
    village_id: int, username: str, name: str, roles: list[str], *, grid_id: int | None = None, by: int
) -> NewAccount:
    """Add an account with one or more roles in a village and a one-time password.

    Raises ``BadUsername``, ``UsernameTaken``, ``NameMissing``, ``UnknownRole``, ``SupervisorAlone``.
    """
    login, shown = clean_username(username), _checked_name(name)
    if not USERNAME.fullmatch(login):
        raise BadUsername
    if not roles:
        raise UnknownRole
    password = passwords.one_time()
    digest = passwords.digest(password)
    try:
        with atomic():
            if queries.find_by_username(login) is not None:
                raise UsernameTaken(username=login)
            user = User(
                username=login, name=shown, password_hash=digest, must_change_password=True, created_at=clock.now(),
                created_by_id=by,
            )  # fmt: skip
            db.session.add(user)
            db.session.flush()
            _record("staff.add_user", village_id, user.id, by=by)
            for role in dict.fromkeys(roles):
                _grant(village_id, user, role, grid_id if role == "committee" else None, by=by)
    except IntegrityError:
        # Two people chose the same name in the same moment.
        raise UsernameTaken(username=login) from None
    return NewAccount(user.id, password)


def rename_user(village_id: int, user_id: int, name: str, *, by: int) -> None:
    """Correct the name that others read. Raises ``NameMissing``."""
    shown = _checked_name(name)
    with atomic():
        user = _load(village_id, user_id)
        if user.name != shown:
            user.name = shown
            _record("staff.rename_user", village_id, user.id, by=by)


def grant_role(village_id: int, user_id: int, role: str, *, grid_id: int | None = None, by: int) -> None:
    """Give a role. Raises ``UnknownRole``, ``RoleHeld``, ``SupervisorAlone``."""
    with atomic():
        user = _load(village_id, user_id)
        _grant(village_id, user, role, grid_id if role == "committee" else None, by=by)


def end_role(village_id: int, grant_id: int, *, by: int) -> None:
    """End a role; what was done in it stays. Raises ``LastAdmin``."""
    with atomic():
        grant = db.session.get(RoleGrant, grant_id, populate_existing=True)
        if grant is None or grant.village_id != village_id or grant.ended_at is not None:
            raise NotFoundHere
        _load(village_id, grant.user_id)
        if grant.role == "village_admin" and queries.holders(village_id, "village_admin") <= 1:
            raise LastAdmin
        grant.ended_at = clock.now()
        _record("staff.end_role", village_id, grant.user_id, by=by, role=grant.role)


def deactivate(village_id: int, user_id: int, *, by: int) -> None:
    """End an account: signed out everywhere at once. Raises ``OwnAccount``, ``WorksElsewhere``, ``LastAdmin``."""
    with atomic():
        user = _load_own(village_id, user_id, by=by)
        is_admin = any(grant.role == "village_admin" for grant in queries.roles_in(user, village_id))
        if user.is_active and is_admin and queries.holders(village_id, "village_admin") <= 1:
            raise LastAdmin
        if user.is_active:
            user.is_active = False
            sessions.end_all(user.id)
            _record("staff.deactivate", village_id, user.id, by=by)


def reactivate(village_id: int, user_id: int, *, by: int) -> None:
    """Bring an account back, with the roles it has."""
    with atomic():
        user = _load_own(village_id, user_id, by=by)
        if not user.is_active:
            user.is_active = True
            _record("staff.reactivate", village_id, user.id, by=by)


def reset_password(village_id: int, user_id: int, *, by: int) -> NewAccount:
    """Give a one-time password in place of the old one; signed out everywhere.

    Raises ``OwnAccount``, ``WorksElsewhere``.
    """
    password = passwords.one_time()
    digest = passwords.digest(password)
    with atomic():
        user = _load_own(village_id, user_id, by=by)
        user.password_hash, user.must_change_password = digest, True
        sessions.end_all(user.id)
        _record("staff.reset_password", village_id, user.id, by=by)
    return NewAccount(user_id, password)


def name_member(village_id: int, user_id: int, member_id: int | None, *, by: int) -> None:
    """Say which household member a user is; None: from outside. The caller has found the member in the village.

    Raises ``MemberTaken``.
    """
    with atomic():
        user = _load(village_id, user_id)
        if user.member_id == member_id:
            return
        other = queries.user_of_member(member_id) if member_id is not None else None
        if other is not None and other.id != user_id:
            raise MemberTaken(username=other.username)
        user.member_id = member_id
        _record("staff.name_member", village_id, user.id, by=by, member=member_id)


def make_first_admin(username: str, name: str, password: str) -> int:
    """The first account of an empty installation, over everything; the caller has checked the setup code.

    Raises ``BadUsername``, ``NameMissing``, ``WeakPassword``.
    """
    login, shown = clean_username(username), _checked_name(name)
    if not USERNAME.fullmatch(login):
        raise BadUsername
    passwords.check_strength(password, login)
    digest = passwords.digest(password)
    with atomic():
        if queries.has_users():
            raise NotFoundHere
        user = User(username=login, name=shown, password_hash=digest, created_at=clock.now())
        db.session.add(user)
        db.session.flush()
        db.session.add(RoleGrant(user_id=user.id, role="county_admin", granted_at=clock.now()))
        db.session.flush()
        audit.record("staff.first_admin", village_id=None, by=user.id, subject="user", subject_id=user.id)
        return user.id


def add_from_outside(
    username: str,
    name: str,
    password: str,
    roles: list[str],
    *,
    village_id: int | None,
    township_id: int | None = None,
    must_change: bool = True,
) -> int:
    """Add an account from the command line, with roles in a village or (township, county) above it.

    Raises as ``add_user``, and ``WeakPassword``.
    """
    login, shown = clean_username(username), _checked_name(name)
    if not USERNAME.fullmatch(login):
        raise BadUsername
    passwords.check_strength(password, login)
    digest = passwords.digest(password)
    with atomic():
        if queries.find_by_username(login) is not None:
            raise UsernameTaken(username=login)
        user = User(
            username=login, name=shown, password_hash=digest, must_change_password=must_change, created_at=clock.now()
        )
        db.session.add(user)
        db.session.flush()
        audit.record("staff.add_user", village_id=village_id, by=None, subject="user", subject_id=user.id)
        for role in dict.fromkeys(roles):
            if role in VILLAGE_ROLES and village_id is not None:
                _grant(village_id, user, role, None, by=None)
            elif role == "township_admin" and township_id is not None:
                db.session.add(RoleGrant(user_id=user.id, role=role, township_id=township_id, granted_at=clock.now()))
            elif role == "county_admin":
                db.session.add(RoleGrant(user_id=user.id, role=role, granted_at=clock.now()))
            else:
                raise UnknownRole
        db.session.flush()
        return user.id


def make_village_admin(village_id: int, user_id: int, *, by: int) -> None:
    """Who makes a village becomes its first clerk; inside the write that makes the village."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFoundHere
    _grant(village_id, user, "village_admin", None, by=by)


def _grant(village_id: int, user: User, role: str, grid_id: int | None, *, by: int | None) -> None:
    if role not in VILLAGE_ROLES:
        raise UnknownRole
    if grid_id is not None:
        grid = db.session.get(Grid, grid_id)
        if grid is None or grid.village_id != village_id:
            raise NotFoundHere
    db.session.expire(user, ["grants"])
    held = queries.roles_in(user, village_id)
    if any(grant.role == role and grant.grid_id == grid_id for grant in held):
        raise RoleHeld
    if {grant.role for grant in held if grant.role != role} and "supervisor" in {role, *(g.role for g in held)}:
        raise SupervisorAlone
    grant = RoleGrant(
        user_id=user.id, role=role, village_id=village_id, grid_id=grid_id, granted_at=clock.now(), granted_by_id=by
    )
    db.session.add(grant)
    db.session.flush()
    db.session.expire(user, ["grants"])
    _record("staff.grant_role", village_id, user.id, by=by, role=role, grid=grid_id)


def _load(village_id: int, user_id: int) -> User:
    """A user of this village, locked for a write. Raises NotFoundHere for any other."""
    user = queries.user_of(village_id, user_id)
    if user is None:
        raise NotFoundHere
    return db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)


def _load_own(village_id: int, user_id: int, *, by: int) -> User:
    """An account that is this village's alone, and not the one of who acts."""
    user = _load(village_id, user_id)
    if user.id == by:
        raise OwnAccount
    if any(grant.ended_at is None and grant.village_id != village_id for grant in user.grants):
        raise WorksElsewhere
    return user


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())
    if not 1 <= len(shown) <= 40:
        raise NameMissing
    return shown


def _record(action: str, village_id: int, user_id: int, *, by: int | None, **details: Any) -> None:
    db.session.flush()
    audit.record(action, village_id=village_id, by=by, subject="user", subject_id=user_id, **details)
