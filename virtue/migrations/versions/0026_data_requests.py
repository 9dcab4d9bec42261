"""what a household asks about its data, and the village's answer

Revision ID: 0026
Revises: 0025
Create Date: 2026-11-25
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "data_request",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("words_id", ID, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answer_id", ID, nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by_id", ID, nullable=True),
        sa.CheckConstraint("kind IN ('correct', 'delete')", name=op.f("ck_data_request_kind")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f("ck_data_request_answered")
        ),
        *[
            sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_data_request_{column}"))
            for column, to in (
                ("village_id", "village.id"), ("household_id", "household.id"), ("words_id", "remark.id"),
                ("answer_id", "remark.id"), ("answered_by_id", "app_user.id"),
            )
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
    )  # fmt: skip
    op.create_index("ix_data_request_household_id", "data_request", ["household_id"])
    op.create_index("ix_data_request_village_id_answered_at", "data_request", ["village_id", "answered_at"])


def downgrade() -> None:
    op.drop_table("data_request")
