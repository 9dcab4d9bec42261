"""drawn lots: each month's draw, the deeds drawn, what was found on site

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "spot_draw",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("seal_seq", sa.Integer(), nullable=False),
        sa.Column("pool", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.Column("drawn_by_id", ID, nullable=True),
        sa.Column("shown_until", sa.Date(), nullable=False),
        sa.CheckConstraint("month % 100 BETWEEN 1 AND 12", name=op.f("ck_spot_draw_month")),
        sa.CheckConstraint("length(seed) = 64", name=op.f("ck_spot_draw_seed")),
        sa.CheckConstraint("wanted > 0 AND pool > 0", name=op.f("ck_spot_draw_counts")),
        _reference("spot_draw", "village_id", "village.id"),
        _reference("spot_draw", "drawn_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_draw")),
        sa.UniqueConstraint("village_id", "month", name=op.f("uq_spot_draw_village_id_month")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", ID, nullable=False),
        sa.Column("draw_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("deed_id", ID, nullable=False),
        sa.CheckConstraint("place > 0", name=op.f("ck_spot_check_place")),
        _reference("spot_check", "draw_id", "spot_draw.id"),
        _reference("spot_check", "deed_id", "deed.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("draw_id", "place", name=op.f("uq_spot_check_draw_id_place")),
        sa.UniqueConstraint("deed_id", name=op.f("uq_spot_check_deed_id")),
    )
    op.create_table(
        "spot_result",
        sa.Column("id", ID, nullable=False),
        sa.Column("check_id", ID, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("note_id", ID, nullable=True),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("outcome IN ('right', 'not_found', 'differs')", name=op.f("ck_spot_result_outcome")),
        sa.CheckConstraint("outcome = 'right' OR note_id IS NOT NULL", name=op.f("ck_spot_result_note")),
        _reference("spot_result", "check_id", "spot_check.id"),
        _reference("spot_result", "note_id", "remark.id"),
        _reference("spot_result", "by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_result")),
    )
    op.create_index("ix_spot_result_check_id", "spot_result", ["check_id"])


def downgrade() -> None:
    for table in ("spot_result", "spot_check", "spot_draw"):
        op.drop_table(table)
