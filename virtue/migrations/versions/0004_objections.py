"""objections, stand-ins, amendments; what a deduction says of repair, rebuttal and the passbook

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ON_DEDUCTION = (
    ("rebuttal_how", sa.String(length=10), None),
    ("rebuttal_by_id", ID, "app_user.id"),
    ("offered_on", sa.Date(), None),
    ("offered_by_id", ID, "app_user.id"),
    ("repaired_on", sa.Date(), None),
    ("repaired_by_id", ID, "app_user.id"),
    ("repair_checked_on", sa.Date(), None),
    ("repair_checked_by_id", ID, "app_user.id"),
)


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "objection",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("came_by", sa.String(length=10), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("taken_by_id", ID, nullable=True),
        sa.Column("words_id", ID, nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("settler_id", ID, nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by_id", ID, nullable=True),
        sa.Column("reason_id", ID, nullable=True),
        sa.Column("corrected_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "came_by IN ('passbook','desk','paper','spoken')", name=op.f("ck_objection_came_by")
        ),
        sa.CheckConstraint(
            "state IN ('open','upheld_withdrawn','upheld_amended','dismissed','taken_back')",
            name=op.f("ck_objection_state"),
        ),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name=op.f("ck_objection_settled")),
        sa.CheckConstraint("answer_by >= received_on", name=op.f("ck_objection_span")),
        *(
            _reference("objection", column, to)
            for column, to in (
                ("village_id", "village.id"), ("line_id", "notice_line.id"), ("taken_by_id", "app_user.id"),
                ("words_id", "remark.id"), ("settler_id", "app_user.id"), ("settled_by_id", "app_user.id"),
                ("reason_id", "remark.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("village_id", "number", name=op.f("uq_objection_village_id_number")),
    )  # fmt: skip
    op.create_index("ix_objection_line_id", "objection", ["line_id"])
    op.create_index(
        "ix_objection_open", "objection", ["village_id", "answer_by"], sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    op.create_index(
        "ix_objection_corrected", "objection", ["village_id", "corrected_until"],
        sqlite_where=sa.text("corrected_until IS NOT NULL"), postgresql_where=sa.text("corrected_until IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "objector",
        sa.Column("objection_id", ID, autoincrement=False, nullable=False),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("outsider", sa.String(length=40), nullable=True),
        sa.CheckConstraint("household_id IS NULL OR outsider IS NULL", name=op.f("ck_objector_one")),
        _reference("objector", "objection_id", "objection.id"),
        _reference("objector", "household_id", "household.id"),
        sa.PrimaryKeyConstraint("objection_id", name=op.f("pk_objector")),
    )
    op.create_index("ix_objector_household_id", "objector", ["household_id"])
    op.create_table(
        "seal_opening",
        sa.Column("id", ID, nullable=False),
        sa.Column("objection_id", ID, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        _reference("seal_opening", "objection_id", "objection.id"),
        _reference("seal_opening", "by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_opening")),
    )
    op.create_index("ix_seal_opening_objection_id", "seal_opening", ["objection_id"])
    op.create_table(
        "stand_in",
        sa.Column("id", ID, nullable=False),
        sa.Column("deed_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("how IN ('lot', 'township')", name=op.f("ck_stand_in_how")),
        sa.CheckConstraint(
            "(how = 'lot') = (user_id IS NOT NULL AND seed IS NOT NULL)", name=op.f("ck_stand_in_drawn")
        ),
        _reference("stand_in", "deed_id", "deed.id"),
        _reference("stand_in", "user_id", "app_user.id"),
        _reference("stand_in", "by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_in")),
        sa.UniqueConstraint("deed_id", "user_id", name=op.f("uq_stand_in_deed_id_user_id")),
    )
    op.create_index("ix_stand_in_deed_id", "stand_in", ["deed_id"])
    op.create_table(
        "amendment",
        sa.Column("deed_id", ID, autoincrement=False, nullable=False),
        sa.Column("from_id", ID, nullable=False),
        _reference("amendment", "deed_id", "deed.id"),
        _reference("amendment", "from_id", "deed.id"),
        sa.PrimaryKeyConstraint("deed_id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("from_id", name=op.f("uq_amendment_from_id")),
    )
    for name, kind, to in ON_DEDUCTION:
        reference = [sa.ForeignKey(to, name=op.f(f"fk_deduction_{name}"))] if to else []
        op.add_column("deduction", sa.Column(name, kind, *reference, nullable=True), inline_references=True)


def downgrade() -> None:
    with op.batch_alter_table("deduction") as batch_op:
        for name, _kind, _to in reversed(ON_DEDUCTION):
            batch_op.drop_column(name)
    for table in ("amendment", "stand_in", "seal_opening", "objector", "objection"):
        op.drop_table(table)
