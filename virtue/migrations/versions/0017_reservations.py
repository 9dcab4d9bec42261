"""reservations with their lines, wishes; movements that hold, release and fetch

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue import schema
from virtue.extensions import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HELD = sa.text("state IN ('open', 'out')")
_KINDS_BEFORE = "kind IN ('received', 'sold', 'returned', 'written_off', 'moved_out', 'moved_in', 'counted')"
_KINDS = _KINDS_BEFORE[:-1] + ", 'reserved', 'released', 'fetched')"
_REFERENCES = (
    ("village_id", "village.id"), ("store_id", "store.id"), ("household_id", "household.id"),
    ("reserved_by_id", "app_user.id"), ("helper_id", "remark.id"), ("volunteer_id", "app_user.id"),
    ("out_by_id", "app_user.id"), ("order_id", "store_order.id"), ("ended_by_id", "app_user.id"),
)  # fmt: skip
_CHECKS = {
    "state": "state IN ('open', 'out', 'fetched', 'released')",
    "points": "home_points >= 0 AND civility_points >= 0",
    "something": "home_points + civility_points > 0 AND pieces > 0",
    "order": "(state = 'fetched') = (order_id IS NOT NULL)",
    "ended": "(state IN ('fetched', 'released')) = (ended_at IS NOT NULL)",
    "released": "(state = 'released') = (released_for IS NOT NULL)",
    "released_for": "released_for IS NULL OR released_for IN ('cancelled', 'expired')",
    "volunteer": "state != 'out' OR volunteer_id IS NOT NULL",
    "helper": "NOT is_by_helper OR (state = 'fetched' AND helper_hash IS NOT NULL)",
}


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    _make_reservation()
    op.create_table(
        "reservation_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("reservation_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("price_id", ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservation_line_quantity")),
        sa.CheckConstraint("points > 0", name=op.f("ck_reservation_line_points")),
        sa.CheckConstraint("unit IN ('home', 'civility')", name=op.f("ck_reservation_line_unit")),
        _reference("reservation_line", "reservation_id", "reservation.id"),
        _reference("reservation_line", "item_id", "item.id"),
        _reference("reservation_line", "price_id", "price.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation_line")),
    )
    op.create_index("ix_reservation_line_reservation_id", "reservation_line", ["reservation_id"])
    op.create_table(
        "wish",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=True),
        sa.Column("remark_id", ID, nullable=True),
        sa.Column("wished_at", UtcDateTime(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.CheckConstraint("(item_id IS NULL) = (remark_id IS NOT NULL)", name=op.f("ck_wish_one")),
        *(
            _reference("wish", column, to)
            for column, to in (
                ("village_id", "village.id"), ("household_id", "household.id"), ("item_id", "item.id"),
                ("remark_id", "remark.id"), ("by_id", "app_user.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("household_id", "item_id", name=op.f("uq_wish_household_id_item_id")),
    )  # fmt: skip
    op.create_index("ix_wish_village_id", "wish", ["village_id"])
    _let_movements_hold()


def _make_reservation() -> None:
    op.create_table(
        "reservation",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("home_points", sa.Integer(), nullable=False),
        sa.Column("civility_points", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_number", sa.Integer(), nullable=False),
        sa.Column("code_hmac", sa.String(length=64), nullable=False),
        sa.Column("reserved_at", UtcDateTime(), nullable=False),
        sa.Column("reserved_by_id", ID, nullable=True),
        sa.Column("fetch_by", sa.Date(), nullable=False),
        sa.Column("helper_id", ID, nullable=True),
        sa.Column("helper_hash", sa.String(length=64), nullable=True),
        sa.Column("wants_delivery", sa.Boolean(), nullable=False),
        sa.Column("volunteer_id", ID, nullable=True),
        sa.Column("out_by_id", ID, nullable=True),
        sa.Column("out_at", UtcDateTime(), nullable=True),
        sa.Column("order_id", ID, nullable=True),
        sa.Column("is_by_helper", sa.Boolean(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("released_for", sa.String(length=10), nullable=True),
        sa.Column("remark_id", ID, nullable=True),
        sa.Column("remark_hash", sa.String(length=64), nullable=True),
        *(sa.CheckConstraint(text, name=op.f(f"ck_reservation_{name}")) for name, text in _CHECKS.items()),
        *(_reference("reservation", column, to) for column, to in _REFERENCES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint("order_id", name=op.f("uq_reservation_order_id")),
    )
    op.create_index("ix_reservation_month_household_id", "reservation", ["month", "household_id"])
    op.create_index("ix_reservation_ended_at", "reservation", ["ended_at", "village_id"])
    op.create_index(
        "ix_reservation_held", "reservation", ["village_id", "fetch_by"], sqlite_where=_HELD, postgresql_where=_HELD
    )
    op.create_index(
        "uq_reservation_code", "reservation", ["village_id", "code_hmac"], unique=True, sqlite_where=_HELD,
        postgresql_where=_HELD,
    )  # fmt: skip


def _let_movements_hold() -> None:
    schema.drop(op.get_bind())
    with op.batch_alter_table("movement") as batch_op:
        batch_op.add_column(sa.Column("reservation_id", ID, nullable=True))
        batch_op.alter_column("by_id", existing_type=ID, nullable=True)
        batch_op.drop_constraint(op.f("ck_movement_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_movement_kind"), _KINDS)
        batch_op.create_check_constraint(
            op.f("ck_movement_reservation"),
            "(kind IN ('reserved', 'released', 'fetched')) = (reservation_id IS NOT NULL)",
        )
        batch_op.create_foreign_key(op.f("fk_movement_reservation_id"), "reservation", ["reservation_id"], ["id"])
        batch_op.create_index("ix_movement_reservation_id", ["reservation_id"])
    schema.install(op.get_bind())


def downgrade() -> None:
    schema.drop(op.get_bind())
    with op.batch_alter_table("movement") as batch_op:
        batch_op.drop_index("ix_movement_reservation_id")
        batch_op.drop_constraint(op.f("fk_movement_reservation_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_movement_reservation"), type_="check")
        batch_op.drop_constraint(op.f("ck_movement_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_movement_kind"), _KINDS_BEFORE)
        batch_op.alter_column("by_id", existing_type=ID, nullable=False)
        batch_op.drop_column("reservation_id")
    schema.install(op.get_bind())
    for table in ("wish", "reservation_line", "reservation"):
        op.drop_table(table)
