"""How a household's claims read to it: where each stands, why, and what can still be done."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext

from virtue import clock
from virtue.awarding import claim_queries, photo_queries
from virtue.awarding import public_queries as awarding
from virtue.awarding.models import Deed
from virtue.awarding.words import title
from virtue.core import remarks
from virtue.passbook import words
from virtue.people.models import Household
from virtue.staff import queries as staff

MONTHS = 13


@dataclass(frozen=True)
class ClaimStory:
    """One claim."""

    deed_id: int
    title: str
    happened_on: date
    unit: str
    points: int
    state: str
    said: str
    """What the household wrote."""
    reason: str
    """Why its points were amended, or it was sent back, rejected or reversed."""
    taken_down_by: str
    """Who of the staff wrote it down; empty when the household did."""
    photo: str
    can_resend: bool
    can_withdraw: bool
    is_good: bool


def stories(household: Household) -> list[ClaimStory]:
    """The claims of the last months, newest first; a fixed number of statements."""
    months = clock.months_back(clock.month_of(clock.today()), MONTHS)
    deeds = claim_queries.claims_of(household.village_id, household.id, months)
    notices, reasons = awarding.notices_of(deeds), claim_queries.reasons_of(deeds)
    said = remarks.texts([deed.remark_id for deed in deeds])
    photos = photo_queries.photo_names(deed.photo_id for deed in deeds)
    names = staff.names_of({deed.proposed_by_id for deed in deeds})
    today = clock.today()
    return [
        _story(
            deed, words.state(deed, notices.get(deed.notice_id or 0), today), said.get(deed.remark_id or 0, ""),
            reasons.get(deed.id, ("", "")), names.get(deed.proposed_by_id or 0, ""), photos.get(deed.photo_id or 0, ""),
        )
        for deed in deeds
    ]  # fmt: skip


def _story(deed: Deed, state: str, said: str, last: tuple[str, str], by: str, photo: str) -> ClaimStory:
    action, reason = last
    is_told = deed.state in {"sent_back", "rejected", "reversed"} or action == "amend"
    return ClaimStory(
        deed.id, title(deed), deed.happened_on, deed.unit,
        deed.settled_points if deed.settled_points is not None else deed.points,
        gettext("您家撤回了") if deed.state == "withdrawn" and deed.notice_id is None else state,
        said, reason if is_told else "", by, photo, deed.state == "sent_back",
        deed.state in {"proposed", "sent_back"}, deed.state == "settled",
    )  # fmt: skip
