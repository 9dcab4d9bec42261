"""Rulebooks and rules, deeds and their steps, deductions, events, evidence."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from virtue.extensions import Id, db


class DeedState(StrEnum):
    """See ``states.py`` for who may move a deed from which state to which."""

    LEAD = "lead"
    VERIFIED = "verified"
    TOLD = "told"
    PROPOSED = "proposed"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    ON_NOTICE = "on_notice"
    FROZEN = "frozen"
    SETTLED = "settled"
    REVERSED = "reversed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


class Rulebook(db.Model):
    """A versioned list of rules, from draft to force. In force: the latest ``in_force_from`` not after today.

    ``in_force_from`` stands on adopted books alone (see ``book_states.py``), so that a draft never counts.
    """

    __tablename__ = "rulebook"
    __table_args__ = (
        UniqueConstraint("village_id", "version"),
        CheckConstraint(
            "state IN ('draft','comments','township_check','vote','voted','filed','in_force','withdrawn')", name="state"
        ),
        CheckConstraint("(state = 'in_force') = (in_force_from IS NOT NULL)", name="in_force_from"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(16))
    comments_until: Mapped[date | None]
    """The last day on which the draft may be commented on."""
    checked_on: Mapped[date | None]
    """The township's word: the day, the number of its paper (or none), who gave it in the system (or nobody)."""
    check_number: Mapped[str | None] = mapped_column(String(60))
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    is_trial: Mapped[bool] = mapped_column(default=False)
    """试运行: scores, but nothing can be redeemed."""
    adopted_on: Mapped[date | None]
    present: Mapped[int | None]
    in_favour: Mapped[int | None]
    women_present: Mapped[int | None]
    filing_number: Mapped[str | None] = mapped_column(String(60))
    """备案文号"""
    in_force_from: Mapped[date | None]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    entered_at: Mapped[datetime]
    rules: Mapped[list["Rule"]] = relationship(back_populates="rulebook", order_by="Rule.position")


class Rule(db.Model):
    """One scorable thing. ``points`` negative is a deduction. Caps are points in a month, a year, ever."""

    __tablename__ = "rule"
    __table_args__ = (UniqueConstraint("rulebook_id", "code"), CheckConstraint("points != 0", name="points"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("rulebook.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    dimension: Mapped[str] = mapped_column(String(20), default="-")
    subject: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(8))
    points: Mapped[int]
    levels: Mapped[str | None] = mapped_column(String(40))
    """For rounds: "2/1/0"."""
    has_quantity: Mapped[bool] = mapped_column(default=False)
    per: Mapped[str] = mapped_column(String(10), default="次")
    cap_month: Mapped[int | None]
    cap_year: Mapped[int | None]
    cap_ever: Mapped[int | None]
    scores: Mapped[bool] = mapped_column(default=True)
    """False: gives balance only (opening balances, card bonus)."""
    evidence: Mapped[str] = mapped_column(String(20))
    needs: Mapped[str | None] = mapped_column(String(20))
    route: Mapped[str] = mapped_column(String(10))
    """at_once, review, deduction"""
    entry: Mapped[str] = mapped_column(String(40))
    """scan+event+round+claim+title+import"""
    publish: Mapped[str] = mapped_column(String(10))
    veto: Mapped[str | None] = mapped_column(String(20))
    standard: Mapped[str] = mapped_column(String(200), default="")
    is_starter: Mapped[bool] = mapped_column(default=False)
    decides: Mapped[str] = mapped_column(String(12), default="group")
    """Who decides: member (on the spot), group, assembly, above; see ``rule_words.py``."""
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    """A picture of what is meant."""
    rulebook: Mapped[Rulebook] = relationship(back_populates="rules")

    @property
    def ways(self) -> set[str]:
        """The ways in: {"scan", "event", ...}."""
        return set(self.entry.split("+"))

    @property
    def is_deduction(self) -> bool:
        """Whether this rule takes points."""
        return self.route == "deduction"


class Event(db.Model):
    """An activity where cards are scanned; closed by a second person within 3 days."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_day", "day", "village_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    name: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    rule_code: Mapped[str | None] = mapped_column(String(12))
    """The rule that is offered first."""
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    opened_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    closed_at: Mapped[datetime | None]


class Deed(db.Model):
    """One thing one household did, under one rule, with the rule as it was then."""

    __tablename__ = "deed"
    __table_args__ = (
        # Led by time, so that writing costs the same in the tenth year (see "caps" in queries).
        Index("ix_deed_month_household_id", "month", "household_id"),
        Index("ix_deed_notice_id", "notice_id"),
        # Only deeds that still move: small, whatever the history.
        Index(
            "ix_deed_open",
            "village_id",
            "state",
            sqlite_where=text("state NOT IN ('settled','rejected','reversed','withdrawn','dropped')"),
            postgresql_where=text("state NOT IN ('settled','rejected','reversed','withdrawn','dropped')"),
        ),
        # The red board's picked entries: led by time, and only those.
        Index(
            "ix_deed_red",
            "settled_on",
            "village_id",
            sqlite_where=text("publish = 'red' AND state = 'settled'"),
            postgresql_where=text("publish = 'red' AND state = 'settled'"),
        ),
        Index(
            "ix_deed_capped_ever",
            "household_id",
            "rule_code",
            sqlite_where=text("cap_ever IS NOT NULL"),
            postgresql_where=text("cap_ever IS NOT NULL"),
        ),
        # From a photo to the deed that shows it: only the few that have one.
        Index(
            "ix_deed_photo_id",
            "photo_id",
            sqlite_where=text("photo_id IS NOT NULL"),
            postgresql_where=text("photo_id IS NOT NULL"),
        ),
        CheckConstraint("(state IN ('settled', 'reversed')) = (entry_id IS NOT NULL)", name="settled_has_entry"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "state IN ('lead','verified','told','proposed','sent_back','approved','on_notice','frozen','settled',"
            "'reversed','rejected','withdrawn','dropped')",
            name="state",
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    """The household's grid at the time."""
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"))
    rule_code: Mapped[str] = mapped_column(String(12))
    rule_version: Mapped[int]
    rule_name: Mapped[str] = mapped_column(String(60))
    rule_name_en: Mapped[str | None] = mapped_column(String(80))
    standard: Mapped[str] = mapped_column(String(200))
    dimension: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(8))
    scores: Mapped[bool]
    publish: Mapped[str] = mapped_column(String(10))
    cap_ever: Mapped[int | None]
    quantity: Mapped[int] = mapped_column(default=1)
    points: Mapped[int]
    """As proposed (negative for a deduction), after the cap at entry."""
    settled_points: Mapped[int | None]
    """As booked, after the cap at settling; may be 0. The tally has exactly this."""
    happened_on: Mapped[date]
    month: Mapped[int]
    """Month of ``happened_on``: decides caps."""
    counts_in: Mapped[int | None]
    """The month whose tally has it; written once, at settling."""
    reversed_in: Mapped[int | None]
    """The month whose tally a reversal lowered: ``counts_in``, or the earliest open one when that was closed."""
    state: Mapped[str] = mapped_column(String(10))
    route: Mapped[str] = mapped_column(String(10))
    way: Mapped[str] = mapped_column(String(10))
    """scan, event, round, claim, title, import"""
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """NULL: the household itself (claim)."""
    proposed_at: Mapped[datetime]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    notice_line: Mapped[int | None]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    settled_on: Mapped[date | None]
    story: Mapped[str | None] = mapped_column(String(40))
    """For the red board, written by the reviewer."""
    remark_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    """What the proposer wrote."""
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    home_consent: Mapped[bool | None]
    """The householder agreed to the visit; NULL where the rule doesn't ask (``needs``)."""
    rule: Mapped[Rule] = relationship()
    steps: Mapped[list["DeedStep"]] = relationship(back_populates="deed", order_by="DeedStep.id")
    deduction: Mapped["Deduction | None"] = relationship(back_populates="deed")

    @property
    def is_on_behalf(self) -> bool:
        """Whether a claim was taken down by staff, for a household without a phone."""
        return self.way == "claim" and self.proposed_by_id is not None


class DeedStep(db.Model):
    """A move of a deed from one state to another: who, when, with which points and words. Append-only."""

    __tablename__ = "deed_step"
    __table_args__ = (Index("ix_deed_step_deed_id", "deed_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id"))
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10))
    points: Mapped[int]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime]
    remark_id: Mapped[int | None] = mapped_column(Id)
    remark_hash: Mapped[str | None] = mapped_column(String(64))
    deed: Mapped[Deed] = relationship(back_populates="steps")


