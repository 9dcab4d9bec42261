"""What the machine can do at this moment, without us: the reference redemption and award300, in SQL alone.

The reference redemption is one transaction: key look-up, balance update with check, one journal row, two postings, one to
three order lines and stock updates with check, commit. award300: 300 households, one transaction.
"""

import itertools
import re
import sqlite3
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

import psycopg

from tests import postgres

ACCOUNTS = 620
GOODS = 36
AWARDS = 300

TABLES = (
    "CREATE TABLE ref_account (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL CHECK (balance >= 0))",
    "CREATE TABLE ref_good (id INTEGER PRIMARY KEY, left_over BIGINT NOT NULL CHECK (left_over >= 0))",
    "CREATE TABLE ref_journal (id {serial}, key VARCHAR(36) NOT NULL UNIQUE, account_id INTEGER NOT NULL, at {time} NOT NULL)",
    "CREATE TABLE ref_posting (id {serial}, journal_id BIGINT NOT NULL, account_id INTEGER NOT NULL, points BIGINT NOT NULL)",
    "CREATE TABLE ref_line (id {serial}, journal_id BIGINT NOT NULL, good_id INTEGER NOT NULL, quantity INTEGER NOT NULL)",
    "CREATE INDEX ref_posting_journal ON ref_posting (journal_id)",
    "CREATE INDEX ref_line_journal ON ref_line (journal_id)",
)  # fmt: skip
KINDS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY", "time": "REAL"},
    "postgresql": {"serial": "BIGSERIAL PRIMARY KEY", "time": "TIMESTAMPTZ"},
}


def _tables(kind: str) -> list[str]:
    return [statement.format(**KINDS[kind]) for statement in TABLES]


