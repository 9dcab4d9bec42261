"""The laws of the books, told a second time and without the code under test: from rows to faults."""

import hashlib
import json
from collections import defaultdict
from datetime import UTC
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from tests.ledger.books import Everything

SHANGHAI = ZoneInfo("Asia/Shanghai")


def check(found: Everything, village_id: int) -> None:
    """Every law about one village's books, after any step."""
    rows = {name: of.of(village_id) for name, of in found.items()}
    _check_accounts({row.id: row for row in rows["account"]}, rows["transfer"])
    _check_entries(rows["entry"])
    _check_seals(rows)


def _check_accounts(accounts: dict, transfers: list) -> None:
    sums: dict[int, int] = defaultdict(int)
    for row in transfers:
        source, destination = accounts[row.source_id], accounts[row.destination_id]
        assert source.unit == destination.unit == row.unit, f"transfer {row.id} mixes units"
        sums[source.id] -= row.points
        sums[destination.id] += row.points
        owners = [account for account in (source, destination) if account.household_id is not None]
        assert len(owners) <= 1, f"transfer {row.id} touches two households"
        expected = sums[owners[0].id] if owners else None
        assert row.balance_after == expected, f"transfer {row.id}: balance_after {row.balance_after}, not {expected}"
        for account in owners:
            below = account.kind == "purse" and sums[account.id] < 0
            assert not below, f"transfer {row.id} takes a purse below zero"
            assert not (account.kind == "owed" and sums[account.id] > 0), f"transfer {row.id} pays more than was owed"
    for unit in ("home", "civility"):
        assert sum(sums[account.id] for account in accounts.values() if account.unit == unit) == 0
    for account in accounts.values():
        if account.household_id is not None:
            assert account.balance == sums[account.id], f"account {account.id}: {account.balance}, not the sum"
        elif account.kind in {"till", "held", "lapsed"}:
            assert sums[account.id] >= 0, f"{account.kind} holds {sums[account.id]}"


def _check_entries(entries: list) -> None:
    assert [row.seq for row in entries] == list(range(1, len(entries) + 1))
    for before, after in pairwise(entries):
        assert before.recorded_at <= after.recorded_at, f"entry {after.seq} is older than the one before"
    for row in entries:
        assert row.day == row.recorded_at.astimezone(SHANGHAI).date()
        assert row.month == row.day.year * 100 + row.day.month
    by_id = {row.id: row for row in entries}
    for row in entries:
        if row.reverses_id is not None:
            original = by_id[row.reverses_id]
            assert (original.kind, original.household_id) == ("deed", row.household_id)
            assert original.seq < row.seq


def _check_seals(rows: dict[str, list]) -> None:
    entries = rows["entry"]
    legs = {key: list(of) for key, of in groupby(rows["transfer"], key=lambda row: row.entry_id)}
    seal, seals = "0" * 64, {}
    for row in entries:
        told = [
            row.village_id, row.seq, row.kind, row.subject_id, row.household_id, str(row.day), row.batch,
            row.reverses_id, row.by_id, row.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), row.words,
            [[t.unit, t.source_id, t.destination_id, t.points, t.balance_after] for t in legs.get(row.id, [])],
        ]  # fmt: skip
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        seal = hashlib.sha256((seal + text).encode()).hexdigest()
        assert row.seal == seal, f"entry {row.seq}: the seal doesn't follow"
        seals[row.seq] = (seal, row.day)
    for chain in rows["chain"]:
        assert (chain.seq, chain.seal) == (len(entries), seal), "the chain's end isn't its last entry"
    checkpoints = {row.day: row for row in rows["checkpoint"]}
    for row in checkpoints.values():
        assert seals[row.seq][0] == row.seal, f"the checkpoint of {row.day} isn't in the chain"
    # A day with entries that isn't the last one has its checkpoint, at the day's last entry.
    lasts = {row.day: row.seq for row in entries}
    for day, seq in list(lasts.items())[:-1]:
        assert day in checkpoints, f"no checkpoint of {day}"
        assert checkpoints[day].seq == seq, f"the checkpoint of {day} isn't its last entry"


def tallies(found: Everything, village_id: int) -> dict[tuple, tuple]:
    """The kept tallies: earned, deducted, deeds, last_seq by household, month, dimension and unit."""
    return {
        (row.household_id, row.month, row.dimension, row.unit): (row.earned, row.deducted, row.deeds, row.last_seq)
        for row in found["tally"].of(village_id)
    }
