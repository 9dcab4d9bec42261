"""How migrations run: on the app's own engine, in one transaction a migration, on SQLite with foreign keys off.

SQLite rebuilds a table to change it (batch mode); with foreign keys on that would delete the rows that point to it.
The pragma works only outside a transaction, so it is set before and checked after.
"""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

database = current_app.extensions["migrate"].db


def include_object(_thing: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Everything in the database is ours but Alembic's own table."""
    return not (kind == "table" and name == "alembic_version")


def configure(connection: Connection) -> None:
    """One way to run, for both databases."""
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        include_object=include_object,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        transaction_per_migration=True,
        compare_type=True,
    )


def run() -> None:
    """Bring the database to the revision that was asked for."""
    with database.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        configure(connection)
        try:
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                connection.rollback()
                if broken:
                    raise RuntimeError(f"rows that point nowhere: {broken[:5]}")
        finally:
            if is_sqlite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


if context.is_offline_mode():
    raise RuntimeError("migrations run on a database, not on paper")
run()
