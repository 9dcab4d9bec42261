"""``flask virtue import-register FILE...``"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext
from sqlalchemy import or_, select

from virtue import clock
from virtue.extensions import db
from virtue.people.register import correcting, guards, importing, parsing, report
from virtue.places.models import Village


@click.command("import-register")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--village", help="The village's name or address; else the file says it.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--skip-bad", is_flag=True, help="Leave out households with mistakes and list them in a workbook.")
@click.option(
    "--to-correct",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder for the workbooks to correct (here).",
)
@with_appcontext
def import_register(
    files: tuple[Path, ...], village: str | None, dry_run: bool, skip_bad: bool, to_correct: Path
) -> None:
    """Import household registers (.xlsx, .xls, .csv): all files in one transaction, or nothing.

    Importing again is an update. ID numbers, remarks, ethnicity, health, party and welfare columns are never kept.
    """
    reading = parsing.read_registers(
        _contents(files),
        today=clock.today(),
        village=_village_name(village),
        known=importing.village_names(),
        with_phones=importing.villages_with_phones(),
        total=len(files),
        progress=lambda done, total: _progress(gettext("读取 %(done)s/%(total)s", done=done + 1, total=total)),
    )
    _progress(gettext("比对和写入"))
    found = _found(reading, dry_run, skip_bad)
    _progress("")
    for line in report.lines(found):
        click.echo(line)
    if found.problems and (skip_bad or dry_run):
        for name, content in correcting.workbooks(reading).items():
            path = to_correct / correcting.file_name(name)
            path.write_bytes(content)
            click.echo(gettext("要改正的户写在%(file)s里。", file=str(path)))
    click.echo(_verdict(found, dry_run))
    if found.refused or (found.problems and not found.written):
        sys.exit(1)


def _found(reading: parsing.Reading, dry_run: bool, skip_bad: bool) -> report.Report:
    if dry_run:
        return importing.dry_run(reading)
    return importing.import_when_free(reading, skip_bad=skip_bad, by=None)


def _verdict(found: report.Report, dry_run: bool) -> str:
    if found.written:
        return gettext("没有任何变化。") if found.changes_nothing else gettext("导入好了。")
    if dry_run:
        return gettext("这是试导入，什么都没有写。")
    return gettext("有错，什么都没有写。改正后再导入，或加上--skip-bad先导入没有错的户。")


def _contents(files: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    """Each file's name and content, one after the other; of a huge one only as much as shows that it is."""
    for path in files:
        with path.open("rb") as file:
            yield path.name, file.read(guards.MAX_BYTES + 1)


def _village_name(text: str | None) -> str | None:
    if text is None:
        return None
    known = db.session.scalar(select(Village.name).where(or_(Village.slug == text, Village.name == text)))
    return known or "".join(text.split())


def _progress(words: str) -> None:
    """One line that is written over; nothing where nobody watches."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[2K{words}", nl=False, err=True)
