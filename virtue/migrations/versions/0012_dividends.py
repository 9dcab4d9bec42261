"""titles and honours; the dividend: pots, sheets, payments

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

from virtue import schema
from virtue.extensions import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "title",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("title_group", sa.String(length=40), nullable=False),
        sa.Column("rule_code", sa.String(length=12), nullable=True),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.Column("has_portrait", sa.Boolean(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.CheckConstraint("level IN ('village', 'township', 'county')", name=op.f("ck_title_level")),
        sa.CheckConstraint("seats IS NULL OR seats > 0", name=op.f("ck_title_seats")),
        sa.CheckConstraint("shares >= 0", name=op.f("ck_title_shares")),
        _reference("title", "village_id", "village.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title")),
        sa.UniqueConstraint("village_id", "name", name=op.f("uq_title_village_id_name")),
    )
    op.create_table(
        "pot",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(length=8), nullable=False),
        sa.Column("shares_weight", sa.Integer(), nullable=False),
        sa.Column("score_weight", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("drafted_by_id", ID, nullable=False),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("notice_id", ID, nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("open_until", sa.Date(), nullable=True),
        sa.Column("voted_on", sa.Date(), nullable=True),
        sa.Column("assembly", sa.String(length=16), nullable=True),
        sa.Column("entitled", sa.Integer(), nullable=True),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.Column("in_favour", sa.Integer(), nullable=True),
        sa.Column("minutes_id", ID, nullable=True),
        sa.Column("checked_by_id", ID, nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("signed_by_id", ID, nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=True),
        sa.Column("closed_by_id", ID, nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(state IN ('signed', 'closed')) = (seal IS NOT NULL)", name=op.f("ck_pot_sealed")),
        sa.CheckConstraint("basis IN ('shares', 'score', 'both')", name=op.f("ck_pot_basis")),
        sa.CheckConstraint("kind IN ('county', 'village', 'other')", name=op.f("ck_pot_kind")),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'voted', 'checked', 'signed', 'closed', 'withdrawn')", name=op.f("ck_pot_state")
        ),
        sa.CheckConstraint("base >= 0", name=op.f("ck_pot_base")),
        sa.CheckConstraint("fen > 0", name=op.f("ck_pot_fen")),
        sa.CheckConstraint(
            "shares_weight >= 0 AND score_weight >= 0 AND shares_weight + score_weight > 0", name=op.f("ck_pot_weights")
        ),
        _reference("pot", "checked_by_id", "app_user.id"),
        _reference("pot", "closed_by_id", "app_user.id"),
        _reference("pot", "drafted_by_id", "app_user.id"),
        _reference("pot", "minutes_id", "remark.id"),
        _reference("pot", "notice_id", "notice.id"),
        _reference("pot", "signed_by_id", "app_user.id"),
        _reference("pot", "village_id", "village.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pot")),
        sa.UniqueConstraint("village_id", "year", "name", name=op.f("uq_pot_village_id_year_name")),
    )
    op.create_table(
        "dividend_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("pot_id", ID, nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("earned", sa.Integer(), nullable=False),
        sa.Column("deducted", sa.Integer(), nullable=False),
        sa.Column("twelfths", sa.Integer(), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.Column("shares_fen", sa.BigInteger(), nullable=False),
        sa.Column("shares_rest", sa.BigInteger(), nullable=False),
        sa.Column("shares_extra", sa.Integer(), nullable=False),
        sa.Column("score_fen", sa.BigInteger(), nullable=False),
        sa.Column("score_rest", sa.BigInteger(), nullable=False),
        sa.Column("score_extra", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "fen >= 0 AND fen = shares_fen + shares_extra + score_fen + score_extra", name=op.f("ck_dividend_line_fen")
        ),
        sa.CheckConstraint("months BETWEEN 0 AND 12", name=op.f("ck_dividend_line_months")),
        _reference("dividend_line", "household_id", "household.id"),
        _reference("dividend_line", "pot_id", "pot.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dividend_line")),
        sa.UniqueConstraint("pot_id", "sheet", "household_id", name=op.f("uq_dividend_line_pot_id_sheet_household_id")),
        sa.UniqueConstraint("pot_id", "sheet", "place", name=op.f("uq_dividend_line_pot_id_sheet_place")),
    )
    op.create_index("ix_dividend_line_household_id", "dividend_line", ["household_id"], unique=False)
    op.create_table(
        "pot_months",
        sa.Column("id", ID, nullable=False),
        sa.Column("pot_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("why_id", ID, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.CheckConstraint("months BETWEEN 0 AND 12", name=op.f("ck_pot_months_months")),
        _reference("pot_months", "by_id", "app_user.id"),
        _reference("pot_months", "household_id", "household.id"),
        _reference("pot_months", "pot_id", "pot.id"),
        _reference("pot_months", "why_id", "remark.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pot_months")),
        sa.UniqueConstraint("pot_id", "household_id", name=op.f("uq_pot_months_pot_id_household_id")),
    )
    op.create_table(
        "honour",
        sa.Column("id", ID, nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("title_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title_name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("title_group", sa.String(length=40), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.Column("document_number", sa.String(length=60), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by_id", ID, nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("deed_id", ID, nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("why_id", ID, nullable=True),
        sa.CheckConstraint(
            "(state IN ('confirmed', 'revoked')) = (confirmed_by_id IS NOT NULL)", name=op.f("ck_honour_confirmed")
        ),
        sa.CheckConstraint("state IN ('entered', 'confirmed', 'dropped', 'revoked')", name=op.f("ck_honour_state")),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> entered_by_id", name=op.f("ck_honour_two_people")
        ),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= given_on", name=op.f("ck_honour_span")),
        sa.CheckConstraint("shares >= 0", name=op.f("ck_honour_shares")),
        _reference("honour", "confirmed_by_id", "app_user.id"),
        _reference("honour", "deed_id", "deed.id"),
        _reference("honour", "ended_by_id", "app_user.id"),
        _reference("honour", "entered_by_id", "app_user.id"),
        _reference("honour", "household_id", "household.id"),
        _reference("honour", "member_id", "member.id"),
        _reference("honour", "title_id", "title.id"),
        _reference("honour", "village_id", "village.id"),
        _reference("honour", "why_id", "remark.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour")),
    )
    op.create_index("ix_honour_household_id", "honour", ["household_id"], unique=False)
    op.create_index("ix_honour_village_id_year", "honour", ["village_id", "year"], unique=False)
    op.create_index(
        "uq_honour_standing",
        "honour",
        ["title_id", "household_id", "year"],
        unique=True,
        sqlite_where=sa.text("state IN ('entered', 'confirmed')"),
        postgresql_where=sa.text("state IN ('entered', 'confirmed')"),
    )
    op.create_table(
        "payout",
        sa.Column("id", ID, nullable=False),
        sa.Column("pot_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("how IN ('bank', 'signature', 'thumb')", name=op.f("ck_payout_how")),
        sa.CheckConstraint("fen > 0", name=op.f("ck_payout_fen")),
        _reference("payout", "by_id", "app_user.id"),
        _reference("payout", "household_id", "household.id"),
        _reference("payout", "line_id", "dividend_line.id"),
        _reference("payout", "pot_id", "pot.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("line_id", name=op.f("uq_payout_line_id")),
    )
    op.create_index("ix_payout_pot_id", "payout", ["pot_id"], unique=False)
    op.create_table(
        "honour_consent",
        sa.Column("id", ID, nullable=False),
        sa.Column("honour_id", ID, nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by_id", ID, nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by_id", ID, nullable=True),
        sa.CheckConstraint("purpose IN ('name', 'portrait')", name=op.f("ck_honour_consent_purpose")),
        _reference("honour_consent", "honour_id", "honour.id"),
        _reference("honour_consent", "recorded_by_id", "app_user.id"),
        _reference("honour_consent", "withdrawn_by_id", "app_user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_consent")),
    )
    op.create_index("ix_honour_consent_honour_id", "honour_consent", ["honour_id"], unique=False)
    schema.install(op.get_bind())


def downgrade() -> None:
    schema.drop(op.get_bind())
    for table in ("honour_consent", "payout", "honour", "pot_months", "dividend_line", "pot", "title"):
        op.drop_table(table)
    schema.install(op.get_bind())
