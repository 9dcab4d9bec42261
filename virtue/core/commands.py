"""Commands about the database itself."""

import click
from flask.cli import with_appcontext

from virtue.core import grants
from virtue.extensions import db


@click.command("grants")
@click.argument("role")
@with_appcontext
def grants_command(role: str) -> None:
    """Print the rights that the application's PostgreSQL ROLE needs; run them as the owner of the tables."""
    click.echo("\n".join(grants.statements(role, db.metadata)))


commands = (grants_command,)
