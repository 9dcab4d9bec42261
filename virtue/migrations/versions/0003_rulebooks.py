"""Rulebooks on their way into force: states, the township's word, steps, comments; who decides a rule, and its picture.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = "state IN ('draft','comments','township_check','vote','voted','filed','in_force','withdrawn')"


def upgrade() -> None:
    """Every book that stands was adopted; who decides follows from a rule's route."""
    with op.batch_alter_table("rulebook") as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(16), nullable=False, server_default="in_force"))
        batch_op.add_column(sa.Column("comments_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("checked_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("check_number", sa.String(60), nullable=True))
        batch_op.add_column(sa.Column("checked_by_id", ID, nullable=True))
        batch_op.create_foreign_key(op.f("fk_rulebook_checked_by_id"), "app_user", ["checked_by_id"], ["id"])
        batch_op.alter_column("in_force_from", existing_type=sa.Date(), nullable=True)
    with op.batch_alter_table("rulebook") as batch_op:
        batch_op.alter_column("state", existing_type=sa.String(16), server_default=None, existing_nullable=False)
        batch_op.create_check_constraint(op.f("ck_rulebook_state"), STATES)
        batch_op.create_check_constraint(
            op.f("ck_rulebook_in_force_from"), "(state = 'in_force') = (in_force_from IS NOT NULL)"
        )
    with op.batch_alter_table("rule") as batch_op:
        batch_op.add_column(sa.Column("decides", sa.String(12), nullable=False, server_default="group"))
        batch_op.add_column(sa.Column("photo_id", ID, nullable=True))
        batch_op.create_foreign_key(op.f("fk_rule_photo_id"), "stored_file", ["photo_id"], ["id"])
    with op.batch_alter_table("rule") as batch_op:
        batch_op.alter_column("decides", existing_type=sa.String(12), server_default=None, existing_nullable=False)
    op.execute("UPDATE rule SET decides = 'member' WHERE route = 'at_once'")
    op.execute("UPDATE rule SET decides = 'above' WHERE entry = 'title'")
    op.create_table(
        "rulebook_step",
        sa.Column("id", ID, nullable=False),
        sa.Column("rulebook_id", ID, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("from_state", sa.String(16), nullable=True),
        sa.Column("to_state", sa.String(16), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("remark_id", ID, nullable=True),
        sa.Column("remark_hash", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_rulebook_step_by_id")),
        sa.ForeignKeyConstraint(["rulebook_id"], ["rulebook.id"], name=op.f("fk_rulebook_step_rulebook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook_step")),
    )
    op.create_index("ix_rulebook_step_rulebook_id", "rulebook_step", ["rulebook_id"])
    op.create_table(
        "rulebook_comment",
        sa.Column("id", ID, nullable=False),
        sa.Column("rulebook_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("speaker_id", ID, nullable=True),
        sa.Column("remark_id", ID, nullable=True),
        sa.CheckConstraint("by_id IS NOT NULL OR household_id IS NOT NULL", name=op.f("ck_rulebook_comment_somebody")),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_rulebook_comment_by_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_rulebook_comment_household_id")),
        sa.ForeignKeyConstraint(["rulebook_id"], ["rulebook.id"], name=op.f("fk_rulebook_comment_rulebook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook_comment")),
    )
    op.create_index("ix_rulebook_comment_rulebook_id", "rulebook_comment", ["rulebook_id"])


def downgrade() -> None:
    """Books that never came into force have no place in the older tables: they go, with what was said about them."""
    op.drop_table("rulebook_comment")
    op.drop_table("rulebook_step")
    op.execute("DELETE FROM rule WHERE rulebook_id IN (SELECT id FROM rulebook WHERE in_force_from IS NULL)")
    op.execute("DELETE FROM rulebook WHERE in_force_from IS NULL")
    with op.batch_alter_table("rule") as batch_op:
        batch_op.drop_constraint(op.f("fk_rule_photo_id"), type_="foreignkey")
        batch_op.drop_column("photo_id")
        batch_op.drop_column("decides")
    with op.batch_alter_table("rulebook") as batch_op:
        batch_op.drop_constraint(op.f("ck_rulebook_in_force_from"), type_="check")
        batch_op.drop_constraint(op.f("ck_rulebook_state"), type_="check")
        batch_op.drop_constraint(op.f("fk_rulebook_checked_by_id"), type_="foreignkey")
        for column in ("checked_by_id", "check_number", "checked_on", "comments_until", "state"):
            batch_op.drop_column(column)
        batch_op.alter_column("in_force_from", existing_type=sa.Date(), nullable=False)
