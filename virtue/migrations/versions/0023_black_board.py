"""the black board: the list of public places, and problems by place from report to end

Revision ID: 0023
Revises: 0022
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LISTED = sa.text("ended_on IS NULL")
STATES = "'reported', 'told', 'signed', 'posted', 'objected', 'repaired', 'withdrawn', 'over', 'dropped'"


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "public_place",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("grid_id", ID, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("added_by_id", ID, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        _reference("public_place", "village_id", "village.id"),
        _reference("public_place", "grid_id", "grid.id"),
        _reference("public_place", "added_by_id", "app_user.id"),
        _reference("public_place", "ended_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_place")),
    )
    op.create_index(
        "uq_public_place_standing", "public_place", ["village_id", "name"], unique=True, sqlite_where=LISTED,
        postgresql_where=LISTED,
    )  # fmt: skip
    op.create_table(
        "black_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("grid_id", ID, nullable=False),
        sa.Column("place_id", ID, nullable=True),
        sa.Column("deed_id", ID, nullable=True),
        sa.Column("problem_id", ID, nullable=False),
        sa.Column("to_do_id", ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reported_by_id", ID, nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("told_how", sa.String(length=10), nullable=True),
        sa.Column("told_by_id", ID, nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("first_by_id", ID, nullable=True),
        sa.Column("second_by_id", ID, nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("objection_id", ID, nullable=True),
        sa.Column("objected_at", UtcDateTime(), nullable=True),
        sa.Column("why_id", ID, nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_black_entry_state")),
        sa.CheckConstraint(
            "state NOT IN ('told', 'signed', 'posted', 'objected') OR due_on IS NOT NULL",
            name=op.f("ck_black_entry_told"),
        ),
        sa.CheckConstraint(
            "state <> 'posted' OR (second_by_id IS NOT NULL AND ends_on IS NOT NULL)",
            name=op.f("ck_black_entry_posted"),
        ),
        sa.CheckConstraint(
            "second_by_id IS NULL OR second_by_id <> first_by_id", name=op.f("ck_black_entry_two_people")
        ),
        sa.CheckConstraint(
            "first_by_id IS NULL OR first_by_id <> reported_by_id", name=op.f("ck_black_entry_not_who_reported")
        ),
        sa.CheckConstraint(
            "second_by_id IS NULL OR second_by_id <> reported_by_id", name=op.f("ck_black_entry_nor_the_second")
        ),
        _reference("black_entry", "village_id", "village.id"),
        _reference("black_entry", "grid_id", "grid.id"),
        _reference("black_entry", "place_id", "public_place.id"),
        _reference("black_entry", "deed_id", "deed.id"),
        *[
            _reference("black_entry", column, "remark.id")
            for column in ("problem_id", "to_do_id", "objection_id", "why_id")
        ],
        *[
            _reference("black_entry", column, "app_user.id")
            for column in ("reported_by_id", "told_by_id", "first_by_id", "second_by_id", "ended_by_id")
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_black_entry")),
    )
    op.create_index("ix_black_entry_village_id_state", "black_entry", ["village_id", "state"])


def downgrade() -> None:
    op.drop_table("black_entry")
    op.drop_table("public_place")
