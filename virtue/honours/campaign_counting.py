"""Counting: votes by nominee or the median of the judges, ranks by the rule that was stated beforehand, winners."""

import hashlib
import secrets
from collections.abc import Sequence
from statistics import median
from typing import Any

from sqlalchemy import select

from virtue.extensions import db
from virtue.honours import ballot_box, campaign_queries
from virtue.honours.campaign_errors import ScoresMissing
from virtue.honours.campaign_models import Campaign, JudgeScore, Nominee, NomineeState
from virtue.people import public_queries as people
from virtue.scores import queries as scores

FEWEST_SCORES = 2
"""Of so many judges at least each nominee needs a score."""


def seal_scores(campaign: Campaign) -> None:
    """The judges are done: their scores stand from now on. Raises ScoresMissing."""
    found = _scores(campaign.id)
    missing = sum(
        sum(row[0] == one.number for row in found) < FEWEST_SCORES for one in campaign_queries.standing(campaign.id)
    )
    if missing:
        raise ScoresMissing(count=missing)
    campaign.nonce = secrets.token_hex(16)
    campaign.seal = ballot_box.seal_of(campaign, found)


def write_down(campaign: Campaign) -> int:
    """Write each nominee's result down; gives how many ballots or scores there were."""
    total, results, _seal = _results(campaign)
    for one in campaign_queries.nominees(campaign.id):
        one.votes, one.twice_median, one.lowest, one.highest = results.get(one.number, _nothing(campaign))
    db.session.flush()
    return total


def compare(campaign: Campaign) -> dict[str, Any]:
    """Count anew and hold it against what was written down and sealed."""
    total, results, seal = _results(campaign)
    is_equal = total == campaign.ballots and all(
        (one.votes, one.twice_median, one.lowest, one.highest) == results.get(one.number, _nothing(campaign))
        for one in campaign_queries.nominees(campaign.id)
    )
    return {"ballots": total, "is_equal": is_equal, "seal_holds": seal == campaign.seal}


def choose(campaign: Campaign) -> None:
    """Rank those who stand, ties by the stated rule; the first ones win the seats. Nobody wins without a vote."""
    found = campaign_queries.standing(campaign.id)
    ties = _ties(campaign, found)
    found.sort(key=lambda one: (-(one.votes or 0), -(one.twice_median or 0), ties[one.id]))
    for one in campaign_queries.nominees(campaign.id):
        one.rank, one.is_winner = None, False
    for rank, one in enumerate(found, 1):
        one.rank, one.is_winner = rank, rank <= campaign.seats and bool(one.votes or one.twice_median)
    db.session.flush()


def winners(campaign_id: int) -> list[Nominee]:
    """Who has won and still stands, best first."""
    found = [one for one in campaign_queries.standing(campaign_id) if one.is_winner]
    return sorted(found, key=lambda one: one.rank or 0)


def next_winner(campaign_id: int) -> Nominee | None:
    """Who comes next by the count: still stands, has no seat, and got a vote or a score."""
    found = [
        one for one in campaign_queries.standing(campaign_id) if not one.is_winner and (one.votes or one.twice_median)
    ]
    return min(found, key=lambda one: one.rank or len(found), default=None)


def _results(campaign: Campaign) -> tuple[int, dict[int, tuple[int | None, ...]], str]:
    """How many there were; by nominee's number votes, twice the median, lowest, highest; the seal as it is now."""
    if campaign.how == "vote":
        contents = ballot_box.taken_out(campaign)
        return contents.ballots, {n: (votes, None, None, None) for n, votes in contents.votes.items()}, contents.seal
    found = _scores(campaign.id)
    by_number: dict[int, list[int]] = {}
    for number, _judge, score in found:
        by_number.setdefault(number, []).append(score)
    results: dict[int, tuple[int | None, ...]] = {
        number: (None, int(median(given) * 2), min(given), max(given)) for number, given in by_number.items()
    }
    return len(found), results, ballot_box.seal_of(campaign, found)


def _nothing(campaign: Campaign) -> tuple[int | None, ...]:
    return (0, None, None, None) if campaign.how == "vote" else (None, None, None, None)


def _scores(campaign_id: int) -> list[tuple[int, int, int]]:
    rows = db.session.execute(
        select(Nominee.number, JudgeScore.user_id, JudgeScore.score)
        .join(Nominee, Nominee.id == JudgeScore.nominee_id)
        .where(Nominee.campaign_id == campaign_id, Nominee.state == NomineeState.ACCEPTED)
        .order_by(Nominee.number, JudgeScore.user_id)
    )
    return [(row.number, row.user_id, row.score) for row in rows]


def _ties(campaign: Campaign, found: Sequence[Nominee]) -> dict[int, tuple[Any, ...]]:
    """By nominee, what decides where results are even; smaller comes first."""
    if campaign.tie == "lot":
        lots = {one.id: f"{campaign.seal}:{one.number}".encode() for one in found}
        return {one: (hashlib.sha256(text).hexdigest(),) for one, text in lots.items()}
    months = [campaign.year * 100 + month for month in range(1, 13)]
    rows = scores.by_unit(campaign.village_id, months)["civility"]
    stood = {row.household_id: (-int(row.score), int(row.last_seq)) for row in rows}
    codes = people.codes_of({one.household_id for one in found})
    return {one.id: (*stood.get(one.household_id, (0, 0)), codes[one.household_id]) for one in found}
