"""Pages of office."""

from flask import Blueprint, render_template

from virtue.access import permission

office = Blueprint("office", __name__)
blueprints = (office,)


@office.get("/desk")
@permission("desk.view")
def desk() -> str:
    """What waits for me."""
    return render_template("office/desk.html")


# Other files add their pages to the same blueprint.
from virtue.office import job_views  # noqa: E402, F401
