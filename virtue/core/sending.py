"""Handing out a stored photo: as what it is, to nobody but who asked, and asked for anew each time it is shown."""

from flask import abort, send_file
from werkzeug.wrappers import Response

from virtue.core import files


def send_photo(name: str, *, small: bool) -> Response:
    """A photo, or its small copy; the view has made sure that this person may see it. 404 when the file is gone."""
    path = files.path_of(name, small=small)
    if not path.exists():
        abort(404)
    response = send_file(path, mimetype="image/jpeg")
    # Kept by no proxy; a browser asks again, so that leaving the passbook or losing a role ends it.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.vary.add("Cookie")
    return response
