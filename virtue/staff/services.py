"""Signing in and out, and changing the own password."""

import unicodedata

from flask_babel import lazy_gettext as _l

from virtue.core import audit, throttle
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.staff import passwords, queries, sessions
from virtue.staff.models import StaffSession, User
from virtue.transactions import atomic

FREE_BY_NAME = 5
FREE_BY_ADDRESS = 20


class WrongPassword(BrokenRule):
    """The name or the password is wrong; which of the two isn't told."""

    sentence = _l("用户名或密码不对。请再看一看，注意大小写。")


class DemoAccount(BrokenRule):
    """A demo account on a server that others can reach: its password was printed."""

    sentence = _l("演示账号只能在本机使用。正式使用请建自己的账号。")
    status = 403


class WrongOldPassword(BrokenRule):
    """The present password, asked for again, is wrong."""

    sentence = _l("现在的密码不对。")


class SamePassword(BrokenRule):
    """The new password is the old one."""

    sentence = _l("新密码和原来的一样，请换一个。")


def clean_username(text: str) -> str:
    """A username as it is stored: no blanks, small letters, no full-width forms."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def sign_in(username: str, password: str, *, address: str, is_own_machine: bool = True) -> str:
    """Check a name and password and open a session; gives the token for the cookie.

    ``is_own_machine``: nobody else can reach this server; elsewhere demo accounts, whose passwords were printed, are
    refused. Raises ``TooManyTries`` (429), ``WrongPassword``, ``DemoAccount``.
    """
    name = clean_username(username)[:100]
    by_name = throttle.bucket("sign-in", name, address)
    by_address = throttle.bucket("sign-in-address", address)
    throttle.check(by_name, by_address)
    user = queries.find_by_username(name)
    # An unknown name, an ended account and one without password take as long as a wrong password.
    stored = user.password_hash if user is not None and user.is_active else None
    if not passwords.matches(stored, password) or user is None or stored is None:
        throttle.failed((by_name, FREE_BY_NAME), (by_address, FREE_BY_ADDRESS))
        raise WrongPassword
    if user.is_demo and not is_own_machine:
        raise DemoAccount
    fresh = passwords.digest(password) if passwords.needs_rehash(stored) else None
    throttle.succeeded(by_name)
    return _open(user.id, stored, fresh, address)


def _open(user_id: int, checked: str, fresh: str | None, address: str) -> str:
    with atomic():
        user = db.session.get(User, user_id, with_for_update=True, populate_existing=True)
        if user is None or not user.is_active or user.password_hash != checked:
            raise WrongPassword
        if fresh is not None:
            user.password_hash = fresh
        token = sessions.start(user, address=address)
        audit.record(
            "staff.sign_in", village_id=sessions.first_village(user), by=user.id, subject="user", subject_id=user.id
        )
    return token


def sign_out(session_id: int, *, by: int) -> None:
    """End one session."""
    with atomic():
        sessions.end(session_id)
        audit.record("staff.sign_out", village_id=None, by=by, subject="user", subject_id=by)


def sign_out_everywhere(*, by: int) -> None:
    """End all sessions of the user, this one too."""
    with atomic():
        sessions.end_all(by)
        audit.record("staff.sign_out_everywhere", village_id=None, by=by, subject="user", subject_id=by)


def change_password(old: str, new: str, *, address: str, village_id: int | None, by: int) -> str:
    """Change the own password, sign out everywhere and open one fresh session; gives its token.

    Raises ``WrongOldPassword``, ``SamePassword``, ``WeakPassword``, ``TooManyTries``.
    """
    user = db.session.get(User, by)
    if user is None:
        raise NotFoundHere
    tries = throttle.bucket("password", str(by))
    throttle.check(tries)
    if not passwords.matches(user.password_hash, old):
        throttle.failed((tries, FREE_BY_NAME))
        raise WrongOldPassword
    if passwords.normal(old) == passwords.normal(new):
        raise SamePassword
    passwords.check_strength(new, user.username)
    digest, checked = passwords.digest(new), user.password_hash
    with atomic():
        user = db.session.get(User, by, with_for_update=True, populate_existing=True)
        if user is None or not user.is_active or user.password_hash != checked:
            raise WrongOldPassword
        user.password_hash, user.must_change_password = digest, False
        sessions.end_all(by)
        token = sessions.start(user, address=address, village_id=village_id)
        audit.record("staff.change_password", village_id=village_id, by=by, subject="user", subject_id=by)
    return token


class OtherVillage(NotFoundHere):
    """A village the user holds no role in."""


def choose_village(session_id: int, village_id: int, *, by: int) -> None:
    """Work in another of the own villages from now on, in this session. Raises ``OtherVillage``."""
    with atomic():
        user = db.session.get(User, by)
        if user is None or village_id not in {village.id for village in queries.villages_of(user)}:
            raise OtherVillage
        session = db.session.get(StaffSession, session_id, populate_existing=True)
        if session is None or session.user_id != by:
            raise OtherVillage
        session.village_id = village_id
        audit.record("staff.choose_village", village_id=village_id, by=by, subject="village", subject_id=village_id)
