"""Databases for tests: each test gets a fresh copy of a template that was made once.

The append-only tables refuse DELETE and TRUNCATE, so a database is never emptied: it is copied
from the template (a file on SQLite, ``CREATE DATABASE ... TEMPLATE`` on PostgreSQL) and thrown away.
"""

import atexit
import importlib.util
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from tests import postgres
from virtue import create_app
from virtue.extensions import db

TEMPLATE = "virtue_template"
_numbers = itertools.count(1)


def make_app(url: str, data: Path, **config: object) -> Flask:
    """An app on the database ``url`` that keeps its files in ``data``."""
    data.mkdir(parents=True, exist_ok=True)
    settings = {
        "TESTING": True,
        "SECRET_KEY": "tests-only-" + "0" * 32,
        "VIRTUE_CARD_KEY": "00112233445566778899aabbccddeeff" * 2,
        "VIRTUE_DATA_DIR": str(data),
        "VIRTUE_BASE_URL": "http://localhost",
        "SQLALCHEMY_DATABASE_URI": url,
    }
    app = create_app({**settings, **config})
    app.jinja_env.bytecode_cache = _compiled_templates()
    return app


def forget(app: Flask) -> None:
    """Close every connection an app holds."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def fill_schema(app: Flask) -> None:
    """Make all tables, checks and triggers from the models."""
    with app.app_context():
        db.create_all()
        if importlib.util.find_spec("virtue.schema"):
            from virtue import schema

            with db.engine.begin() as connection:
                schema.install(connection)
        _stamp(app)


def _stamp(app: Flask) -> None:
    """Say that every migration was done, as ``/readyz`` wants to see it."""
    folder = Path(app.root_path) / "migrations"
    if folder.exists():
        with db.engine.begin() as connection:
            MigrationContext.configure(connection).stamp(ScriptDirectory(str(folder)), "head")


@cache
def _compiled_templates() -> FileSystemBytecodeCache:
    """Templates compiled once a process: every test makes an app of its own."""
    folder = tempfile.mkdtemp(prefix="virtue-templates-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return FileSystemBytecodeCache(folder)


@contextmanager
def fresh(kind: str, shared: Path, folder: Path, worker: str = "main") -> Iterator[str]:
    """The address of a new database with the schema and nothing in it; ``shared`` keeps the template."""
    if kind == "sqlite":
        yield f"sqlite:///{_copied_file(shared, folder)}"
        return
    cluster = postgres.running(shared)
    _template_database(cluster, shared)
    name = f"virtue_{worker}_{next(_numbers)}"
    cluster.create(name, TEMPLATE)
    try:
        yield cluster.url(name)
    finally:
        cluster.drop(name)


@contextmanager
def empty(kind: str, shared: Path, folder: Path, worker: str = "main") -> Iterator[str]:
    """The address of a database without any table, for the migrations."""
    if kind == "sqlite":
        folder.mkdir(parents=True, exist_ok=True)
        yield f"sqlite:///{folder / f'empty-{next(_numbers)}.db'}"
        return
    cluster = postgres.running(shared)
    name = f"virtue_empty_{worker}_{next(_numbers)}"
    cluster.create(name)
    try:
        yield cluster.url(name)
    finally:
        cluster.drop(name)


def _copied_file(shared: Path, folder: Path) -> Path:
    template = shared / f"{TEMPLATE}.db"
    with FileLock(shared / "sqlite.lock"):
        if not template.exists():
            making = shared / "making.db"
            app = make_app(f"sqlite:///{making}", shared / "template-data")
            fill_schema(app)
            with app.app_context(), db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            forget(app)
            making.rename(template)
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"virtue-{next(_numbers)}.db"
    shutil.copyfile(template, copy)
    return copy


def _template_database(cluster: postgres.Cluster, shared: Path) -> None:
    done = shared / "postgres-template"
    with FileLock(shared / "postgres-template.lock"):
        if done.exists():
            return
        cluster.drop(TEMPLATE)
        cluster.create(TEMPLATE)
        app = make_app(cluster.url(TEMPLATE), shared / "template-data")
        fill_schema(app)
        forget(app)
        done.touch()
