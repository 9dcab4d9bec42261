"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

from virtue import schema

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    schema.drop(op.get_bind())
    ${upgrades if upgrades else "pass"}
    schema.install(op.get_bind())


def downgrade() -> None:
    schema.drop(op.get_bind())
    ${downgrades if downgrades else "pass"}
    schema.install(op.get_bind())
