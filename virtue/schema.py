"""What the database keeps beyond tables and CHECKs: triggers that refuse changes of permanent rows.

Triggers name no other table (a sharded PostgreSQL refuses those), errors are told by SQLSTATE. A migration
that touches one of these tables calls ``drop`` before and ``install`` after: Alembic's batch mode loses triggers.
"""

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

APPEND_ONLY = (
    "entry", "transfer", "movement", "audit", "deed_step", "checkpoint", "fund_money", "fund_signature", "dividend_line",
    "payout", "order_proof",
)  # fmt: skip
"""Tables in which a row, once written, stays as it is."""

SIGNED = {"public_sheet": "signed_at"}
"""Tables in which a row stays as it is once this column is filled: a draft may be mended, what was signed may not."""

# SQLite's INSERT OR REPLACE deletes the old row without firing its DELETE trigger, so a BEFORE INSERT
# trigger refuses an insert whose id or unique reference already stands.
REFERENCES = {
    "entry": (
        "id = NEW.id",
        "kind = NEW.kind AND subject_id = NEW.subject_id",
        "village_id = NEW.village_id AND seq = NEW.seq",
        "reverses_id = NEW.reverses_id",
    ),
    "transfer": ("id = NEW.id",),
    "movement": ("id = NEW.id",),
    "audit": ("id = NEW.id",),
    "deed_step": ("id = NEW.id",),
    "checkpoint": ("id = NEW.id", "village_id = NEW.village_id AND day = NEW.day"),
    "fund_money": ("id = NEW.id",),
    "fund_signature": ("id = NEW.id", "money_id = NEW.money_id"),
    "dividend_line": (
        "id = NEW.id",
        "pot_id = NEW.pot_id AND sheet = NEW.sheet AND (household_id = NEW.household_id OR place = NEW.place)",
    ),
    "order_proof": ("order_id = NEW.order_id",),
    "payout": ("id = NEW.id", "line_id = NEW.line_id"),
    "public_sheet": (
        "id = NEW.id", "village_id = NEW.village_id AND quarter = NEW.quarter AND version = NEW.version",
    ),
}  # fmt: skip

_FUNCTION = """
CREATE OR REPLACE FUNCTION virtue_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'append-only' USING ERRCODE = 'restrict_violation';
END $$
"""


def install(connection: Connection) -> None:
    """Put every trigger in place; safe to call again."""
    drop(connection)
    for statement in _statements(connection.dialect.name, _standing(connection)):
        connection.execute(text(statement))


def drop(connection: Connection) -> None:
    """Take every trigger away, for a migration that rebuilds a table."""
    for table in _standing(connection):
        for trigger in _names(table, connection.dialect.name):
            on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP FUNCTION IF EXISTS virtue_refuse_change()"))


def _standing(connection: Connection) -> list[str]:
    """The tables that are there already: an early migration comes before the later ones' tables."""
    there = set(inspect(connection).get_table_names())
    return [table for table in (*APPEND_ONLY, *SIGNED) if table in there]


def _names(table: str, dialect: str) -> list[str]:
    last = "truncate" if dialect == "postgresql" else "replace"
    return [f"{table}_no_update", f"{table}_no_delete", f"{table}_no_{last}"]


def _statements(dialect: str, tables: list[str]) -> list[str]:
    made = [_FUNCTION] if dialect == "postgresql" else []
    for table in tables:
        update, delete, last = _names(table, dialect)
        signed = SIGNED.get(table)
        only = f" WHEN (OLD.{signed} IS NOT NULL)" if signed else ""
        if dialect == "postgresql":
            call = "EXECUTE FUNCTION virtue_refuse_change()"
            made += [
                f"CREATE TRIGGER {update} BEFORE UPDATE ON {table} FOR EACH ROW{only} {call}",
                f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} FOR EACH ROW{only} {call}",
                f"CREATE TRIGGER {last} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
            ]
            continue
        body = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        kept = f" AND {signed} IS NOT NULL" if signed else ""
        stands = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {rule}{kept})" for rule in REFERENCES[table])
        made += [
            f"CREATE TRIGGER {update} BEFORE UPDATE ON {table}{only} {body}",
            f"CREATE TRIGGER {delete} BEFORE DELETE ON {table}{only} {body}",
            f"CREATE TRIGGER {last} BEFORE INSERT ON {table} WHEN {stands} {body}",
        ]
    return made
