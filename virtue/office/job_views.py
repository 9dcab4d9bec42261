"""The page of a piece of long work: how far it is, and what came of it."""

from flask import abort, render_template, request

from virtue import access
from virtue.access import permission
from virtue.core import jobs
from virtue.office.views import office


@office.get("/jobs/<int:job_id>")
@permission("desk.view")
def job(job_id: int) -> str:
    """Progress, polled by htmx; without scripts a link fetches it anew."""
    village = access.find_village()
    found = jobs.find_job(job_id, village_id=village.id if village else None)
    if found is None:
        abort(404)
    refusal = jobs.refusal_of(found)
    return render_template(
        "office/_job.html" if request.headers.get("HX-Request") else "office/job.html",
        job=found,
        progress=jobs.read_progress(found),
        refusal=str(refusal) if refusal else None,
        next=(found.result or {}).get("next"),
        is_open=found.state in {"waiting", "running"} and refusal is None,
    )
