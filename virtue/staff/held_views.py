"""After the sign-in: a form that waited comes back, in its own page where that can be, else on one that sends it on."""

from flask import abort, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from virtue.access import permission
from virtue.staff import held
from virtue.staff.refill import refill
from virtue.staff.views import staff


@staff.get("/sign-in/held")
@permission("desk.view")
def resume() -> str:
    """A form whose page doesn't show it by itself (one step of several): it is sent on as it was."""
    name, page = session.get("waiting", ["", ""])
    form = held.find(name)
    if form is None:
        abort(404)
    return render_template("staff/resume.html", held=form, next=page or url_for("office.desk"))


@staff.after_app_request
def fill_in(response: Response) -> Response:
    """Put what was typed back into the page it was typed in."""
    if g.get("signed_in") is None or request.method != "GET" or response.status_code != 200:
        return response
    name, page = session.get("waiting", ["", ""])
    if not page or request.full_path.rstrip("?") != page or response.mimetype != "text/html":
        return response
    form = held.find(name)
    if form is None:
        session.pop("waiting")
        return response
    filled = refill(response.get_data(as_text=True), form.path, form.fields, page)
    if filled is None:
        session["waiting"] = [name, ""]
        return redirect(url_for("staff.resume"), 303)
    session.pop("waiting")
    held.drop(name)
    response.set_data(filled)
    return response
