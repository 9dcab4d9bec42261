"""the eight stars: schemes and their stars, each quarter's ratings, changes, removals

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("state NOT IN ('done', 'dropped')")


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "star_scheme",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("listed_from", sa.Integer(), nullable=False),
        sa.Column("from_quarter", sa.Integer(), nullable=False),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("reason_id", ID, nullable=True),
        sa.CheckConstraint("from_quarter % 100 IN (1, 4, 7, 10)", name=op.f("ck_star_scheme_from_quarter")),
        sa.CheckConstraint("listed_from > 0", name=op.f("ck_star_scheme_listed_from")),
        _reference("star_scheme", "made_by_id", "app_user.id"),
        _reference("star_scheme", "reason_id", "remark.id"),
        _reference("star_scheme", "village_id", "village.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_scheme")),
        sa.UniqueConstraint("village_id", "version", name=op.f("uq_star_scheme_village_id_version")),
    )
    op.create_table(
        "star",
        sa.Column("id", ID, nullable=False),
        sa.Column("scheme_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("icon", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("home_at_least", sa.Integer(), nullable=False),
        sa.Column("civility_at_least", sa.Integer(), nullable=False),
        sa.Column("deducted_at_most", sa.Integer(), nullable=False),
        sa.Column("without_able", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "mode = 'score' OR (home_at_least = 0 AND civility_at_least = 0)", name=op.f("ck_star_score")
        ),
        sa.CheckConstraint("mode IN ('score', 'clean', 'review')", name=op.f("ck_star_mode")),
        sa.CheckConstraint(
            "home_at_least >= 0 AND civility_at_least >= 0 AND deducted_at_most >= 0", name=op.f("ck_star_thresholds")
        ),
        _reference("star", "scheme_id", "star_scheme.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star")),
        sa.UniqueConstraint("scheme_id", "dimension", name=op.f("uq_star_scheme_id_dimension")),
        sa.UniqueConstraint("scheme_id", "position", name=op.f("uq_star_scheme_id_position")),
    )
    op.create_table(
        "star_period",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("scheme_id", ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by_id", ID, nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("notice_id", ID, nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(state = 'published') = (published_on IS NOT NULL)", name=op.f("ck_star_period_published")),
        sa.CheckConstraint("(state = 'review') = (notice_id IS NULL)", name=op.f("ck_star_period_notice")),
        sa.CheckConstraint("state IN ('review', 'notice', 'published')", name=op.f("ck_star_period_state")),
        sa.CheckConstraint("quarter % 100 IN (1, 4, 7, 10)", name=op.f("ck_star_period_quarter")),
        _reference("star_period", "notice_id", "notice.id"),
        _reference("star_period", "proposed_by_id", "app_user.id"),
        _reference("star_period", "scheme_id", "star_scheme.id"),
        _reference("star_period", "village_id", "village.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_period")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_star_period_notice_id")),
        sa.UniqueConstraint("village_id", "quarter", name=op.f("uq_star_period_village_id_quarter")),
    )
    op.create_table(
        "star_rating",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("period_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("grid_id", ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed", sa.String(length=12), nullable=False),
        sa.Column("held", sa.String(length=12), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("notice_line", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('review', 'on_notice', 'frozen', 'published', 'withdrawn')", name=op.f("ck_star_rating_state")
        ),
        sa.CheckConstraint("length(proposed) = length(held)", name=op.f("ck_star_rating_letters")),
        sa.CheckConstraint("stars >= 0", name=op.f("ck_star_rating_stars")),
        _reference("star_rating", "grid_id", "grid.id"),
        _reference("star_rating", "household_id", "household.id"),
        _reference("star_rating", "period_id", "star_period.id"),
        _reference("star_rating", "village_id", "village.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_rating")),
        sa.UniqueConstraint("period_id", "household_id", name=op.f("uq_star_rating_period_id_household_id")),
    )
    op.create_index("ix_star_rating_household_id", "star_rating", ["household_id"])

    op.create_table(
        "star_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("rating_id", ID, nullable=False),
        sa.Column("dimension", sa.String(length=20), nullable=False),
        sa.Column("to_held", sa.Boolean(), nullable=False),
        sa.Column("occasion", sa.String(length=10), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason_id", ID, nullable=True),
        sa.Column("reason_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint("occasion IN ('review', 'objection', 'removal')", name=op.f("ck_star_change_occasion")),
        _reference("star_change", "by_id", "app_user.id"),
        _reference("star_change", "rating_id", "star_rating.id"),
        _reference("star_change", "reason_id", "remark.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_change")),
    )
    op.create_index("ix_star_change_rating_id", "star_change", ["rating_id"])

    op.create_table(
        "star_removal",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("rating_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("dimension", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason_id", ID, nullable=True),
        sa.Column("proposed_by_id", ID, nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("told_by_id", ID, nullable=True),
        sa.Column("told_how", sa.String(length=12), nullable=True),
        sa.Column("witness_1_id", ID, nullable=True),
        sa.Column("witness_2_id", ID, nullable=True),
        sa.Column("rebuttal_until", sa.Date(), nullable=True),
        sa.Column("rebuttal_at", UtcDateTime(), nullable=True),
        sa.Column("rebuttal_id", ID, nullable=True),
        sa.Column("rebuttal_by_id", ID, nullable=True),
        sa.Column("first_by_id", ID, nullable=True),
        sa.Column("second_by_id", ID, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("notice_id", ID, nullable=True),
        sa.Column("notice_line", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("end_reason_id", ID, nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'told', 'decided', 'on_notice', 'frozen', 'done', 'dropped')",
            name=op.f("ck_star_removal_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('decided', 'on_notice', 'frozen', 'done') OR (told_on IS NOT NULL AND second_by_id IS NOT NULL)",
            name=op.f("ck_star_removal_process"),
        ),
        sa.CheckConstraint("second_by_id IS NULL OR first_by_id <> second_by_id", name=op.f("ck_star_removal_two")),
        _reference("star_removal", "end_reason_id", "remark.id"),
        _reference("star_removal", "ended_by_id", "app_user.id"),
        _reference("star_removal", "first_by_id", "app_user.id"),
        _reference("star_removal", "household_id", "household.id"),
        _reference("star_removal", "notice_id", "notice.id"),
        _reference("star_removal", "proposed_by_id", "app_user.id"),
        _reference("star_removal", "rating_id", "star_rating.id"),
        _reference("star_removal", "reason_id", "remark.id"),
        _reference("star_removal", "rebuttal_by_id", "app_user.id"),
        _reference("star_removal", "rebuttal_id", "remark.id"),
        _reference("star_removal", "second_by_id", "app_user.id"),
        _reference("star_removal", "told_by_id", "app_user.id"),
        _reference("star_removal", "village_id", "village.id"),
        _reference("star_removal", "witness_1_id", "app_user.id"),
        _reference("star_removal", "witness_2_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_removal")),
    )
    op.create_index("ix_star_removal_household_id", "star_removal", ["household_id"])
    op.create_index("ix_star_removal_notice_id", "star_removal", ["notice_id"])
    op.create_index(
        "ix_star_removal_open", "star_removal", ["village_id", "state"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index(
        "uq_star_removal_open",
        "star_removal",
        ["rating_id", "dimension"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    for table in ("star_removal", "star_change", "star_rating", "star_period", "star", "star_scheme"):
        op.drop_table(table)
