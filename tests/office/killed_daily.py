"""Runs ``flask virtue daily`` and kills its own process before the n-th statement of a kind: python -m ... URL DATA WORDS N."""

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from tests import databases
from virtue import prepared
from virtue.extensions import db


def main(url: str, data: str, words: str, number: int) -> None:
    """Exit code -9 when the kill struck, else the command's."""
    app = databases.make_app(url, Path(data))
    seen = 0

    def count(statement: str) -> None:
        nonlocal seen
        seen += statement.lstrip().startswith(words)
        if seen >= number:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context():
        event.listen(
            db.engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_rest: count(statement)
        )
        prepared.listeners.append(count)
        result = app.test_cli_runner().invoke(args=["virtue", "daily"])
    sys.exit(result.exit_code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
