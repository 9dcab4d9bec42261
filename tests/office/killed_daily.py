"""Runs ``flask virtue daily`` and kills its own process before the n-th statement of a kind.

python -m tests.office.killed_daily URL DATA WORDS N [INSTANT]
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from tests import databases
from virtue import clock, prepared
from virtue.extensions import db


def main(url: str, data: str, words: str, number: int, now: datetime) -> None:
    """Exit code -9 when the kill struck, else the command's. To the run it is ``now``."""
    app = databases.make_app(url, Path(data))
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
        result = app.test_cli_runner().invoke(args=["virtue", "daily"])
    sys.exit(result.exit_code)


if __name__ == "__main__":
    instant = datetime.fromisoformat(sys.argv[5]) if len(sys.argv) > 5 else datetime.now(UTC)
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), instant)
