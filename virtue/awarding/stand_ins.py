"""Where fewer than two reviewers are free: village representatives drawn by lot, then the township (product.md, section 3).

The lot is drawn from the village's representatives (a role of their own, reviewers in reserve), ordered by a hash over
the ledger's seal of the day, the deduction and the representative: nobody can choose it, anybody can draw it again.
"""

import hashlib
from collections.abc import Collection
from typing import Any

from sqlalchemy import or_, select

from virtue import clock
from virtue.awarding import deductions
from virtue.awarding.deductions import find_open, once
from virtue.awarding.errors import EnoughReviewers, NobodyToDraw, NotDrawn, WrongState
from virtue.awarding.models import Deduction, Deed, DeedState, StandIn
from virtue.core import audit
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people import recusals
from virtue.places.models import Village
from virtue.staff import queries as staff
from virtue.staff.models import RoleGrant, User

ENOUGH = 2
UNDECIDED = (str(DeedState.VERIFIED), str(DeedState.TOLD))


def free_reviewers(deed: Deed, facts: Deduction) -> list[User]:
    """The reviewers who may decide a deduction: neither proposed nor verified it, and aren't kin."""
    return _free(staff.active_staff(deed.village_id, "reviewer"), deed, facts)


def stand_ins_of(deed_id: int) -> list[StandIn]:
    """Who was drawn, and whether it was handed to the township."""
    return list(db.session.scalars(select(StandIn).where(StandIn.deed_id == deed_id).order_by(StandIn.id)))


def is_short(deed: Deed, facts: Deduction) -> bool:
    """Whether reviewers and those drawn are too few to decide it."""
    return deed.state in UNDECIDED and _missing(deed, facts) > 0


def short_of_reviewers(village_id: int) -> list[Deed]:
    """The undecided deductions that too few may decide and that weren't handed to the township, oldest first."""
    rows = db.session.execute(
        select(Deed, Deduction)
        .join(Deduction, Deduction.deed_id == Deed.id)
        .where(Deed.village_id == village_id, Deed.state.in_(UNDECIDED), Deed.route == "deduction")
        .order_by(Deed.id)
    ).all()
    return [
        deed
        for deed, facts in rows
        if _missing(deed, facts) > 0 and not any(one.how == "township" for one in stand_ins_of(deed.id))
    ]


def to_sign(village_id: int, user_id: int) -> list[Deed]:
    """The undecided deductions this user was drawn for, or that the township was handed, oldest first."""
    mine = StandIn.user_id == user_id
    if _is_township(village_id, user_id):
        mine = or_(mine, StandIn.how == "township")
    query = (
        select(Deed)
        .join(StandIn, StandIn.deed_id == Deed.id)
        .where(Deed.village_id == village_id, Deed.state.in_(UNDECIDED), mine)
        .order_by(Deed.id)
    )
    return list(dict.fromkeys(db.session.scalars(query)))


def may_sign(deed: Deed, user_id: int) -> bool:
    """Whether a user stands in for a reviewer here."""
    rows = stand_ins_of(deed.id)
    if any(row.user_id == user_id for row in rows):
        return True
    return any(row.how == "township" for row in rows) and _is_township(deed.village_id, user_id)


def draw(village_id: int, deed_id: int, *, key: str, by: int) -> Outcome:
    """Draw as many representatives as are missing. Gives their ids and the seed. Raises EnoughReviewers, NobodyToDraw."""

    def work() -> dict[str, Any]:
        deed, facts = _undecided(village_id, deed_id, by=by)
        drawn = {row.user_id for row in stand_ins_of(deed_id)}
        pool = [user for user in _free(staff.active_staff(village_id, "representative"), deed, facts)
                if user.id not in drawn and user.id != by]  # fmt: skip
        if not pool:
            raise NobodyToDraw
        seed = _seed(village_id)
        chosen = sorted(pool, key=lambda user: lot(seed, deed_id, user.id))[: _missing(deed, facts)]
        for user in chosen:
            db.session.add(StandIn(deed_id=deed_id, user_id=user.id, how="lot", seed=seed, by_id=by, at=clock.now()))
        db.session.flush()
        ids = [user.id for user in chosen]
        audit.record(
            "awarding.draw", village_id=village_id, by=by, subject="deed", subject_id=deed_id, drawn=ids, seed=seed[:16],
            pool=sorted(user.id for user in pool),
        )  # fmt: skip
        return {"deed_id": deed_id, "drawn": ids, "seed": seed}

    return once("awarding.draw", village_id, [deed_id, by], work, key=key)


def hand_over(village_id: int, deed_id: int, *, key: str, by: int) -> Outcome:
    """Hand it to the township: its administrators may sign. Raises EnoughReviewers."""

    def work() -> dict[str, Any]:
        _undecided(village_id, deed_id, by=by)
        if any(row.how == "township" for row in stand_ins_of(deed_id)):
            raise WrongState
        db.session.add(StandIn(deed_id=deed_id, how="township", by_id=by, at=clock.now()))
        db.session.flush()
        audit.record("awarding.hand_over", village_id=village_id, by=by, subject="deed", subject_id=deed_id)
        return {"deed_id": deed_id}

    return once("awarding.hand_over", village_id, [deed_id, by], work, key=key)


def sign(village_id: int, deed_id: int, *, key: str, by: int) -> Outcome:
    """Find for the deduction in a reviewer's stead, with every guard of ``decide``. Raises NotDrawn."""
    deed = db.session.get(Deed, deed_id)
    if deed is None or deed.village_id != village_id or not may_sign(deed, by):
        raise NotDrawn
    return deductions.decide(village_id, deed_id, key=key, by=by)


def lot(seed: str, deed_id: int, user_id: int) -> str:
    """A representative's lot: the smallest are drawn."""
    return hashlib.sha256(f"{seed}:{deed_id}:{user_id}".encode()).hexdigest()


def _undecided(village_id: int, deed_id: int, *, by: int) -> tuple[Deed, Deduction]:
    deed, facts = find_open(village_id, deed_id, by=by)
    if deed.state not in UNDECIDED:
        raise WrongState
    if _missing(deed, facts) <= 0:
        raise EnoughReviewers
    return deed, facts


def _missing(deed: Deed, facts: Deduction) -> int:
    drawn = [row.user_id for row in stand_ins_of(deed.id) if row.user_id is not None]
    free = {user.id for user in free_reviewers(deed, facts)}
    if drawn:
        free |= {user.id for user in _free(staff.active_staff(deed.village_id, "representative"), deed, facts)} & set(
            drawn
        )
    return ENOUGH - len(free)


def _free(users: Collection[User], deed: Deed, facts: Deduction) -> list[User]:
    kin = recusals.kin_of([user.id for user in users])
    return [
        user
        for user in users
        if user.id not in {deed.proposed_by_id, facts.verified_by_id}
        and deed.household_id not in kin[user.id].households
    ]


def _seed(village_id: int) -> str:
    seal = ledger.day_seal(village_id) or ledger.current_seal(village_id)
    return seal.seal if seal is not None else "0" * 64


def _is_township(village_id: int, user_id: int) -> bool:
    grant = (
        select(RoleGrant.id)
        .join(Village, Village.township_id == RoleGrant.township_id)
        .where(
            RoleGrant.user_id == user_id, RoleGrant.role == "township_admin", RoleGrant.ended_at.is_(None),
            Village.id == village_id,
        )
    )  # fmt: skip
    return db.session.scalar(grant) is not None
