"""Settling a notice of 620 deeds, in this process; and the same after years of notices."""

import statistics
import time
from datetime import timedelta

from tests.load import village
from virtue import clock
from virtue.awarding import settling

ENDS = 9
"""So many months at the beginning and at the end are compared."""


def settle(grounds: village.Grounds) -> float:
    """Seconds to settle a notice with a deed for every household; writing the notice isn't counted."""
    notice_id = village.put_on_notice(grounds)
    start = time.perf_counter()
    settled = settling.settle_notice(grounds.village_id, notice_id)
    seconds = time.perf_counter() - start
    assert settled == len(grounds.households)
    return seconds


def after_years(grounds: village.Grounds, years: int) -> tuple[float, float]:
    """Seconds a notice takes in the first months, and in the last ones after years of monthly notices."""
    start, seconds = clock.now(), []
    for month in range(years * 12 + ENDS):
        with clock.set_to(start + timedelta(days=31 * month)):
            seconds.append(settle(grounds))
    return statistics.median(seconds[:ENDS]), statistics.median(seconds[-ENDS:])
