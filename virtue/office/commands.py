"""Commands of the office: set an installation up, do a job, count what there is."""

import json

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from virtue import schema
from virtue.core import jobs
from virtue.extensions import db
from virtue.office import setup, stats


@click.command("init")
@with_appcontext
def init() -> None:
    """Bring the database to the newest version; on an empty installation print the setup code."""
    upgrade()
    with db.engine.begin() as connection:
        schema.install(connection)
    click.echo("数据库已是最新版本。")
    code = setup.setup_code()
    if code is not None:
        click.echo(f"这里还没有账号。启动后打开 /start，初次设置码：{code}")


@click.command("stats")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@with_appcontext
def stats_command(*, as_json: bool) -> None:
    """Count villages, grids, households, members, cards, rules, goods, deeds, entries, transfers, orders."""
    counts = stats.counts()
    click.echo(
        json.dumps(counts) if as_json else "\n".join(f"{name:<12}{count:>10,}" for name, count in counts.items())
    )


@click.command("job", hidden=True)
@click.argument("job_id", type=int)
@with_appcontext
def job(job_id: int) -> None:
    """Do the long work that a page has started."""
    click.echo(jobs.run(job_id))


commands = (init, stats_command, job)
