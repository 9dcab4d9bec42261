"""What can be asked about rounds. Others' levels are for after the closing: ``marks_of`` takes one judge."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, and_, case, func, select

from virtue.awarding.models import Deed, Rule
from virtue.awarding.queries import rules_in_force
from virtue.awarding.round_models import Round, RoundJudge, RoundMark, RoundMode, RoundResult, RoundState
from virtue.extensions import db
from virtue.people.models import Household
from virtue.staff import queries as staff
from virtue.staff.models import User

JUDGING_ROLES = ("committee", "reviewer", "village_admin")
"""Who may be named a judge or co-sign; the supervision committee sees all and changes nothing."""


COSIGNERS = 2
"""So many sign beside a recorder."""


def rounds(village_id: int, *, state: str = "", grid_id: int | None = None) -> Select[Round]:
    """All rounds, newest first."""
    query = select(Round).where(Round.village_id == village_id).order_by(Round.day.desc(), Round.id.desc())
    if state:
        query = query.where(Round.state == state)
    return query.where(Round.grid_id == grid_id) if grid_id is not None else query


def find_round(village_id: int, round_id: int) -> Round | None:
    """A round of this village."""
    return db.session.scalar(select(Round).where(Round.id == round_id, Round.village_id == village_id))


def round_rules(village_id: int) -> list[Rule]:
    """The rules in force that rounds are held under. Nothing is deducted in a round."""
    return [rule for rule in rules_in_force(village_id, "round") if not rule.is_deduction]


def levels_of(rule: Rule) -> str:
    """A rule's levels, highest first; a rule without any is met or not."""
    return rule.levels or f"{rule.points}/0"


def level_words(levels: Collection[int]) -> dict[int, str]:
    """Each level's word, for big buttons."""
    if len(levels) == 2:
        words = [_("做到了"), _("没做到")]
    elif len(levels) == 3:
        words = [_("最清洁"), _("较清洁"), _("一般")]
    else:
        words = [_("%(level)s 分", level=level) for level in levels]
    return dict(zip(levels, words, strict=True))


def households_of(one: Round) -> list[Household]:
    """The grid's households that take part, in the order of their codes."""
    return list(
        db.session.scalars(
            select(Household)
            .where(
                Household.village_id == one.village_id, Household.grid_id == one.grid_id, Household.state == "active",
                Household.left_on.is_(None),
            )
            .order_by(Household.code)
        )
    )  # fmt: skip


def judges_of(round_id: int) -> list[RoundJudge]:
    """Who judges, in the order they were named or signed."""
    return list(db.session.scalars(select(RoundJudge).where(RoundJudge.round_id == round_id).order_by(RoundJudge.id)))


def marks_of(round_id: int, judge_id: int) -> dict[int, RoundMark]:
    """One judge's marks, by household."""
    rows = db.session.scalars(select(RoundMark).where(RoundMark.round_id == round_id, RoundMark.judge_id == judge_id))
    return {row.household_id: row for row in rows}


def value_of(mark: RoundMark | None) -> str:
    """A mark as the form sends it: "2", "not_visited", "declined", or empty."""
    if mark is None:
        return ""
    return str(mark.level) if mark.level is not None else mark.mark


