"""boards: what a person picked for the red one, and what stands still before a ceremony

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIFTED = sa.text("lifted_at IS NULL")
STANDING = sa.text("ended_at IS NULL")


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "red_pick",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("deed_id", ID, nullable=True),
        sa.Column("honour_id", ID, nullable=True),
        sa.Column("story_id", ID, nullable=True),
        sa.Column("picked_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("picked_by_id", ID, nullable=False),
        sa.Column("picked_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.CheckConstraint("(deed_id IS NULL) <> (honour_id IS NULL)", name=op.f("ck_red_pick_subject")),
        sa.CheckConstraint("ends_on >= picked_on", name=op.f("ck_red_pick_span")),
        sa.CheckConstraint("ended_at IS NOT NULL OR ended_by_id IS NULL", name=op.f("ck_red_pick_ended")),
        _reference("red_pick", "village_id", "village.id"),
        _reference("red_pick", "household_id", "household.id"),
        _reference("red_pick", "deed_id", "deed.id"),
        _reference("red_pick", "honour_id", "honour.id"),
        _reference("red_pick", "story_id", "remark.id"),
        _reference("red_pick", "picked_by_id", "app_user.id"),
        _reference("red_pick", "ended_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_red_pick")),
    )
    op.create_table(
        "board_freeze",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("board", sa.String(length=10), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("frozen_at", UtcDateTime(), nullable=False),
        sa.Column("frozen_by_id", ID, nullable=False),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.Column("lifted_by_id", ID, nullable=True),
        sa.CheckConstraint("board IN ('top', 'comparison')", name=op.f("ck_board_freeze_board")),
        sa.CheckConstraint("lifted_at IS NOT NULL OR lifted_by_id IS NULL", name=op.f("ck_board_freeze_lifted")),
        _reference("board_freeze", "village_id", "village.id"),
        _reference("board_freeze", "frozen_by_id", "app_user.id"),
        _reference("board_freeze", "lifted_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_freeze")),
    )
    op.create_index(
        "uq_board_freeze_standing", "board_freeze", ["village_id", "board"], unique=True, sqlite_where=LIFTED,
        postgresql_where=LIFTED,
    )  # fmt: skip
    for name, columns, is_unique in (
        ("ix_red_pick_standing", ["village_id"], False),
        ("uq_red_pick_deed", ["deed_id"], True),
        ("uq_red_pick_honour", ["honour_id"], True),
    ):
        op.create_index(name, "red_pick", columns, unique=is_unique, sqlite_where=STANDING, postgresql_where=STANDING)


def downgrade() -> None:
    op.drop_table("board_freeze")
    op.drop_table("red_pick")
