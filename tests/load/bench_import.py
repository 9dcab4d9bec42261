"""The county's 18 registers, file to commit, beside reading (calamine) and inserting (Core) alone.

    python -m tests.load.bench_import URL      # a database with the schema; each round adds villages of its own

Reference and ours alternate, each in a process of its own, so that each one's peak memory is its own.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import python_calamine
import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[2]
REGISTERS = ROOT / "tests" / "data" / "registers"
PEOPLE = 62_400
ROUNDS = 5


def run(database_url: str, rounds: int = ROUNDS) -> dict[str, Any]:
    """Measure; gives medians, the ratio, the peak memories in MB."""
    results: dict[str, list[dict[str, float]]] = {"reference": [], "ours": []}
    for _ in range(rounds):
        for side, measured in results.items():
            measured.append(_in_a_process(side, database_url))
    pairs = zip(results["ours"], results["reference"], strict=True)
    return {
        "people": PEOPLE,
        "reference_seconds": _median(results["reference"], "seconds"),
        "seconds": _median(results["ours"], "seconds"),
        "ratio": round(statistics.median(ours["seconds"] / other["seconds"] for ours, other in pairs), 2),
        "reference_peak_mb": _median(results["reference"], "peak_mb"),
        "peak_mb": _median(results["ours"], "peak_mb"),
    }


def _median(measured: list[dict[str, float]], name: str) -> float:
    return round(statistics.median(one[name] for one in measured), 2)


def _in_a_process(side: str, database_url: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.load.bench_import", database_url, side]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(answer.stdout.splitlines()[-1])


def measure(side: str, database_url: str) -> dict[str, float]:
    """One round of one side, in this process."""
    from tests import databases

    app = databases.make_app(database_url, Path(tempfile.mkdtemp(prefix="virtue-bench-")))
    with app.app_context():
        work = _ours if side == "ours" else _reference
        forget_names()
        seconds = work()
    databases.forget(app)
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def forget_names() -> None:
    """Let no earlier round's village be recognised: each round writes all of the county anew."""
    from virtue.extensions import db
    from virtue.places.models import Village
    from virtue.transactions import atomic

    with atomic():
        number = db.session.scalar(sa.select(sa.func.count()).select_from(Village)) or 0
        villages = sa.update(Village).where(Village.name.like("%新村"))
        tail = f"旧{number}"
        db.session.execute(villages.values(name=Village.name + tail, slug=Village.slug + f"-{number}"))


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _files() -> list[Path]:
    return sorted(REGISTERS.glob("*.xlsx"))


def _ours() -> float:
    from virtue import clock
    from virtue.people.register import importing, parsing

    def work() -> None:
        files = ((path.name, path.read_bytes()) for path in _files())
        reading = parsing.read_registers(files, today=clock.today())
        report = importing.import_reading(reading, by=None)
        assert sum(village.new_people for village in report.villages) == PEOPLE

    return _timed(work)


def _reference() -> float:
    """Read every sheet, insert its rows as they are: the least an import could do."""
    from virtue import clock
    from virtue.extensions import db
    from virtue.people.models import Household, Member
    from virtue.places.models import Grid, Village
    from virtue.transactions import atomic

    households, members = sa.insert(Household.__table__), sa.insert(Member.__table__)
    now = clock.now()
    with atomic():
        number = (db.session.scalar(sa.select(sa.func.count()).select_from(Village)) or 0) + 1
        village = Village(name=f"比较{number}", slug=f"reference-{number}", created_at=now)
        db.session.add(village)
        db.session.flush()
        grid = Grid(village_id=village.id, name="第1网格", number=1)
        db.session.add(grid)
        db.session.flush()
        first = (db.session.scalar(sa.select(sa.func.max(Household.id))) or 0) + 1_000_000
        village_id, grid_id = village.id, grid.id

    def work() -> None:
        household_rows: list[dict[str, Any]] = []
        member_rows: list[dict[str, Any]] = []
        for path in _files():
            for row in python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[3:-1]:
                if row[2]:
                    household_rows.append(
                        {
                            "id": first + len(household_rows), "village_id": village_id, "grid_id": grid_id,
                            "code": row[2], "tail": row[2][-4:], "head_name": row[3], "initials": "x",
                            "members_count": 1, "state": "active", "board_opt_out": False, "pin_version": 1,
                            "created_at": now,
                        }
                    )  # fmt: skip
                member_rows.append(
                    {
                        "village_id": village_id, "household_id": first + len(household_rows) - 1, "name": row[4],
                        "initials": "x", "relation": row[5], "sex": row[6], "birth_year": 1970, "birth_month": 1,
                        "phone": None, "is_head": False, "position": 1,
                    }
                )  # fmt: skip
        with atomic():
            db.session.execute(households, household_rows)
            db.session.execute(members, member_rows)

    return _timed(work)


if __name__ == "__main__":
    answer = measure(sys.argv[2], sys.argv[1]) if len(sys.argv) == 3 else run(sys.argv[1])
    sys.stdout.write(json.dumps(answer) + "\n")
