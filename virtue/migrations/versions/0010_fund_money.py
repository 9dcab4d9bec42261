"""money for goods: append-only, large sums with a second signature

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue import schema
from virtue.extensions import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SOURCES = "source IN ('granted', 'collective', 'donated', 'spent', 'corrected')"


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "fund_money",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("remark_id", ID, nullable=True),
        sa.Column("remark_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint("amount_fen != 0", name=op.f("ck_fund_money_amount")),
        sa.CheckConstraint(SOURCES, name=op.f("ck_fund_money_source")),
        _reference("fund_money", "village_id", "village.id"),
        _reference("fund_money", "by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_money")),
    )
    op.create_index("ix_fund_money_village_id", "fund_money", ["village_id"])
    op.create_table(
        "fund_signature",
        sa.Column("id", ID, nullable=False),
        sa.Column("money_id", ID, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        _reference("fund_signature", "money_id", "fund_money.id"),
        _reference("fund_signature", "by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_signature")),
        sa.UniqueConstraint("money_id", name=op.f("uq_fund_signature_money_id")),
    )
    schema.install(op.get_bind())


def downgrade() -> None:
    schema.drop(op.get_bind())
    op.drop_table("fund_signature")
    op.drop_table("fund_money")
    schema.install(op.get_bind())
