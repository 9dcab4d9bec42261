"""``flask virtue import-rules``."""

from datetime import datetime
from pathlib import Path

import click

from virtue import clock
from virtue.awarding.rulebooks import Adoption, adopt_book
from virtue.errors import BrokenRule
from virtue.places.queries import find_village_by_name


@click.command("import-rules")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--village", required=True, help="The village's name.")
@click.option("--name", default="积分细则", help="The book's name.")
@click.option("--starter", is_flag=True, help="Only the small book a village starts with.")
@click.option("--trial", is_flag=True, help="A trial run (试运行): scores, but nothing can be redeemed.")
@click.option("--adopted-on", type=click.DateTime(["%Y-%m-%d"]), help="Day of the villagers' vote.")
@click.option("--present", type=int, help="Present at the vote.")
@click.option("--in-favour", type=int, help="In favour.")
@click.option("--women-present", type=int, default=0, help="Women present.")
@click.option("--filing-number", default="", help="备案文号.")
def import_rules(
    file: Path, village: str, name: str, *, starter: bool, trial: bool, adopted_on: datetime | None, present: int | None,
    in_favour: int | None, women_present: int, filing_number: str,
) -> None:  # fmt: skip
    """Put the rules of a CSV or Excel FILE into force in a village, adopted before (with its papers) or as a trial."""
    found = find_village_by_name(village)
    if found is None:
        raise click.ClickException(f"没有叫{village}的村。")
    adoption = Adoption(
        in_force_from=clock.today(), is_trial=trial, adopted_on=adopted_on.date() if adopted_on else None,
        present=present, in_favour=in_favour, women_present=women_present, filing_number=filing_number,
    )  # fmt: skip
    try:
        book = adopt_book(found.id, name, file.read_bytes(), file.name, adoption, by=None, only_starter=starter)
    except BrokenRule as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{found.name}：第 {book.version} 版积分细则已生效，共 {len(book.rules)} 项。")


commands = (import_rules,)
