"""The one-time setup code of an empty installation: who reads the server's console may make the first admin.

The code lies in the data folder (mode 600) so that all workers print the same one; the database keeps its hash, and
both are gone once the first account stands.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import click
from flask import Flask, current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError

from virtue.core import settings, throttle
from virtue.errors import BrokenRule, NotFoundHere
from virtue.staff import queries as staff
from virtue.staff import user_services
from virtue.transactions import atomic

SETTING = "setup_code_hash"
FREE_TRIES = 5


class WrongSetupCode(BrokenRule):
    """Not the code that stands on the console."""

    sentence = _l("初次设置码不对。它印在服务器的控制台上，也可以运行 flask virtue init 再看一次。")


class PasswordsDiffer(BrokenRule):
    """The two fields of a new password hold different things."""

    sentence = _l("两遍输的不一样。")


def setup_code() -> str | None:
    """The code of an empty installation, made when there is none; None once there are users."""
    if staff.has_users():
        return None
    code = _read_or_make(_path())
    if settings.value(SETTING) != _hash(code):
        with atomic():
            settings.change(SETTING, _hash(code))
    return code


def make_first_admin(code: str, username: str, name: str, password: str, *, address: str) -> int:
    """Make the first account for who knows the code; gives its id.

    Raises ``WrongSetupCode``, ``TooManyTries``, what a new account may break, and ``NotFoundHere`` once there are users.
    """
    if staff.has_users():
        raise NotFoundHere
    tries = throttle.bucket("setup", address)
    throttle.check(tries)
    kept = settings.value(SETTING)
    if not kept or not hmac.compare_digest(kept, _hash(_clean(code))):
        throttle.failed((tries, FREE_TRIES))
        raise WrongSetupCode
    user_id = user_services.make_first_admin(username, name, password)
    with atomic():
        settings.change(SETTING, "")
    _path().unlink(missing_ok=True)
    return user_id


def announce(app: Flask) -> None:
    """Print the code when a server starts on an empty installation; quiet in every other command."""
    context = click.get_current_context(silent=True)
    if context is not None and context.info_name != "run":
        return
    try:
        with app.app_context():
            code = setup_code()
    except SQLAlchemyError:
        click.echo("数据库还没有建好，请先运行：flask --app wsgi virtue init", err=True)
        return
    if code is not None:
        click.echo(f"这里还没有账号。打开 /start，初次设置码：{code}", err=True)


def _path() -> Path:
    return Path(current_app.config["VIRTUE_DATA_DIR"]) / "setup-code"


def _read_or_make(path: Path) -> str:
    if path.exists():
        return path.read_text().strip()
    code = "-".join("".join(secrets.choice("23456789") for _ in range(4)) for _ in range(3))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(code)
    return code


def _clean(code: str) -> str:
    digits = "".join(character for character in code if character.isdigit())[:24]
    digits = "".join(str(int(digit)) for digit in digits)
    return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
