"""House rules about addresses: closed by default, kebab-case, typed."""

import re

import pytest
from flask import Flask

from tests.rules import source
from virtue import access
from virtue.staff import roles

# The QR is written in capitals, because that makes a smaller and sturdier code.
CAPITALS = {"/C/", "/D/", "/F/"}


@pytest.fixture
def database():
    return "sqlite"


def rules(app: Flask):
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def test_every_endpoint_has_a_permission_or_is_public(app):
    known = set().union(*roles.PERMISSIONS.values())
    wrong = []
    for rule in rules(app):
        if rule.endpoint in access.PUBLIC:
            continue
        view = app.view_functions[rule.endpoint]
        if not hasattr(view, "permission"):
            wrong.append(f"{rule.endpoint} is open or closed to nobody in particular")
        elif view.permission is not None and view.permission not in known:
            wrong.append(f"{rule.endpoint} asks for {view.permission}, which no role holds")
    assert wrong == []


def test_addresses_are_kebab_case(app):
    wrong = []
    for rule in rules(app):
        if rule.endpoint == "static" or any(rule.rule.startswith(start) for start in CAPITALS):
            continue
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        if not re.fullmatch(r"[a-z0-9./-]*", fixed):
            wrong.append(rule.rule)
    assert wrong == []


def test_parameters_are_typed(app):
    wrong = [rule.rule for rule in rules(app) if re.search(r"<[a-z_]+>", rule.rule)]
    assert wrong == []


def test_only_get_and_post_are_answered(app):
    wrong = [rule.rule for rule in rules(app) if rule.methods - {"GET", "HEAD", "OPTIONS", "POST"}]
    assert wrong == []


def test_every_address_that_is_named_exists(app):
    """``url_for`` with a name nobody answers to fails only when the page is drawn; here it fails at once."""
    pattern = re.compile(r"""url_for\(\s*["']([a-z_.]+)["']\s*[,)]""")
    wrong = []
    for path in [*source.modules(), *source.templates()]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            wrong += [
                f"{path.relative_to(source.ROOT)}:{number}: {name}"
                for name in pattern.findall(line)
                if name not in app.view_functions
            ]
    assert wrong == []


def test_every_template_is_used():
    texts = "\n".join(path.read_text(encoding="utf-8") for path in [*source.modules(), *source.templates()])
    names = [path.relative_to(source.TEMPLATES).as_posix() for path in source.templates()]
    assert [name for name in names if f'"{name}"' not in texts.replace("'", '"')] == []
