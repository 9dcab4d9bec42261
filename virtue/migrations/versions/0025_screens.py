"""screens of the village with what they play, and announcements on them

Revision ID: 0025
Revises: 0024
Create Date: 2026-11-25
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDING = sa.text("revoked_at IS NULL")


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "screen",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("slides", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("on_from", sa.String(length=5), nullable=True),
        sa.Column("off_from", sa.String(length=5), nullable=True),
        sa.Column("is_tall", sa.Boolean(), nullable=False),
        sa.Column("is_slow", sa.Boolean(), nullable=False),
        sa.Column("is_led", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("paired_at", UtcDateTime(), nullable=False),
        sa.Column("paired_by_id", ID, nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by_id", ID, nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("seen_slide", sa.String(length=40), nullable=True),
        sa.CheckConstraint("seconds BETWEEN 5 AND 120", name=op.f("ck_screen_seconds")),
        sa.CheckConstraint("(on_from IS NULL) = (off_from IS NULL)", name=op.f("ck_screen_hours")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_screen_revoked")),
        _reference("screen", "village_id", "village.id"),
        _reference("screen", "paired_by_id", "app_user.id"),
        _reference("screen", "revoked_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screen")),
    )
    op.create_index("ix_screen_village_id", "screen", ["village_id"])
    op.create_index("ix_screen_token_hash", "screen", ["token_hash"])
    op.create_index(
        "uq_screen_code_hash", "screen", ["code_hash"], unique=True, sqlite_where=STANDING, postgresql_where=STANDING
    )
    op.create_table(
        "announcement",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("checked_by", sa.String(length=20), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by_id", ID, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.CheckConstraint("kind IN ('notice', 'job', 'training')", name=op.f("ck_announcement_kind")),
        sa.CheckConstraint("kind <> 'job' OR checked_by IS NOT NULL", name=op.f("ck_announcement_checked")),
        _reference("announcement", "village_id", "village.id"),
        _reference("announcement", "added_by_id", "app_user.id"),
        _reference("announcement", "ended_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index("ix_announcement_village_id_ends_on", "announcement", ["village_id", "ends_on"])


def downgrade() -> None:
    op.drop_table("announcement")
    op.drop_table("screen")
