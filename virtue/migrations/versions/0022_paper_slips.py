"""numbered slips of paper for days without power; a signed public sheet stays as it is

Revision ID: 0022
Revises: 0021
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue import schema
from virtue.extensions import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFERENCES = (
    ("village_id", "village.id"), ("printed_by_id", "app_user.id"), ("ended_by_id", "app_user.id"),
    ("household_id", "household.id"), ("order_id", "store_order.id"),
)  # fmt: skip
_CHECKS = {
    "number": "number > 0",
    "state": "state IN ('printed', 'entered', 'void')",
    "ended": "(state = 'printed') = (ended_at IS NULL)",
    "entered": "(state = 'entered') = (order_id IS NOT NULL)",
    "order": "(order_id IS NULL) = (day IS NULL) AND (order_id IS NULL) = (household_id IS NULL)",
}


def upgrade() -> None:
    op.create_table(
        "paper_slip",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("printed_by_id", ID, nullable=False),
        sa.Column("printed_at", UtcDateTime(), nullable=False),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("order_id", ID, nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_paper_slip_{name}")) for name, rule in _CHECKS.items()),
        *(sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_paper_slip_{column}")) for column, to in _REFERENCES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_slip")),
        sa.UniqueConstraint("village_id", "number", name=op.f("uq_paper_slip_village_id_number")),
        sa.UniqueConstraint("order_id", name=op.f("uq_paper_slip_order_id")),
    )
    op.create_index("ix_paper_slip_household_id_day", "paper_slip", ["household_id", "day"])
    # A signed public sheet is kept from changes from here on.
    schema.install(op.get_bind())


def downgrade() -> None:
    op.drop_table("paper_slip")
