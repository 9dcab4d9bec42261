"""The application's PostgreSQL role works with the rights that are printed for it, and has no others."""

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from tests import databases, postgres
from tests.ledger import fortnight
from tests.rules import source
from virtue import schema
from virtue.core import grants
from virtue.core.invariants import Run
from virtue.extensions import db
from virtue.office.verify import findings

KEYS = {"order_proof": "order_id"}
DENIED = (
    *(f"UPDATE {table} SET {KEYS.get(table, 'id')} = 1" for table in schema.APPEND_ONLY),
    *(f"DELETE FROM {table}" for table in (*schema.APPEND_ONLY, "account", "chain", "deed", "household", "remark")),
    *(f"TRUNCATE {table}" for table in (*schema.APPEND_ONLY, "throttle")),
    *(f"DROP TRIGGER {table}_no_update ON {table}" for table in schema.APPEND_ONLY),
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in schema.APPEND_ONLY),
    "UPDATE account SET household_id = 1",
    "UPDATE account SET kind = 'till'",
    "UPDATE chain SET village_id = 2",
    "DROP TABLE entry",
    "ALTER TABLE account DROP CONSTRAINT ck_account_purse_not_below_zero",
    "CREATE OR REPLACE FUNCTION virtue_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "SET session_replication_role = 'replica'",
)


@pytest.fixture
def database():
    return "postgresql"


@pytest.fixture
def role(app):
    """A role of this test's own: roles belong to the cluster, which other workers use at the same time."""
    return f"app_of_{db.engine.url.database}"


@pytest.fixture
def owner(app, role):
    """The tables' owner, who has granted what is printed."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'only-here'")
        for statement in grants.statements(role, db.metadata):
            connection.exec_driver_sql(statement)
    yield app
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {role}")
        connection.exec_driver_sql(f"DROP ROLE {role}")


@pytest.fixture
def as_role(owner, role, shared, tmp_path):
    """The application, signed in to the database as the role."""
    cluster = postgres.running(shared)
    with owner.app_context():
        name = db.engine.url.database
    url = f"postgresql+psycopg://{role}:only-here@127.0.0.1:{cluster.port}/{name}"
    app = databases.make_app(url, tmp_path / "role")
    with app.app_context():
        yield app
    databases.forget(app)


def test_a_fortnight_of_work_needs_no_other_rights(as_role, role):
    fortnight.live()
    assert db.session.scalar(sa.text("SELECT current_user")) == role
    assert [finding.name for finding in findings(Run()) if finding.faults] == []


def test_everything_else_is_denied(as_role):
    fortnight.live()
    for statement in DENIED:
        with pytest.raises(ProgrammingError) as denied, db.engine.begin() as connection:
            connection.exec_driver_sql(statement)
        assert denied.value.orig.sqlstate == "42501", statement


def test_what_the_code_deletes_may_be_deleted(app):
    """``app``: models are read when one is made."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in source.modules())
    models = {mapper.class_.__name__: mapper.local_table.name for mapper in db.Model.registry.mappers}
    assert {models[name] for name in re.findall(r"\bdelete\((\w+)\)", written)} == set(grants.FORGETTING)
    assert re.findall(r"session\.delete\(|DELETE FROM", written) == []


def test_the_command_prints_them(app, cli):
    printed = cli("virtue", "grants", "Village App").stdout.splitlines()
    assert printed == list(grants.statements("Village App", db.metadata))
    assert 'GRANT SELECT, INSERT ON entry TO "Village App";' in printed
    assert 'GRANT SELECT, INSERT, UPDATE (balance) ON account TO "Village App";' in printed
