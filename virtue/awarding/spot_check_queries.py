"""What can be asked about drawn lots. What a month's draw comes to follows from the ledger alone, for ever."""

import hashlib
from collections.abc import Collection, Iterator

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import joinedload

from virtue import clock
from virtue.awarding.models import Deed
from virtue.awarding.spot_check_models import SpotCheck, SpotDraw, SpotResult
from virtue.core.invariants import Row
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people import queries as people

MOST_MONTHS = 12
"""Further back than this nothing is drawn any more."""


def lot(seed: str, deed_id: int) -> str:
    """A deed's lot: the smallest are drawn."""
    return hashlib.sha256(f"{seed}:{deed_id}".encode()).hexdigest()


def drawn(seed: str, pool: Collection[int], wanted: int) -> list[int]:
    """The deeds that a seed draws from a pool, in the order of their lots."""
    return sorted(pool, key=lambda deed_id: lot(seed, deed_id))[:wanted]


def pool_of(village_id: int, month: int, seal_seq: int) -> list[int]:
    """The deeds that take part: booked in the month and standing at its end. What doesn't score can't be seen on site."""
    booked = ledger.deeds_booked(village_id, month, seal_seq)
    query = select(Deed.id).join(booked, booked.c.subject_id == Deed.id).where(Deed.scores).order_by(Deed.id)
    return list(db.session.scalars(query))


def pool_at_end(village_id: int, month: int) -> list[int]:
    """The deeds that would take part in a draw of a month that is over; none before."""
    seal = ledger.seal_of_month(village_id, month)
    return pool_of(village_id, month, seal.seq) if seal is not None else []


def months_due(village_id: int) -> list[int]:
    """The months that are over and not drawn, oldest first: those since the last draw; without any, the last one."""
    last = clock.previous_month(clock.month_of(clock.today()))
    latest = db.session.scalar(select(func.max(SpotDraw.month)).where(SpotDraw.village_id == village_id))
    if latest is None:
        return [last]
    return [month for month in clock.months_back(last, MOST_MONTHS)[::-1] if month > latest]


def draws(village_id: int) -> list[SpotDraw]:
    """All draws of a village, newest first; their checks aren't read."""
    query = select(SpotDraw).where(SpotDraw.village_id == village_id).order_by(SpotDraw.month.desc())
    return list(db.session.scalars(query))


def find_draw(village_id: int, month: int | None) -> SpotDraw | None:
    """A month's draw (None: the latest)."""
    query = select(SpotDraw).where(SpotDraw.village_id == village_id).order_by(SpotDraw.month.desc()).limit(1)
    return db.session.scalar(query if month is None else query.where(SpotDraw.month == month))


def checks_of(draw_id: int) -> list[SpotCheck]:
    """A draw's lots in their order, each with its deed and rule."""
    return list(
        db.session.scalars(
            select(SpotCheck)
            .where(SpotCheck.draw_id == draw_id)
            .order_by(SpotCheck.place)
            .options(joinedload(SpotCheck.deed).joinedload(Deed.rule))
        )
    )


def _of_village(village_id: int) -> Select[SpotCheck]:
    return select(SpotCheck).join(SpotCheck.draw).where(SpotDraw.village_id == village_id)


def find_check(village_id: int, check_id: int) -> SpotCheck | None:
    """A drawn lot of this village with its draw and deed."""
    return db.session.scalar(
        _of_village(village_id)
        .where(SpotCheck.id == check_id)
        .options(joinedload(SpotCheck.draw), joinedload(SpotCheck.deed).joinedload(Deed.rule))
    )


def results_of(check_ids: Collection[int]) -> dict[int, list[SpotResult]]:
    """What was found, by check, the first finding first; the last one counts."""
    found: dict[int, list[SpotResult]] = {check_id: [] for check_id in check_ids}
    query = select(SpotResult).where(SpotResult.check_id.in_(list(check_ids))).order_by(SpotResult.id)
    for result in db.session.scalars(query):
        found[result.check_id].append(result)
    return found


def outcomes_of(checks: Collection[SpotCheck]) -> dict[int, str]:
    """The result that counts, by check; one without any is missing."""
    results = results_of([check.id for check in checks])
    return {check_id: rows[-1].outcome for check_id, rows in results.items() if rows}


def to_check(village_id: int, user_id: int) -> tuple[int, int]:
    """How many lots wait for a result that this person may give, and how many of them whose names have gone already."""
    waiting = (
        _of_village(village_id)
        .join(SpotCheck.deed)
        .where(~exists().where(SpotResult.check_id == SpotCheck.id))
        .where(Deed.household_id.not_in(people.kin_household_ids(user_id)))
        .with_only_columns(SpotDraw.shown_until)
    )
    until = list(db.session.scalars(waiting))
    return len(until), sum(day < clock.today() for day in until)


def wrongly_drawn() -> Iterator[Row]:
    """Draws that come out differently when they are done again: another seed, other deeds, or another order."""
    for draw in db.session.scalars(select(SpotDraw).order_by(SpotDraw.id)):
        kept = list(
            db.session.scalars(select(SpotCheck.deed_id).where(SpotCheck.draw_id == draw.id).order_by(SpotCheck.place))
        )
        seal = ledger.seal_of_month(draw.village_id, draw.month)
        is_seed = seal is not None and (seal.seq, seal.seal) == (draw.seal_seq, draw.seed)
        pool = pool_of(draw.village_id, draw.month, draw.seal_seq)
        if not is_seed or len(pool) != draw.pool or drawn(draw.seed, pool, draw.wanted) != kept:
            yield {"village_id": draw.village_id, "month": draw.month}
