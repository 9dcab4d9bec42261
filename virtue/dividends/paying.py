"""Paying a frozen sheet out, line by line, each once; then closing it with what nobody fetched."""

from datetime import date
from typing import Any

from virtue import clock
from virtue.awarding import checks
from virtue.core.keys import Outcome
from virtue.dividends import queries
from virtue.dividends.deciding import apart
from virtue.dividends.errors import AlreadyPaid, BadPayment, NothingDue
from virtue.dividends.models import Payout, Pot
from virtue.dividends.pots import note, step
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.places import services as places


def pay(village_id: int, pot_id: int, line_id: int, *, how: str, on: date, key: str, by: int) -> Outcome:
    """A line was paid: by bank, or in hand against a signature or thumb print. Gives ``fen``.

    Raises AlreadyPaid, NothingDue, BadPayment, SecondPersonInDividend, OwnKin. What nobody fetched before the close may
    still be paid after it.
    """

    def work(pot: Pot) -> dict[str, Any]:
        line = queries.find_line(pot, line_id)
        if line is None:
            raise NotFoundHere
        apart(pot, by=by)
        checks.not_own(line.household_id, by=by)
        if line.fen == 0:
            raise NothingDue
        signed_on = clock.day_of(pot.signed_at) if pot.signed_at else date.max
        if how not in {"bank", "signature", "thumb"} or not signed_on <= on <= clock.today():
            raise BadPayment
        if queries.is_paid(line_id):
            raise AlreadyPaid
        db.session.add(
            Payout(
                pot_id=pot.id, line_id=line.id, household_id=line.household_id, fen=line.fen, how=how, paid_on=on,
                by_id=by, at=clock.now(),
            )
        )  # fmt: skip
        db.session.flush()
        note("pay", pot, by=by, household=line.household_id, fen=line.fen, line=line.place)
        return {"line_id": line_id, "fen": line.fen}

    return step("pay", village_id, pot_id, [line_id, how, on], work, key=key, by=by)


def close(village_id: int, pot_id: int, *, key: str, by: int) -> Outcome:
    """Close the pay list. Gives ``paid``, ``paid_fen``, ``unclaimed`` and ``unclaimed_fen``."""

    def work(pot: Pot) -> dict[str, Any]:
        apart(pot, by=by)
        left = queries.unclaimed(pot)
        paid, paid_fen = queries.paid_fen(pot.id)
        pot.closed_by_id, pot.closed_at = by, clock.now()
        found: dict[str, Any] = {
            "paid": paid, "paid_fen": paid_fen, "unclaimed": len(left), "unclaimed_fen": sum(line.fen for line in left),
        }  # fmt: skip
        note("close", pot, by=by, why=None, **found)
        places.raise_board_version(village_id)
        return found

    return step("close", village_id, pot_id, [], work, key=key, by=by)
