"""``flask virtue verify``: recompute balances, tallies, stock and seals from the rows, and name what is off.

All laws run on one snapshot and write nothing. What was verified last is noted in the data folder, outside the
database, so that a chain that was cut or written anew between two runs is seen.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale

from virtue.awarding import invariants as awarding
from virtue.core import invariants as core
from virtue.core.invariants import Invariant, Run
from virtue.dividends import invariants as dividends
from virtue.extensions import db
from virtue.ledger import invariants as ledger
from virtue.people import invariants as people
from virtue.store import close_invariants as closes
from virtue.store import invariants as store
from virtue.store import paper_invariants as papers
from virtue.store import public_invariants as sheets
from virtue.store import reservation_invariants as reservations
from virtue.store import stocktake_invariants as takes
from virtue.store import year_invariants as years
from virtue.transactions import is_sqlite

INVARIANTS: tuple[Invariant, ...] = (
    *core.INVARIANTS, *people.INVARIANTS, *ledger.INVARIANTS, *store.INVARIANTS, *takes.INVARIANTS, *closes.INVARIANTS,
    *sheets.INVARIANTS, *papers.INVARIANTS, *years.INVARIANTS, *reservations.INVARIANTS, *awarding.INVARIANTS,
    *dividends.INVARIANTS,
)  # fmt: skip
TOLD = 5
"""As many rows of one law are told; the rest is counted."""


@dataclass(frozen=True)
class Finding:
    """A law, how many rows break it, and the first of them in words."""

    name: str
    law: str
    faults: int
    told: tuple[str, ...]


def findings(run: Run) -> Iterator[Finding]:
    """Each law with what breaks it, in turn, all on one snapshot of the database."""
    db.session.rollback()
    if not is_sqlite():
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        for invariant in INVARIANTS:
            faults, told = 0, []
            for row in invariant.rows(run):
                faults += 1
                if faults <= TOLD:
                    told.append(str(invariant.fault) % dict(row))
            yield Finding(invariant.name, str(invariant.law), faults, tuple(told))
    finally:
        db.session.rollback()


def load_known() -> dict[int, tuple[int, str]]:
    """By village, what an earlier run verified."""
    try:
        noted = json.loads(_note().read_text())
    except FileNotFoundError:
        return {}
    return {int(village_id): (seq, seal) for village_id, (seq, seal) in noted.items()}


def keep_known(run: Run) -> None:
    """Note what this run verified."""
    path = _note()
    making = path.with_suffix(".new")
    making.write_text(json.dumps({**run.known, **run.verified}))
    making.replace(path)


def _note() -> Path:
    return Path(current_app.config["VIRTUE_DATA_DIR"]) / "verified.json"


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.option("--resume", is_flag=True, help="Check seals from where the last run ended; everything else anew.")
@click.option("--anew", is_flag=True, help="Forget what earlier runs noted (after a restore that was meant).")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@with_appcontext
def verify(*, as_json: bool, resume: bool, anew: bool, language: str) -> None:
    """Recompute balances, tallies, stock and seals from zero and name the first rows that are off. Exit code 1 then."""
    run = Run(known={} if anew else load_known(), resumes=resume)
    run.tell = _progress
    with force_locale("en" if language == "en" else "zh_Hans"):
        found = []
        for finding in findings(run):
            found.append(finding)
            if not as_json:
                _tell(finding)
    is_off = any(finding.faults for finding in found)
    if not any(finding.faults for finding in found if finding.name.startswith("seals.")):
        keep_known(run)
    if as_json:
        click.echo(json.dumps(_summary(found, run), ensure_ascii=False))
    if is_off:
        sys.exit(1)


def _tell(finding: Finding) -> None:
    click.echo(f"{'✗' if finding.faults else '✓'} {finding.law} ({finding.name})")
    for words in finding.told:
        click.echo(f"    {words}")
    if finding.faults > len(finding.told):
        click.echo(f"    … {finding.faults - len(finding.told)}")


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} / {total:,}", nl=done == total, err=True)


def _summary(found: list[Finding], run: Run) -> dict[str, Any]:
    broken = [finding for finding in found if finding.faults]
    return {
        "ok": not broken,
        "laws": len(found),
        "entries": sum(seq for seq, _ in run.verified.values()),
        "broken": [
            {"name": finding.name, "law": finding.law, "faults": finding.faults, "told": list(finding.told)}
            for finding in broken
        ],
    }


commands = (verify,)
