"""The county over its villages: sums alone, and none that so few households stand behind that it would tell of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from virtue.honours import star_list_queries as stars
from virtue.people import public_queries as people
from virtue.places import queries as places
from virtue.places.models import Village
from virtue.scores import queries as scores
from virtue.store import public_queries as store

FEWEST = 5
"""Households behind a figure, at least."""

NOTHING = (0, 0)


@dataclass(frozen=True)
class VillageSums:
    """One village's figures in the order of their columns; None: too few households stand behind it."""

    village: Village
    figures: tuple[int | None, ...]
    """Households taking part, deeds, stars, home points redeemed, civility points redeemed."""


@dataclass(frozen=True)
class County:
    """All villages, in the order of their towns, never by a figure."""

    rows: tuple[VillageSums, ...]
    sums: tuple[int | None, ...]
    """None where a village's figure is withheld: the sum less the others would tell it."""


def county(month: int) -> County:
    """The figures of a month; stars are those of each village's last published quarter."""
    taking_part, deeds = people.taking_part(), scores.deeds_by_village(month)
    rated, redeemed = stars.stars_by_village(), store.redeemed_by_village(month)
    rows = tuple(
        VillageSums(
            village,
            (
                _shown((taking_part.get(village.id, 0), taking_part.get(village.id, 0))),
                _of(deeds, village.id), _of(rated, village.id),
                *(_shown(redeemed.get((village.id, unit), NOTHING)) for unit in ("home", "civility")),
            ),
        )
        for village in places.villages()
    )  # fmt: skip
    return County(rows, tuple(_sum(column) for column in zip(*(row.figures for row in rows), strict=True)))


def _of(found: Mapping[int, tuple[int, int]], village_id: int) -> int | None:
    return _shown(found.get(village_id, NOTHING))


def _shown(figure: tuple[int, int]) -> int | None:
    number, households = figure
    return None if 0 < households < FEWEST else number


def _sum(column: Sequence[int | None]) -> int | None:
    known = [number for number in column if number is not None]
    return sum(known) if len(known) == len(column) else None
