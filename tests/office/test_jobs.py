"""Long work: done once, told about, and refused in words."""

import subprocess

import pytest

from tests.factories import VillageFactory, keeper
from virtue.core import jobs
from virtue.core.models import Job
from virtue.errors import BrokenRule
from virtue.extensions import db


class TooMuch(BrokenRule):
    sentence = "要做的太多了（%(rows)s 行）。"


@pytest.fixture
def kinds(monkeypatch):
    monkeypatch.setattr(jobs, "KINDS", dict(jobs.KINDS))


@pytest.fixture
def village(app):
    return VillageFactory()


def test_a_job_is_done_once(app, kinds, village):
    done = []

    @jobs.register("test.count")
    def count(job):
        jobs.progress(job, 3, 10, "读到第 3 行")
        done.append(job.params["rows"])
        return {"next": "/desk"}

    job = jobs.start("test.count", {"rows": 10}, village_id=village.id, by=None)
    db.session.expire_all()
    job = db.session.get(Job, job.id)
    assert (job.state, job.result, done) == ("done", {"next": "/desk"}, [10])
    assert jobs.run(job.id) == "taken"
    assert done == [10]


def test_progress_is_read_from_the_file(app, kinds, village):
    seen = []

    @jobs.register("test.count")
    def count(job):
        for number in range(11):
            jobs.progress(job, number, 10, "读")
        seen.append(jobs.read_progress(job))

    jobs.start("test.count", {}, village_id=village.id, by=None)
    assert (seen[0].done, seen[0].total, seen[0].percent, seen[0].words) == (10, 10, 100, "读")


def test_a_broken_rule_is_told_on_the_page(app, kinds, village, page, htmx):
    @jobs.register("test.count")
    def count(job):
        raise TooMuch(rows=12)

    job = jobs.start("test.count", {}, village_id=village.id, by=None)
    page.sign_in(keeper(village))
    assert "要做的太多了（12 行）。" in page(f"/jobs/{job.id}").words("#job")
    assert "要做的太多了（12 行）。" in htmx(f"/jobs/{job.id}", target="job").words("#job")


def test_a_crash_is_told_without_details(app, kinds, village):
    @jobs.register("test.count")
    def count(job):
        raise ZeroDivisionError("secret")

    job = jobs.start("test.count", {}, village_id=village.id, by=None)
    db.session.expire_all()
    job = db.session.get(Job, job.id)
    assert job.state == "failed"
    assert "secret" not in str(jobs.refusal_of(job))
    assert str(job.id) in str(jobs.refusal_of(job))


def test_another_villages_job_is_not_found(app, kinds, village, page):
    @jobs.register("test.count")
    def count(job):
        return None

    job = jobs.start("test.count", {}, village_id=VillageFactory().id, by=None)
    page.sign_in(keeper(village))
    page(f"/jobs/{job.id}", 404)
    page("/jobs/999999", 404)


def test_an_unknown_kind_is_refused_before_anything_is_written(app, village):
    with pytest.raises(KeyError):
        jobs.start("test.unknown", {}, village_id=village.id, by=None)
    assert db.session.query(Job).count() == 0


def test_a_job_whose_process_is_gone_is_told(app, kinds, village, page):
    @jobs.register("test.count")
    def count(job):
        return None

    job = jobs.start("test.count", {}, village_id=village.id, by=None)
    job = db.session.get(Job, job.id)
    job.state = "running"
    db.session.commit()
    gone = subprocess.Popen(["true"])
    gone.wait()
    jobs._path(job.id).write_text(f'{{"done": 1, "total": 9, "words": "读", "pid": {gone.pid}}}')
    assert jobs.is_lost(job)
    page.sign_in(keeper(village))
    assert "没有做完" in page(f"/jobs/{job.id}").words("#job")


def test_the_child_process_does_the_job(app, village, database):
    """``flask virtue job ID`` in a process of its own, with this app's settings; an unknown job is nobody's."""
    child = jobs.spawn(987654)
    assert child.wait(60) == 0
    assert "taken" in (jobs._folder() / "987654.log").read_text()
