"""What a tap, a signature and a typed sheet have in common, inside a write under the round's lock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from virtue import clock
from virtue.awarding import checks, round_queries
from virtue.awarding.errors import BadLevel, NotTakingPart
from virtue.awarding.round_errors import (
    AlreadyHandedIn,
    ConsentNeeded,
    MayNotJudge,
    NotAJudge,
    NotInThisGrid,
    RoundNotYet,
)
from virtue.awarding.round_models import DECLINED, NOT_VISITED, Round, RoundJudge, RoundMark, RoundMode
from virtue.core import audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import hats
from virtue.people import queries as people

_MARK = RoundMark.__table__


@dataclass(frozen=True)
class Tap:
    """One judge's word on one household: a level as text, ``not_visited`` or ``declined``."""

    household_id: int
    value: str
    has_consent: bool = False

    @property
    def is_level(self) -> bool:
        """Whether it gives a level, and not a reason for none."""
        return self.value not in {NOT_VISITED, DECLINED}


def locked(village_id: int, round_id: int) -> Round:
    """A round of this village, loaded anew for writing. Raises ``NotFoundHere``."""
    one = db.session.scalar(
        select(Round)
        .where(Round.id == round_id, Round.village_id == village_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if one is None:
        raise NotFoundHere
    return one


def may_judge(village_id: int, user_ids: Collection[int]) -> None:
    """Raise ``MayNotJudge`` unless all of these hold a role that judges in this village."""
    if not set(user_ids) <= {user.id for user in round_queries.judging_staff(village_id)}:
        raise MayNotJudge


def judge_who_taps(one: Round, by: int) -> RoundJudge:
    """The judge that ``by`` is, while marks may still change. In recorder mode only the recorder taps."""
    judges = {judge.user_id: judge for judge in round_queries.judges_of(one.id)}
    judge = judges.get(by)
    if judge is None or (one.mode == RoundMode.RECORDER and by != one.opened_by_id):
        raise NotAJudge
    # Once a co-signer has put a name to the recorder's marks, they stay as they are.
    if judge.signed_at is not None or (one.mode == RoundMode.RECORDER and len(judges) > 1):
        raise AlreadyHandedIn
    not_before(one)
    return judge


def not_before(one: Round) -> None:
    """Raise ``RoundNotYet`` before the round's day."""
    if one.day > clock.today():
        raise RoundNotYet


def check_tap(one: Round, tap: Tap, *, by: int) -> None:
    """Raise what keeps ``by`` from marking this household so."""
    household = people.find_household(one.village_id, tap.household_id)
    if household is None:
        raise NotFoundHere
    if household.grid_id != one.grid_id:
        raise NotInThisGrid
    if not household.takes_part:
        raise NotTakingPart
    checks.not_own(household.id, by=by)
    if not tap.is_level:
        return
    if tap.value not in one.levels.split("/"):
        raise BadLevel
    if one.needs_consent and not tap.has_consent:
        raise ConsentNeeded


def barred(user_id: int) -> set[int]:
    """The households a judge doesn't judge: own, kin's, and those served at the till today."""
    return people.kin_household_ids(user_id) | hats.households_of_other_hat(user_id, hats.AWARD)


def save(one: Round, judge_id: int, taps: Sequence[Tap]) -> None:
    """Write a judge's marks, each over the one before it."""
    standing = set(
        db.session.scalars(
            select(RoundMark.household_id).where(
                RoundMark.round_id == one.id, RoundMark.judge_id == judge_id,
                RoundMark.household_id.in_([tap.household_id for tap in taps]),
            )
        )
    )  # fmt: skip
    fresh: list[dict[str, Any]] = []
    for tap in taps:
        values = _values(tap)
        if tap.household_id not in standing:
            fresh.append({"round_id": one.id, "household_id": tap.household_id, "judge_id": judge_id, **values})
            continue
        where = (_MARK.c.round_id == one.id, _MARK.c.judge_id == judge_id, _MARK.c.household_id == tap.household_id)
        db.session.execute(update(_MARK).where(*where).values(**values))
    if fresh:
        db.session.execute(insert(_MARK), fresh)


def _values(tap: Tap) -> dict[str, Any]:
    return {
        "mark": "level" if tap.is_level else tap.value, "level": int(tap.value) if tap.is_level else None,
        "has_consent": tap.has_consent, "marked_at": clock.now(),
    }  # fmt: skip


def add_judge(one: Round, user_id: int, *, is_signed: bool, sheet_id: int | None = None) -> None:
    """Name a judge; ``is_signed``: who signs at once."""
    signed_at = clock.now() if is_signed else None
    db.session.add(RoundJudge(round_id=one.id, user_id=user_id, signed_at=signed_at, sheet_id=sheet_id))
    db.session.flush()


def note(action: str, one: Round, *, by: int, **details: Any) -> None:
    """The audit row of a round's step."""
    audit.record(f"awarding.{action}", village_id=one.village_id, by=by, subject="round", subject_id=one.id, **details)
