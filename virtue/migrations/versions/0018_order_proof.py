"""who stood behind an order above the village's amount

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "order_proof",
        sa.Column("order_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("second_id", ID, nullable=True),
        sa.CheckConstraint("kind IN ('pin', 'second')", name=op.f("ck_order_proof_kind")),
        sa.CheckConstraint("(kind = 'second') = (second_id IS NOT NULL)", name=op.f("ck_order_proof_second")),
        sa.ForeignKeyConstraint(["order_id"], ["store_order.id"], name=op.f("fk_order_proof_order_id")),
        sa.ForeignKeyConstraint(["second_id"], ["app_user.id"], name=op.f("fk_order_proof_second_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_proof")),
    )


def downgrade() -> None:
    op.drop_table("order_proof")
