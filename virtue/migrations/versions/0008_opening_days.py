"""opening days: hours by weekday and on market days, pauses

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint("(weekday IS NULL) != (day IS NULL)", name=op.f("ck_opening_when")),
        sa.CheckConstraint("weekday IS NULL OR weekday BETWEEN 0 AND 6", name=op.f("ck_opening_weekday")),
        sa.CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name=op.f("ck_opening_hours")),
        _reference("opening", "store_id", "store.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        sa.UniqueConstraint("store_id", "weekday", "opens", name=op.f("uq_opening_store_id_weekday_opens")),
        sa.UniqueConstraint("store_id", "day", "opens", name=op.f("uq_opening_store_id_day_opens")),
    )
    op.create_table(
        "store_pause",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("set_by_id", ID, nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_store_pause_days")),
        _reference("store_pause", "store_id", "store.id"),
        _reference("store_pause", "set_by_id", "app_user.id"),
        _reference("store_pause", "ended_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_pause")),
    )
    op.create_index("ix_store_pause_store_id", "store_pause", ["store_id"])


def downgrade() -> None:
    for table in ("store_pause", "opening"):
        op.drop_table(table)
