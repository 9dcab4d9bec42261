"""Runs the booking of a year's close and kills its own process before the n-th statement of a kind.

python -m tests.office.killed_year URL DATA JOB WORDS N INSTANT
"""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import event

from tests import databases
from virtue import clock, prepared
from virtue.extensions import db
from virtue.office import year_job


def main(url: str, data: str, job: str, words: str, number: int, now: datetime) -> None:
    """Exit code -9 when the kill struck, else the command's. Three households make a chunk."""
    app = databases.make_app(url, Path(data))
    year_job.CHUNK = 3
    seen = 0

    def count(statement: str) -> None:
        nonlocal seen
        seen += statement.lstrip().startswith(words)
        if seen >= number:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context(), clock.set_to(now):
        event.listen(
            db.engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_rest: count(statement)
        )
        prepared.listeners.append(count)
        result = app.test_cli_runner().invoke(args=["virtue", "job", job])
    sys.exit(result.exit_code)


if __name__ == "__main__":
    main(*sys.argv[1:5], int(sys.argv[5]), datetime.fromisoformat(sys.argv[6]))
