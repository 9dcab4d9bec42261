"""The trail, remarks that can be forgotten, settings, tries that may fail only so often, the day's mark."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.ledger import crowd
from virtue import clock
from virtue.core import audit, due, remarks, settings, throttle
from virtue.core.models import Audit, JobRun, Remark, Setting, Throttle
from virtue.core.throttle import TooManyTries
from virtue.extensions import db
from virtue.transactions import atomic

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def test_an_audit_row_says_who_what_when_and_keeps_typed_words_apart(app):
    village_id = factories.VillageFactory().id
    with clock.set_to(NOON), atomic():
        audit.record(
            "test.act",
            village_id=village_id,
            by=7,
            household_id=9,
            subject="deed",
            subject_id=3,
            why=" 扫错了卡 ",
            points=5,
        )
    row = db.session.query(Audit).one()
    assert (row.village_id, row.by_id, row.household_id, row.action) == (village_id, 7, 9, "test.act")
    assert (row.subject, row.subject_id, row.details, row.recorded_at) == ("deed", 3, {"points": 5}, NOON)
    assert "扫错" not in repr(db.session.execute(sa.text("SELECT * FROM audit")).all())
    remark = db.session.get(Remark, row.remark_id)
    assert remark.text == "扫错了卡"
    assert row.remark_hash == remarks.fingerprint("扫错了卡", remark.salt)


def test_many_audit_rows_go_at_once(app):
    village_id = factories.VillageFactory().id
    with atomic():
        audit.record_many([])
        audit.record_many(
            [
                {"village_id": village_id, "action": "a", "subject_id": 1},
                {"village_id": village_id, "action": "b", "by_id": 2, "details": {"n": 1}},
            ]
        )
    rows = db.session.query(Audit.action, Audit.subject_id, Audit.by_id, Audit.details).order_by(Audit.id).all()
    assert [tuple(row) for row in rows] == [("a", 1, None, {}), ("b", None, 2, {"n": 1})]


@pytest.mark.parametrize("nothing", [None, "", "  \n"])
def test_no_words_leave_no_remark(app, nothing):
    with atomic():
        assert remarks.keep(nothing, village_id=None) == (None, None)
    assert db.session.query(Remark).count() == 0


def test_the_same_words_have_another_hash_each_time(app):
    with atomic():
        first, second = (remarks.keep("同样", village_id=None) for _ in range(2))
    assert first[1] != second[1]


def test_a_forgotten_text_is_gone_and_its_hash_still_explains_itself(app):
    with atomic():
        kept, digest = remarks.keep("忘掉", village_id=None)
        other, _ = remarks.keep("留下", village_id=None)
    with atomic():
        remarks.forget(kept)
    assert remarks.texts([kept, other, None, 999]) == {other: "留下"}
    assert remarks.fingerprint("忘掉", db.session.get(Remark, kept).salt) == digest
    assert remarks.texts([None]) == {}


def test_a_setting_has_its_default_until_it_is_changed(app):
    village_id = factories.VillageFactory().id
    assert settings.value("notice_days", village_id) == 5
    with atomic():
        settings.change("notice_days", 7, village_id)
        settings.change("notice_days", 8, village_id)
    assert settings.value("notice_days", village_id) == 8
    assert settings.value("notice_days") == 5
    assert db.session.query(Setting).count() == 1
    assert settings.values(village_id, "notice_days", "rebuttal_days") == {"notice_days": 8, "rebuttal_days": 3}
    assert settings.values(village_id) == {**settings.DEFAULTS, "notice_days": 8}


def test_an_unknown_setting_is_an_error(app):
    with pytest.raises(KeyError):
        settings.value("notise_days")
    with pytest.raises(KeyError), atomic():
        settings.change("notise_days", 1)


def fail(bucket: str, at: datetime, free: int = 3) -> None:
    with clock.set_to(at):
        throttle.failed((bucket, free))


def is_paused(bucket: str, at: datetime) -> int:
    """The minutes told, 0 when it isn't paused."""
    with clock.set_to(at):
        try:
            throttle.check(bucket)
        except TooManyTries as error:
            return error.params["minutes"]
        return 0


