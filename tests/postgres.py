"""A throw-away PostgreSQL: a cluster of its own on a free port, gone when the tests end.

Every worker of a test run shares the one cluster; the first that needs it starts it (``running``),
the run's controller stops it (``stop``). PostgreSQL refuses to run as root, so root becomes the
user ``postgres`` for it.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
from pathlib import Path

import psycopg
from filelock import FileLock
from psycopg import sql

# What is safe to leave out where nothing must outlive the run.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


def programs() -> Path:
    """Where initdb and pg_ctl are: on the path, else Debian's folder of the newest version."""
    if folder := os.environ.get("POSTGRES_BIN"):
        return Path(folder)
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    folders = [folder for folder in folders if (folder / "initdb").exists()]
    if not folders:
        raise RuntimeError("PostgreSQL's programs are missing: apt install postgresql, or set POSTGRES_BIN")
    return max(folders, key=lambda folder: int("".join(filter(str.isdigit, str(folder))) or 0))


class Cluster:
    """One running PostgreSQL server: ``url(database)`` leads to it."""

    def __init__(self, folder: Path, port: int, password: str) -> None:
        self.folder = folder
        self.port = port
        self.password = password

    def url(self, database: str, driver: str = "postgresql+psycopg") -> str:
        """The address of one database of this cluster."""
        return f"{driver}://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: sql.Composed | sql.SQL) -> None:
        """Run statements that can't stand in a transaction."""
        with psycopg.connect(self.url("postgres", "postgresql"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def create(self, database: str, template: str = "template0") -> None:
        """Make a database, as a copy of another if one is named."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG")
        self.run(statement.format(sql.Identifier(database), sql.Identifier(template)))

    def drop(self, database: str) -> None:
        """Throw a database away, whoever is still connected."""
        self.run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def schema(self, database: str) -> str:
        """A mark that changes with the tables, columns, rules, triggers and functions of a database, and who may use them."""
        with psycopg.connect(self.url(database, "postgresql"), autocommit=True) as connection:
            return _schema_of(connection)

    def empty(self, database: str, keep: set[str]) -> str:
        """Take every row out of a database, but those of the tables ``keep``; gives the mark of its schema (``schema``).

        Replication's role passes by the triggers that forbid it. Only tables that ever held a row are touched; where
        deleted rows have piled up they are swept out.
        """
        with psycopg.connect(self.url(database, "postgresql"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            sizes = {name: size for name, size in connection.execute(_WRITTEN) if name not in keep}
            connection.execute("SET session_replication_role = replica")
            connection.execute(";".join(f'DELETE FROM "{name}"' for name in sizes))
            for name in [name for name, size in sizes.items() if size > PILED_UP]:
                connection.execute(f'VACUUM "{name}"')
            connection.execute("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence")
            return _schema_of(connection)


PILED_UP = 512 * 1024
_WRITTEN = """
    SELECT relname, pg_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""

# Every change of a table, column, rule, trigger, function or grant writes or takes away a row of a catalogue.
_CATALOGUES = ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc", "pg_namespace")
_SCHEMA = " UNION ALL ".join(
    f"SELECT concat('{name} ', count(*), ' ', max(xmin::text::bigint)) FROM {name}" for name in _CATALOGUES
)


def _schema_of(connection: psycopg.Connection) -> str:
    return "; ".join(line for (line,) in connection.execute(_SCHEMA))


def _command(*arguments: str | Path) -> list[str]:
    words = [str(argument) for argument in arguments]
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


def _call(*arguments: str | Path) -> None:
    done = subprocess.run(_command(*arguments), cwd="/", capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} failed: {done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, **changes: str) -> Cluster:
    """Make a cluster in the new folder ``folder`` and start it; ``changes`` of SETTINGS, for who measures."""
    folder.mkdir(parents=True, mode=0o700)
    password = secrets.token_hex(16)
    (folder / "password").write_text(password)
    if os.geteuid() == 0:
        for path in (folder, folder / "password"):
            shutil.chown(path, "postgres")
    data = folder / "data"
    _call(
        *(programs() / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"),
        *("-A", "md5", f"--pwfile={folder / 'password'}", "--no-sync"),
    )
    cluster = Cluster(folder, _free_port(), password)
    options = " ".join(f"-c {name}='{value}'" for name, value in {**SETTINGS, **changes}.items())
    log = folder / "log"
    _call(programs() / "pg_ctl", "-D", data, "-w", "-l", log, "-o", f"-p {cluster.port} {options}", "start")
    _refuse_a_stranger(cluster)
    return cluster


def _refuse_a_stranger(cluster: Cluster) -> None:
    """Another server on the port would answer too: look whose data it is before writing anything."""
    with psycopg.connect(cluster.url("postgres", "postgresql")) as connection:
        found = connection.execute("SHOW data_directory").fetchone()
    if found is None or Path(found[0]).resolve() != (cluster.folder / "data").resolve():
        raise RuntimeError(f"port {cluster.port} belongs to another PostgreSQL: {found}")


def running(shared: Path, **changes: str) -> Cluster:
    """The cluster of this test run; started by whoever asks first."""
    note = shared / "postgres.json"
    with FileLock(shared / "postgres.lock"):
        if note.exists():
            port, password = json.loads(note.read_text())
            return Cluster(shared / "postgres", port, password)
        cluster = start(shared / "postgres", **changes)
        note.write_text(json.dumps([cluster.port, cluster.password]))
        return cluster


def stop(folder: Path) -> None:
    """Stop the cluster in ``folder``, if one runs there."""
    if (folder / "data" / "postmaster.pid").exists():
        _call(programs() / "pg_ctl", "-D", folder / "data", "-w", "-m", "immediate", "stop")
