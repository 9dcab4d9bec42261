"""line by line at the till: lines taken back one by one, cash beside the points

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WITH_CASH = ("store_order", "order_line")


def upgrade() -> None:
    for table in WITH_CASH:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("cash_fen", sa.Integer(), nullable=False, server_default="0"))
            batch_op.create_check_constraint(op.f(f"ck_{table}_cash_fen"), "cash_fen >= 0")
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("cash_fen", server_default=None)
    with op.batch_alter_table("store_return") as batch_op:
        batch_op.drop_constraint(op.f("uq_store_return_order_id"), type_="unique")
        batch_op.create_index("ix_store_return_order_id", ["order_id"])
    op.create_table(
        "return_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("return_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["store_return.id"], name=op.f("fk_return_line_return_id")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_return_line_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_line")),
        sa.UniqueConstraint("line_id", name=op.f("uq_return_line_line_id")),
    )
    op.create_index(op.f("ix_return_line_return_id"), "return_line", ["return_id"])
    # Until now an order was taken back as a whole.
    op.execute(
        "INSERT INTO return_line (return_id, line_id) SELECT store_return.id, order_line.id FROM store_return "
        "JOIN order_line ON order_line.order_id = store_return.order_id ORDER BY store_return.id, order_line.id"
    )


def downgrade() -> None:
    # An order taken back in parts can't be said the old way: the unique constraint then refuses the step, and nothing is lost.
    op.drop_table("return_line")
    with op.batch_alter_table("store_return") as batch_op:
        batch_op.drop_index("ix_store_return_order_id")
        batch_op.create_unique_constraint(op.f("uq_store_return_order_id"), ["order_id"])
    for table in WITH_CASH[::-1]:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{table}_cash_fen"), type_="check")
            batch_op.drop_column("cash_fen")
