"""Long work: a row in ``job``, a child process ``flask virtue job ID``, a progress file in the data folder.

    @jobs.register("people.import")
    def run_import(job: Job) -> dict[str, Any]: ...      # its result; a broken rule ends it as "failed"

    job = jobs.start("people.import", {"upload": name}, village_id=village.id, by=by)
    ... 303 to url_for("office.job", job_id=job.id)

A ``next`` in the result (a local address) is where the job's page leads when it is done. Under tests the work is
done in the same process, right after the commit.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l

from virtue import clock
from virtue.core import audit
from virtue.core.models import Job
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.transactions import after_commit, atomic

Work = Callable[[Job], "dict[str, Any] | None"]

KINDS: dict[str, Work] = {}
"""What can be done, by kind; filled by ``register``."""

ROOT = Path(__file__).resolve().parents[2]
WRITE_EVERY = 0.2
_written: dict[int, float] = {}


class JobBroken(BrokenRule):
    """The work ended in an error of ours, or its process is gone."""

    sentence = _l("这件事没有做完，数据没有改动。请再做一次；还不行，请告诉管理员编号 %(job)s。")
    status = 500


@dataclass(frozen=True)
class Progress:
    """How far a job is: ``done`` of ``total`` (0: unknown), and what it is at, in words."""

    done: int
    total: int
    words: str
    pid: int | None = None

    @property
    def percent(self) -> int | None:
        """Of a hundred; None when the total isn't known."""
        return min(100, self.done * 100 // self.total) if self.total else None


def register(kind: str) -> Callable[[Work], Work]:
    """Mark a function as the work of a kind of job: it takes the job and gives its result."""

    def mark(work: Work) -> Work:
        KINDS[kind] = work
        return work

    return mark


def start(kind: str, params: dict[str, Any], *, village_id: int | None, by: int | None) -> Job:
    """Write the job's row and, once it is committed, let a child process do it. ``params`` hold no names."""
    if kind not in KINDS:
        raise KeyError(kind)
    with atomic():
        job = Job(village_id=village_id, kind=kind, params=params, state="waiting", by_id=by, created_at=clock.now())
        db.session.add(job)
        db.session.flush()
        audit.record("job.start", village_id=village_id, by=by, subject="job", subject_id=job.id, kind=kind)
        job_id = job.id
        after_commit(lambda: _launch(job_id))
    return job


def _launch(job_id: int) -> None:
    if current_app.config.get("JOBS_INLINE", current_app.testing):
        run(job_id)
        return
    spawn(job_id)


def spawn(job_id: int) -> "subprocess.Popen[bytes]":
    """Start the child process that does a job, with this app's settings."""
    app: Flask = current_app
    settings = {
        "VIRTUE_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "VIRTUE_DATA_DIR": app.config["VIRTUE_DATA_DIR"],
        "VIRTUE_BASE_URL": app.config["VIRTUE_BASE_URL"],
        "VIRTUE_SECRET_KEY": app.config["SECRET_KEY"],
        "VIRTUE_CARD_KEY": app.config["VIRTUE_CARD_KEY"],
    }
    log = _folder() / f"{job_id}.log"
    with log.open("ab") as output:
        # A session of its own: the work goes on when the server that started it is reloaded.
        return subprocess.Popen(  # noqa: S603 - our own program with a number
            [sys.executable, "-m", "flask", "--app", "wsgi", "virtue", "job", str(job_id)],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def run(job_id: int) -> str:
    """Do a job that waits, and write what came of it; gives the state it ends in. A job is done once."""
    job = _claim(job_id)
    if job is None:
        return "taken"
    refusal: BrokenRule | None = None
    result: dict[str, Any] = {}
    try:
        result = KINDS[job.kind](job) or {}
    except BrokenRule as error:
        refusal = error
    except Exception:
        current_app.logger.exception("job %s", job_id)
        refusal = JobBroken(job=job_id)
    if refusal is not None:
        result = {"refusal": refusal.code, "params": refusal.params}
    state = "done" if refusal is None else "failed"
    with atomic():
        row = db.session.get(Job, job_id, populate_existing=True)
        if row is None:
            raise NotFoundHere
        row.state, row.ended_at, row.result = state, clock.now(), result
    return state


def _claim(job_id: int) -> Job | None:
    with atomic():
        job = db.session.get(Job, job_id, with_for_update=True, populate_existing=True)
        if job is None or job.state != "waiting":
            return None
        job.state, job.started_at = "running", clock.now()
    progress(job, 0, 0, "")
    return job


def progress(job: Job, done: int, total: int, words: str = "") -> None:
    """Say how far the work is. Cheap: the file is written at most five times a second, and at the end."""
    now = time.monotonic()
    is_edge = done in {0, total}
    if not is_edge and now - _written.get(job.id, 0.0) < WRITE_EVERY:
        return
    _written[job.id] = now
    path = _path(job.id)
    making = path.with_suffix(f".{os.getpid()}")
    making.write_text(json.dumps({"done": done, "total": total, "words": words, "pid": os.getpid()}))
    making.replace(path)


def read_progress(job: Job) -> Progress:
    """How far a job is; zeros before it has begun."""
    try:
        return Progress(**json.loads(_path(job.id).read_text()))
    except (OSError, ValueError, TypeError):
        return Progress(0, 0, "")


def is_lost(job: Job) -> bool:
    """Whether a job says it is running but its process is gone (power cut, killed)."""
    if job.state != "running":
        return False
    pid = read_progress(job).pid
    if pid is None or pid == os.getpid():
        return False
    with contextlib.suppress(ChildProcessError, OSError):
        os.waitpid(pid, os.WNOHANG)  # an ended child of ours stays visible until it is asked for
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def refusal_of(job: Job) -> BrokenRule | None:
    """Why a job failed, as the sentence to show."""
    if is_lost(job):
        return JobBroken(job=job.id)
    if job.state != "failed" or not job.result:
        return None
    return BrokenRule.from_record(job.result["refusal"], job.result.get("params") or {})


def find_job(job_id: int, *, village_id: int | None) -> Job | None:
    """A job of this village."""
    job = db.session.get(Job, job_id)
    return job if job is not None and job.village_id == village_id else None


def _folder() -> Path:
    folder = Path(current_app.config["VIRTUE_DATA_DIR"]) / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _path(job_id: int) -> Path:
    return _folder() / f"{job_id}.json"
