"""The two pieces of long work: reading what was uploaded (dry run), and importing what was read."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext

from virtue import clock
from virtue.core import jobs, keys
from virtue.core.models import Job
from virtue.extensions import db
from virtue.people.register import guards, importing, keeping, parsing
from virtue.people.register.problems import NoFiles, RowsGone, TooManyFiles
from virtue.places.models import Village

READ, IMPORT = "people.read_register", "people.import_register"
MOST_FILES = 50
PAGE = "/households/import/"


def start_reading(files: Sequence[tuple[str, bytes]], *, as_here: bool, village_id: int, by: int) -> Job:
    """Lay the uploads down and start the dry run; ``as_here``: whatever village the files name, this one is meant.

    Raises NoFiles, TooManyFiles.
    """
    if not files:
        raise NoFiles
    if len(files) > MOST_FILES:
        raise TooManyFiles
    token = keeping.new_token()
    keeping.keep_uploads(token, files)
    return jobs.start(READ, {"token": token, "as_here": as_here}, village_id=village_id, by=by)


def start_import(token: str, *, skip_bad: bool, key: str, village_id: int, by: int) -> keys.Outcome:
    """Start the import of what a dry run has read; the result holds ``job_id``. Raises RowsGone."""

    def work() -> dict[str, Any]:
        if not keeping.has_rows(token, village_id):
            raise RowsGone
        job = jobs.start(IMPORT, {"token": token, "skip_bad": skip_bad}, village_id=village_id, by=by)
        return {"job_id": job.id}

    return keys.run_once(key, "people.import", [token, skip_bad, by], work, village_id=village_id)


@jobs.register(READ)
def read_register(job: Job) -> dict[str, Any]:
    """Read the uploads, compare, keep rows and report for an hour; the workbooks are gone afterwards."""
    token, village_id = job.params["token"], job.village_id or 0
    village = db.session.get_one(Village, village_id)
    here = village.name
    paths = keeping.take_uploads(token)
    if not paths:
        raise RowsGone

    def uploads() -> Iterator[tuple[str, bytes]]:
        for path in paths:
            yield keeping.read_upload(path)

    def tell(done: int, total: int) -> None:
        jobs.progress(job, done, total, gettext("正在读取花名册"))

    try:
        reading = parsing.read_registers(
            uploads(),
            today=clock.today(),
            village=here if job.params["as_here"] else None,
            here=here,
            known=importing.village_names(),
            with_phones=importing.villages_with_phones(),
            total=len(paths),
            progress=tell,
        )
    finally:
        keeping.drop_uploads(token)
    jobs.progress(job, len(paths), len(paths), gettext("正在比对"))
    report = importing.dry_run(reading)
    keeping.keep_report(token, report, village_id)
    keeping.keep_reading(token, reading, village_id)
    return {"next": PAGE + token, **report.counts()}


@jobs.register(IMPORT)
def import_register(job: Job) -> dict[str, Any]:
    """Write what the dry run has read, in one transaction."""
    token, village_id = job.params["token"], job.village_id or 0
    reading = keeping.find_reading(token, village_id)
    if reading is None:
        raise RowsGone
    jobs.progress(job, 0, 0, gettext("正在写入"))
    report = importing.import_when_free(reading, skip_bad=job.params["skip_bad"], by=job.by_id)
    keeping.keep_report(token, report, village_id)
    if report.written and not report.problems:
        keeping.drop_rows(token)
    return {"next": PAGE + token, **report.counts()}


def upload_of(name: str | None, content: bytes) -> tuple[str, bytes]:
    """An upload's name without a path, and as much of it as shows whether it is too big."""
    plain = (name or "").replace("\\", "/").rpartition("/")[2].replace("\0", "")[-120:]
    return plain or "花名册", content[: guards.MAX_BYTES + 1]
