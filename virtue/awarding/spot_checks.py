"""Drawn lots (抽查): each month some settled deeds are drawn with a seed nobody could choose, and looked at on site.

The seed is the ledger's seal at the end of the month's last day; the lots are the SHA-256 of seed, colon and the deed's
number; the smallest are drawn. Drawn by the day's run once the month is over, or by the supervision committee.
"""

from datetime import date, timedelta
from typing import Any

from virtue import clock
from virtue.awarding import checks
from virtue.awarding import spot_check_queries as queries
from virtue.awarding.queries import deciders
from virtue.awarding.spot_check_errors import HandInDeed, MonthNotSealed, NothingToDraw, SpotNoteNeeded
from virtue.awarding.spot_check_models import RIGHT, SpotCheck, SpotDraw, SpotResult
from virtue.core import audit, keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import queries as ledger_queries
from virtue.ledger import services as ledger
from virtue.transactions import atomic


def draw_due(village_id: int) -> None:
    """Draw every month that is due, one transaction each. Idempotent, whatever day it runs."""
    for month in queries.months_due(village_id):
        # Where nothing was booked there is nothing to lock, nor a chain to begin.
        if queries.pool_at_end(village_id, month):
            draw_month(village_id, month, by=None)


def draw(village_id: int, month: int, *, key: str, by: int) -> Outcome:
    """Draw a month that the day's run hasn't drawn; one that stands is given as it is.

    Gives the month and how many were drawn. Raises ``MonthNotSealed``, ``NothingToDraw``.
    """

    def work() -> dict[str, Any]:
        if month >= clock.month_of(clock.today()):
            raise MonthNotSealed
        found = draw_month(village_id, month, by=by)
        if found is None:
            raise NothingToDraw
        return {"month": month, "drawn": len(queries.checks_of(found.id))}

    return keys.run_once(
        key, "awarding.draw_spot_checks", [month, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def draw_month(village_id: int, month: int, *, by: int | None) -> SpotDraw | None:
    """A month's draw, made if it isn't there and due; None where there was nothing to draw from."""
    with atomic():
        ledger.lock(village_id)
        standing = queries.find_draw(village_id, month)
        if standing is not None or month not in queries.months_due(village_id):
            return standing
        pool, seal = queries.pool_at_end(village_id, month), ledger_queries.seal_of_month(village_id, month)
        return _keep(village_id, month, seal, pool, by=by) if seal is not None and pool else None


def _keep(village_id: int, month: int, seal: ledger_queries.DaySeal, pool: list[int], *, by: int | None) -> SpotDraw:
    wanted = settings.value("spot_checks", village_id)
    found = SpotDraw(
        village_id=village_id, month=month, seed=seal.seal, seal_seq=seal.seq, pool=len(pool), wanted=wanted,
        drawn_at=clock.now(), drawn_by_id=by, shown_until=_end_of_month(),
    )  # fmt: skip
    found.checks = [
        SpotCheck(place=place, deed_id=deed_id)
        for place, deed_id in enumerate(queries.drawn(seal.seal, pool, wanted), 1)
    ]
    db.session.add(found)
    db.session.flush()
    audit.record(
        "awarding.draw_spot_checks", village_id=village_id, by=by, subject="month", subject_id=month,
        deeds=len(found.checks), seed=seal.seal[:16],
    )  # fmt: skip
    return found


def _end_of_month() -> date:
    return clock.first_day(clock.next_month(clock.month_of(clock.today()))) - timedelta(days=1)


def record(village_id: int, check_id: int, outcome: str, note: str, *, key: str, by: int) -> Outcome:
    """Write down what was found on site; said again, it corrects what was said before, which stays to be read.

    Raises ``OwnKin``, ``TwoHats``, ``HandInDeed``, ``SpotNoteNeeded``.
    """

    def work() -> dict[str, Any]:
        check = queries.find_check(village_id, check_id)
        if check is None:
            raise NotFoundHere
        deed = check.deed
        checks.not_own(deed.household_id, by=by)
        if by in deciders(deed.id):
            raise HandInDeed
        words = note.strip()
        if len(words) < 2 and (outcome != RIGHT or queries.results_of([check_id])[check_id]):
            raise SpotNoteNeeded
        note_id, _hash = remarks.keep(words, village_id=village_id)
        db.session.add(SpotResult(check_id=check_id, outcome=outcome, note_id=note_id, by_id=by, at=clock.now()))
        db.session.flush()
        audit.record(
            "awarding.spot_check", village_id=village_id, by=by, household_id=deed.household_id, subject="deed",
            subject_id=deed.id, why=words, outcome=outcome,
        )  # fmt: skip
        return {"check_id": check_id, "outcome": outcome}

    return keys.run_once(
        key, "awarding.spot_check", [check_id, outcome, note, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip
