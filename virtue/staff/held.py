"""A form that was sent after the session had ended: kept through the sign-in, so that nothing typed is lost.

Its fields lie in a file of the data folder (mode 600) for one hour. The signed cookie before the sign-in names the file,
so that only the same browser gets them back, and only for the same person. Passwords, PINs and uploads are never kept.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

from virtue import clock

SECONDS = 3600
MOST_BYTES = 4_000_000
MOST_OF_A_STRANGER = 300_000
MOST_OF_ONE = 3
"""Forms that wait for one session: as many as somebody has open in tabs."""
MOST_OF_STRANGERS = 200
"""Forms of cookies that have run out, together: whoever sends them may be anybody."""
_STRANGERS = "0" * 16
_NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{32}")
_SECRET = re.compile(r"password|csrf|^old$|^new$|^again$|(?:^|_)pin(?:_|$)", re.IGNORECASE)
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@dataclass(frozen=True)
class Held:
    """Where the form goes, what was in it, whose it was (None where that isn't known any more), and what was lost."""

    path: str
    fields: tuple[tuple[str, str], ...]
    user_id: int | None
    has_lost_files: bool = False


def is_local(path: str | None) -> bool:
    """Whether an address stays on this site: a path, and nothing a browser could read as another host."""
    return bool(path) and _LOCAL.fullmatch(path or "") is not None and not (path or "").startswith("/sign-out")


def local_part(address: str | None, host: str) -> str | None:
    """The path and query of an address of this host; None for any other."""
    if not address:
        return None
    parts = urlsplit(address)
    if parts.netloc and parts.netloc != host:
        return None
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if is_local(path) else None


def without_secrets(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The fields that may be kept."""
    return tuple((name, value) for name, value in fields if not _SECRET.search(name))


def keep(form: Held, session_token: str | None) -> str:
    """Lay a form down; gives the name for the cookie, or nothing when there is too much of it."""
    content = json.dumps(asdict(form), ensure_ascii=False).encode()
    if not is_local(form.path) or len(content) > (MOST_BYTES if session_token else MOST_OF_A_STRANGER):
        return ""
    sweep()
    owner = hashlib.sha256(session_token.encode()).hexdigest()[:16] if session_token else _STRANGERS
    _make_room(owner)
    name = f"{owner}-{secrets.token_hex(16)}"
    with os.fdopen(os.open(_folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.utime(_folder() / name, times=(clock.now().timestamp(),) * 2)
    return name


def find(name: str | None) -> Held | None:
    """The form of that name; None when there is none, or its hour is over."""
    if not name or not _NAME.fullmatch(name):
        return None
    try:
        path = _folder() / name
        if _is_old(path):
            return None
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    return Held(**{**data, "fields": tuple((field, value) for field, value in data["fields"])})


def drop(name: str) -> None:
    """It was given back, or isn't wanted."""
    if _NAME.fullmatch(name):
        (_folder() / name).unlink(missing_ok=True)


def sweep() -> None:
    """Take away all that is older than an hour."""
    for path in _folder().iterdir():
        if _is_old(path):
            path.unlink(missing_ok=True)


def _make_room(owner: str) -> None:
    """The oldest go first."""
    most = MOST_OF_STRANGERS if owner == _STRANGERS else MOST_OF_ONE
    waiting = sorted(_folder().glob(f"{owner}-*"), key=_time)
    for path in waiting[: max(0, len(waiting) - most + 1)]:
        path.unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(current_app.config["VIRTUE_DATA_DIR"]) / "held"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _is_old(path: Path) -> bool:
    return clock.now().timestamp() - _time(path) > SECONDS


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
