"""the store's daily closes and what was counted at them; movements by time, for month books

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FIGURES = (
    "orders", "pieces", "home_points", "civility_points", "returns", "returned_pieces", "returned_home",
    "returned_civility", "cash_fen", "counted_fen",
)  # fmt: skip
CHECKS = {
    "span": "last_order_id >= after_order_id AND last_return_id >= after_return_id",
    "not_empty": "last_order_id > after_order_id OR last_return_id > after_return_id",
    "counted_fen": "counted_fen >= 0",
    "explained": "counted_fen = cash_fen OR remark_id IS NOT NULL",
    "two_people": "signed_by_id IS NULL OR signed_by_id != closed_by_id",
    "signed": "(signed_by_id IS NULL) = (signed_at IS NULL)",
}


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "store_close",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("after_order_id", ID, nullable=False),
        sa.Column("last_order_id", ID, nullable=False),
        sa.Column("after_return_id", ID, nullable=False),
        sa.Column("last_return_id", ID, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in FIGURES),
        sa.Column("remark_id", ID, nullable=True),
        sa.Column("remark_hash", sa.String(length=64), nullable=True),
        sa.Column("closed_by_id", ID, nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("signed_by_id", ID, nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_store_close_{name}")) for name, rule in CHECKS.items()),
        _reference("store_close", "village_id", "village.id"),
        _reference("store_close", "store_id", "store.id"),
        _reference("store_close", "closed_by_id", "app_user.id"),
        _reference("store_close", "signed_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_close")),
        sa.UniqueConstraint("store_id", "day", name=op.f("uq_store_close_store_id_day")),
    )
    for column in ("last_order_id", "last_return_id"):
        op.create_index(f"ix_store_close_store_id_{column}", "store_close", ["store_id", column])
    op.create_table(
        "store_close_count",
        sa.Column("close_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("recorded", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_store_close_count_counted")),
        _reference("store_close_count", "close_id", "store_close.id"),
        _reference("store_close_count", "item_id", "item.id"),
        sa.PrimaryKeyConstraint("close_id", "item_id", name=op.f("pk_store_close_count")),
    )
    op.create_index("ix_movement_recorded_at", "movement", ["recorded_at", "village_id"])


def downgrade() -> None:
    op.drop_index("ix_movement_recorded_at", "movement")
    op.drop_table("store_close_count")
    op.drop_table("store_close")
