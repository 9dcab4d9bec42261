"""rounds with judges, marks and results; numbered sheets; door codes

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "round",
        sa.Column("id", _ID, nullable=False),
        sa.Column("village_id", _ID, nullable=False),
        sa.Column("grid_id", _ID, nullable=False),
        sa.Column("rule_code", sa.String(length=12), nullable=False),
        sa.Column("rule_name", sa.String(length=60), nullable=False),
        sa.Column("levels", sa.String(length=40), nullable=False),
        sa.Column("needs_consent", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_by_id", _ID, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_by_id", _ID, nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("mode IN ('recorder', 'judges')", name=op.f("ck_round_mode")),
        sa.CheckConstraint("state IN ('open', 'closed', 'decided', 'cancelled')", name=op.f("ck_round_state")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["app_user.id"], name=op.f("fk_round_closed_by_id")),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_round_grid_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["app_user.id"], name=op.f("fk_round_opened_by_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_round_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
    )
    op.create_index("ix_round_village_id_day", "round", ["village_id", "day"])
    op.create_index(
        "uq_round_open", "round", ["grid_id", "rule_code"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "sheet",
        sa.Column("id", _ID, nullable=False),
        sa.Column("village_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("round_id", _ID, nullable=True),
        sa.Column("event_id", _ID, nullable=True),
        sa.Column("rule_code", sa.String(length=12), nullable=True),
        sa.Column("household_ids", sa.JSON(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("printed_by_id", _ID, nullable=False),
        sa.Column("printed_at", UtcDateTime(), nullable=False),
        sa.Column("ended_by_id", _ID, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("results", sa.JSON(), nullable=True),
        sa.CheckConstraint("kind IN ('round', 'event', 'deeds')", name=op.f("ck_sheet_kind")),
        sa.CheckConstraint("state IN ('printed', 'entered', 'void')", name=op.f("ck_sheet_state")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["app_user.id"], name=op.f("fk_sheet_ended_by_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_sheet_event_id")),
        sa.ForeignKeyConstraint(["printed_by_id"], ["app_user.id"], name=op.f("fk_sheet_printed_by_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_sheet_round_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_sheet_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sa.UniqueConstraint("village_id", "number", name=op.f("uq_sheet_village_id_number")),
    )
    op.create_table(
        "round_judge",
        sa.Column("id", _ID, nullable=False),
        sa.Column("round_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("sheet_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_judge_round_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_round_judge_sheet_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_round_judge_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_judge")),
        sa.UniqueConstraint("round_id", "user_id", name=op.f("uq_round_judge_round_id_user_id")),
    )
    op.create_table(
        "round_mark",
        sa.Column("id", _ID, nullable=False),
        sa.Column("round_id", _ID, nullable=False),
        sa.Column("household_id", _ID, nullable=False),
        sa.Column("judge_id", _ID, nullable=False),
        sa.Column("mark", sa.String(length=12), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("has_consent", sa.Boolean(), nullable=False),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(mark = 'level') = (level IS NOT NULL)", name=op.f("ck_round_mark_level")),
        sa.CheckConstraint("mark IN ('level', 'not_visited', 'declined')", name=op.f("ck_round_mark_mark")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_round_mark_household_id")),
        sa.ForeignKeyConstraint(["judge_id"], ["app_user.id"], name=op.f("fk_round_mark_judge_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_mark_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_mark")),
        sa.UniqueConstraint(
            "round_id", "judge_id", "household_id", name=op.f("uq_round_mark_round_id_judge_id_household_id")
        ),
    )
    op.create_table(
        "round_result",
        sa.Column("id", _ID, nullable=False),
        sa.Column("round_id", _ID, nullable=False),
        sa.Column("household_id", _ID, nullable=False),
        sa.Column("judges", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("deed_id", _ID, nullable=True),
        sa.Column("refused", sa.String(length=60), nullable=True),
        sa.Column("refused_params", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["deed_id"], ["deed.id"], name=op.f("fk_round_result_deed_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_round_result_household_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_result_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_result")),
        sa.UniqueConstraint("round_id", "household_id", name=op.f("uq_round_result_round_id_household_id")),
    )
    op.create_index("ix_round_result_deed_id", "round_result", ["deed_id"])
    op.create_table(
        "door_code",
        sa.Column("id", _ID, nullable=False),
        sa.Column("village_id", _ID, nullable=False),
        sa.Column("household_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_number", sa.Integer(), nullable=False),
        sa.Column("code_hmac", sa.String(length=64), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_door_code_household_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_door_code_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_code")),
        sa.UniqueConstraint("code_hmac", name=op.f("uq_door_code_code_hmac")),
        sa.UniqueConstraint("household_id", name=op.f("uq_door_code_household_id")),
    )


def downgrade() -> None:
    op.drop_table("door_code")
    op.drop_table("round_result")
    op.drop_table("round_mark")
    op.drop_table("round_judge")
    op.drop_table("sheet")
    op.drop_table("round")
