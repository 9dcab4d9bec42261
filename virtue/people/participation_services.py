"""暂不参加 and back, the top list, and the end of a household."""

from collections.abc import Callable

from flask_babel import gettext
from sqlalchemy import select

from virtue import clock
from virtue.extensions import db
from virtue.people.card_services import end_cards_of
from virtue.people.consent_services import raise_board_version, withdraw_all
from virtue.people.errors import HouseholdHasOpenThings
from virtue.people.locks import lock_active, lock_household, record
from virtue.people.models import Household, Participation
from virtue.transactions import atomic

open_things: list[Callable[[int], list[str]]] = []
"""Asked before a household ends: each gives, for a household's id, what of it is still open, in words.

Packages to the right put theirs here; people knows neither points nor deeds.
"""


def leave(village_id: int, household_id: int, *, by: int | None) -> Household:
    """暂不参加, by mouth or from the passbook (``by`` None): not scored, rated, listed or notified from now on.

    Its points stay spendable. A household that has left stays as it is. Raises HouseholdEnded.
    """
    with atomic():
        household = lock_active(village_id, household_id)
        if household.left_on is None:
            household.left_on = clock.today()
            db.session.add(
                Participation(village_id=village_id, household_id=household_id, left_on=clock.today(), left_by_id=by)
            )
            raise_board_version(village_id)
            record("people.leave", household, by=by)
        return household


def come_back(village_id: int, household_id: int, *, by: int | None) -> Household:
    """A household takes part again, in one tap. Raises HouseholdEnded."""
    with atomic():
        household = lock_active(village_id, household_id)
        if household.left_on is not None:
            household.left_on = None
            spells = select(Participation).where(
                Participation.household_id == household_id, Participation.back_on.is_(None)
            )
            for spell in db.session.scalars(spells):
                spell.back_on, spell.back_by_id = clock.today(), by
            raise_board_version(village_id)
            record("people.come_back", household, by=by)
        return household


def opt_out_of_board(village_id: int, household_id: int, *, by: int | None) -> Household:
    """The household doesn't want to stand in the top list. Raises HouseholdEnded."""
    return _set_opt_out(village_id, household_id, is_out=True, by=by)


def opt_into_board(village_id: int, household_id: int, *, by: int | None) -> Household:
    """The household may stand in the top list again. Raises HouseholdEnded."""
    return _set_opt_out(village_id, household_id, is_out=False, by=by)


def end_household(village_id: int, household_id: int, *, why: str | None = None, by: int) -> Household:
    """End a household (moved away, died out): its cards end, its consents are taken back; the rows stay.

    Raises HouseholdHasOpenThings while points, deeds or objections of it are open.
    """
    with atomic():
        household = lock_household(village_id, household_id)
        if household.state == "ended":
            return household
        things = [thing for ask in open_things for thing in ask(household_id)]
        if things:
            raise HouseholdHasOpenThings(things=gettext("、").join(things))
        household.state, household.ended_on = "ended", clock.today()
        end_cards_of(household, by=by)
        withdraw_all(household, by=by)
        raise_board_version(village_id)
        record("people.end_household", household, by=by, why=why)
        return household


def _set_opt_out(village_id: int, household_id: int, *, is_out: bool, by: int | None) -> Household:
    with atomic():
        household = lock_active(village_id, household_id)
        if household.board_opt_out != is_out:
            household.board_opt_out = is_out
            raise_board_version(village_id)
            record("people.opt_out_of_board" if is_out else "people.opt_into_board", household, by=by)
        return household
