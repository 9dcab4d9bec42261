"""What a stocktake's forms carry: numbers by good, reasons by good, the time of a count on paper."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from virtue import clock
from virtue.quantities import parse_whole
from virtue.store.stocktake_services import MOST_COUNTED

_NAME = re.compile(r"n-(\d{1,15})")
_REASON = re.compile(r"reason-(\d{1,15})")


@dataclass
class TypedCounts:
    """Numbers as typed; what can't be read is named by its good."""

    typed: dict[int, str] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    wrong: set[int] = field(default_factory=set)


def read_counts(form: Mapping[str, str]) -> TypedCounts:
    """The fields ``n-<good of the stocktake>``; empty ones are left out, 0 is a number."""
    found = TypedCounts()
    for name, text in form.items():
        match = _NAME.fullmatch(name)
        if match is None or not text.strip():
            continue
        good_id, number = int(match[1]), parse_whole(text, most=MOST_COUNTED, least=0)
        found.typed[good_id] = text.strip()[:8]
        if number is None:
            found.wrong.add(good_id)
        else:
            found.numbers[good_id] = number
    return found


def read_reasons(form: Mapping[str, str]) -> dict[int, str]:
    """The fields ``reason-<good of the stocktake>``."""
    found = {}
    for name, text in form.items():
        match = _REASON.fullmatch(name)
        if match is not None:
            found[int(match[1])] = text[:12]
    return found


def read_time(text: str) -> datetime | None:
    """A time of today in Shanghai (09:30) as an instant; None for anything else."""
    try:
        hour = time.fromisoformat(text.strip())
    except ValueError:
        return None
    return datetime.combine(clock.today(), hour.replace(second=0, microsecond=0), clock.SHANGHAI)
