"""A pot's sheet: who stands in it with which months, score and shares, and what each gets. Recomputed as a whole.

Reads the year's tallies (never deeds) and the confirmed honours, so that its cost doesn't grow with history.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select

from virtue.dividends import queries
from virtue.dividends.division import MONTHS, Part, divide, split_pot, twelfths
from virtue.dividends.errors import NobodyToPay, PartWithoutBasis
from virtue.dividends.models import DividendLine, Pot
from virtue.extensions import db
from virtue.honours import title_queries as honours
from virtue.people import away_queries as people
from virtue.scores import queries as scores

_LINE = DividendLine.__table__
_NOTHING = Part(0, 0, 0)

SEALED = (
    "place", "household_id", "months", "earned", "deducted", "twelfths", "shares", "shares_fen", "shares_rest",
    "shares_extra", "score_fen", "score_rest", "score_extra", "fen",
)  # fmt: skip
"""What the seal covers of a line, in this order."""


def compute(pot: Pot) -> list[dict[str, Any]]:
    """The lines of a pot as they come out now, by household code. Writes nothing.

    Raises NobodyToPay, PartWithoutBasis.
    """
    rows = [row for row in _inputs(pot) if row["months"] or row["earned"] or row["deducted"] or row["shares"]]
    if not rows:
        raise NobodyToPay
    by_shares, by_score = parts_of(pot)
    share_parts = _divided(by_shares, [row["shares"] for row in rows], is_needed=pot.basis == "both")
    score_parts = _divided(by_score, [row["twelfths"] for row in rows], is_needed=pot.basis == "both")
    for row, shares, score in zip(rows, share_parts, score_parts, strict=True):
        row |= {
            "shares_fen": shares.floor, "shares_rest": shares.rest, "shares_extra": shares.extra, "score_fen": score.floor,
            "score_rest": score.rest, "score_extra": score.extra, "fen": shares.fen + score.fen,
        }  # fmt: skip
    return rows


def draw(pot: Pot) -> list[dict[str, Any]]:
    """Write the pot's next sheet and let it count; inside a write. A household keeps its line's number on every sheet."""
    rows = compute(pot)
    places = queries.places(pot.id)
    last = max(places.values(), default=0)
    for row in rows:
        if row["household_id"] not in places:
            last += 1
            places[row["household_id"]] = last
        row |= {"pot_id": pot.id, "sheet": pot.sheet + 1, "place": places[row["household_id"]]}
    db.session.execute(insert(_LINE), rows)
    pot.sheet += 1
    db.session.flush()
    return rows


def seal_of(pot: Pot) -> str:
    """SHA-256 over the pot's inputs and the lines of the sheet that counts, as canonical JSON."""
    head = [
        pot.village_id, pot.year, pot.kind, pot.fen, pot.basis, pot.shares_weight, pot.score_weight, pot.base, pot.sheet,
    ]  # fmt: skip
    columns = [_LINE.c[name] for name in SEALED]
    query = select(*columns).where(_LINE.c.pot_id == pot.id, _LINE.c.sheet == pot.sheet).order_by(_LINE.c.place)
    lines = [list(row) for row in db.session.execute(query)]
    return hashlib.sha256(json.dumps([head, lines], separators=(",", ":")).encode()).hexdigest()


def adds_up(pot: Pot) -> bool:
    """Whether the sheet that counts sums to the pot, and each of its parts is what its inputs give."""
    lines = list(
        db.session.execute(
            select(_LINE).where(_LINE.c.pot_id == pot.id, _LINE.c.sheet == pot.sheet).order_by(_LINE.c.place)
        )
    )
    codes = queries.codes_of(pot.village_id)
    lines.sort(key=lambda line: codes[line.household_id])
    by_shares, by_score = parts_of(pot)
    shares = _divided(by_shares, [line.shares for line in lines], is_needed=False)
    score = _divided(by_score, [line.twelfths for line in lines], is_needed=False)
    is_exact = all(
        line.fen == one.fen + two.fen and line.twelfths == twelfths(pot.base, line.earned, line.deducted, line.months)
        for line, one, two in zip(lines, shares, score, strict=True)
    )
    return is_exact and sum(line.fen for line in lines) == pot.fen


def total_of(pot: Pot) -> tuple[int, int, int, int]:
    """Of the sheet that counts: lines, fen, twelfths, shares."""
    row = db.session.execute(
        select(func.count(), func.sum(_LINE.c.fen), func.sum(_LINE.c.twelfths), func.sum(_LINE.c.shares)).where(
            _LINE.c.pot_id == pot.id, _LINE.c.sheet == pot.sheet
        )
    ).one()
    return int(row[0]), int(row[1] or 0), int(row[2] or 0), int(row[3] or 0)


def parts_of(pot: Pot) -> tuple[int, int]:
    """The fen that are divided by shares and those by score."""
    if pot.basis == "both":
        return split_pot(pot.fen, pot.shares_weight, pot.score_weight)
    return (pot.fen, 0) if pot.basis == "shares" else (0, pot.fen)


def _divided(fen: int, weights: Sequence[int], *, is_needed: bool) -> list[Part]:
    """One part by its basis; a part of 0 fen gives nobody anything."""
    if is_needed and not sum(weights):
        raise PartWithoutBasis
    return divide(fen, weights) if fen else [_NOTHING] * len(weights)


def _inputs(pot: Pot) -> list[dict[str, Any]]:
    """Every household of the village with its months, earned, deducted, score and shares, by code."""
    months_of = [pot.year * 100 + month for month in range(1, MONTHS + 1)]
    tallies = scores.sums_by_household(pot.village_id, months_of, "civility")
    shares = honours.shares_of_year(pot.village_id, pot.year) if pot.basis != "score" else {}
    stated, away = queries.stated_months(pot.id), people.months_away(pot.village_id, pot.year)
    rows = []
    for household in queries.households(pot.village_id):
        score = tallies.get(household.id, scores.Score())
        here = queries.months_here(household, pot.year)
        months = stated.get(household.id, max(0, here - away.get(household.id, 0)))
        rows.append({
            "household_id": household.id, "months": months, "earned": score.earned, "deducted": score.deducted,
            "twelfths": twelfths(pot.base, score.earned, score.deducted, months), "shares": shares.get(household.id, 0),
        })  # fmt: skip
    return rows
