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
from virtue.office import (  # noqa: E402
    audit_views,  # noqa: F401
    household_views,  # noqa: F401
    job_views,  # noqa: F401
    kin_views,  # noqa: F401
    paper_views,  # noqa: F401
    settings_views,  # noqa: F401
)
