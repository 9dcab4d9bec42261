"""What a household reads of the village's dividends: its own line with the why, whether it was paid, its own objections."""

from dataclasses import dataclass

from virtue import clock
from virtue.core import remarks
from virtue.dividends import queries
from virtue.dividends.models import DividendLine, Payout, Pot, PotState
from virtue.dividends.why import stated, why
from virtue.dividends.words import formula
from virtue.extensions import db
from virtue.notices import queries as notices
from virtue.notices.models import Objection
from virtue.people.models import Household

MOST = 12
"""As many sheets are shown, the newest."""


@dataclass(frozen=True)
class OwnSheet:
    """A pot as one household reads it."""

    pot: Pot
    line: DividendLine | None
    """None: the household stands on no line of the sheet."""
    payout: Payout | None
    why: tuple[str, ...]
    months_why: str
    """Why the household counts for the months it does, where those were stated."""
    formula: tuple[str, ...]
    can_object: bool
    own_objections: tuple[Objection, ...]


def own_sheets(household: Household) -> list[OwnSheet]:
    """The sheets that everybody may know of, the newest first."""
    pots = list(db.session.scalars(queries.shown_pots(household.village_id).limit(MOST)))
    objected = list(db.session.scalars(notices.own_objections(household.id)))
    return [_own(pot, household, objected) for pot in pots]


def own_objection(household: Household, pot: Pot, number: int) -> Objection | None:
    """The household's own objection to this pot's sheet with this receipt number."""
    found = db.session.scalars(notices.own_objections(household.id).where(Objection.number == number))
    return next((one for one in found if one.line.notice_id == pot.notice_id), None)


def _own(pot: Pot, household: Household, objected: list[Objection]) -> OwnSheet:
    line = queries.own_line(pot, household.id)
    paid = queries.payouts([line.id]).get(line.id) if line is not None else None
    why_id = stated(pot, household.id)
    is_open = pot.state == PotState.OPEN and pot.open_until is not None and clock.today() <= pot.open_until
    return OwnSheet(
        pot, line, paid, tuple(why(pot, line)) if line is not None else (),
        remarks.texts([why_id]).get(why_id, "") if why_id is not None else "", tuple(formula(pot)), is_open,
        tuple(one for one in objected if one.line.notice_id == pot.notice_id),
    )  # fmt: skip
