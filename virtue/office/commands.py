"""Commands of the office: set an installation up, do a job, count what there is."""

import click
from flask.cli import with_appcontext

from virtue.core import jobs


@click.command("job", hidden=True)
@click.argument("job_id", type=int)
@with_appcontext
def job(job_id: int) -> None:
    """Do the long work that a page has started."""
    click.echo(jobs.run(job_id))


commands = (job,)
