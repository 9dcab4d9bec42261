"""What the dividend's slide shows: whole sums and dates, no household and nobody's amount."""

from datetime import timedelta

from virtue import clock
from virtue.dividends import queries, sheets
from virtue.dividends.models import Pot, PotState
from virtue.dividends.words import STATES, source
from virtue.extensions import db
from virtue.formatting import day_span
from virtue.kiosk.wall_queries import Slide, Wall
from virtue.places.models import Village

SHOWN_AFTER = timedelta(days=60)
"""So long a pot stays on the wall after it was closed."""


def ceremony(village: Village) -> Wall:
    """A slide for each pot that runs, or was closed not long ago."""
    pots = queries.running(village.id)
    closed = db.session.scalars(
        queries.shown_pots(village.id).where(
            Pot.state == PotState.CLOSED, Pot.closed_at >= clock.start_of(clock.today() - SHOWN_AFTER)
        )
    )
    midnight = clock.start_of(clock.today() + timedelta(days=1))
    slides = [Slide((_told(pot),), midnight, str(pot.year)) for pot in [*pots, *closed]]
    return Wall(village.name, clock.today(), clock.now(), midnight, tuple(slides) or (Slide((), midnight),))


def _told(pot: Pot) -> dict[str, object]:
    days = day_span(pot.opened_on, pot.open_until) if pot.opened_on and pot.open_until else ""
    return {
        "name": pot.name, "fen": pot.fen, "lines": sheets.total_of(pot)[0], "state": STATES[pot.state],
        "source": source(pot), "open": days, "voted_on": pot.voted_on, "present": pot.present, "in_favour": pot.in_favour,
        "signed_on": clock.day_of(pot.signed_at) if pot.signed_at else None,
    }  # fmt: skip
