"""The county's pot over all its villages by a stated key: exact to the fen, by largest remainder, ties by the village's address.

Each village gets a draft with its part; from there on it is the village's own: trial sheet, vote, check, signature.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from virtue.dividends import county_queries as queries
from virtue.dividends import pots
from virtue.dividends.division import divide, rate_of
from virtue.dividends.errors import BadPot
from virtue.dividends.pots import NewPot
from virtue.errors import BrokenRule
from virtue.places.models import Village

KEYS = ("equal", "households", "shares")
"""By what the villages' parts are measured: one each, households that take part, civility shares of the year."""


@dataclass(frozen=True)
class CountyPot:
    """What the county divides. ``rate`` in hundredths of a percent: 10 % is 1,000."""

    year: int
    name: str
    capital_fen: int
    rate: int
    key: str

    @property
    def fen(self) -> int:
        """The whole pot."""
        return rate_of(self.capital_fen, self.rate)


@dataclass(frozen=True)
class VillagePart:
    """One village's part: ``fen`` of the whole for ``weight`` of ``total``; ``extra`` is the fen by its remainder."""

    village: Village
    weight: int
    total: int
    fen: int
    extra: int


@dataclass(frozen=True)
class Drafted:
    """What came of one village: its draft, or why there is none."""

    part: VillagePart
    pot_id: int | None
    error: str = ""


def divide_county(whole: CountyPot, villages: Sequence[Village]) -> list[VillagePart]:
    """Every village's part, by address; the parts add up to the pot. Writes nothing.

    Raises BadPot, NothingToDivide, NobodyToPay (no village has any of the key).
    """
    if whole.key not in KEYS or not 0 < whole.rate <= 10_000:
        raise BadPot
    ordered = sorted(villages, key=lambda village: village.slug)
    measured = queries.weights(whole.key, whole.year, [village.id for village in ordered])
    weights = [measured.get(village.id, 0) for village in ordered]
    parts = divide(whole.fen, weights)
    total = sum(weights)
    return [
        VillagePart(village, weight, total, part.fen, part.extra)
        for village, weight, part in zip(ordered, weights, parts, strict=True)
    ]


def draft_county(whole: CountyPot, villages: Sequence[Village], *, key: str, by: int) -> list[Drafted]:
    """Draft each village's part, all of one division; a village that has it already, or gets nothing, is told of.

    Sent again with the same key, what is drafted stays as it is. Raises what ``divide_county`` does.
    """
    return [_draft(whole, part, key=key, by=by) for part in divide_county(whole, villages)]


def _draft(whole: CountyPot, part: VillagePart, *, key: str, by: int) -> Drafted:
    if not part.fen:
        return Drafted(part, None)
    source = {
        "capital_fen": whole.capital_fen, "rate": whole.rate, "whole_fen": whole.fen, "key": whole.key,
        "key_part": part.weight, "key_total": part.total, "extra": part.extra,
    }  # fmt: skip
    new = NewPot(whole.year, whole.name, "county", part.fen, "shares", source=source)
    try:
        outcome = pots.draft(part.village.id, new, key=_key_of(key, part.village.id), by=by)
    except BrokenRule as error:
        return Drafted(part, None, str(error))
    return Drafted(part, outcome.result["pot_id"])


def _key_of(key: str, village_id: int) -> str:
    """A key for each village out of the form's one; what is no key stays none, and is refused."""
    try:
        tail = int(key[24:], 16)
    except ValueError:
        return key
    return f"{key[:24]}{(tail + village_id) % 16**12:012x}"
