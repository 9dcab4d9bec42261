"""Tables every package needs: audit, request keys, remarks, jobs, settings, throttles, files."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db


class Audit(db.Model):
    """Who did what to which thing, and why. Append-only; holds ids, codes and numbers, never names or typed text."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_by_id_recorded_at", "by_id", "recorded_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int | None] = mapped_column(ForeignKey("village.id"))
    recorded_at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(Id)
    """The user; no foreign key, since a household acts too (``by_id`` NULL, ``household_id`` set)."""
    household_id: Mapped[int | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(Id)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    remark_id: Mapped[int | None] = mapped_column(Id)
    remark_hash: Mapped[str | None] = mapped_column(String(64))


class Remark(db.Model):
    """Free text and personal before/after values, apart from permanent rows so that it can be forgotten."""

    __tablename__ = "remark"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int | None] = mapped_column(ForeignKey("village.id"))
    written_at: Mapped[datetime]
    text: Mapped[str | None] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32))


class RequestKey(db.Model):
    """An idempotency key that was used: what was asked (as a hash), and what came of it."""

    __tablename__ = "request_key"

    key: Mapped[str] = mapped_column(String(36), primary_key=True)
    village_id: Mapped[int | None] = mapped_column(ForeignKey("village.id"))
    purpose: Mapped[str] = mapped_column(String(60))
    request_hash: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    result: Mapped[dict[str, Any] | None]
    refusal: Mapped[str | None] = mapped_column(String(60))
    refusal_params: Mapped[dict[str, Any] | None]


class Setting(db.Model):
    """One setting of a village, or of the whole installation where ``village_id`` is 0."""

    __tablename__ = "setting"
    __table_args__ = (UniqueConstraint("village_id", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[Any] = mapped_column(JSON)


class Job(db.Model):
    """Long work: a row, a child process, a progress file in the data folder."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int | None] = mapped_column(ForeignKey("village.id"))
    kind: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    """waiting, running, done, failed"""
    by_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]


class JobRun(db.Model):
    """A recurring piece of work that was claimed for a village and day; the insert is the claim."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("day", "village_id", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    name: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    ran_at: Mapped[datetime]


class Throttle(db.Model):
    """Failed tries by name, address or card in a window; shared by all processes, kept in the database."""

    __tablename__ = "throttle"

    bucket: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    window_start: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class StoredFile(db.Model):
    """An upload kept outside static under a random name; files that no row claims are swept by ``daily``."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    name: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    by_id: Mapped[int | None] = mapped_column(Id)
    stored_at: Mapped[datetime]
    look: Mapped[str | None] = mapped_column(String(16))
    """A photo's difference hash (``pictures.look_of``)."""


class PictureMark(db.Model):
    """A quarter of a photo's look with its place: nearly same photos share one with at most a bit changed."""

    __tablename__ = "picture_mark"

    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"), primary_key=True)
    mark: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), primary_key=True)
