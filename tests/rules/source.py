"""The project's own source, for rules about it."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VIRTUE = ROOT / "virtue"
TEMPLATES = ROOT / "templates"

ROOMS = (
    *("core", "places", "staff", "people", "ledger", "scores", "notices", "store", "awarding", "honours"),
    *("dividends", "why", "passbook", "kiosk", "portal", "office", "reports", "demo"),
)
# A package's files, from what may be imported by all to what imports all. A second file says its page: stock_views.py.
LAYERS = ("models", "queries", "services", "forms", "views")


def modules() -> Iterator[Path]:
    """Every Python file of the package but the migrations."""
    for path in sorted(VIRTUE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def templates() -> list[Path]:
    """Every template."""
    return sorted(TEMPLATES.rglob("*.html"))


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name(path: Path) -> str:
    """As a person would write it: store/services.py."""
    return path.relative_to(VIRTUE).as_posix()


def calls(path: Path, called: str) -> list[int]:
    """The lines on which something of this name is called: ``commit`` finds ``db.session.commit()``."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            target = node.func
            last = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", None)
            if last == called:
                found.append(node.lineno)
    return found


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported name in full (virtue.people.models.Household), and its line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def room(path: Path) -> str | None:
    """The package a file stands in, if it is one of the rooms."""
    first = path.relative_to(VIRTUE).parts[0]
    return first if first in ROOMS else None


def layer(stem: str) -> int | None:
    """How high a file stands in its package; None for those with a name of their own (states, commands)."""
    for height, word in enumerate(LAYERS):
        if stem == word or stem.endswith(f"_{word}"):
            return height
    return None


def tracked() -> list[Path]:
    """Every text file of the project, as git would list it (or as it lies there, without git)."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode == 0:
        return [ROOT / line for line in listed.stdout.decode().split("\0") if line and (ROOT / line).is_file()]
    aside = {".venv", ".git", "__pycache__", "instance"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not aside & set(path.parts)]