class Deduction(db.Model):
    """What a deduction needs beyond a deed: telling, answer, document."""

    __tablename__ = "deduction"

    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id"), primary_key=True)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    told_on: Mapped[date | None]
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    told_how: Mapped[str | None] = mapped_column(String(12))
    """in_person, slip, phone, passbook; refused (two witnesses, the slip left)"""
    witness_1_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    witness_2_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    is_absent: Mapped[bool] = mapped_column(default=False)
    rebuttal_until: Mapped[date | None]
    """The last day on which the household may answer."""
    rebuttal_at: Mapped[datetime | None]
    rebuttal_remark_id: Mapped[int | None] = mapped_column(ForeignKey("remark.id"))
    rebuttal_how: Mapped[str | None] = mapped_column(String(10))
    """passbook, spoken, paper"""
    rebuttal_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who took it down; NULL: the household wrote it in its passbook."""
    offered_on: Mapped[date | None]
    """Put into the absent household's passbook; told once it is opened there."""
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    repair_until: Mapped[date | None]
    """限期整改: done by then, no record."""
    repaired_on: Mapped[date | None]
    """Said to be done; somebody else checks."""
    repaired_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """Who noted it; NULL: the household, in its passbook."""
    repair_checked_on: Mapped[date | None]
    """Found done: dropped, and what was written is forgotten."""
    repair_checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    document_number: Mapped[str | None] = mapped_column(String(60))
    veto_until: Mapped[date | None]
    deed: Mapped[Deed] = relationship(back_populates="deduction")


class StandIn(db.Model):
    """Who may sign a deduction where fewer than two reviewers are free: drawn by lot, or the township."""

    __tablename__ = "stand_in"
    __table_args__ = (
        Index("ix_stand_in_deed_id", "deed_id"),
        UniqueConstraint("deed_id", "user_id"),
        CheckConstraint("how IN ('lot', 'township')", name="how"),
        CheckConstraint("(how = 'lot') = (user_id IS NOT NULL AND seed IS NOT NULL)", name="drawn"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    """The village representative who was drawn; NULL: the township's administrators."""
    how: Mapped[str] = mapped_column(String(10))
    seed: Mapped[str | None] = mapped_column(String(64))
    """The ledger's last seal at the draw: nobody could choose it, anybody can draw again with it."""
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime]


class Amendment(db.Model):
    """An upheld objection changed a deed's points: the old one was withdrawn or reversed, this one starts again."""

    __tablename__ = "amendment"

    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id"), primary_key=True, autoincrement=False)
    from_id: Mapped[int] = mapped_column(ForeignKey("deed.id"), unique=True)
