"""Fixtures every test may use: an app on either database, visitors, the run's shared folder."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask

from tests import databases, postgres
from tests.pages import Visitor, outside
from virtue import clock
from virtue.people import pin_services
from virtue.staff import passwords

# Another language or zone on the machine must not change a result.
os.environ["TZ"] = "UTC"
for name in [name for name in os.environ if name.startswith("VIRTUE_")]:
    del os.environ[name]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fail-on-skip", action="store_true", help="a skipped test fails the run")


def pytest_configure(config: pytest.Config) -> None:
    """The run's folder, shared by all workers; the controller makes it and takes it away."""
    if hasattr(config, "workerinput"):
        config.virtue_shared = Path(config.workerinput["virtue_shared"])
        return
    config.virtue_shared = Path(tempfile.mkdtemp(prefix="virtue-tests-"))
    # PostgreSQL runs as another user when the tests run as root: let it pass through.
    config.virtue_shared.chmod(0o711)
    _compile_catalogue()


def _compile_catalogue() -> None:
    """The compiled catalogue isn't committed: make it when the texts are newer."""
    source = Path(__file__).parents[1] / "virtue/translations/en/LC_MESSAGES/messages.po"
    compiled = source.with_suffix(".mo")
    if source.exists() and (not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime):
        with source.open("rb") as texts, compiled.open("wb") as out:
            write_mo(out, read_po(texts, locale="en"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["virtue_shared"] = str(node.config.virtue_shared)


def pytest_unconfigure(config: pytest.Config) -> None:
    shared = getattr(config, "virtue_shared", None)
    if shared is None or hasattr(config, "workerinput"):
        return
    postgres.stop(shared / "postgres")
    shutil.rmtree(shared, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not session.config.getoption("--fail-on-skip"):
        return
    if skipped := reporter.stats.get("skipped", []) + reporter.stats.get("xfailed", []):
        names = ", ".join(report.nodeid for report in skipped[:10])
        reporter.write_line(f"\n{len(skipped)} tests were skipped: {names}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> Path:
    """A folder for what is made once a run."""
    return request.config.virtue_shared


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """This worker's name: main, gw0, gw1."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on: both, one after the other."""
    return request.param


@pytest.fixture
def database_url(database: str, shared: Path, worker: str) -> Iterator[str]:
    """The address of a fresh database with the schema and nothing in it."""
    with databases.fresh(database, shared, worker) as url:
        yield url


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An app on a fresh database, its context pushed, so that services and factories can be called."""
    with databases.lent_app(database_url, tmp_path / "data") as app, app.app_context():
        yield app


CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
REAL = passwords._hasher, pin_services.HASHER


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Passwords and PINs are hashed as ever, but not slowly; ``real_hashes`` is for who tests the slowness."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", CHEAP)
        patch.setattr(pin_services, "HASHER", CHEAP)
        yield


@pytest.fixture
def real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing as the village has it."""
    monkeypatch.setattr(passwords, "_hasher", REAL[0])
    monkeypatch.setattr(pin_services, "HASHER", REAL[1])


@pytest.fixture
def fast(app: Flask) -> Iterator[Flask]:
    """The app where a power cut is not what is tested: SQLite need not wait for the disk."""
    with databases.pragma("synchronous=OFF"):
        yield app


@pytest.fixture
def page(app: Flask) -> Visitor:
    """A visitor with a browser without scripts: whole pages, plain forms."""
    return Visitor(app)


@pytest.fixture
def htmx(page: Visitor) -> Visitor:
    """The same visitor (same cookies) whose browser runs htmx: fragments."""
    return page.with_htmx()


@pytest.fixture
def visitor(app: Flask) -> Callable[[], Visitor]:
    """Makes another visitor with cookies of its own."""
    return lambda: Visitor(app)


@pytest.fixture
def mid_month() -> Iterator[None]:
    """The tenth of this month: what is settled a week later still stands in the same month."""
    with clock.set_to(clock.now().replace(day=10)):
        yield


@pytest.fixture
def cli(app: Flask):
    """Runs a command as typed after ``flask``: cli("virtue", "verify")."""

    def run(*words: object, code: int = 0):
        runner = app.test_cli_runner()
        result = outside(lambda: runner.invoke(args=[str(word) for word in words]))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run
