"""a rule's English name where its Chinese one is kept: deeds and rounds

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deed", sa.Column("rule_name_en", sa.String(length=80), nullable=True))
    op.add_column("round", sa.Column("rule_name_en", sa.String(length=80), nullable=True))
    op.execute("UPDATE deed SET rule_name_en = (SELECT name_en FROM rule WHERE rule.id = deed.rule_id)")
    # A round keeps no rule but its code: the latest book that has it says the name.
    op.execute("""
        UPDATE round SET rule_name_en = (
            SELECT rule.name_en FROM rule JOIN rulebook ON rulebook.id = rule.rulebook_id
            WHERE rulebook.village_id = round.village_id AND rule.code = round.rule_code AND rule.name = round.rule_name
            ORDER BY rulebook.version DESC LIMIT 1)
    """)


def downgrade() -> None:
    op.drop_column("round", "rule_name_en")
    op.drop_column("deed", "rule_name_en")
