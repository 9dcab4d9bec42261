"""Moving a deed from state to state, with the step written beside it."""

from typing import Any

from sqlalchemy import select, update

from virtue import clock
from virtue.awarding.models import Deed, DeedStep
from virtue.awarding.states import target
from virtue.core import audit, files, remarks
from virtue.core.files import Upload
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.prepared import into

_NEW_STEP = into(DeedStep.__table__, "id")

OF_NOBODY = frozenset({"freeze", "thaw", "settle"})
"""What happens to a deed without its household's or a member's doing: without ``by`` it is told as the system's."""


def locked(village_id: int, deed_id: int) -> Deed:
    """A deed of this village, loaded anew for writing. Raises ``NotFoundHere``."""
    deed = db.session.scalar(
        select(Deed)
        .where(Deed.id == deed_id, Deed.village_id == village_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if deed is None:
        raise NotFoundHere
    return deed


def move(deed: Deed, action: str, *, by: int | None, why: str | None = None, stays: bool = False) -> None:
    """Do an action on a deed: new state, step, audit row. Raises ``WrongState``.

    ``stays``: the action counts (a first of two approvals) but the deed stays where it is.
    """
    to_state = target(action, deed.state)
    if stays:
        to_state = type(to_state)(deed.state)
    note(deed, action, to_state=str(to_state), by=by, why=why)
    deed.state = str(to_state)
    db.session.flush()


def replace_photo(deed: Deed, photo: Upload | None, *, by: int | None) -> None:
    """Let a deed show a newer photo; without one it keeps what it has."""
    if photo is not None:
        deed.photo_id = files.claim_picture(photo, deed.village_id, by=by)
        db.session.flush()


def note(deed: Deed, action: str, *, to_state: str, by: int | None, why: str | None = None) -> None:
    """Write a step and its audit row."""
    remark_id, remark_hash = remarks.keep(why, village_id=deed.village_id)
    _NEW_STEP.run({
        "deed_id": deed.id, "action": action, "from_state": deed.state, "to_state": to_state, "points": deed.points,
        "by_id": by, "at": clock.now(), "remark_id": remark_id, "remark_hash": remark_hash,
    })  # fmt: skip
    # Without a user the trail says "the household itself": not where an objection did it, of which it knows nothing.
    household_id = None if by is None and action in OF_NOBODY else deed.household_id
    audit.record(
        f"awarding.{action}", village_id=deed.village_id, by=by, household_id=household_id, subject="deed",
        subject_id=deed.id, points=deed.points, rule=deed.rule_code,
    )  # fmt: skip


def note_many(rows: list[dict[str, Any]]) -> None:
    """Write many steps at once (deed_id, action, from_state, to_state, points, by_id), without audit rows."""
    now = clock.now()
    _NEW_STEP.run_many([{"at": now, "remark_id": None, "remark_hash": None, **row} for row in rows])


def set_many(deed_ids: list[int], **values: Any) -> None:
    """Give many deeds the same new values."""
    if deed_ids:
        db.session.execute(update(Deed).where(Deed.id.in_(deed_ids)).values(**values))
