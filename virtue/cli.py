"""``flask virtue ...``: the commands. Each package's own stand in its ``commands.py``."""

from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from flask.cli import AppGroup

virtue = AppGroup("virtue", help="Work on a Virtue installation.")

MODULES = (
    "virtue.core.commands",
    "virtue.places.commands",
    "virtue.staff.commands",
    "virtue.people.commands",
    "virtue.ledger.commands",
    "virtue.store.commands",
    "virtue.awarding.commands",
    "virtue.office.commands",
    "virtue.office.daily",
    "virtue.office.verify",
    "virtue.demo.commands",
)


def init_cli(app: Flask) -> None:
    """Register every package's commands under ``flask virtue``."""
    for name in MODULES:
        if find_spec(name) is not None:
            for command in import_module(name).commands:
                virtue.add_command(command)
    app.cli.add_command(virtue)