def test_the_first_failures_cost_nothing_then_pauses_double(app):
    bucket, at = throttle.bucket("pin", "1"), NOON
    pauses = []
    for _ in range(8):
        fail(bucket, at)
        until = db.session.get(Throttle, bucket, populate_existing=True).blocked_until
        pauses.append(0 if until is None else (until - at).total_seconds())
    assert pauses == [0, 0, 30, 60, 120, 240, 480, 960]
    assert is_paused(bucket, at) == 17
    assert is_paused(bucket, at + timedelta(seconds=960)) == 0


def test_a_pause_has_a_longest(app):
    bucket = throttle.bucket("pin", "1")
    for _ in range(30):
        fail(bucket, NOON)
    assert is_paused(bucket, NOON + timedelta(minutes=63)) == 2
    assert is_paused(bucket, NOON + timedelta(minutes=65)) == 0


def test_an_old_window_is_forgotten(app):
    bucket = throttle.bucket("pin", "1")
    for _ in range(2):
        fail(bucket, NOON)
    fail(bucket, NOON + timedelta(hours=1, seconds=1))
    assert is_paused(bucket, NOON + timedelta(hours=1, seconds=1)) == 0


def test_success_forgets_the_failures(app):
    bucket, other = throttle.bucket("pin", "1"), throttle.bucket("pin", "2")
    for name in (bucket, other) * 3:
        fail(name, NOON)
    throttle.succeeded(bucket)
    throttle.succeeded(bucket)
    assert (is_paused(bucket, NOON), is_paused(other, NOON)) == (0, 1)


def test_a_bucket_tells_nothing_of_what_it_counts():
    name = throttle.bucket("sign-in", "王永智", "10.0.0.1")
    assert name.startswith("sign-in:")
    assert "王" not in name
    assert "10.0.0.1" not in name
    assert name != throttle.bucket("sign-in", "王永智", "10.0.0.2")
    assert len(name) <= 80


def test_a_failure_inside_another_write_would_be_lost_and_is_refused(app):
    with pytest.raises(RuntimeError, match="rolled back"), atomic():
        throttle.failed(("pin:x", 3))


def test_failures_that_come_at_once_are_all_counted(app):
    first, second = throttle.bucket("pin", "1"), throttle.bucket("pin", "2")

    def act(number):
        limits = [(first, 3), (second, 3)]
        throttle.failed(*(limits if number % 2 else reversed(limits)))
        return "counted"

    assert crowd.all_at_once(app, act, processes=4, threads=2) == ["counted"] * 8
    assert {row.bucket: row.failures for row in db.session.query(Throttle)} == {first: 8, second: 8}


@pytest.fixture
def settled(app, monkeypatch):
    """Which villages were settled, in their order."""
    found: list[int] = []
    monkeypatch.setitem(app.extensions, "virtue_settle_due", found.append)
    app.extensions.pop("virtue_days_done", None)
    return found


def test_the_days_first_write_settles_once(app, settled):
    village_id, other = factories.VillageFactory().id, factories.VillageFactory().id
    for at in (NOON, NOON, NOON + timedelta(days=1), NOON + timedelta(days=1)):
        with clock.set_to(at):
            due.settle_first(village_id)
    with clock.set_to(NOON):
        due.settle_first(other)
        due.settle_first(None)
        with atomic():
            due.settle_first(other)
    assert settled == [village_id, village_id, other]
    assert db.session.query(JobRun).count() == 3


def test_another_process_has_settled_the_day(app, settled):
    village_id = factories.VillageFactory().id
    with clock.set_to(NOON):
        due.note_done(village_id)
        due.note_done(village_id)
        due.settle_first(village_id)
    assert settled == []
    assert db.session.query(JobRun).count() == 1


def test_a_day_that_failed_is_tried_again(app, monkeypatch):
    village_id = factories.VillageFactory().id
    app.extensions.pop("virtue_days_done", None)

    def fails(_village_id):
        raise RuntimeError

    monkeypatch.setitem(app.extensions, "virtue_settle_due", fails)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            due.settle_first(village_id)
    assert db.session.query(JobRun).count() == 0
