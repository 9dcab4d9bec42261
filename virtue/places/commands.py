"""``flask virtue township add``: a town over its villages, whose admins check rulebooks and what is overdue."""

import click
from flask.cli import AppGroup

from virtue.errors import BrokenRule
from virtue.places import services
from virtue.places.queries import find_village_by_name

township = AppGroup("township", help="Towns over their villages.")


@township.command("add")
@click.argument("name")
@click.option("--county", required=True, help="The county's name.")
@click.option("--village", "villages", multiple=True, required=True, help="A village of the town; may repeat.")
def add(name: str, county: str, villages: tuple[str, ...]) -> None:
    """Add the town NAME, or more villages to it."""
    ids = []
    for wanted in villages:
        found = find_village_by_name(wanted)
        if found is None:
            raise click.ClickException(f"没有叫{wanted}的村。")
        ids.append(found.id)
    try:
        services.join_township(name, county, ids, by=None)
    except BrokenRule as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name}：{'、'.join(villages)}。")


commands = (township,)
