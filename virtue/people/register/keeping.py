"""What lies between dry run and import: the parsed rows, never the workbook; mode 600, for one hour.

An uploaded file waits in the same folder until its job has read it, and no longer.
"""

import json
import os
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import current_app

from virtue.errors import BrokenRule
from virtue.people.register.households import Household, Member
from virtue.people.register.parsing import Reading, Register
from virtue.people.register.problems import Note, Problem
from virtue.people.register.report import FileReport, Report, VillageReport

SECONDS = 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")


def new_token() -> str:
    """The name under which one upload's things are kept."""
    return secrets.token_hex(16)


def keep_uploads(token: str, files: Sequence[tuple[str, bytes]]) -> None:
    """Lay the uploaded files down for the job that reads them."""
    sweep()
    for number, (name, content) in enumerate(files):
        # The name is written inside, so that no name from outside becomes a path.
        _write(_path(token, f"upload-{number:03}"), name.encode() + b"\0" + content)


def take_uploads(token: str) -> list[Path]:
    """Where the uploaded files lie, in order."""
    return sorted(_folder().glob(f"{_checked(token)}.upload-*"))


def read_upload(path: Path) -> tuple[str, bytes]:
    """An uploaded file's name and content; the file is gone afterwards."""
    content = path.read_bytes()
    path.unlink()
    name, _, content = content.partition(b"\0")
    return name.decode(), content


def drop_uploads(token: str) -> None:
    """Take away what is left of an upload."""
    for path in take_uploads(token):
        path.unlink(missing_ok=True)


def keep_reading(token: str, reading: Reading, village_id: int) -> None:
    """Keep the parsed rows for the import into one village."""
    rows = {
        "village_id": village_id,
        "registers": [_packed(register) for register in reading.registers],
        "refused": [(error.code, error.params) for error in reading.refused],
    }
    _write(_path(token, "rows"), json.dumps(rows, ensure_ascii=False).encode())


def has_rows(token: str, village_id: int) -> bool:
    """Whether the parsed rows of this village are still there."""
    return find_report(token, village_id) is not None and _is_there(_path(token, "rows"))


def find_reading(token: str, village_id: int) -> Reading | None:
    """The parsed rows of this village, or None when they are gone or older than an hour."""
    kept = _read(token, "rows")
    if kept is None or kept["village_id"] != village_id:
        return None
    reading = Reading([_unpacked(register) for register in kept["registers"]])
    reading.refused.extend(BrokenRule.from_record(code, params) for code, params in kept["refused"])  # type: ignore[misc]
    return reading


def keep_report(token: str, report: Report, village_id: int) -> None:
    """Keep what was found, for the page."""
    kept = {**asdict(report), "village_id": village_id}
    _write(_path(token, "report"), json.dumps(kept, ensure_ascii=False).encode())


def find_report(token: str, village_id: int) -> Report | None:
    """The report of this village, or None when it is gone or older than an hour."""
    kept = _read(token, "report")
    if kept is None or kept["village_id"] != village_id:
        return None
    files = [FileReport(**{**file, "notes": [Note(*note) for note in file["notes"]]}) for file in kept["files"]]
    villages = [VillageReport(**village) for village in kept["villages"]]
    problems = [Problem(*problem) for problem in kept["problems"]]
    refused = [(code, params) for code, params in kept["refused"]]
    return Report(files, villages, problems, refused, kept["written"])


def drop_rows(token: str) -> None:
    """Take the parsed rows away once they are imported; the report stays for its hour."""
    _path(token, "rows").unlink(missing_ok=True)


def sweep() -> None:
    """Take away all that is older than an hour."""
    for path in _folder().iterdir():
        if _is_old(path):
            path.unlink(missing_ok=True)


def _packed(register: Register) -> dict[str, Any]:
    packed: dict[str, Any] = {name: getattr(register, name) for name in Register.__slots__}  # type: ignore[attr-defined]
    packed["households"] = [
        [getattr(household, name) for name in Household.__slots__]  # type: ignore[attr-defined]
        for household in register.households
    ]
    return packed


def _unpacked(packed: dict[str, Any]) -> Register:
    households = [Household(*values) for values in packed["households"]]
    for household in households:
        household.members = [Member(*values) for values in household.members]
    return Register(
        **{
            **packed,
            "households": households,
            "problems": [Problem(*problem) for problem in packed["problems"]],
            "notes": [Note(*note) for note in packed["notes"]],
        }
    )


def _folder() -> Path:
    folder = Path(current_app.config["VIRTUE_DATA_DIR"]) / "registers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def is_token(text: str) -> bool:
    """Whether this can be a token of ours."""
    return _TOKEN.fullmatch(text) is not None


def _checked(token: str) -> str:
    if not is_token(token):
        raise ValueError("not a token of ours")
    return token


def _path(token: str, kind: str) -> Path:
    return _folder() / f"{_checked(token)}.{kind}"


def _write(path: Path, content: bytes) -> None:
    making = path.with_name(path.name + ".making")
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    making.replace(path)


def _read(token: str, kind: str) -> Any:
    path = _path(token, kind)
    try:
        if _is_old(path):
            path.unlink(missing_ok=True)
            return None
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None


def _is_there(path: Path) -> bool:
    return path.exists() and not _is_old(path)


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > SECONDS
    except FileNotFoundError:
        return False
