"""The secret key and the card key: from the environment, else from the data folder.

A production start (``VIRTUE_DATABASE_URL`` set) refuses a missing or short secret key. The card key is apart from it:
changing the secret key only ends sessions, changing the card key would end every printed card.
"""

import os
import secrets
from pathlib import Path

from flask import Flask

SHORTEST = 32


class MissingKey(RuntimeError):
    """The start is refused: a key is missing or too short."""


def init_secrets(app: Flask) -> None:
    """Fill SECRET_KEY and VIRTUE_CARD_KEY, making key files in the data folder where that is allowed."""
    folder = Path(app.config["VIRTUE_DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    app.config["SECRET_KEY"] = _key(app, "SECRET_KEY", folder / "secret.key", may_make=not app.config["IS_PRODUCTION"])
    app.config["VIRTUE_CARD_KEY"] = _key(app, "VIRTUE_CARD_KEY", folder / "card.key", may_make=True)


def _key(app: Flask, name: str, path: Path, *, may_make: bool) -> str:
    given = str(app.config[name] or "")
    if given:
        if len(given) < SHORTEST and not app.testing:
            raise MissingKey(f"{name}: at least {SHORTEST} characters are needed")
        return given
    if path.exists():
        return path.read_text().strip()
    if not may_make:
        raise MissingKey("VIRTUE_SECRET_KEY is missing: set it to at least 32 random characters")
    made = secrets.token_hex(32)
    # Two workers may start at once: the first one's file wins.
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(made)
    return made
