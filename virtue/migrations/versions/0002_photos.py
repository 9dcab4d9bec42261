"""photos: their look, marks to find the same again, the householder's consent to a visit

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WITH_PHOTO = sa.text("photo_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("look", sa.String(length=16), nullable=True))
    op.add_column("deed", sa.Column("home_consent", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_deed_photo_id",
        "deed",
        ["photo_id"],
        unique=False,
        sqlite_where=_WITH_PHOTO,
        postgresql_where=_WITH_PHOTO,
    )
    op.create_table(
        "picture_mark",
        sa.Column("village_id", _ID, nullable=False),
        sa.Column("mark", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_picture_mark_file_id")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_picture_mark_village_id")),
        sa.PrimaryKeyConstraint("village_id", "mark", "file_id", name=op.f("pk_picture_mark")),
    )


def downgrade() -> None:
    op.drop_table("picture_mark")
    op.drop_index("ix_deed_photo_id", table_name="deed", sqlite_where=_WITH_PHOTO, postgresql_where=_WITH_PHOTO)
    op.drop_column("deed", "home_consent")
    op.drop_column("stored_file", "look")