def progress(round_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """How many households each judge has marked, by round and judge."""
    found: dict[int, dict[int, int]] = {round_id: {} for round_id in round_ids}
    rows = db.session.execute(
        select(RoundMark.round_id, RoundMark.judge_id, func.count())
        .where(RoundMark.round_id.in_(list(round_ids)))
        .group_by(RoundMark.round_id, RoundMark.judge_id)
    )
    for round_id, judge_id, count in rows:
        found[round_id][judge_id] = count
    return found


def judging_staff(village_id: int) -> list[User]:
    """Who may judge or co-sign in this village, by name."""
    return staff.active_staff(village_id, *JUDGING_ROLES)


@dataclass(frozen=True)
class Verdict:
    """What the signed judges gave one household. ``level`` None: no score."""

    household_id: int
    judges: tuple[int, ...]
    """Who gave a level."""
    level: int | None
    is_declined: bool


def verdicts(one: Round) -> list[Verdict]:
    """The median level per household of at least two judges, the lower of two; only what signed judges marked."""
    rows = db.session.execute(
        select(RoundMark.household_id, RoundMark.judge_id, RoundMark.level, RoundMark.mark)
        .join(RoundJudge, (RoundJudge.round_id == RoundMark.round_id) & (RoundJudge.user_id == RoundMark.judge_id))
        .where(RoundMark.round_id == one.id, RoundJudge.signed_at.is_not(None))
        .order_by(RoundMark.household_id, RoundJudge.id)
    )
    by_household: dict[int, list[Any]] = {}
    for row in rows:
        by_household.setdefault(row.household_id, []).append(row)
    return [_verdict(household_id, marks) for household_id, marks in by_household.items()]


def _verdict(household_id: int, marks: list[Any]) -> Verdict:
    given = [mark for mark in marks if mark.level is not None]
    levels = sorted(mark.level for mark in given)
    return Verdict(
        household_id, tuple(mark.judge_id for mark in given), median(levels) if len(levels) >= 2 else None,
        any(mark.mark == "declined" for mark in marks),
    )  # fmt: skip


def median(levels: list[int]) -> int:
    """The middle of sorted levels; of two middle ones the lower."""
    return levels[(len(levels) - 1) // 2]


def all_marks(round_id: int) -> dict[int, dict[int, str]]:
    """Every judge's mark by household and judge: for the page after the closing only."""
    found: dict[int, dict[int, str]] = {}
    for mark in db.session.scalars(select(RoundMark).where(RoundMark.round_id == round_id)):
        found.setdefault(mark.household_id, {})[mark.judge_id] = value_of(mark)
    return found


def results_of(round_id: int) -> dict[int, tuple[RoundResult, Deed | None]]:
    """What was decided, by household, each with the deed it became."""
    rows = db.session.execute(
        select(RoundResult, Deed)
        .outerjoin(Deed, Deed.id == RoundResult.deed_id)
        .where(RoundResult.round_id == round_id)
    )
    return {result.household_id: (result, deed) for result, deed in rows}


@dataclass(frozen=True)
class Waiting:
    """How many rounds whose day has come wait for what. None is counted twice."""

    mine: int
    """For this person's marks or signature."""
    unsigned: int
    """For others'."""
    signed: int
    """To be closed: enough have signed."""
    closed: int
    """To be sent to the review group."""


def waiting(village_id: int, user_id: int, day: date) -> Waiting:
    """What the rounds of a village wait for, as a member of staff sees it on ``day``."""
    rows = db.session.execute(
        select(
            Round.mode, Round.state, func.count(RoundJudge.id).label("judges"),
            func.count(RoundJudge.signed_at).label("signed"),
            func.sum(case((and_(RoundJudge.user_id == user_id, RoundJudge.signed_at.is_(None)), 1), else_=0)).label("mine"),
        )
        .join(RoundJudge, RoundJudge.round_id == Round.id)
        .where(Round.village_id == village_id, Round.day <= day, Round.state.in_(("open", "closed")))
        .group_by(Round.id, Round.mode, Round.state)
    )  # fmt: skip
    found = Counter(_waits_for(row) for row in rows)
    return Waiting(found["mine"], found["unsigned"], found["signed"], found["closed"])


def _waits_for(row: Any) -> str:
    if row.state == RoundState.CLOSED:
        return "closed"
    # The recorder signs by closing, after the co-signers.
    if row.signed >= (COSIGNERS if row.mode == RoundMode.RECORDER else row.judges):
        return "signed"
    return "mine" if row.mine else "unsigned"


def open_for(village_id: int, user_id: int) -> list[Round]:
    """Open rounds in which this person is a judge and hasn't signed."""
    return list(
        db.session.scalars(
            select(Round)
            .join(RoundJudge, RoundJudge.round_id == Round.id)
            .where(
                Round.village_id == village_id, Round.state == "open", RoundJudge.user_id == user_id,
                RoundJudge.signed_at.is_(None),
            )
            .order_by(Round.day, Round.id)
        )
    )  # fmt: skip
