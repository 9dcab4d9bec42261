"""``flask virtue import-goods``."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from virtue.extensions import db
from virtue.places.models import Village
from virtue.staff import queries as staff
from virtue.store.import_services import import_goods


@click.command("import-goods")
@with_appcontext
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--village", "village_name", required=True, help="The village's name or slug.")
@click.option("--by", "username", help="Who receives the opening stock; else the village's first clerk or keeper.")
def import_goods_command(file: Path, village_name: str, username: str | None) -> None:
    """Import the goods of a CSV FILE into a village's points store."""
    village = db.session.scalar(select(Village).where((Village.name == village_name) | (Village.slug == village_name)))
    if village is None:
        raise click.ClickException(f"没有这个村：{village_name}")
    if username:
        user = staff.find_by_username(username.strip().lower())
    else:
        user = next(iter(staff.active_staff(village.id, "village_admin", "keeper")), None)
    if user is None:
        raise click.ClickException("没有可以登记入库的人：先建文书或管理员账号，或用 --by 指明。")
    report = import_goods(village.id, file.read_bytes(), by=user.id)
    for problem in report.problems:
        click.echo(problem, err=True)
    if report.problems:
        raise click.ClickException(f"有 {len(report.problems)} 处要改，什么都没有导入。")
    click.echo(f"新增 {report.new} 种，更新 {report.changed} 种，不变 {report.unchanged} 种。")


commands = (import_goods_command,)
