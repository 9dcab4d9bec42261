"""House rules about the README: each command, setting and target stands in it."""

import re

import pytest

from tests.rules import source

READMES = ("README.md", "README.zh-CN.md")


@pytest.fixture
def database():
    return "sqlite"


def read(name: str) -> str:
    return (source.ROOT / name).read_text(encoding="utf-8")


def test_every_command_stands_in_the_readme(app):
    group = app.cli.commands["virtue"]
    names = []
    for name, command in group.commands.items():
        if command.hidden:
            continue
        names += [f"{name} {part}" for part in getattr(command, "commands", {})] or [name]
    assert [name for name in names if name not in read("README.md")] == []


def test_every_setting_stands_in_the_readme():
    files = [source.ROOT / "config.py", source.ROOT / "Makefile", *source.modules()]
    pattern = re.compile(r"""environ(?:\.get\(|\[)\s*["'](VIRTUE_[A-Z_]+|PORT)["']""")
    settings = {name for path in files for name in pattern.findall(path.read_text(encoding="utf-8"))}
    assert {name for name in settings if name not in read("README.md")} == set()


def test_every_target_stands_in_contributing_or_the_readme():
    targets = re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE)
    told = read("README.md") + read("CONTRIBUTING.md")
    assert [name for name in targets if f"make {name}" not in told] == []


@pytest.mark.parametrize("name", READMES)
def test_links_of_the_readme_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#\s]+)", read(name)) + re.findall(r'(?:src|href)="([^"#]+)"', read(name))
    missing = [link for link in links if "://" not in link and not (source.ROOT / link).exists()]
    assert missing == []
