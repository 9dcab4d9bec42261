"""The day's run: settle what is due in every village. Idempotent, and may be interrupted anywhere."""

from collections.abc import Callable

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select

from virtue.awarding import adopting, settling, spot_checks
from virtue.core import due, files
from virtue.extensions import db
from virtue.honours import black_ending, red_picks, star_publishing
from virtue.people.register import keeping
from virtue.places.models import Village
from virtue.staff import held
from virtue.store import parked_services
from virtue.store.reservation_releasing import release_due

SETTLERS: tuple[Callable[[int], int], ...] = (
    adopting.settle_due, settling.settle_due, star_publishing.settle_due, release_due, red_picks.settle_due,
    black_ending.settle_due,
)  # fmt: skip
"""What each package settles when its day has come; each gives how many things it settled."""


def settle_village(village_id: int) -> int:
    """Settle all that is due in one village, and draw a month's lots once it is over; gives how many things were settled."""
    settled = sum(settle(village_id) for settle in SETTLERS)
    spot_checks.draw_due(village_id)
    return settled


def init_daily(app: Flask) -> None:
    """Let the day's first write of a village settle what is due, when no daily run came before it."""
    app.extensions["virtue_settle_due"] = settle_village


@click.command("daily")
@with_appcontext
def daily() -> None:
    """Settle what is due in every village, and sweep what waited too long: uploads, registers, forms, baskets. Run it each morning."""
    for village_id, name in db.session.execute(select(Village.id, Village.name).order_by(Village.id)).all():
        settled = settle_village(village_id)
        due.note_done(village_id)
        click.echo(f"{name}：{settled} 项到期已入账。")
    keeping.sweep()
    held.sweep()
    parked_services.sweep()
    click.echo(f"清理无主文件 {files.sweep()} 个。")


commands = (daily,)
