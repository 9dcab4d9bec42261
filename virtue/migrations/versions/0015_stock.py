"""stock: several stores, donors and deliveries, goods given to another store, stocktakes, further barcodes, pictures

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue import schema
from virtue.extensions import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("state IN ('counting', 'compared', 'to_sign')")
KINDS_BEFORE = "kind IN ('received', 'sold', 'returned', 'written_off')"
KINDS = "kind IN ('received', 'sold', 'returned', 'written_off', 'moved_out', 'moved_in', 'counted')"
ON_MOVEMENT = {
    "reason": "reason IS NULL OR reason IN ('broken', 'expired', 'lost')",
    "transfer": "(kind IN ('moved_out', 'moved_in')) = (transfer_id IS NOT NULL)",
    "stocktake": "(kind = 'counted') = (stocktake_id IS NOT NULL)",
}


def upgrade() -> None:
    schema.drop(op.get_bind())
    op.create_table(
        "item_barcode",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_barcode_item_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_item_barcode_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_barcode")),
        sa.UniqueConstraint("village_id", "code", name=op.f("uq_item_barcode_village_id_code")),
    )
    op.create_index("ix_item_barcode_item_id", "item_barcode", ["item_id"])
    op.create_table(
        "donor",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=True),
        sa.Column("thanks", sa.String(length=10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.CheckConstraint("thanks = 'anonymous' OR name IS NOT NULL", name=op.f("ck_donor_name")),
        sa.CheckConstraint("thanks IN ('named', 'anonymous')", name=op.f("ck_donor_thanks")),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_donor_by_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_donor_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor")),
    )
    op.create_index("ix_donor_village_id", "donor", ["village_id"])
    op.create_table(
        "stocktake",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_by_id", ID, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("compared_at", UtcDateTime(), nullable=True),
        sa.Column("proposed_by_id", ID, nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("signed_by_id", ID, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("remark_id", ID, nullable=True),
        sa.Column("remark_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(state IN ('booked', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f("ck_stocktake_ended")
        ),
        sa.CheckConstraint(
            "state IN ('counting', 'compared', 'to_sign', 'booked', 'cancelled')", name=op.f("ck_stocktake_state")
        ),
        sa.CheckConstraint("signed_by_id IS NULL OR signed_by_id != proposed_by_id", name=op.f("ck_stocktake_signed")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["app_user.id"], name=op.f("fk_stocktake_opened_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["app_user.id"], name=op.f("fk_stocktake_proposed_by_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["app_user.id"], name=op.f("fk_stocktake_signed_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_stocktake_store_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_stocktake_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake")),
    )
    op.create_index("ix_stocktake_village_id_opened_at", "stocktake", ["village_id", "opened_at"])
    op.create_index(
        "uq_stocktake_open", "stocktake", ["store_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "store_seat",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_store_seat_store_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_store_seat_user_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_store_seat_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_seat")),
        sa.UniqueConstraint("user_id", "village_id", name=op.f("uq_store_seat_user_id_village_id")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("supplier", sa.String(length=60), nullable=True),
        sa.Column("donor_id", ID, nullable=True),
        sa.Column("invoice_id", ID, nullable=True),
        sa.Column("total_fen", sa.Integer(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("remark_id", ID, nullable=True),
        sa.Column("remark_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_delivery_decided")),
        sa.CheckConstraint(
            "NOT needs_second OR state != 'done' OR decided_by_id != entered_by_id", name=op.f("ck_delivery_second")
        ),
        sa.CheckConstraint("source = 'bought' OR supplier IS NULL", name=op.f("ck_delivery_supplier")),
        sa.CheckConstraint("source = 'donated' OR donor_id IS NULL", name=op.f("ck_delivery_donor")),
        sa.CheckConstraint("source IN ('bought', 'donated')", name=op.f("ck_delivery_source")),
        sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name=op.f("ck_delivery_state")),
        sa.CheckConstraint("total_fen >= 0", name=op.f("ck_delivery_total_fen")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_delivery_decided_by_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_delivery_donor_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["app_user.id"], name=op.f("fk_delivery_entered_by_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["stored_file.id"], name=op.f("fk_delivery_invoice_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_delivery_store_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_delivery_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_village_id_entered_at", "delivery", ["village_id", "entered_at"])
    op.create_table(
        "stocktake_good",
        sa.Column("id", ID, nullable=False),
        sa.Column("stocktake_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("difference", sa.Integer(), nullable=True),
        sa.Column("cost_fen", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "reason IS NULL OR reason IN ('lost', 'broken', 'mixed_up', 'typed_wrong', 'unknown')",
            name=op.f("ck_stocktake_good_reason"),
        ),
        sa.CheckConstraint(
            "reason IS NULL OR (difference IS NOT NULL AND difference != 0)", name=op.f("ck_stocktake_good_difference")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stocktake_good_item_id")),
        sa.ForeignKeyConstraint(["stocktake_id"], ["stocktake.id"], name=op.f("fk_stocktake_good_stocktake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_good")),
        sa.UniqueConstraint("stocktake_id", "item_id", name=op.f("uq_stocktake_good_stocktake_id_item_id")),
    )
    op.create_table(
        "stocktake_seat",
        sa.Column("id", ID, nullable=False),
        sa.Column("stocktake_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("handed_in_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("place IN (1, 2)", name=op.f("ck_stocktake_seat_place")),
        sa.ForeignKeyConstraint(["stocktake_id"], ["stocktake.id"], name=op.f("fk_stocktake_seat_stocktake_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_stocktake_seat_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_seat")),
        sa.UniqueConstraint("stocktake_id", "place", name=op.f("uq_stocktake_seat_stocktake_id_place")),
        sa.UniqueConstraint("stocktake_id", "user_id", name=op.f("uq_stocktake_seat_stocktake_id_user_id")),
    )
    op.create_table(
        "stocktake_count",
        sa.Column("id", ID, nullable=False),
        sa.Column("good_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("book", sa.Integer(), nullable=False),
        sa.Column("movement_id", ID, nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("place IN (1, 2, 3)", name=op.f("ck_stocktake_count_place")),
        sa.CheckConstraint("quantity >= 0 AND book >= 0", name=op.f("ck_stocktake_count_quantity")),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_stocktake_count_by_id")),
        sa.ForeignKeyConstraint(["good_id"], ["stocktake_good.id"], name=op.f("fk_stocktake_count_good_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_count")),
        sa.UniqueConstraint("good_id", "place", name=op.f("uq_stocktake_count_good_id_place")),
    )
    op.create_table(
        "delivery_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cost_fen", sa.Integer(), nullable=False),
        sa.Column("best_before", sa.Date(), nullable=True),
        sa.Column("batch_id", ID, nullable=True),
        sa.CheckConstraint("cost_fen >= 0", name=op.f("ck_delivery_line_cost_fen")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_delivery_line_quantity")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_delivery_line_batch_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_line_delivery_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_delivery_line_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_line")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_delivery_line_batch_id")),
    )
    op.create_index("ix_delivery_line_delivery_id", "delivery_line", ["delivery_id"])
    op.create_table(
        "stock_transfer",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("from_batch_id", ID, nullable=False),
        sa.Column("to_store_id", ID, nullable=False),
        sa.Column("to_batch_id", ID, nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("sent_by_id", ID, nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'done') = (to_batch_id IS NOT NULL)", name=op.f("ck_stock_transfer_to_batch")),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_stock_transfer_decided")),
        sa.CheckConstraint(
            "NOT needs_second OR state != 'done' OR decided_by_id != sent_by_id", name=op.f("ck_stock_transfer_second")
        ),
        sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name=op.f("ck_stock_transfer_state")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_transfer_quantity")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_stock_transfer_decided_by_id")),
        sa.ForeignKeyConstraint(["from_batch_id"], ["batch.id"], name=op.f("fk_stock_transfer_from_batch_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stock_transfer_item_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["app_user.id"], name=op.f("fk_stock_transfer_sent_by_id")),
        sa.ForeignKeyConstraint(["to_batch_id"], ["batch.id"], name=op.f("fk_stock_transfer_to_batch_id")),
        sa.ForeignKeyConstraint(["to_store_id"], ["store.id"], name=op.f("fk_stock_transfer_to_store_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_stock_transfer_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_transfer")),
        sa.UniqueConstraint("to_batch_id", name=op.f("uq_stock_transfer_to_batch_id")),
    )
    op.create_index("ix_stock_transfer_village_id_sent_at", "stock_transfer", ["village_id", "sent_at"])
    with op.batch_alter_table("batch") as batch_op:
        batch_op.add_column(sa.Column("delivery_id", ID, nullable=True))
        batch_op.add_column(sa.Column("origin_id", ID, nullable=True))
        batch_op.create_foreign_key(op.f("fk_batch_origin_id"), "batch", ["origin_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_batch_delivery_id"), "delivery", ["delivery_id"], ["id"])

    with op.batch_alter_table("item") as batch_op:
        batch_op.add_column(sa.Column("needs_best_before", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("picture_id", ID, nullable=True))
        batch_op.create_foreign_key(op.f("fk_item_picture_id"), "stored_file", ["picture_id"], ["id"])

    with op.batch_alter_table("item") as batch_op:
        batch_op.alter_column(
            "needs_best_before", existing_type=sa.Boolean(), server_default=None, existing_nullable=False
        )
    with op.batch_alter_table("movement") as batch_op:
        batch_op.add_column(sa.Column("transfer_id", ID, nullable=True))
        batch_op.add_column(sa.Column("stocktake_id", ID, nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=10), nullable=True))
        batch_op.create_index("ix_movement_item_id", ["item_id"], unique=False)
        batch_op.create_foreign_key(op.f("fk_movement_stocktake_id"), "stocktake", ["stocktake_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_movement_transfer_id"), "stock_transfer", ["transfer_id"], ["id"])
        batch_op.drop_constraint(op.f("ck_movement_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_movement_kind"), KINDS)
        for name, law in ON_MOVEMENT.items():
            batch_op.create_check_constraint(op.f(f"ck_movement_{name}"), law)

    with op.batch_alter_table("store") as batch_op:
        batch_op.add_column(sa.Column("place", sa.String(length=60), nullable=True))

    schema.install(op.get_bind())


def downgrade() -> None:
    """Pieces that moved between stores or were counted can't be said the old way: then the CHECK refuses the step."""
    schema.drop(op.get_bind())
    with op.batch_alter_table("store") as batch_op:
        batch_op.drop_column("place")
    with op.batch_alter_table("movement") as batch_op:
        for name in ("kind", *ON_MOVEMENT):
            batch_op.drop_constraint(op.f(f"ck_movement_{name}"), type_="check")
        batch_op.create_check_constraint(op.f("ck_movement_kind"), KINDS_BEFORE)
        for name in ("transfer_id", "stocktake_id"):
            batch_op.drop_constraint(op.f(f"fk_movement_{name}"), type_="foreignkey")
        batch_op.drop_index("ix_movement_item_id")
        for name in ("reason", "stocktake_id", "transfer_id"):
            batch_op.drop_column(name)
    with op.batch_alter_table("item") as batch_op:
        batch_op.drop_constraint(op.f("fk_item_picture_id"), type_="foreignkey")
        batch_op.drop_column("picture_id")
        batch_op.drop_column("needs_best_before")
    with op.batch_alter_table("batch") as batch_op:
        for name in ("delivery_id", "origin_id"):
            batch_op.drop_constraint(op.f(f"fk_batch_{name}"), type_="foreignkey")
            batch_op.drop_column(name)
    for table in (
        "stock_transfer", "delivery_line", "stocktake_count", "stocktake_seat", "stocktake_good", "delivery", "store_seat",
        "stocktake", "donor", "item_barcode",
    ):  # fmt: skip
        op.drop_table(table)
    schema.install(op.get_bind())
