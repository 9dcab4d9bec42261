"""the store's public sheet of a quarter, in versions, signed by a supervisor

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue import schema
from virtue.extensions import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHECKS = {
    "quarter": "quarter % 100 IN (1, 4, 7, 10)",
    "version": "version > 0",
    "collective_fen": "collective_fen >= 0",
    "proof": "collective_fen = 0 OR proof_id IS NOT NULL",
    "reason": "version = 1 OR reason_id IS NOT NULL",
    "two_people": "signed_by_id IS NULL OR signed_by_id != drafted_by_id",
    "signed": "(signed_at IS NULL) = (signed_by_id IS NULL) AND (signed_at IS NULL) = (seal_seq IS NULL)",
}
REFERENCES = {
    "village_id": "village.id", "proof_id": "remark.id", "reason_id": "remark.id", "drafted_by_id": "app_user.id",
    "signed_by_id": "app_user.id",
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "public_sheet",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("collective_fen", sa.Integer(), nullable=False),
        sa.Column("proof_id", ID, nullable=True),
        sa.Column("proof_hash", sa.String(length=64), nullable=True),
        sa.Column("reason_id", ID, nullable=True),
        sa.Column("reason_hash", sa.String(length=64), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("drafted_by_id", ID, nullable=False),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("signed_by_id", ID, nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("seal_seq", sa.Integer(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_public_sheet_{name}")) for name, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_public_sheet_{column}"))
            for column, to in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_sheet")),
        sa.UniqueConstraint(
            "village_id", "quarter", "version", name=op.f("uq_public_sheet_village_id_quarter_version")
        ),
    )
    op.create_index(
        "uq_public_sheet_draft", "public_sheet", ["village_id", "quarter"], unique=True,
        sqlite_where=sa.text("signed_at IS NULL"), postgresql_where=sa.text("signed_at IS NULL"),
    )  # fmt: skip
    schema.install(op.get_bind())


def downgrade() -> None:
    op.drop_table("public_sheet")
