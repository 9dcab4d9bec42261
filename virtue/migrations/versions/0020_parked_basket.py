"""baskets put aside at the till

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFERENCES = (
    ("village_id", "village.id"), ("store_id", "store.id"), ("household_id", "household.id"), ("card_id", "card.id"),
    ("by_id", "app_user.id"), ("taken_by_id", "app_user.id"),
)  # fmt: skip
_CHECKS = {
    "pieces": "pieces > 0",
    "card": "card_id IS NULL OR household_id IS NOT NULL",
    "taken": "(taken_at IS NULL) = (taken_by_id IS NULL)",
}


def upgrade() -> None:
    op.create_table(
        "parked_basket",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("card_id", ID, nullable=True),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("parked_at", UtcDateTime(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("taken_by_id", ID, nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_parked_basket_{name}")) for name, rule in _CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_parked_basket_{column}"))
            for column, to in _REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_basket")),
    )
    op.create_index("ix_parked_basket_store_id_parked_at", "parked_basket", ["store_id", "parked_at"])


def downgrade() -> None:
    op.drop_table("parked_basket")
