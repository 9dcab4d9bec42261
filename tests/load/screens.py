"""Two hundred paired screens that ask every five seconds for a programme that hasn't changed."""

import time
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests import factories
from tests.load import server
from virtue import clock
from virtue.extensions import db
from virtue.kiosk import screen_codes
from virtue.kiosk.screen_models import Screen
from virtue.kiosk.slide_words import SLIDES
from virtue.transactions import atomic

SCREENS = 200
EVERY_SECONDS = 5


def run(url: str, folder: Path, seconds: float) -> tuple[float, float]:
    """How much of a core their questions take of the application; and how many a core could answer in a second.

    Processor time inside this process: what a socket costs is the server's in front, and start and drawing aren't polling.
    """
    folder.mkdir(exist_ok=True)
    app = server.make_app(url, folder)
    with app.app_context():
        tokens = _paired()
    asking = [_unchanged(app, token) for token in tokens]
    start, asked = time.process_time(), 0
    while time.process_time() - start < seconds:
        _answer(app, asking[asked % SCREENS], "304")
        asked += 1
    rate = asked / (time.process_time() - start)
    return SCREENS / EVERY_SECONDS / rate, rate


def _paired() -> list[str]:
    village = factories.VillageFactory()
    clerk = factories.village_admin(village)
    tokens = [screen_codes.new_token() for _number in range(SCREENS)]
    names = [name for name in SLIDES if name != "black-board"]
    with atomic():
        db.session.add_all(
            Screen(
                village_id=village.id, name=f"屏{number}", seconds=15, slides=names, paired_at=clock.now(),
                paired_by_id=clerk.id, token_hash=screen_codes.token_hash(token),
                code_hash=screen_codes.code_hash(screen_codes.pairing_code(token)),
            )
            for number, token in enumerate(tokens)
        )  # fmt: skip
    return tokens


def _unchanged(app: Flask, token: str) -> dict[str, Any]:
    """The question of a screen that has its programme."""
    cookie = {"Cookie": f"screen={token}"}
    headers = _answer(app, EnvironBuilder("/kiosk", headers=cookie).get_environ(), "200")
    return EnvironBuilder("/kiosk", headers={**cookie, "If-None-Match": headers["ETag"]}).get_environ()


def _answer(app: Flask, environ: dict[str, Any], status: str) -> Headers:
    body, answered, headers = run_wsgi_app(app, dict(environ), buffered=True)
    for _part in body:
        pass
    if not answered.startswith(status):
        raise RuntimeError(f"a screen was answered {answered}")
    return headers
