"""House rules about the source, read from its syntax trees."""

import ast
import re

import pytest

from tests.rules import source

# request, session, g and the signed-in person are for what stands at the door; services get ``by=``.
AT_THE_DOOR = {"request", "session", "g", "current_user", "has_request_context"}
DOORS = {"handlers.py", "access.py", "assets.py", "pages.py", "core/health.py"}
# Alone in the house: what may be called in one file only, and where.
ALONE = {
    "commit": ["transactions.py"],
    "Transfer": ["ledger/services.py"],
}


@pytest.mark.parametrize("called", ALONE)
def test_is_called_in_one_file_only(called):
    places = [source.name(path) for path in source.modules() if source.calls(path, called)]
    assert [place for place in places if place not in ALONE[called]] == []


def test_transfers_are_inserted_in_one_file_only():
    """Core statements slip past a search for ``Transfer(``: whoever inserts into the ledger's tables is named too."""
    pattern = re.compile(r"insert\(\s*(?:\w+\.)*_?(?:transfer|entry)\b", re.IGNORECASE)
    places = {source.name(path) for path in source.modules() if pattern.search(path.read_text(encoding="utf-8"))}
    assert places <= {"ledger/services.py"}


def test_flasks_request_stays_at_the_door():
    wrong = [
        f"{source.name(path)}:{line} imports {full}"
        for path in source.modules()
        if source.name(path) not in DOORS and source.layer(path.stem) != source.LAYERS.index("views")
        for full, line in source.imports(path)
        if full.split(".")[0] in {"flask", "flask_login"} and full.split(".")[-1] in AT_THE_DOOR
    ]
    assert wrong == []


def test_inside_a_package_views_forms_services_queries_models():
    wrong = []
    for path in source.modules():
        package, here = source.room(path), source.layer(path.stem)
        if package is None or here is None:
            continue
        for full, line in source.imports(path):
            parts = full.split(".")
            if parts[:2] != ["virtue", package]:
                continue
            heights = [source.layer(part) for part in parts[2:4]]
            if any(height is not None and height > here for height in heights):
                wrong.append(f"{source.name(path)}:{line} imports {full}")
    assert wrong == []


def test_across_packages_nobody_imports_views_or_forms():
    wrong = []
    for path in source.modules():
        package = source.room(path)
        if package is None:
            continue
        for full, line in source.imports(path):
            parts = full.split(".")
            if parts[0] == "virtue" and len(parts) > 2 and parts[1] in source.ROOMS and parts[1] != package:
                if any(source.layer(part) in {3, 4} for part in parts[2:4]):
                    wrong.append(f"{source.name(path)}:{line} imports {full}")
    assert wrong == []


def test_time_comes_from_the_clock():
    pattern = re.compile(r"\b(?:datetime\.(?:now|utcnow|today)|date\.today)\(")
    wrong = [
        f"{source.name(path)}:{number}"
        for path in source.modules()
        if source.name(path) != "clock.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert wrong == []


def test_no_f_string_is_translated():
    translators = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "pgettext"}
    wrong = []
    for path in source.modules():
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in translators:
                if any(isinstance(argument, ast.JoinedStr) for argument in node.args):
                    wrong.append(f"{source.name(path)}:{node.lineno}")
    assert wrong == []


def test_every_module_says_what_it_is_for():
    silent = [
        source.name(path)
        for path in source.modules()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(source.tree(path))
    ]
    assert silent == []


def test_nothing_mentions_a_machines_paths():
    """A checkout works wherever it lies: no file names a folder of the machine it was written on."""
    homes = [f"/{name}/" for name in ("root", "home", "work", "Users")]
    pattern = re.compile("|".join(rf"(?<![\w./]){re.escape(home)}\w" for home in homes))
    wrong = []
    for path in source.tracked():
        if path.suffix in {".png", ".jpg", ".woff2", ".xlsx", ".xls", ".lock", ".ico"} or path.name.endswith(".min.js"):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        wrong += [f"{path.relative_to(source.ROOT)}: {found.group()}" for found in pattern.finditer(text)]
    assert wrong == []
