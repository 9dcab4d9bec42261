"""campaigns with nominees, judges and scores; the voter list, the ballot box and numbered papers; what a wall tells

Revision ID: 0021
Revises: 0020
Create Date: 2026-11-24
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from virtue.extensions import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "campaign", "nominee", "campaign_judge", "judge_score", "voter", "ballot", "ballot_paper", "wall_entry",
)  # fmt: skip


def _table(
    name: str, columns: Sequence[sa.Column[Any]], references: dict[str, str], checks: dict[str, str] | None = None,
    uniques: Sequence[tuple[str, ...]] = (), key: tuple[str, ...] = ("id",), **options: Any,
) -> None:  # fmt: skip
    op.create_table(
        name,
        *columns,
        *(sa.CheckConstraint(text, name=op.f(f"ck_{name}_{check}")) for check, text in (checks or {}).items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{name}_{column}"))
            for column, table in references.items()
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        *(sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}")) for unique in uniques),
        **options,
    )


def _ids(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, ID, nullable=nullable) for name in names]


def _ints(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=nullable) for name in names]


def _texts(nullable: bool = False, **lengths: int) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(length=length), nullable=nullable) for name, length in lengths.items()]


def _users(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "app_user")


def upgrade() -> None:
    _make_campaign()
    _make_nominee()
    _table("campaign_judge", _ids("campaign_id", "user_id"), {"campaign_id": "campaign", **_users("user_id")},
           key=("campaign_id", "user_id"))  # fmt: skip
    _table("judge_score", [*_ids("nominee_id", "user_id"), *_ints("score")], {"nominee_id": "nominee", **_users("user_id")},
           {"score": "score BETWEEN 0 AND 100"}, key=("nominee_id", "user_id"))  # fmt: skip
    _make_ballots()
    columns = [
        sa.Column("honour_id", ID, autoincrement=False, nullable=False),
        *_ids("story_id", "photo_id", nullable=True), *_ids("set_by_id"), sa.Column("set_at", UtcDateTime(), nullable=False),
    ]  # fmt: skip
    references = {"honour_id": "honour", "story_id": "remark", "photo_id": "stored_file", **_users("set_by_id")}
    _table("wall_entry", columns, references, key=("honour_id",))


def _make_campaign() -> None:
    columns = [
        *_ids("id", "village_id", "title_id"), *_texts(name=40), *_ints("year"), *_ids("criteria_id", nullable=True),
        *_texts(nullable=True, criteria_hash=64), *_texts(how=10), *_ints("seats", "picks"), *_texts(tie=10),
        *(sa.Column(name, sa.Date(), nullable=name == "shown_until") for name in ("nominate_until", "vote_until", "shown_until")),
        *_texts(state=10), *_ids("opened_by_id"), sa.Column("opened_at", UtcDateTime(), nullable=False),
        *_ids("closed_by_id", nullable=True), sa.Column("closed_at", UtcDateTime(), nullable=True),
        *_texts(nullable=True, nonce=32, seal=64), *_ids("counted_by_id", nullable=True),
        sa.Column("counted_at", UtcDateTime(), nullable=True), *_ints("ballots", nullable=True),
        *_ids("notice_id", "ended_by_id", nullable=True), sa.Column("ended_at", UtcDateTime(), nullable=True),
        *_ids("why_id", nullable=True),
    ]  # fmt: skip
    references = {
        "village_id": "village", "title_id": "title", "criteria_id": "remark", "notice_id": "notice", "why_id": "remark",
        **_users("opened_by_id", "closed_by_id", "counted_by_id", "ended_by_id"),
    }  # fmt: skip
    checks = {
        "state": "state IN ('nominating', 'open', 'closed', 'counted', 'notice', 'ended', 'cancelled')",
        "how": "how IN ('vote', 'judges')", "tie": "tie IN ('score', 'lot')",
        "seats": "seats > 0 AND picks BETWEEN 1 AND seats", "span": "nominate_until < vote_until",
        "two_people": "counted_by_id IS NULL OR counted_by_id <> closed_by_id",
    }  # fmt: skip
    _table("campaign", columns, references, checks, uniques=[("notice_id",)])
    op.create_index("ix_campaign_village_id_state", "campaign", ["village_id", "state"])


def _make_nominee() -> None:
    columns = [
        *_ids("id", "campaign_id", "village_id", "household_id"), *_ids("member_id", nullable=True), *_ints("number"),
        *_ids("story_id", nullable=True), *_texts(consent_how=10, state=10), *_ids("nominated_by_id"),
        sa.Column("nominated_at", UtcDateTime(), nullable=False), *_ids("checked_by_id", "why_id", nullable=True),
        *_ints("votes", "twice_median", "lowest", "highest", "rank", nullable=True),
        sa.Column("is_winner", sa.Boolean(), nullable=False), *_ints("notice_line", nullable=True),
        *_ids("honour_id", nullable=True),
    ]  # fmt: skip
    references = {
        "campaign_id": "campaign", "village_id": "village", "household_id": "household", "member_id": "member",
        "story_id": "remark", "why_id": "remark", "honour_id": "honour", **_users("nominated_by_id", "checked_by_id"),
    }  # fmt: skip
    checks = {
        "state": "state IN ('proposed', 'accepted', 'refused', 'withdrawn')",
        "consent_how": "consent_how IN ('signed', 'by_mouth')",
        "two_people": "checked_by_id IS NULL OR checked_by_id <> nominated_by_id",
        "winner": "NOT is_winner OR state = 'accepted'",
    }
    uniques = [("campaign_id", "household_id"), ("campaign_id", "number"), ("honour_id",)]
    _table("nominee", columns, references, checks, uniques)


def _make_ballots() -> None:
    _table(
        "voter", [*_ids("campaign_id", "household_id"), *_ints("place"), *_texts(nullable=True, way=10)],
        {"campaign_id": "campaign", "household_id": "household"}, {"way": "way IN ('passbook', 'desk', 'paper')"},
        [("campaign_id", "place")], key=("campaign_id", "household_id"),
    )  # fmt: skip
    _table(
        "ballot", [*_texts(id=32), *_ids("campaign_id"), *_texts(choice=80)], {"campaign_id": "campaign"},
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("ix_ballot_campaign_id", "ballot", ["campaign_id"])
    columns = [
        *_ids("campaign_id"), sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_ids("first_by_id", nullable=True), *_texts(nullable=True, first_choice=80), *_ids("second_by_id", nullable=True),
    ]  # fmt: skip
    checks = {
        "two_people": "second_by_id IS NULL OR second_by_id <> first_by_id",
        "choice": "(first_choice IS NOT NULL) = (first_by_id IS NOT NULL AND second_by_id IS NULL)",
    }
    references = {"campaign_id": "campaign", **_users("first_by_id", "second_by_id")}
    _table("ballot_paper", columns, references, checks, key=("campaign_id", "number"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
