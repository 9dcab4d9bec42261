"""The files of ``static/``: packed for slow lines, and kept by browsers for a year under an address that changes with them.

Only these are packed here: they hold no secret. Pages, which do, are left to whatever stands in front.

What a module imports is named with its version too. A browser runs a module once for each address: one that a page names
with a version and another module without would run twice, and hear every scan twice.
"""

import gzip
import mimetypes
import re
from functools import lru_cache
from pathlib import Path
from zlib import crc32

from flask import Flask, current_app, request
from werkzeug.exceptions import NotFound
from werkzeug.utils import safe_join
from werkzeug.wrappers import Response

PACKED = {".css", ".js", ".svg"}
YEAR = 365 * 24 * 60 * 60


def send_static(filename: str) -> Response:
    """A file of ``static/``. Under its own version's address it may be kept; under the bare one a browser asks each time."""
    path = _path(filename)
    if path is None:
        raise NotFound
    if path.suffix in PACKED:
        is_packed = request.accept_encodings.quality("gzip") > 0
        body = (_packed if is_packed else _body)(path, _changed(path))
        response = Response(body, mimetype=mimetypes.guess_type(path.name)[0])
        response.set_etag(f"{_version(path)}-gzip" if is_packed else _version(path))
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
        response.make_conditional(request)
    else:
        response = current_app.send_static_file(filename)
    response.vary.add("Accept-Encoding")
    if request.args.get("v") == _version(path):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response


def _path(filename: str) -> Path | None:
    found = safe_join(str(current_app.static_folder), filename)
    path = Path(found) if found else None
    return path if path is not None and path.is_file() else None


def _version(path: Path) -> str:
    """Changes when the file does, or what it imports: by its contents, so that all workers and machines say the same."""
    return _checksum(path, _changed(path))


def _changed(path: Path) -> int:
    """When the file was changed last, or a module that lies beside it."""
    beside = path.parent.glob("*.js") if path.suffix == ".js" else ()
    return max(file.stat().st_mtime_ns for file in (path, *beside))


@lru_cache(maxsize=512)
def _checksum(path: Path, changed: int) -> str:
    return f"{crc32(_body(path, changed)):08x}"


@lru_cache(maxsize=512)
def _packed(path: Path, changed: int) -> bytes:
    return gzip.compress(_body(path, changed), 9, mtime=0)


_IMPORT = re.compile(rb'(?m)^(import\s[^"\n]*")\./([\w-]+\.js)(";)')


@lru_cache(maxsize=512)
def _body(path: Path, _changed: int) -> bytes:
    if path.suffix != ".js":
        return path.read_bytes()

    def named(found: re.Match[bytes]) -> bytes:
        version = _version(path.parent / found[2].decode()).encode()
        return found[1] + b"./" + found[2] + b"?v=" + version + found[3]

    return _IMPORT.sub(named, path.read_bytes())


@lru_cache(maxsize=512)
def _known_version(filename: str) -> str | None:
    """The version that this process knows: a page draws a hundred icons, and files don't change under a server."""
    path = _path(filename)
    return _version(path) if path else None


def _add_version(endpoint: str, values: dict[str, object]) -> None:
    if endpoint != "static" or "filename" not in values:
        return
    if current_app.debug:
        _known_version.cache_clear()
    version = _known_version(str(values["filename"]))
    if version:
        values["v"] = version


def init_assets(app: Flask) -> None:
    """Serve ``static/`` this way, and let every ``url_for('static', ...)`` name the version."""
    app.view_functions["static"] = send_static
    app.url_defaults(_add_version)
