"""The register's import: choose files, dry run, report, confirm; progress is the job's page."""

from flask import Response as FileResponse
from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.people.register import correcting, jobs, keeping
from virtue.people.register.report import Report, place_words
from virtue.people.views import people

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHOWN = 200


@people.get("/households/import")
@permission("people.import")
def import_page() -> str:
    """Choose the files."""
    keeping.sweep()
    return _form()


@people.post("/households/import")
@permission("people.import")
def read_register() -> Response | tuple[str, int]:
    """Upload, and start the dry run."""
    village = access.village()
    files = [jobs.upload_of(file.filename, file.read()) for file in request.files.getlist("files") if file.filename]
    try:
        job = jobs.start_reading(
            files, as_here=request.form.get("as_here") == "yes", village_id=village.id, by=access.by()
        )
    except BrokenRule as error:
        return _form(str(error)), error.status
    return redirect(url_for("office.job", job_id=job.id), 303)


@people.get("/households/import/<string(length=32):token>")
@permission("people.import")
def import_report(token: str) -> str:
    """What the dry run found, or what was written."""
    return _report_page(token, _report(token))


@people.post("/households/import/<string(length=32):token>")
@permission("people.import")
def import_register(token: str) -> Response | tuple[str, int]:
    """Confirm: start the import."""
    report = _report(token)
    try:
        outcome = jobs.start_import(
            token,
            skip_bad=request.form.get("skip_bad") == "yes",
            key=request.form.get("key", ""),
            village_id=access.village().id,
            by=access.by(),
        )
    except BrokenRule as error:
        return _report_page(token, report, str(error)), error.status
    return redirect(url_for("office.job", job_id=outcome.result["job_id"]), 303)


@people.get("/households/import/<string(length=32):token>/to-correct.xlsx")
@permission("people.import")
def to_correct(token: str) -> FileResponse:
    """The households with mistakes, as a workbook that can be imported once corrected."""
    village = access.village()
    reading = keeping.find_reading(token, village.id) if keeping.is_token(token) else None
    content = correcting.workbooks(reading).get(village.name) if reading else None
    if content is None:
        abort(404)
    response = FileResponse(content, mimetype=XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=correcting.file_name(village.name))
    return response


def _report(token: str) -> Report:
    report = keeping.find_report(token, access.village().id) if keeping.is_token(token) else None
    if report is None:
        abort(404)
    return report


def _form(error: str | None = None) -> str:
    return render_template("people/import.html", error=error)


def _report_page(token: str, report: Report, error: str | None = None) -> str:
    return render_template(
        "people/import_report.html",
        token=token, report=report, error=error, place_words=place_words, most=MOST_SHOWN,
        has_rows=keeping.has_rows(token, access.village().id),
    )  # fmt: skip
