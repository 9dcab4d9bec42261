"""House rules about migrations: they make what the models say, go up and down, with rows, and lose nothing on the way."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from tests import databases
from tests.rules import source
from virtue.extensions import db

MIGRATIONS = source.VIRTUE / "migrations"
TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname",
}
CHECKS = {
    "postgresql": """SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
                     WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1""",
}
FUNCTIONS = """SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1"""


@pytest.fixture
def bare(database: str, shared: Path, tmp_path: Path, worker: str) -> Iterator[Flask]:
    """An app on a database without any table."""
    with databases.empty(database, shared, tmp_path, worker) as url:
        app = databases.make_app(url, tmp_path / "data")
        with app.app_context():
            yield app
        databases.forget(app)


def revisions() -> list[str]:
    """All revisions, the oldest first."""
    script = ScriptDirectory(str(MIGRATIONS))
    return [revision.revision for revision in script.walk_revisions()][::-1]


def go_up(revision: str = "head") -> None:
    upgrade(directory=str(MIGRATIONS), revision=revision)


def go_down(revision: str) -> None:
    downgrade(directory=str(MIGRATIONS), revision=revision)


def law() -> dict[str, str]:
    """Every trigger and CHECK (and trigger function) of the database, with its whole text."""
    kind = db.engine.dialect.name
    with db.engine.connect() as connection:
        rows = list(connection.execute(sa.text(TRIGGERS[kind])))
        if kind == "postgresql":
            rows += connection.execute(sa.text(CHECKS[kind]))
            rows += connection.execute(sa.text(FUNCTIONS))
        else:
            rows += _checks_of_sqlite(connection)
    return {str(name): " ".join(str(text).split()) for name, text in rows}


def _checks_of_sqlite(connection: sa.Connection) -> list[tuple[str, str]]:
    inspector = sa.inspect(connection)
    return [
        (f"{table}.{check['name']}", re.sub(r"\s+", " ", check["sqltext"]))
        for table in sorted(inspector.get_table_names())
        for check in inspector.get_check_constraints(table)
    ]


def indexes() -> dict[str, str]:
    """Every index with its columns and its WHERE, which a comparison of the models overlooks."""
    with db.engine.connect() as connection:
        inspector = sa.inspect(connection)
        return {
            f"{table}.{index['name']}": f"{index['column_names']} {index['unique']} {where_of(index)}"
            for table in inspector.get_table_names()
            if table != "alembic_version"
            for index in inspector.get_indexes(table)
        }


def where_of(index: dict) -> str:
    """A partial index's condition."""
    found = [value for name, value in index.get("dialect_options", {}).items() if name.endswith("_where")]
    return " ".join(str(value) for value in found if value is not None)


def counts() -> dict[str, int]:
    """How many rows each table has."""
    with db.engine.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in db.metadata.sorted_tables
        }


def test_there_is_one_head():
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_the_migrations_make_what_the_models_say(bare):
    go_up()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, db.metadata)
    assert differences == []


def test_triggers_checks_and_indexes_equal_those_of_the_models(bare, database, shared, tmp_path, worker):
    go_up()
    migrated = law(), indexes()
    with databases.fresh(database, shared, worker) as url:
        made_app = databases.make_app(url, tmp_path / "made-data")
        with made_app.app_context():
            made = law(), indexes()
        databases.forget(made_app)
    assert migrated[0] == made[0]
    assert migrated[1] == made[1]


def test_down_to_nothing_and_up_again(bare):
    go_up()
    before = law()
    go_down("base")
    with db.engine.connect() as connection:
        left = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
    assert left == set()
    assert law() == {}
    go_up()
    assert law() == before


def test_each_step_goes_down_and_up_with_rows(bare):
    """Rows that stood before a step stand after going down and up over it, and the law with them."""
    go_up()
    fill()
    before, rows = law(), counts()
    for older in revisions()[:-1][::-1]:
        go_down(older)
        go_up()
        assert law() == before
        assert counts() == rows


def fill() -> None:
    """Something in as many tables as the factories reach."""
    from tests import factories

    village = factories.VillageFactory()
    factories.HouseholdFactory(grid__village=village, members=3)
    for cast in factories.CAST.values():
        cast(village)
    db.session.remove()
