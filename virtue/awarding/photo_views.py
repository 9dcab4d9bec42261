"""Photos of deeds for the staff of the village: whole for who decides, small for lists."""

from flask import abort, request
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.awarding import photo_queries
from virtue.awarding.views import awarding
from virtue.core.sending import send_photo


@awarding.get("/photos/<string:name>")
@permission("awarding.view")
def photo(name: str) -> Response:
    """A photo that a deed of this village shows; ``?small=1``: its small copy."""
    found = photo_queries.photo_of_village(access.village().id, name)
    if found is None:
        abort(404)
    return send_photo(found, small="small" in request.args)
