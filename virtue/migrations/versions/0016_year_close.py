"""the close of a year: announced, signed by two, booked; what was carried into the next

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHECKS = (
    ("state", "state IN ('announced', 'withdrawn', 'signed', 'booking', 'closed')"),
    ("span", "lapses_on > announced_on"),
    ("two_people", "signed_by_id IS NULL OR signed_by_id != announced_by_id"),
    ("signed", "(signed_by_id IS NULL) = (state IN ('announced', 'withdrawn'))"),
    ("closed", "(closed_at IS NULL) = (state != 'closed')"),
)


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "year_close",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("announced_by_id", ID, nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=False),
        sa.Column("signed_by_id", ID, nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("told_households", sa.Integer(), nullable=True),
        sa.Column("told_points", sa.Integer(), nullable=True),
        sa.Column("job_id", ID, nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        *(sa.CheckConstraint(text, name=op.f(f"ck_year_close_{name}")) for name, text in CHECKS),
        _reference("year_close", "village_id", "village.id"),
        _reference("year_close", "announced_by_id", "app_user.id"),
        _reference("year_close", "signed_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_close")),
        sa.UniqueConstraint("village_id", "year", name=op.f("uq_year_close_village_id_year")),
    )
    op.create_table(
        "year_carry",
        sa.Column("id", ID, nullable=False),
        sa.Column("close_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("remark_id", ID, nullable=True),
        sa.Column("remark_hash", sa.String(length=64), nullable=True),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('deeds', 'objections', 'held')", name=op.f("ck_year_carry_kind")),
        _reference("year_carry", "close_id", "year_close.id"),
        _reference("year_carry", "by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_carry")),
        sa.UniqueConstraint("close_id", "kind", "subject_id", name=op.f("uq_year_carry_close_id_kind_subject_id")),
    )


def downgrade() -> None:
    op.drop_table("year_carry")
    op.drop_table("year_close")
