"""phones that open the passbook without the card, and the codes that link one

Revision ID: 0024
Revises: 0023
Create Date: 2026-11-25
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TO = {"village_id": "village.id", "household_id": "household.id", "card_id": "card.id", "ended_by_id": "app_user.id"}


def _references(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [sa.ForeignKeyConstraint([column], [TO[column]], name=op.f(f"fk_{table}_{column}")) for column in columns]


def upgrade() -> None:
    op.create_table(
        "remembered_phone",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("card_id", ID, nullable=False),
        sa.Column("pin_version", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("is_linked", sa.Boolean(), nullable=False),
        sa.Column("remembered_at", UtcDateTime(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("pin_given_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        *_references("remembered_phone", "village_id", "household_id", "card_id", "ended_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_phone")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_remembered_phone_secret_hash")),
    )
    op.create_index("ix_remembered_phone_household_id", "remembered_phone", ["household_id"])
    op.create_table(
        "phone_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("card_id", ID, nullable=False),
        sa.Column("pin_version", sa.Integer(), nullable=False),
        sa.Column("key_number", sa.Integer(), nullable=False),
        sa.Column("code_hmac", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        *_references("phone_code", "village_id", "household_id", "card_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_code")),
    )
    op.create_index("ix_phone_code_household_id", "phone_code", ["household_id"])
    op.create_index("ix_phone_code_code_hmac", "phone_code", ["code_hmac"])


def downgrade() -> None:
    op.drop_table("phone_code")
    op.drop_table("remembered_phone")
