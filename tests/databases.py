"""Databases for tests: each test gets one with the schema and nothing in it.

On SQLite it is a copy of a file that was made once. On PostgreSQL a copy takes 100 ms, so a worker empties
and lends on the one it has (``Cluster.empty``), unless the test changed more than rows. The app on a database
is lent on too: to make one costs 80 ms, and it starts with nothing compiled.
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
from sqlalchemy import event

from tests import postgres
from virtue import create_app
from virtue.extensions import db

TEMPLATE = "virtue_template"
_numbers = itertools.count(1)
# What this worker may lend again: databases' names by server, apps by their database.
_free: dict[str, list[str]] = {}
_apps: dict[str, Flask] = {}
# How each lent PostgreSQL database looked when it was made.
_schemas: dict[str, str] = {}


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
def lent_app(url: str, data: Path, **config: object) -> Iterator[Flask]:
    """An app on ``url`` as ``make_app`` makes it, perhaps one that served an earlier test."""
    app = _apps.pop(url, None) or make_app(url, data)
    made_config, made_extensions, rules = dict(app.config), dict(app.extensions), len(list(app.url_map.iter_rules()))
    data.mkdir(parents=True, exist_ok=True)
    app.config.update(VIRTUE_DATA_DIR=str(data), **config)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            if not url.startswith("postgresql"):
                for engine in db.engines.values():
                    engine.dispose()
        for mapping, made in ((app.config, made_config), (app.extensions, made_extensions)):
            mapping.clear()
            mapping.update(made)
        if rules == len(list(app.url_map.iter_rules())):
            _apps[url] = app


@contextmanager
def pragma(words: str) -> Iterator[None]:
    """On SQLite, while the block runs: each connection of the app in context begins with ``PRAGMA words``."""
    engine = db.engine
    if engine.dialect.name != "sqlite":
        yield
        return

    def begin(raw, _record) -> None:
        raw.execute(f"PRAGMA {words}")

    event.listen(engine, "connect", begin)
    db.session.remove()
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", begin)
        db.session.remove()
        engine.dispose()


@contextmanager
def fresh(kind: str, shared: Path, worker: str = "main") -> Iterator[str]:
    """The address of a database with the schema and nothing in it; ``shared`` keeps the template."""
    places = _free.setdefault(f"{kind} {shared}", [])
    name = places.pop() if places else f"virtue_{worker}_{next(_numbers)}"
    if kind == "sqlite":
        yield f"sqlite:///{_copied_file(shared, shared / worker / name)}"
        places.append(name)
        return
    cluster = postgres.running(shared)
    _template_database(cluster, shared)
    if name not in _schemas:
        cluster.create(name, TEMPLATE)
        _schemas[name] = cluster.schema(name)
    yield cluster.url(name)
    if cluster.empty(name, keep={"alembic_version"}) == _schemas[name]:
        places.append(name)
    else:
        del _schemas[name]
        _apps.pop(cluster.url(name), None)
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
    # A thread that outlived its test keeps the old file, not the new one.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    copy = folder / "virtue.db"
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
