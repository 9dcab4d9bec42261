"""The star scheme as data: the eight stars that come with the program, and new versions from a quarter on."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from virtue import clock
from virtue.awarding.checks import reason
from virtue.awarding.queries import rules_in_force
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.honours import star_quarters as quarters
from virtue.honours import star_queries as queries
from virtue.honours.star_errors import BadScheme, ListedTooHigh, SchemeTooEarly, UnknownSubject
from virtue.honours.star_models import Mode, Star, StarScheme
from virtue.ledger import services as ledger

FILE = Path(__file__).parent / "data/stars.csv"
TITLE = "八星级文明户"
LISTED_FROM = 6
MOST_STARS = 12
FIRST_QUARTER = 200001
"""From when the scheme that comes with the program rates: since ever."""
ICONS = ("star", "book", "scales", "grain", "people", "seal", "flower", "house", "home", "tool", "check", "basket")


@dataclass(frozen=True)
class StarDraft:
    """One star as it is typed; ``position`` is its place in the list."""

    dimension: str
    name: str
    name_en: str
    icon: str
    mode: str
    home_at_least: int = 0
    civility_at_least: int = 0
    deducted_at_most: int = 0
    without_able: bool = False


@dataclass(frozen=True)
class SchemeDraft:
    """A version as it is typed."""

    title: str
    listed_from: int
    from_quarter: int
    stars: tuple[StarDraft, ...]
    why: str


@cache
def default_stars() -> tuple[StarDraft, ...]:
    """The eight stars that come with the program."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            StarDraft(
                row["dimension"], row["name"], row["name_en"], row["icon"], row["mode"], int(row["home_at_least"]),
                int(row["civility_at_least"]), int(row["civility_deducted_at_most"]),
                row["held_without_able_adults"] == "1",
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def scheme_shown(village_id: int, quarter: int) -> StarScheme:
    """The version that rates a quarter; where none is written down, the one that comes with the program, unsaved."""
    found = queries.scheme_for(village_id, quarter)
    return found or _build(village_id, 1, TITLE, LISTED_FROM, FIRST_QUARTER, default_stars(), by=None)


def scheme_kept(village_id: int, quarter: int) -> StarScheme:
    """The same, written down if it wasn't: a rating stands on a version that is kept. Inside a write."""
    found = queries.scheme_for(village_id, quarter)
    if found is None:
        found = scheme_shown(village_id, quarter)
        db.session.add(found)
        db.session.flush()
    return found


def new_version(village_id: int, draft: SchemeDraft, *, key: str, by: int) -> Outcome:
    """Another version from a quarter on; what was rated before stays by its own.

    Raises BadScheme, UnknownSubject, SchemeTooEarly, ListedTooHigh, ReasonNeeded.
    """

    def work() -> dict[str, Any]:
        _check(village_id, draft)
        words_id, _hash = remarks.keep(reason(draft.why), village_id=village_id)
        # The first one is kept beside its successor, so that earlier quarters can still be rated by it.
        first = scheme_kept(village_id, FIRST_QUARTER)
        version = max([one.version for one in queries.schemes(village_id)] or [first.version]) + 1
        made = _build(
            village_id, version, draft.title.strip() or TITLE, draft.listed_from, draft.from_quarter, draft.stars, by=by
        )  # fmt: skip
        made.reason_id = words_id
        db.session.add(made)
        db.session.flush()
        audit.record(
            "honours.change_scheme", village_id=village_id, by=by, subject="star_scheme", subject_id=made.id, version=version,
            from_quarter=draft.from_quarter, stars=len(draft.stars),
        )  # fmt: skip
        return {"version": version}

    contents = [village_id, draft.title, draft.listed_from, draft.from_quarter, draft.why, by]
    contents += [[str(value) for value in vars(star).values()] for star in draft.stars]
    return keys.run_once(
        key, "honours.change_scheme", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def subjects() -> tuple[str, ...]:
    """The subjects that rules and stars may stand on (评星项目)."""
    return tuple(star.dimension for star in default_stars())


def _check(village_id: int, draft: SchemeDraft) -> None:
    names = [star.name.strip() for star in draft.stars]
    dimensions = [star.dimension for star in draft.stars]
    is_whole = all(names) and all(dimensions) and 0 < len(names) <= MOST_STARS
    if not is_whole or len(set(names)) < len(names) or len(set(dimensions)) < len(dimensions):
        raise BadScheme
    if any(star.mode not in set(Mode) or star.icon not in ICONS for star in draft.stars):
        raise BadScheme
    for dimension in dimensions:
        if dimension not in known_subjects(village_id):
            raise UnknownSubject(subject=dimension)
    if not 1 <= draft.listed_from <= len(names):
        raise ListedTooHigh
    this, last = quarters.of(clock.today()), queries.latest_period(village_id)
    earliest = this if last is None else max(this, quarters.after(last.quarter))
    if not earliest <= draft.from_quarter <= earliest + 100 or draft.from_quarter % 100 % 3 != 1:
        raise SchemeTooEarly


def known_subjects(village_id: int) -> set[str]:
    """What the village's rules and the program's stars are about."""
    return set(subjects()) | {rule.dimension for rule in rules_in_force(village_id) if rule.dimension != "-"}


def _build(
    village_id: int, version: int, title: str, listed_from: int, from_quarter: int, stars: Sequence[StarDraft], *,
    by: int | None,
) -> StarScheme:  # fmt: skip
    rows = []
    for position, star in enumerate(stars, 1):
        scores = star.mode == Mode.SCORE
        rows.append(
            Star(
                position=position, dimension=star.dimension, name=star.name.strip(), name_en=star.name_en.strip(),
                icon=star.icon, mode=star.mode, home_at_least=star.home_at_least if scores else 0,
                civility_at_least=star.civility_at_least if scores else 0, deducted_at_most=star.deducted_at_most,
                without_able=star.without_able,
            )
        )  # fmt: skip
    return StarScheme(
        village_id=village_id, version=version, title=title, listed_from=listed_from, from_quarter=from_quarter,
        made_by_id=by, made_at=clock.now(), stars=rows,
    )  # fmt: skip
