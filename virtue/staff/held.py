"""A form that was sent after the session had ended: kept through the sign-in, so that nothing typed is lost.

On a plain page the values travel as one hidden field of the sign-in form; under htmx, where the answer must be a
redirect, small ones travel in the signed cookie. Passwords and PINs are never kept, nor are files.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST = 200_000
FITS_COOKIE = 2400
_SECRET = re.compile(r"password|csrf|^old$|^new$|^again$|(?:^|_)pin(?:_|$)", re.IGNORECASE)
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@dataclass(frozen=True)
class Held:
    """Where the form goes, what was in it, and whose it was (None where that isn't known any more)."""

    path: str
    fields: tuple[tuple[str, str], ...]
    user_id: int | None


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


def pack(path: str, fields: Iterable[tuple[str, str]], user_id: int | None) -> str:
    """As text, for a hidden field or the cookie. Empty when there is too much of it."""
    kept = [[name, value] for name, value in fields if not _SECRET.search(name)]
    text = json.dumps({"path": path, "fields": kept, "user": user_id}, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= MOST else ""


def unpack(text: str | None) -> Held | None:
    """What ``pack`` made; None for anything else, or for a path that leads off this site."""
    if not text or len(text) > MOST:
        return None
    try:
        data = json.loads(text)
        path, user = str(data["path"]), data["user"]
        fields = tuple((str(name), str(value)) for name, value in data["fields"])
    except (ValueError, KeyError, TypeError):
        return None
    if not is_local(path) or not (user is None or isinstance(user, int)):
        return None
    return Held(path, tuple(pair for pair in fields if not _SECRET.search(pair[0])), user)
