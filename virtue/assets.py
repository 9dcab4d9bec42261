"""The files of ``static/``: packed for slow lines, and kept by browsers for a year under an address that changes with them.

Only these are packed here: they hold no secret. Pages, which do, are left to whatever stands in front.
"""

import gzip
import mimetypes
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
    if path.suffix in PACKED and request.accept_encodings.quality("gzip") > 0:
        response = Response(_packed(path, path.stat().st_mtime_ns), mimetype=mimetypes.guess_type(path.name)[0])
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{_version(path)}-gzip")
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
    """Changes when the file does: by its contents, so that all workers and machines say the same."""
    return _checksum(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _checksum(path: Path, _changed: int) -> str:
    return f"{crc32(path.read_bytes()):08x}"


@lru_cache(maxsize=512)
def _packed(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


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
