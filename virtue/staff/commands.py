"""``flask virtue user add``: an account from the command line, for the first clerk of a village or a county's admin."""

import click
from flask.cli import AppGroup

from virtue.errors import BrokenRule
from virtue.places.queries import find_township, find_village_by_name
from virtue.staff import passwords, user_services
from virtue.staff.roles import PERMISSIONS

user = AppGroup("user", help="Accounts of the staff.")


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="What others read: 王文书.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(sorted(PERMISSIONS)), help="May repeat."
)
@click.option("--village", help="The village's name; a county admin needs none.")
@click.option("--township", help="The town's name, for a township admin.")
@click.option("--ask-password", is_flag=True, help="Ask for a password instead of making a one-time one.")
def add(
    username: str,
    name: str,
    roles: tuple[str, ...],
    village: str | None,
    township: str | None,
    *,
    ask_password: bool,
) -> None:
    """Add an account USERNAME and print its one-time password."""
    found = find_village_by_name(village) if village else None
    if village and found is None:
        raise click.ClickException(f"没有叫{village}的村。")
    town = find_township(township) if township else None
    if township and town is None:
        raise click.ClickException(f"没有叫{township}的镇。先用 township add 添加。")
    password = passwords.one_time()
    if ask_password:
        password = click.prompt("密码", hide_input=True, confirmation_prompt=True)
    try:
        user_services.add_from_outside(
            username, name, password, list(roles), village_id=found.id if found else None,
            township_id=town.id if town else None, must_change=not ask_password,
        )  # fmt: skip
    except BrokenRule as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"已加 {username}（{name}）。")
    if not ask_password:
        click.echo(f"一次性密码：{password}")


commands = (user,)