class Sqlite:
    """Raw sqlite3: one writer, one connection, WAL and FULL."""

    def __init__(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "reference.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-20000"):
            self.connection.execute(f"PRAGMA {pragma}")
        for statement in _tables("sqlite"):
            self.connection.execute(statement)
        rows = [(number, 10**9) for number in range(1, ACCOUNTS + 1)]
        self.connection.execute("BEGIN")
        self.connection.executemany("INSERT INTO ref_account VALUES (?, ?)", rows)
        self.connection.executemany("INSERT INTO ref_good VALUES (?, ?)", rows[:GOODS])
        self.connection.execute("COMMIT")
        self.numbers = itertools.count()

    def redeem(self) -> None:
        """One reference redemption."""
        number = next(self.numbers)
        account, key, run = number % ACCOUNTS + 1, str(uuid.uuid4()), self.connection.execute
        goods = [((number * 7 + place) % GOODS + 1,) for place in range(number % 3 + 1)]
        run("BEGIN IMMEDIATE")
        run("SELECT id FROM ref_journal WHERE key = ?", (key,)).fetchone()
        run("UPDATE ref_account SET balance = balance - 3 WHERE id = ? AND balance >= 3", (account,))
        journal = run(
            "INSERT INTO ref_journal (key, account_id, at) VALUES (?, ?, ?)", (key, account, time.time())
        ).lastrowid
        self.connection.executemany(
            "INSERT INTO ref_posting (journal_id, account_id, points) VALUES (?, ?, ?)",
            [(journal, account, -3), (journal, 0, 3)],
        )
        self.connection.executemany(
            f"INSERT INTO ref_line (journal_id, good_id, quantity) VALUES ({journal}, ?, 1)", goods
        )
        self.connection.executemany(
            "UPDATE ref_good SET left_over = left_over - 1 WHERE id = ? AND left_over >= 1", goods
        )
        run("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def rate(self, seconds: float) -> float:
        """Reference redemptions a second."""
        start, done = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            self.redeem()
            done += 1
        return done / (time.perf_counter() - start)

    def award300(self) -> float:
        """Seconds for one award300."""
        start, many = time.perf_counter(), self.connection.executemany
        self.connection.execute("BEGIN IMMEDIATE")
        first = (self.connection.execute("SELECT max(id) FROM ref_journal").fetchone()[0] or 0) + 1
        for statement, rows in _award_rows(first, time.time()):
            many(statement.replace("%s", "?"), rows)
        self.connection.execute("COMMIT")
        return time.perf_counter() - start


def _award_rows(first: int, at: Any) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """The statements of award300 with their rows: a journal row, two postings and a balance each."""
    numbers = range(AWARDS)
    return [
        ("INSERT INTO ref_journal (id, key, account_id, at) VALUES (%s, %s, %s, %s)",
         [(first + n, f"award-{first + n}", n + 1, at) for n in numbers]),
        ("INSERT INTO ref_posting (journal_id, account_id, points) VALUES (%s, %s, %s)",
         [row for n in numbers for row in ((first + n, n + 1, 2), (first + n, 0, -2))]),
        ("UPDATE ref_account SET balance = balance + %s WHERE id = %s", [(2, n + 1) for n in numbers]),
    ]  # fmt: skip


class Postgres:
    """pgbench with eight clients and prepared statements, on a cluster that syncs."""

    CLIENTS = 8

    def __init__(self, cluster: postgres.Cluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder
        cluster.create("reference")
        self.connection = psycopg.connect(cluster.url("reference", "postgresql"), autocommit=True)
        for statement in _tables("postgresql"):
            self.connection.execute(statement)  # type: ignore[arg-type]
        self.connection.execute("INSERT INTO ref_account SELECT n, 1000000000 FROM generate_series(1, 620) n")
        self.connection.execute("INSERT INTO ref_good SELECT n, 1000000000 FROM generate_series(1, 3600) n")
        for lines in (1, 2, 3):
            (folder / f"redeem-{lines}.sql").write_text(_script(lines))

    def rate(self, seconds: float) -> float:
        """Reference redemptions a second."""
        scripts = [word for lines in (1, 2, 3) for word in ("-f", str(self.folder / f"redeem-{lines}.sql"))]
        command = [
            str(postgres.programs() / "pgbench"), "-n", "-M", "prepared", "-c", str(self.CLIENTS), "-j", "2",
            "-T", str(max(1, round(seconds))), *scripts, "-h", "127.0.0.1", "-p", str(self.cluster.port), "-U", "postgres",
            "reference",
        ]  # fmt: skip
        done = subprocess.run(
            command, env={"PGPASSWORD": self.cluster.password}, capture_output=True, text=True, check=False
        )
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        if found is None or "aborted" in done.stderr:
            raise RuntimeError(f"pgbench: {done.stdout}{done.stderr}")
        return float(found[1])

    def award300(self) -> float:
        """Seconds for one award300 through the driver."""
        start = time.perf_counter()
        with self.connection.transaction(), self.connection.cursor() as cursor:
            last = cursor.execute("SELECT max(id) FROM ref_journal").fetchone()
            now = cursor.execute("SELECT now()").fetchone()
            assert last is not None
            assert now is not None
            # Far above the serial numbers that pgbench draws.
            for statement, rows in _award_rows(max(last[0] or 0, 10**9) + 1, now[0]):
                cursor.executemany(statement, rows)  # type: ignore[arg-type]
        return time.perf_counter() - start

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def _script(lines: int) -> str:
    """pgbench's reference redemption of so many lines."""
    text = [
        "\\set account random(1, 620)", "\\set key random(1, 9000000000000000)",
        # Ascending, and many: no two clients wait for each other's goods, let alone in a ring.
        *(f"\\set good{n} random({n * 1200 + 1}, {n * 1200 + 1200})" for n in range(lines)),
        "BEGIN;",
        "SELECT id FROM ref_journal WHERE key = :key::text;",
        "UPDATE ref_account SET balance = balance - 3 WHERE id = :account AND balance >= 3;",
        "INSERT INTO ref_journal (key, account_id, at) VALUES (:key::text, :account, now()) RETURNING id AS journal \\gset",
        "INSERT INTO ref_posting (journal_id, account_id, points) VALUES (:journal, :account, -3);",
        "INSERT INTO ref_posting (journal_id, account_id, points) VALUES (:journal, 0, 3);",
    ]  # fmt: skip
    for n in range(lines):
        text += [
            f"INSERT INTO ref_line (journal_id, good_id, quantity) VALUES (:journal, :good{n}, 1);",
            f"UPDATE ref_good SET left_over = left_over - 1 WHERE id = :good{n} AND left_over >= 1;",
        ]
    return "\n".join([*text, "COMMIT;", ""])
