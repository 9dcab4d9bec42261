"""What a household asks about its claims."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from virtue.awarding.models import Deed, DeedState, DeedStep
from virtue.core import remarks
from virtue.extensions import db


def claims_of(village_id: int, household_id: int, months: Collection[int]) -> list[Deed]:
    """A household's claims of these months, newest first, by itself or on its behalf."""
    return list(
        db.session.scalars(
            select(Deed)
            .where(
                Deed.month.in_(months), Deed.household_id == household_id, Deed.village_id == village_id,
                Deed.way == "claim",
            )
            .order_by(Deed.id.desc())
            .options(joinedload(Deed.rule))
        )
    )  # fmt: skip


def find_claim(village_id: int, household_id: int, deed_id: int) -> Deed | None:
    """One of the household's claims."""
    return db.session.scalar(
        select(Deed).where(
            Deed.id == deed_id, Deed.village_id == village_id, Deed.household_id == household_id, Deed.way == "claim"
        )
    )


def sent_back(village_id: int, household_id: int) -> int:
    """How many claims wait for the household's answer."""
    return db.session.scalar(
        select(func.count()).where(
            Deed.village_id == village_id, Deed.state == DeedState.SENT_BACK, Deed.household_id == household_id,
            Deed.way == "claim",
        )
    ) or 0  # fmt: skip


def reasons_of(deeds: Collection[Deed]) -> dict[int, tuple[str, str]]:
    """The last reason given for amending, sending back, rejecting or reversing each of these, by deed id: which, and why."""
    rows = db.session.execute(
        select(DeedStep.deed_id, DeedStep.action, DeedStep.remark_id)
        .where(
            DeedStep.deed_id.in_([deed.id for deed in deeds]),
            DeedStep.action.in_(("amend", "send_back", "reject", "reverse")),
        )
        .order_by(DeedStep.id)
    ).all()
    texts = remarks.texts([row.remark_id for row in rows])
    return {row.deed_id: (row.action, texts.get(row.remark_id, "")) for row in rows}
