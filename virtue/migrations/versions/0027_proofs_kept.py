"""what stood behind an order can be changed no more

Revision ID: 0027
Revises: 0026
Create Date: 2026-11-25
"""

from alembic import op

from virtue import schema

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.install(op.get_bind())


def downgrade() -> None:
    """The triggers of the table stay: they harm no earlier version."""
