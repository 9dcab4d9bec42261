"""The desk's side of the walls: an honour's story and portrait."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.core import files, pictures
from virtue.core.sending import send_photo
from virtue.errors import BrokenRule
from virtue.honours import wall_queries, wall_services
from virtue.honours.star_views import honours
from virtue.honours.title_views import honour_page, load_honour
from virtue.honours.wall_services import Telling


@honours.post("/titles/<int:honour_id>/wall")
@permission("titles.enter")
def tell_wall(honour_id: int) -> Response | tuple[str, int]:
    """Write the story down, hang or take down the portrait."""
    found, form, upload = load_honour(honour_id), request.form, request.files.get("photo")
    try:
        picture = pictures.clean_picture(upload.read()) if upload is not None and upload.filename else None
        telling = Telling(
            form.get("story", "")[:1000], files.keep_picture(picture) if picture else None, form.get("drop") == "1"
        )
        wall_services.tell(found.village_id, honour_id, telling, key=form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return honour_page(load_honour(honour_id), str(error), story=form.get("story", "")), error.status
    flash(_("已记下。本户同意了的才上墙。"), "good")
    return redirect(url_for("honours.honour", honour_id=honour_id), 303)


@honours.get("/titles/<int:honour_id>/photo")
@permission("titles.view")
def wall_photo(honour_id: int) -> Response:
    """The portrait, for staff who look at the honour."""
    load_honour(honour_id)
    name = wall_queries.photo_name(honour_id)
    if name is None:
        abort(404)
    return send_photo(name, small=True)
