"""The ballot box: the only place where ballots are put in and taken out.

What keeps a ballot from being traced back to its household:

- The voter list and the box are two tables. The list says that a household has voted and how, not when; a ballot has a
  random id, the campaign and the choice, and lies in a table without rowid (SQLite).
- The audit row, the idempotency key and the log of a vote carry campaign, household and way, never the choice, nor a
  fingerprint of it: a fingerprint of one of five names is found by trying five names. So the same key with another
  choice is a repeat, and is answered like the first.
- At the close the box is emptied and filled anew in one write, sorted by choice, under fresh ids: no order of arrival,
  no transaction's number is left. Only then is it sealed, once.
- Until then nothing here gives out what is in it: ``taken_out`` refuses an open box.

Secrecy holds against every page, role and export; not against who holds the database while the vote runs.
"""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select

from virtue.extensions import db
from virtue.honours.ballot_models import Ballot
from virtue.honours.campaign_errors import CampaignMovedOn
from virtue.honours.campaign_models import Campaign, CampaignState

SHUT = {CampaignState.CLOSED, CampaignState.COUNTED, CampaignState.NOTICE, CampaignState.ENDED}

_BALLOT = Ballot.__table__


@dataclass(frozen=True)
class Contents:
    """What was in a closed box. ``votes``: by nominee's number; ``spoilt``: ballots that name nobody."""

    ballots: int
    votes: Counter[int]
    spoilt: int
    seal: str


def put_in(campaign_id: int, choice: str) -> None:
    """One ballot. Inside the write that marks the voter list."""
    db.session.execute(insert(_BALLOT), {"id": _fresh_id(), "campaign_id": campaign_id, "choice": choice})


def how_many(campaign_id: int) -> int:
    """How many ballots lie in the box; not what stands on them."""
    return db.session.scalar(select(func.count()).where(Ballot.campaign_id == campaign_id)) or 0


def shake_and_seal(campaign: Campaign) -> None:
    """Empty the box and fill it anew in one piece, sorted, under fresh ids; then seal it. Inside the write that closes it."""
    choices = sorted(db.session.scalars(select(Ballot.choice).where(Ballot.campaign_id == campaign.id)))
    db.session.execute(delete(Ballot).where(Ballot.campaign_id == campaign.id))
    if choices:
        rows = [{"id": _fresh_id(), "campaign_id": campaign.id, "choice": choice} for choice in choices]
        db.session.execute(insert(_BALLOT), rows)
    campaign.nonce = secrets.token_hex(16)
    campaign.seal = seal_of(campaign, _sorted(campaign.id))


def taken_out(campaign: Campaign) -> Contents:
    """What is in a closed box, counted anew. Raises ``CampaignMovedOn`` while it is open."""
    if campaign.state not in SHUT:
        raise CampaignMovedOn
    rows = _sorted(campaign.id)
    votes = Counter(int(number) for _id, choice in rows for number in choice.split(",") if number)
    return Contents(len(rows), votes, sum(not choice for _id, choice in rows), seal_of(campaign, rows))


def seal_of(campaign: Campaign, rows: Sequence[Sequence[str | int]]) -> str:
    """SHA-256 over the campaign, its nonce and the sorted rows."""
    canonical = json.dumps([campaign.id, campaign.nonce, [list(row) for row in rows]], separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _sorted(campaign_id: int) -> list[tuple[str, str]]:
    rows = db.session.execute(select(Ballot.id, Ballot.choice).where(Ballot.campaign_id == campaign_id))
    return sorted(((row.id, row.choice) for row in rows), key=lambda row: (row[1], row[0]))


def _fresh_id() -> str:
    return secrets.token_hex(16)
