"""Whole files, and several of them in one call, read into households. No database."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from virtue.people.register import columns as columns_of
from virtue.people.register import villages
from virtue.people.register.columns import Columns
from virtue.people.register.households import Grouper, Household
from virtue.people.register.problems import (
    ColumnMissing,
    NotARegister,
    Note,
    NoVillage,
    Problem,
    RefusedFile,
    RegisterOfOtherVillage,
)
from virtue.people.register.reading import Sheet, sheets

Files = Iterable[tuple[str, bytes]]
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Register:
    """One file as read: its village, its households, and what there is to say about it."""

    file: str
    village: str
    village_from: str
    """option, unit, title or file: where the village's name was found."""
    households: list[Household] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    """Headings whose contents were left out on purpose."""
    ignored: list[str] = field(default_factory=list)
    phones_dropped: bool = False
    sha256: str = ""
    """Of the file, for the audit: which file was it?"""

    @property
    def people(self) -> int:
        """How many members."""
        return sum(len(household.members) for household in self.households)


@dataclass(slots=True)
class Reading:
    """All files of one call."""

    registers: list[Register] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)

    @property
    def problems(self) -> list[Problem]:
        """Every mistake found, file by file, in the order of rows."""
        return [problem for register in self.registers for problem in register.problems]

    def by_village(self) -> dict[str, list[Household]]:
        """The households that can be imported, by the name of their village."""
        found: dict[str, list[Household]] = {}
        for register in self.registers:
            good = found.setdefault(register.village, [])
            good.extend(household for household in register.households if not household.bad)
        return found

    def bad(self) -> list[tuple[str, Household]]:
        """The households with mistakes, with their village."""
        return [(r.village, household) for r in self.registers for household in r.households if household.bad]


def read_registers(
    files: Files,
    *,
    today: date,
    village: str | None = None,
    here: str | None = None,
    known: Collection[str] = (),
    with_phones: Collection[str] = (),
    total: int = 0,
    progress: Progress | None = None,
) -> Reading:
    """Read all files.

    ``village`` overrides what the files say. ``here`` is the only village they may be of, and is meant where they say
    nothing. ``with_phones`` names the villages that keep phones.
    """
    reading = Reading()
    for done, (name, content) in enumerate(files):
        if progress is not None:
            progress(done, total)
        try:
            register = read_register(
                name, content, today=today, village=village, here=here, known=known, with_phones=with_phones
            )
        except RefusedFile as refused:
            reading.refused.append(refused)
        else:
            reading.registers.append(register)
    _check_across(reading)
    return reading


def read_register(
    name: str,
    content: bytes,
    *,
    today: date,
    village: str | None = None,
    here: str | None = None,
    known: Collection[str] = (),
    with_phones: Collection[str] = (),
) -> Register:
    """Read one file, all its sheets. Raises a ``RefusedFile`` where it is no register, or not of ``here``."""
    register = Register(name, village or "", "option" if village else "", sha256=sha256(content).hexdigest())
    skipped: list[str] = []
    lacking: list[str] | None = None
    read = 0
    for sheet in sheets(name, content):
        found = columns_of.find_headings(sheet.rows)
        if found is None or found[1].missing:
            skipped.append(sheet.name)
            if found is not None:
                lacking = found[1].missing
            continue
        read += 1
        _find_village(register, sheet, found[0], known, here)
        _read_sheet(register, sheet, *found, today=today, phones=register.village in with_phones)
    if not read:
        if lacking:
            raise ColumnMissing(file=name, columns="、".join(lacking))
        raise NotARegister(file=name)
    register.notes.extend(Note(name, "SheetSkipped", {"sheet": sheet}) for sheet in skipped)
    return register


def _find_village(register: Register, sheet: Sheet, heading_row: int, known: Collection[str], here: str | None) -> None:
    if register.village:
        return
    found = villages.from_lines(sheet.rows[:heading_row], known)
    by_name = villages.from_file_name(register.file, known)
    if found is not None:
        register.village, register.village_from = found
        if by_name and by_name != register.village:
            params = {"other": by_name, "village": register.village}
            register.notes.append(Note(register.file, "OtherVillageInName", params))
    elif by_name:
        register.village, register.village_from = by_name, "file"
    elif here:
        register.village, register.village_from = here, "option"
    else:
        raise NoVillage(file=register.file)
    if here and register.village != here:
        raise RegisterOfOtherVillage(file=register.file, village=register.village, here=here)


def _read_sheet(
    register: Register, sheet: Sheet, heading_row: int, columns: Columns, *, today: date, phones: bool
) -> None:
    grouper = Grouper(register.file, sheet.name, columns, phones=phones, today=today)
    width = len(sheet.rows[heading_row])
    body = sheet.rows[heading_row + 1 :]
    grouper.take_all(body, heading_row + 2, width)
    register.households.extend(grouper.households)
    register.problems.extend(sorted(grouper.problems, key=lambda problem: problem.row))
    for headings, kept in ((columns.forbidden, register.forbidden), (columns.ignored, register.ignored)):
        kept.extend(heading for heading in headings if heading not in kept)
    register.phones_dropped |= "phone" in columns.places and not phones
    _say(register, grouper, columns)


def _say(register: Register, grouper: Grouper, columns: Columns) -> None:
    """The notes of one sheet."""

    def say(kind: str, **params: Any) -> None:
        register.notes.append(Note(register.file, kind, params))

    for heading in columns.twice:
        say("HeadingTwice", heading=heading)
    if grouper.odd_phones:
        say("PhonesOdd", count=grouper.odd_phones)
    if grouper.births_unknown:
        say("BirthsUnknown", count=grouper.births_unknown)
    if len(grouper.totals) == 1:
        _check_total(grouper, say)


def _check_total(grouper: Grouper, say: Callable[..., None]) -> None:
    """The closing total, where it names households (620户) and people (2528人)."""
    import re

    row, text = grouper.totals[0]
    people = sum(len(household.members) for household in grouper.households)
    for word, counted in (("户", len(grouper.households)), ("人", people)):
        match = re.search(rf"(\d+){word}", text)
        if match and int(match[1]) != counted:
            say("TotalDiffers", row=row, said=match[0], counted=f"{counted}{word}")


def _check_across(reading: Reading) -> None:
    """One code in two sheets or files of a village: the same household can't stand twice."""
    seen: dict[tuple[str, str], Household] = {}
    for register in reading.registers:
        for household in register.households:
            if not household.code:
                continue
            first = seen.setdefault((register.village, household.code), household)
            if first is household:
                continue
            ours, theirs = household.head, first.head
            same = ours is not None and theirs is not None and ours.name == theirs.name
            first.bad = household.bad = True
            params = {"code": household.code, "place": first.place, "first": first.row}
            kind = "HouseholdTwice" if same else "CodeTwice"
            register.problems.append(Problem(household.file, household.sheet, household.row, "", kind, params))
