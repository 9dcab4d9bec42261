"""Rounds (月评) with their judges, marks and results, and numbered paper sheets."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from virtue.extensions import Id, db

NOT_VISITED, DECLINED = "not_visited", "declined"
"""Marks that are no level: nobody was at home, or the household doesn't want to be inspected. Neither lowers anything."""


class RoundState(StrEnum):
    """See ``round_states`` for who may lead a round where."""

    OPEN = "open"
    CLOSED = "closed"
    DECIDED = "decided"
    CANCELLED = "cancelled"


class RoundMode(StrEnum):
    """One recorder's phone with two co-signers, or each judge on a phone."""

    RECORDER = "recorder"
    JUDGES = "judges"


class SheetState(StrEnum):
    """A sheet is entered once, ever; a spoiled one is voided."""

    PRINTED = "printed"
    ENTERED = "entered"
    VOID = "void"


class Round(db.Model):  # type: ignore[name-defined]
    """One grid's households under one rule on one day, judged by at least two."""

    __tablename__ = "round"
    __table_args__ = (
        Index("ix_round_village_id_day", "village_id", "day"),
        # A second round for the same grid and rule would only be a double tap.
        Index(
            "uq_round_open",
            "grid_id",
            "rule_code",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("state IN ('open', 'closed', 'decided', 'cancelled')", name="state"),
        CheckConstraint("mode IN ('recorder', 'judges')", name="mode"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    rule_code: Mapped[str] = mapped_column(String(12))
    rule_name: Mapped[str] = mapped_column(String(60))
    rule_name_en: Mapped[str | None] = mapped_column(String(80))
    levels: Mapped[str] = mapped_column(String(40))
    """The rule's levels when the round was opened: "2/1/0"."""
    needs_consent: Mapped[bool] = mapped_column(default=False)
    """The rule looks inside a home: a level needs the householder's tick."""
    day: Mapped[date]
    mode: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default=RoundState.OPEN)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    """In recorder mode the recorder."""
    opened_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    closed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]

    @property
    def level_list(self) -> list[int]:
        """The levels, highest first."""
        return sorted({int(level) for level in self.levels.split("/") if level}, reverse=True)


class RoundJudge(db.Model):  # type: ignore[name-defined]
    """Who judges; ``signed_at``: handed in, or co-signed. Only what signed judges marked counts."""

    __tablename__ = "round_judge"
    __table_args__ = (UniqueConstraint("round_id", "user_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    signed_at: Mapped[datetime | None]
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("sheet.id"))
    """Signed with the pen, on this sheet."""


class RoundMark(db.Model):  # type: ignore[name-defined]
    """What one judge gave one household; the last one counts."""

    __tablename__ = "round_mark"
    __table_args__ = (
        UniqueConstraint("round_id", "judge_id", "household_id"),
        CheckConstraint("(mark = 'level') = (level IS NOT NULL)", name="level"),
        CheckConstraint("mark IN ('level', 'not_visited', 'declined')", name="mark"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    judge_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    mark: Mapped[str] = mapped_column(String(12))
    level: Mapped[int | None]
    has_consent: Mapped[bool] = mapped_column(default=False)
    """The householder let them in."""
    marked_at: Mapped[datetime]


class RoundResult(db.Model):  # type: ignore[name-defined]
    """What a round came to for one household: the median, from how many judges, and the deed that was proposed."""

    __tablename__ = "round_result"
    __table_args__ = (UniqueConstraint("round_id", "household_id"), Index("ix_round_result_deed_id", "deed_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    judges: Mapped[int]
    """How many levels were given by judges who may judge this household."""
    level: Mapped[int | None]
    """NULL: no score."""
    deed_id: Mapped[int | None] = mapped_column(ForeignKey("deed.id"))
    refused: Mapped[str | None] = mapped_column(String(60))
    """The rule that kept the deed from being proposed (CapReached ...)."""
    refused_params: Mapped[dict[str, Any] | None]


class Sheet(db.Model):  # type: ignore[name-defined]
    """A numbered sheet of paper: for a round, an event or single deeds. Each number books once, ever."""

    __tablename__ = "sheet"
    __table_args__ = (
        UniqueConstraint("village_id", "number"),
        CheckConstraint("state IN ('printed', 'entered', 'void')", name="state"),
        CheckConstraint("kind IN ('round', 'event', 'deeds')", name="kind"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    rule_code: Mapped[str | None] = mapped_column(String(12))
    """Of an event's list: what it is signed for."""
    household_ids: Mapped[list[Any] | None]
    """Of a round: the households in the order of the printed lines."""
    lines: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=SheetState.PRINTED)
    printed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    printed_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who typed it in, or voided it."""
    ended_at: Mapped[datetime | None]
    results: Mapped[list[Any] | None]
    """What came of each line: line, household, deed, or the refusal's code. No words."""
